/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sweep: probes against event rates. Configurations (a stream in a wakeup policy each, or none) are
 * visited in rounds in random order; a visit loads and attaches anew and makes one window of every
 * rate, in random order too. In front of each visit a shorter window of every rate with nothing
 * attached is its baseline: a shared machine's speed drifts.
 *
 * sweep_prepare -> sweep_run (its rows are in the record and written) … -> sweep_release.
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
	double seconds; /* no round is begun after so long; 0: all are */
};

/* What all scenarios share. */
struct sweep {
	const struct harness_env *env;
	struct record *record;
	const struct workload *workload;
	char *area;
	struct pace pace;
	gsl_rng *rng;
	double timer_overhead_ticks;
	bool exact;	 /* ticks are instructions: short windows, and times are withheld */
	double from, to; /* share of the whole that the next sweep_run is, for the progress line */
	size_t unbalanced;	     /* rows whose event accounting don't balance */
	struct error unbalanced_why; /* the first one's */
};

struct sweep_config {
	struct series_name name;
	int consumer_cpu; /* -1: none to spare */
};

/* Maps the workload's memory, measures the empty window, gets memory for windows of up to most
 * calls. 0 or -errno, why. */
int sweep_prepare(struct sweep *sweep, const struct harness_env *env, struct record *record,
		  const struct workload *workload, bool exact, size_t most, struct error *why);
void sweep_release(struct sweep *sweep);

/* The name's probe with its reader, attached: 0 or -errno, why (then *out is NULL). consumer_cpu
 * -1: none to spare. */
int sweep_pipeline(struct sweep *sweep, const struct series_name *name, int consumer_cpu,
		   struct pipeline **out, struct error *why);

/* The most that a window of these rates needs, lead included. */
size_t sweep_calls_most(const struct sweep *sweep, const double *rates, size_t n);

/*
 * 0, -EINTR (what was finished is in the record), -ENOMEM, or another -errno: the record cannot be
 * written, why. A configuration that fails is rows with its reason.
 */
int sweep_run(struct sweep *sweep, const struct sweep_plan *plan,
	      const struct sweep_config *configs, size_t n_configs, struct error *why);

/*
 * The end of a scenario. err: 0, -EINTR, -EBADMSG (event accounting of a row don't balance, why:
 * noted, and the run goes on): writes the record; or another. 0 or -errno, why.
 */
int sweep_wrote(struct sweep *sweep, int err, struct error *why);

/* Finishes one series into the record and notes whether its event accounting balance. */
int sweep_finish(struct sweep *sweep, const struct rate_run *series, const struct rate_run *none);

#endif
