/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * experiment: one workload's configurations while a worker measures them: opened, piloted once in a
 * run, visited in random order round by round. The readings of a round go to the samples' files
 * when the whole round is done.
 *
 * experiment_open -> experiment_round … -> experiment_close.
 */
#ifndef BPFTOLL_KIT_PROBES_EXPERIMENT_H
#define BPFTOLL_KIT_PROBES_EXPERIMENT_H

#include "calib/error.h"
#include "calib/counters.h"
#include "kit/probes/config.h"
#include "kit/timing/rounds.h"
#include "kit/probes/worker_page.h"

/* What all experiments of a worker share. */
struct experiment_env {
	struct worker_page *page;
	bool alone;		   /* the caller makes the timed calls, too */
	struct counters *counters; /* opened by the caller, where it is alone; NULL: none */
	gsl_rng *rng;
	const volatile sig_atomic_t *stop;
};

struct experiment {
	const struct experiment_env *env;
	size_t number; /* in the page */
	struct worker_experiment *told;
	struct bench bench;
	struct stir stir;
	struct config *configs;
	size_t n_configs;
	struct rounds rounds; /* a visit is a configuration; how many are wanted is set by who asks
				 for them */
	size_t configs_bytes, scratch_bytes;
	uint32_t **of_config; /* each configuration's readings of one round */
	bool *timed;	      /* did this round time the configuration? */
};

/*
 * 0 or -errno (nothing of the experiment can run), why; experiment_close in both cases. The
 * experiment itself lies in memory that the timing process sees (timing_memory).
 */
int experiment_open(struct experiment *experiment, const struct experiment_env *env, size_t number,
		    struct error *why);

/* Each configuration once. 0; -EINTR: stopped in the middle, the round does not count; other
 * -errno: the samples cannot be written, why. */
int experiment_round(struct experiment *experiment, struct error *why);

/* Closes what is loaded, and what the configurations have to tell goes into the page. */
void experiment_close(struct experiment *experiment);

#endif
