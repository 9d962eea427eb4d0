/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of pipelines share: the hook that works here, the CPUs, a pace with room for MOST
 * calls.
 */
#ifndef BPFTOLL_TESTS_PIPELINE_RIG_H
#define BPFTOLL_TESTS_PIPELINE_RIG_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/error.h"
#include "calib/tsc.h"
#include "cpuset/affinity.h"
#include "kit/events/pipeline.h"
#include "kit/system/mounts.h"

#define MOST 20000

static struct pace pace;
static const struct workload *workload;
static volatile sig_atomic_t stop;
static struct error why;
static int producer, spare; /* CPUs; spare -1: there is only one */
static bool works;
static enum hook hook;

static struct pipeline_options options(enum stream_buffer buffer, size_t bytes,
				       enum wakeup_policy wakeup)
{
	return (struct pipeline_options){
		.stream = {.hook = hook,
			   .target = TARGET_MUNMAP,
			   .buffer = buffer,
			   .buffer_bytes = bytes},
		.wakeup = wakeup,
		.producer_cpu = producer,
		.consumer_cpu = spare,
	};
}

static struct load load(double rate, size_t calls)
{
	return (struct load){workload, NULL, rate, 0, 0, calls, &stop};
}

static struct pipeline *open_pipeline(const struct pipeline_options *opts)
{
	struct load any = load(1e6, 1);
	struct pipeline *pipeline;

	if (pipeline_open(opts, &pipeline, &why) || pipeline_attach(pipeline, &any, &pace, &why))
		fail_msg("%s", why.text);
	return pipeline;
}

static void need(bool possible, const char *what)
{
	if (!possible) {
		printf("# skip: %s\n", what);
		skip();
	}
}

/* The first hook that works here. */
static int set_up(void **state)
{
	struct tsc_rate tsc;

	(void)state;
	mounts_complete();
	if (tsc_measure(50, &tsc, &why))
		tsc.hz = 1e9;
	producer = (int)sysconf(_SC_NPROCESSORS_ONLN) - 1;
	spare = producer > 0 ? 0 : -1;
	affinity_pin(producer);
	workload = workload_find("munmap_einval");
	if (pace_open(&pace, MOST, tsc.hz))
		return -1;
	for (int h = 0; h < HOOK_COUNT && !works; h++) {
		struct pipeline_options opts;
		struct load any = load(1e6, 1);
		struct pipeline *pipeline = NULL;

		hook = (enum hook)h;
		opts = options(STREAM_PERF, 4096, WAKEUP_OFF);
		works = !pipeline_open(&opts, &pipeline, &why) &&
			!pipeline_attach(pipeline, &any, &pace, &why);
		pipeline_close(pipeline);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pace_close(&pace);
	return 0;
}

#endif
