/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rate_run: the windows of one rate with one probe in one wakeup policy (or with none), and the
 * record's row that comes of them.
 *
 * rate_run_open (all memory at once) -> [rate_run_before, rate_run_add] a round -> rate_run_finish
 * -> rate_run_close. A window that is not valid makes the row invalid, with that window's reason.
 */
#ifndef BPFTOLL_KIT_EVENTS_RATE_RUN_H
#define BPFTOLL_KIT_EVENTS_RATE_RUN_H

#include "kit/events/pipeline.h"
#include "kit/probes/harness.h"
#include "kit/events/point.h"

/* What a row says of itself; the strings are literals or outlive the series. */
struct series_name {
	const char *scenario, *policy;
	bool none; /* nothing attached: hook, buffer and drain mean nothing */
	enum hook hook;
	enum stream_buffer buffer;
	enum wakeup_policy wakeup;
	size_t buffer_bytes;
	const char *detail; /* more of the id, may be NULL */
};

struct rate_run {
	struct series_name name;
	struct load load;
	enum result_status status;
	char reason[256];
	/* readings: calls of each round, padded where a window was cut short */
	uint32_t *call, *due, *before;
	size_t before_calls, rounds, rounds_most;
	/* a round each: CPU in per cent, NAN where it is not known */
	double *consumer, *machine;
	double *lost; /* events a second */
	struct histogram ages;
	struct event_counts events;
	uint64_t calls, memory;
	struct cputime machine_sum;
	double seconds, spans,
		in_spans; /* in_spans: calls between the first and last of a window */
	size_t slow;	  /* windows in which the rate was not reached */
	double recovered_ms, stopped_ms; /* set by who knows; NAN */
};

/* How many calls the baseline window in front of a round needs, so that both are estimated alike.
 */
size_t rate_run_before_calls(const struct series_name *name, const struct load *load);

/* before_calls: of the baseline window in front of each round, 0: none. 0 or -ENOMEM. */
int rate_run_open(struct rate_run *series, const struct series_name *name, const struct load *load,
		  size_t rounds_most, size_t before_calls);
void rate_run_close(struct rate_run *series);

/* Skipped, invalid: the first reason stays. */
void rate_run_fail(struct rate_run *series, enum result_status status, const char *reason);

/* The readings of the baseline window of the coming round, kept once rate_run_add follows. */
void rate_run_before(struct rate_run *series, const struct pace *pace);

/* One window of the point: readings and event accounting. feed NULL: nothing was attached. */
void rate_run_add(struct rate_run *series, const struct window *window, const struct pace *pace,
		  struct pipeline *pipeline);

/* What finishing needs to know of the run. */
struct rate_run_scale {
	const struct tsc_rate *tsc;
	double timer_overhead_ticks;
	uint64_t seed;
	bool withheld; /* ticks are no time: event accounting only */
};

/* A row at the end of the record. none: the point of the same rate with nothing attached, or NULL.
 * 0 or -ENOMEM. */
int rate_run_finish(const struct rate_run *series, const struct rate_run *none,
		    const struct rate_run_scale *scale, struct record *record);

/* Calls a second over all windows, each from its first call to its last; NAN: none. */
double rate_run_rate(const struct rate_run *series);

/* Was the rate not reached, in more than half of the windows? */
bool rate_run_saturated(const struct rate_run *series);

/* ns that a call of one round cost more than one of the baseline in front of it; NAN where there
 * was none. */
struct rate_run_cost {
	double typical, mean;
};
struct rate_run_cost rate_run_round_cost(const struct rate_run *series, size_t round,
					 const struct rate_run_scale *scale);

/* The same for what was never tried: no numbers. */
int rate_run_skip(const struct series_name *name, const struct load *load, const char *reason,
		  struct record *record);

#endif
