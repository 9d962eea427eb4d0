/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sysbench: random writes of 4 KiB to memory by one thread; a window is one run with a fixed amount
 * of work.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/apps/app.h"

#define LOG "sysbench.log"

static const char *const total[SCALE_COUNT] = {
	[SCALE_QUICK] = "--memory-total-size=256M",
	[SCALE_FULL] = "--memory-total-size=20G",
	[SCALE_TINY] = "--memory-total-size=128M",
};

static int once(struct app_run *run, struct window *window, struct error *why)
{
	char path[256], *text, *says;
	struct words w = {0};
	int err = app_find(run->app, "sysbench", path, sizeof(path), why);

	words_add(&w, path, "memory", "--threads=1", "--time=0", "--memory-block-size=4K",
		  "--memory-oper=write", "--memory-access-mode=rnd", total[run->options->scale],
		  "run", NULL);
	if (!err)
		err = app_run_once(run, w.argv, LOG, window, why);
	if (err)
		return err;
	/* the line is "Total operations: 524288 (1234567.89 per second)" */
	text = app_read(run, LOG);
	says = text ? strstr(text, "Total operations:") : NULL;
	says = says ? strchr(says, '(') : NULL;
	if (says)
		window->value[Q_THROUGHPUT] = strtod(says + 1, NULL);
	free(text);
	if (!says)
		return error_set(why, -EBADMSG, "sysbench printed no total");
	return 0;
}

static int start(struct app_run *run, struct error *why)
{
	struct window first;
	int err = app_folder(run, why);

	window_clear(&first);
	return err ? err : once(run, &first, why);
}

const struct app app_sysbench = {
	.name = "sysbench",
	.packages = "sysbench",
	.summary = "memory: 4 KiB random writes, one thread",
	.operation = "writes of 4 KiB",
	.cpu_bound = true,
	.start = start,
	.once = once,
	.stop = app_stop,
};
