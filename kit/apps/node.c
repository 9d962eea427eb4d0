/* SPDX-License-Identifier: GPL-3.0-or-later */
/* node: objects that live for a turn and die in the next: V8's heap grows, is marked, compacted and
 * given back. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/apps/app.h"

#define LOG	"work.log"
#define SCRIPT	"work.js"
#define READY_S 60

static const char script[] =
	"const fs = require('fs'), v8 = require('v8');\n"
	"const { PerformanceObserver, performance } = require('perf_hooks');\n"
	"const arrays = Number(process.argv[2]), length = Number(process.argv[3]);\n"
	"const log = fs.openSync('" LOG "', 'a', 0o600);\n"
	"const now = process.hrtime.bigint;\n"
	"const origin = now() - BigInt(Math.round(performance.now() * 1e6));\n"
	"let lines = [], last = [];\n"
	"new PerformanceObserver((list) => {\n"
	"  for (const gc of list.getEntries()) {\n"
	"    const end = origin + BigInt(Math.round((gc.startTime + gc.duration) * 1e6));\n"
	"    lines.push(`g ${end} ${Math.round(gc.duration * 1e6)} 0\\n`);\n"
	"  }\n"
	"}).observe({ entryTypes: ['gc'] });\n"
	"function turn() {\n"
	"  const start = now(), data = [];\n"
	"  for (let i = 0; i < arrays; i++) {\n"
	"    const row = [];\n"
	"    for (let k = 0; k < length; k++) row.push({ k });\n"
	"    data.push(row);\n"
	"  }\n"
	"  last = data;\n"
	"  const end = now();\n"
	"  lines.push(`o ${end} ${end - start} ${v8.getHeapStatistics().used_heap_size}\\n`);\n"
	"  fs.writeSync(log, lines.join(''));\n"
	"  lines = [];\n"
	"  setImmediate(turn);\n"
	"}\n"
	"turn();\n";

static const char *const arrays[SCALE_COUNT] = {"50", "10000", "50"};

static int warm(struct app_run *run)
{
	char *log = app_read(run, LOG);
	size_t turns = 0;

	for (const char *at = log; at && (at = strstr(at, "o ")); at++)
		turns++;
	free(log);
	/* until the optimising compiler has seen the loop */
	return turns >= 20;
}

static int start(struct app_run *run, struct error *why)
{
	char path[256];
	char *argv[] = {path, SCRIPT, (char *)arrays[run->options->scale], "1000", NULL};
	int err = app_find(run->app, "node", path, sizeof(path), why);

	if (!err)
		err = app_folder(run, 0, 0, why);
	if (!err && app_write(run, SCRIPT, script))
		err = error_set(why, -EIO, "%s cannot be written", SCRIPT);
	if (!err)
		err = app_child(run, argv, false, 0, 0, "node.log", why);
	if (!err)
		err = app_wait(run, warm, "node's first turns", READY_S, why);
	snprintf(run->note, sizeof(run->note),
		 "a turn: %s arrays of 1,000 objects built while the last turn's die",
		 arrays[run->options->scale]);
	return err;
}

static int finish(struct app_run *run, struct error *why)
{
	return app_read_log(run, LOG, why);
}

const struct app app_node = {
	.name = "node",
	.packages = "nodejs",
	.summary = "V8's heap under objects that live for a turn: pauses, munmap, throughput",
	.operation = "turns",
	.latency = "of a turn",
	.pause = "garbage collections",
	.cpu_bound = true,
	.start = start,
	.finish = finish,
	.stop = app_stop,
};
