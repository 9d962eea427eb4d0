/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rate_run: the windows at one rate with one probe and wakeup policy (or with nothing attached),
 * and the row of the record made from them.
 *
 * rate_run_open (allocates everything) -> [rate_run_before, rate_run_add] for each round ->
 * rate_run_finish -> rate_run_close. A window that is not valid makes the row invalid, with the
 * same reason.
 */
#ifndef BPFTOLL_KIT_EVENTS_RATE_RUN_H
#define BPFTOLL_KIT_EVENTS_RATE_RUN_H

#include "kit/events/pipeline.h"
#include "kit/probes/harness.h"
#include "kit/events/point.h"

/* What identifies a row. The strings are literals or live longer than the rate run. */
struct series_name {
	const char *scenario, *policy;
	bool none; /* nothing attached: hook, buffer and wakeup policy have no meaning */
	enum hook hook;
	enum stream_buffer buffer;
	enum wakeup_policy wakeup;
	size_t buffer_bytes;
	const char *detail; /* further part of the id; may be NULL */
};

struct rate_run {
	struct series_name name;
	struct load load;
	enum result_status status;
	char reason[256];
	/* Readings in ticks, calls of each round; padded if a window was cut short. */
	uint32_t *call, *due, *before;
	size_t before_calls, rounds, rounds_most;
	/* one value a round: CPU in %, NAN if unknown */
	double *consumer, *machine;
	double *lost; /* events a second, one value a round */
	struct histogram ages;
	struct event_counts events;
	uint64_t calls, memory;
	struct cputime machine_sum;
	/* spans: seconds from first to last call, over all windows; in_spans: the calls in them */
	double seconds, spans, in_spans;
	size_t slow;			 /* windows in which the rate was not reached */
	double recovered_ms, stopped_ms; /* set by the scenario; NAN: not measured */
};

/*
 * How many calls the baseline window before a round needs, so that both are estimated in the same
 * way.
 */
size_t rate_run_before_calls(const struct series_name *name, const struct load *load);

/* before_calls: calls of the baseline window before each round, 0: none. Returns 0 or -ENOMEM. */
int rate_run_open(struct rate_run *series, const struct series_name *name, const struct load *load,
		  size_t rounds_most, size_t before_calls);
void rate_run_close(struct rate_run *series);

/* Sets skipped or invalid. Later calls do not replace the first reason. */
void rate_run_fail(struct rate_run *series, enum result_status status, const char *reason);

/*
 * Stores the readings of the baseline window before a round; they count once rate_run_add follows.
 */
void rate_run_before(struct rate_run *series, const struct pace *pace);

/* Adds one window: readings and event accounting. pipeline NULL: nothing was attached. */
void rate_run_add(struct rate_run *series, const struct window *window, const struct pace *pace,
		  struct pipeline *pipeline);

/* What rate_run_finish needs to know of the run. */
struct rate_run_scale {
	const struct tsc_rate *tsc;
	double timer_overhead_ticks;
	uint64_t seed;
	bool withheld; /* ticks are not time: only event accounting is reported */
};

/*
 * Appends a row to the record. none: the rate run with nothing attached at the same rate, or NULL.
 * Returns 0 or -ENOMEM.
 */
int rate_run_finish(const struct rate_run *series, const struct rate_run *none,
		    const struct rate_run_scale *scale, struct record *record);

/* Calls a second over all windows, each from its first call to its last; NAN: no windows. */
double rate_run_rate(const struct rate_run *series);

/* Was the rate not reached in more than half of the windows? */
bool rate_run_saturated(const struct rate_run *series);

/*
 * The added cost of a call, in ns: one round against the baseline window before it; NAN if there
 * was none.
 */
struct rate_run_cost {
	double typical, mean;
};
struct rate_run_cost rate_run_round_cost(const struct rate_run *series, size_t round,
					 const struct rate_run_scale *scale);

/*
 * Adds a skipped row with a reason, for a configuration that was not tried. Returns 0 or -ENOMEM.
 */
int rate_run_skip(const struct series_name *name, const struct load *load, const char *reason,
		  struct record *record);

#endif
