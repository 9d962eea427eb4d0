/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * experiment: the configurations of one workload in one cache state while a worker measures them. A
 * pilot runs once in a run; each round visits every configuration in random order, and its readings
 * are written to the samples' files once the round is complete.
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
	bool alone;		   /* the caller makes the timed calls too */
	struct counters *counters; /* opened by the caller if alone; NULL: none */
	gsl_rng *rng;
	const volatile sig_atomic_t *stop;
};

struct experiment {
	const struct experiment_env *env;
	size_t number; /* index in the page */
	struct worker_experiment *told;
	struct bench bench;
	struct stir stir;
	struct config *configs;
	size_t n_configs;
	/* the order of visits; the caller of experiment_round decides how many rounds */
	struct rounds rounds;
	size_t configs_bytes, scratch_bytes;
	uint32_t **of_config; /* each configuration's readings of this round */
	bool *timed;	      /* for each configuration: was it timed in this round? */
};

/*
 * Returns 0, or -errno with why if nothing of the experiment can run. Call experiment_close in both
 * cases. The experiment must lie in memory shared with the process that times (timing_memory).
 */
int experiment_open(struct experiment *experiment, const struct experiment_env *env, size_t number,
		    struct error *why);

/*
 * Visits each configuration once. Returns 0; -EINTR: stopped, the round does not count; other
 * -errno with why: the samples cannot be written.
 */
int experiment_round(struct experiment *experiment, struct error *why);

/*
 * Unloads what is loaded, and writes each configuration's status and event accounting into the
 * page.
 */
void experiment_close(struct experiment *experiment);

#endif
