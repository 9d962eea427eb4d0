/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include "calib/error.h"
#include "kit/crosscheck/observer.h"

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

#include "calib/arch/arch.h"
#include "calib/timer_overhead.h"
#include "reports/record/samples.h"
#include "reports/stats/stats.h"

#define WARM_CALLS 128
#define WARM_S	   0.001

const struct observer_tool observer_tools[] = {
	{"bpf_stats", "run_time_ns / run_cnt", false, observer_ask_bpf_stats},
	{"bpftrace", "mean time from entry to return, with the probe minus without", true,
	 observer_ask_bpftrace},
	{"perf_stat", "task-clock a call, with the probe minus without", true,
	 observer_ask_perf_stat},
	{"perf_trace", "mean of its summary, with the probe minus without", true,
	 observer_ask_perf_trace},
};
const size_t observer_tools_count = sizeof(observer_tools) / sizeof(observer_tools[0]);

int observer_open(struct observer *w, struct error *why)
{
	struct probe_reader_expect expect = {.tgid = getpid(),
					     .bytes_freed = w->workload->bytes,
					     .target = w->workload->target,
					     .as_written = body_as_written(w->variant->body)};
	enum output output = body_output(w->variant->body);
	int err;

	w->ticks = malloc(OBSERVER_CALLS_MOST * sizeof(*w->ticks));
	w->ns = malloc(OBSERVER_CALLS_MOST * sizeof(*w->ns));
	if (!w->ticks || !w->ns)
		return error_set(why, -ENOMEM, "out of memory");
	memset(w->ticks, 0xff, OBSERVER_CALLS_MOST * sizeof(*w->ticks));
	err = workload_open(w->workload, &w->area, why);
	if (!err)
		err = probe_open(w->variant, w->workload->target, wakeup_ring_wake(WAKEUP_IDLE),
				 &w->probe, why);
	if (!err && body_rows[w->variant->body].wants_hit)
		err = probe_monitor(w->probe, getpid());
	if (!err && output != OUTPUT_NONE)
		err = probe_reader_open(output, WAKEUP_IDLE, probe_events_fd(w->probe),
					w->env->placement->cpu, w->env->placement->reader_cpu,
					&expect, &w->wakeup, why);
	if (err && !*why->text)
		error_say(why, "%s", strerror(-err));
	return err;
}

void observer_close(struct observer *w)
{
	probe_reader_close(w->wakeup);
	probe_close(w->probe);
	workload_close(w->workload, w->area);
	free(w->ticks);
	free(w->ns);
	w->wakeup = NULL;
	w->probe = NULL;
	w->area = NULL;
	w->ticks = NULL;
	w->ns = NULL;
}

int observer_attach(struct observer *w, struct error *why)
{
	return probe_attach(w->probe, why);
}

void observer_detach(struct observer *w)
{
	probe_detach(w->probe);
	observer_settle(w);
}

/* Passes the number in a syscall that no probe of bpftoll is attached to. */
static void tell(uint32_t mark)
{
	syscall(SYS_getpriority, PRIO_PROCESS, mark);
}

void observer_warm(struct observer *w)
{
	uint64_t start = arch_clock(), least = (uint64_t)(w->env->tsc->hz * WARM_S);

	do {
		workload_block(w->workload, w->area, w->ticks, WARM_CALLS, NULL);
		w->calls += WARM_CALLS;
	} while (arch_clock() - start < least);
	observer_settle(w);
}

double observer_block(struct observer *w, size_t n, uint32_t mark)
{
	size_t kept = 0;

	if (mark)
		tell(mark);
	workload_block(w->workload, w->area, w->ticks, n, NULL);
	if (mark)
		tell(0);
	w->calls += n;
	for (size_t i = 0; i < n; i++)
		if (sample_kept(w->ticks[i]))
			w->ns[kept++] = w->ticks[i] * 1e9 / w->env->tsc->hz;
	gsl_sort(w->ns, 1, kept);
	return stats_interquartile_mean_sorted(w->ns, kept);
}

void observer_settle(struct observer *w)
{
	if (w->wakeup)
		probe_reader_settle(w->wakeup);
}

void observer_skip(struct crosscheck *row, const char *fmt, ...)
{
	va_list args;

	row->status = RESULT_SKIPPED;
	va_start(args, fmt);
	if (vasprintf(&row->reason, fmt, args) < 0)
		row->reason = NULL;
	va_end(args);
}

void observer_why(struct crosscheck *row, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&row->why, fmt, args) < 0)
		row->why = NULL;
	va_end(args);
}
