/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * python: builds and drops lists of a thousand integers and calls gc.collect(), until it is ended.
 */
#include <stdio.h>

#include "kit/apps/app.h"

#define LOG "work.log"

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

/* full: 10,000 lists of 1,000, the load for which the default budget is meant. */
static const struct app_script work = {
	"python3", "work.py", LOG, script, "python3's first turns", 3, {"200", "10000", "50"}};

static int start(struct app_run *run, struct error *why)
{
	int err = app_start_script(run, &work, why);

	snprintf(run->note, sizeof(run->note),
		 "a turn: %s lists of 1,000 integers built and dropped, then gc.collect(); heap: "
		 "resident memory",
		 work.size[run->options->scale]);
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
