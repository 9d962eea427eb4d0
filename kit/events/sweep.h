/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sweep: measures probes at several event rates. Configurations (a stream with one wakeup policy
 * each, or nothing attached) are visited in rounds, in random order. A visit loads and attaches
 * anew and makes one window at each rate, in random order too. Before each visit comes a shorter
 * baseline window at each rate with nothing attached, because the speed of a shared machine drifts.
 *
 * sweep_prepare -> sweep_run (adds its rows and writes the record) … -> sweep_release.
 */
#ifndef BPFTOLL_KIT_EVENTS_SWEEP_H
#define BPFTOLL_KIT_EVENTS_SWEEP_H

#include <gsl/gsl_rng.h>

#include "calib/error.h"
#include "kit/probes/harness.h"
#include "kit/events/rate_run.h"

#define SWEEP_RATES_MOST  32
#define SWEEP_ROUNDS_MOST 20 /* all readings are kept in memory */

struct sweep_plan {
	double rates[SWEEP_RATES_MOST];
	size_t n_rates;
	unsigned int rounds;
	double seconds; /* no round begins after this time; 0: no limit */
};

/* Shared by all scenarios. */
struct sweep {
	const struct harness_env *env;
	struct record *record;
	const struct workload *workload;
	char *area;
	struct pace pace;
	gsl_rng *rng;
	double timer_overhead_ticks;
	/* Ticks are instructions (the exact lab): windows are short, and times are not reported. */
	bool exact;
	double from, to;   /* for the progress line: the next sweep_run is this part of the whole */
	size_t unbalanced; /* rows in which events are unaccounted for */
	struct error unbalanced_why; /* of the first such row */
};

struct sweep_config {
	struct series_name name;
	int consumer_cpu; /* the reader's CPU; -1: none available */
};

/*
 * Maps the workload's memory, measures the timer overhead, allocates windows of up to `most` calls.
 * Returns 0 or -errno with why.
 */
int sweep_prepare(struct sweep *sweep, const struct harness_env *env, struct record *record,
		  const struct workload *workload, bool exact, size_t most, struct error *why);
void sweep_release(struct sweep *sweep);

/*
 * Opens and attaches the named probe with its reader. consumer_cpu -1: none available. Returns 0 or
 * -errno with why (then *out is NULL).
 */
int sweep_pipeline(struct sweep *sweep, const struct series_name *name, int consumer_cpu,
		   struct pipeline **out, struct error *why);

/* The most calls that a window at one of these rates needs, lead included. */
size_t sweep_calls_most(const struct sweep *sweep, const double *rates, size_t n);

/*
 * Returns 0; -EINTR: stopped, what was finished is in the record; -ENOMEM; other -errno with why:
 * the record cannot be written. A configuration that fails is rows with its reason.
 */
int sweep_run(struct sweep *sweep, const struct sweep_plan *plan,
	      const struct sweep_config *configs, size_t n_configs, struct error *why);

/*
 * The end of a scenario; writes the record if err is 0, -EINTR, or -EBADMSG with why (in one row
 * events are unaccounted for: noted, and the run goes on). Any other err is returned. Returns 0 or
 * -errno with why.
 */
int sweep_wrote(struct sweep *sweep, int err, struct error *why);

/* Makes the row of one rate run, and notes whether all its events are accounted for. */
int sweep_finish(struct sweep *sweep, const struct rate_run *series, const struct rate_run *none);

#endif
