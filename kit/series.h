/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * series: the windows of one rate with one probe in one drain state (or with none), and the record's row that comes of
 * them.
 *
 * series_open (all memory at once) -> [series_before, series_add] a round -> series_finish -> series_close. A window that
 * is not valid makes the row invalid, with that window's reason.
 */
#ifndef BPFTOLL_SERIES_H
#define BPFTOLL_SERIES_H

#include "kit/feed.h"
#include "kit/harness.h"
#include "kit/point.h"

/* What a row says of itself; the strings are literals or outlive the series. */
struct series_name {
	const char *scenario, *policy;
	bool none; /* nothing attached: hook, buffer and drain mean nothing */
	enum hook hook;
	enum stream_buffer buffer;
	enum drain_state drain;
	size_t buffer_bytes;
	const char *detail; /* more of the id, may be NULL */
};

struct series {
	struct series_name name;
	struct load load;
	enum cell_status status;
	char reason[256];
	/* readings: calls of each round, padded where a window was cut short */
	uint32_t *call, *due, *before;
	size_t before_calls, rounds, rounds_most;
	/* a round each: CPU in per cent, NAN where it is not known */
	double *consumer, *machine;
	double *lost; /* events a second */
	struct histogram ages;
	uint64_t calls, produced, received, dropped, missed, lost_records, wakeups, memory;
	struct cputime machine_sum;
	double seconds, spans,
		in_spans; /* in_spans: calls between the first and last of a window */
	size_t slow;	  /* windows in which the rate was not reached */
	double recovered_ms, stopped_ms; /* set by who knows; NAN */
};

/* How many calls the baseline window in front of a round needs, so that both are estimated alike. */
size_t series_before_calls(const struct series_name *name, const struct load *load);

/* before_calls: of the baseline window in front of each round, 0: none. 0 or -ENOMEM. */
int series_open(struct series *series, const struct series_name *name, const struct load *load,
		size_t rounds_most, size_t before_calls);
void series_close(struct series *series);

/* Skipped, invalid: the first reason stays. */
void series_fail(struct series *series, enum cell_status status, const char *reason);

/* The readings of the baseline window of the coming round, kept once series_add follows. */
void series_before(struct series *series, const struct pace *pace);

/* One window of the point: readings and books. feed NULL: nothing was attached. */
void series_add(struct series *series, const struct window *window, const struct pace *pace,
		struct feed *feed);

/* What finishing needs to know of the run. */
struct series_scale {
	const struct tsc_rate *tsc;
	double floor_ticks;
	uint64_t seed;
	bool withheld; /* ticks are no time: books only */
};

/* A row at the end of the record. none: the point of the same rate with nothing attached, or NULL. 0 or -ENOMEM. */
int series_finish(const struct series *series, const struct series *none,
		  const struct series_scale *scale, struct record *record);

/* Calls a second over all windows, each from its first call to its last; NAN: none. */
double series_rate(const struct series *series);

/* Was the rate not reached, in more than half of the windows? */
bool series_saturated(const struct series *series);

/* ns that a call of one round cost more than one of the baseline in front of it; NAN where there was none. */
struct series_cost {
	double typical, mean;
};
struct series_cost series_round_cost(const struct series *series, size_t round,
				     const struct series_scale *scale);

/* The same for what was never tried: no numbers. */
int series_skip(const struct series_name *name, const struct load *load, const char *reason,
		struct record *record);

#endif
