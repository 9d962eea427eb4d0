/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "kit/witness.h"

#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calib/arch.h"
#include "calib/floor.h"
#include "reports/samples.h"
#include "reports/stats.h"

#define WARM_CALLS 128
#define WARM_S	   0.001

const struct witness_tool witness_tools[] = {
	{"bpf_stats", "run_time_ns / run_cnt", false, witness_ask_bpf_stats},
	{"bpftrace", "mean time from entry to return, with the probe minus without", true,
	 witness_ask_bpftrace},
	{"perf_stat", "task-clock a call, with the probe minus without", true,
	 witness_ask_perf_stat},
	{"perf_trace", "mean of its summary, with the probe minus without", true,
	 witness_ask_perf_trace},
};
const size_t witness_tools_count = sizeof(witness_tools) / sizeof(witness_tools[0]);

int witness_open(struct witness *w, char *why, size_t why_len)
{
	struct drain_expect expect = {.tgid = getpid(),
				      .bytes_freed = w->trigger->bytes,
				      .target = w->trigger->target,
				      .as_written = body_as_written(w->variant->body)};
	enum output output = body_output(w->variant->body);
	int err;

	w->ticks = malloc(WITNESS_CALLS_MOST * sizeof(*w->ticks));
	w->ns = malloc(WITNESS_CALLS_MOST * sizeof(*w->ns));
	if (!w->ticks || !w->ns) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	memset(w->ticks, 0xff, WITNESS_CALLS_MOST * sizeof(*w->ticks));
	err = trigger_open(w->trigger, &w->area, why, why_len);
	if (!err)
		err = probe_open(w->variant, w->trigger->target, drain_wake_policy(DRAIN_IDLE),
				 &w->probe, why, why_len);
	if (!err && body_wants_hit(w->variant->body))
		err = probe_monitor(w->probe, getpid());
	if (!err && output != OUTPUT_NONE)
		err = drain_open(output, DRAIN_IDLE, probe_events_fd(w->probe),
				 w->env->placement->cpu, w->env->placement->drain_cpu, &expect,
				 &w->drain, why, why_len);
	if (err && !*why)
		snprintf(why, why_len, "%s", strerror(-err));
	return err;
}

void witness_close(struct witness *w)
{
	drain_close(w->drain);
	probe_close(w->probe);
	trigger_close(w->trigger, w->area);
	free(w->ticks);
	free(w->ns);
	w->drain = NULL;
	w->probe = NULL;
	w->area = NULL;
	w->ticks = NULL;
	w->ns = NULL;
}

int witness_attach(struct witness *w, char *why, size_t why_len)
{
	return probe_attach(w->probe, why, why_len);
}

void witness_detach(struct witness *w)
{
	probe_detach(w->probe);
	witness_settle(w);
}

/* A syscall that no probe of ours is about carries the number. */
static void tell(uint32_t mark)
{
	syscall(SYS_getpriority, PRIO_PROCESS, mark);
}

void witness_warm(struct witness *w)
{
	uint64_t start = arch_clock(), least = (uint64_t)(w->env->tsc->hz * WARM_S);

	do {
		trigger_block(w->trigger, w->area, w->ticks, WARM_CALLS, NULL);
		w->calls += WARM_CALLS;
	} while (arch_clock() - start < least);
	witness_settle(w);
}

double witness_block(struct witness *w, size_t n, uint32_t mark)
{
	size_t kept = 0;

	if (mark)
		tell(mark);
	trigger_block(w->trigger, w->area, w->ticks, n, NULL);
	if (mark)
		tell(0);
	w->calls += n;
	for (size_t i = 0; i < n; i++)
		if (sample_kept(w->ticks[i]))
			w->ns[kept++] = w->ticks[i] * 1e9 / w->env->tsc->hz;
	gsl_sort(w->ns, 1, kept);
	return stats_interquartile_mean_sorted(w->ns, kept);
}

void witness_settle(struct witness *w)
{
	if (w->drain)
		drain_settle(w->drain);
}

void witness_skip(struct crosscheck *row, const char *fmt, ...)
{
	va_list args;

	row->status = CELL_SKIPPED;
	va_start(args, fmt);
	if (vasprintf(&row->reason, fmt, args) < 0)
		row->reason = NULL;
	va_end(args);
}

void witness_why(struct crosscheck *row, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&row->why, fmt, args) < 0)
		row->why = NULL;
	va_end(args);
}
