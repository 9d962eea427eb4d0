/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * node: objects that live for one turn and die in the next: V8's heap grows, is marked, compacted
 * and given back to the kernel.
 */
#include <stdio.h>

#include "kit/apps/app.h"

#define LOG "work.log"

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

/* 20 turns: by then the optimising compiler has compiled the loop. */
static const struct app_script work = {
	"node", "work.js", LOG, script, "node's first turns", 20, {"50", "10000", "50"}};

static int start(struct app_run *run, struct error *why)
{
	int err = app_start_script(run, &work, why);

	snprintf(run->note, sizeof(run->note),
		 "a turn: %s arrays of 1,000 objects built while the last turn's die",
		 work.size[run->options->scale]);
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
