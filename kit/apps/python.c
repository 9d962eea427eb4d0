/* SPDX-License-Identifier: GPL-3.0-or-later */
/* python: builds and drops lists of a thousand integers, then gc.collect(), for as long as it is
 * let. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/apps/app.h"

#define LOG	"work.log"
#define SCRIPT	"work.py"
#define READY_S 60

static const char script[] =
	"import gc, os, sys, time\n"
	"lists, length = int(sys.argv[1]), int(sys.argv[2])\n"
	"log = os.open('" LOG "', os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)\n"
	"now, lines, began = time.monotonic_ns, [], 0\n"
	"def collected(phase, info):\n"
	"    global began\n"
	"    if phase == 'start':\n"
	"        began = now()\n"
	"    else:\n"
	"        end = now()\n"
	"        lines.append(f'g {end} {end - began} 0\\n')\n"
	"gc.callbacks.append(collected)\n"
	"while True:\n"
	"    start = now()\n"
	"    data = [list(range(length)) for _ in range(lists)]\n"
	"    del data\n"
	"    gc.collect()\n"
	"    end = now()\n"
	"    lines.append(f'o {end} {end - start} 0\\n')\n"
	"    os.write(log, ''.join(lines).encode())\n"
	"    lines.clear()\n";

/* The mission's is full: 10,000 lists of 1,000. */
static const char *const lists[SCALE_COUNT] = {"200", "10000", "50"};

static int warm(struct app_run *run)
{
	char *log = app_read(run, LOG);
	size_t turns = 0;

	for (const char *at = log; at && (at = strstr(at, "\no ")); at++)
		turns++;
	free(log);
	return turns >= 3;
}

static int start(struct app_run *run, struct error *why)
{
	char path[256];
	char *argv[] = {path, SCRIPT, (char *)lists[run->options->scale], "1000", NULL};
	int err = app_find(run->app, "python3", path, sizeof(path), why);

	if (!err)
		err = app_folder(run, 0, 0, why);
	if (!err && app_write(run, SCRIPT, script))
		err = error_set(why, -EIO, "%s cannot be written", SCRIPT);
	if (!err)
		err = app_child(run, argv, false, 0, 0, "python.log", why);
	if (!err)
		err = app_wait(run, warm, "python3's first turns", READY_S, why);
	snprintf(run->note, sizeof(run->note),
		 "a turn: %s lists of 1,000 integers built and dropped, then gc.collect(); heap: "
		 "resident memory",
		 lists[run->options->scale]);
	return err;
}

static int mark(struct app_run *run, struct app_mark *out)
{
	out->heap_bytes = app_resident(run->pids[0]);
	return 0;
}

static int finish(struct app_run *run, struct error *why)
{
	return app_read_log(run, LOG, why);
}

const struct app app_python = {
	.name = "python",
	.packages = "python3",
	.summary = "lists built and dropped, gc.collect(): pauses, munmap, throughput",
	.operation = "turns",
	.latency = "of a turn",
	.pause = "garbage collections",
	.cpu_bound = true,
	.start = start,
	.mark = mark,
	.finish = finish,
	.stop = app_stop,
};
