/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * comparison: the samples of one experiment, all rounds of all workers, and what each configuration
 * costs over its baseline.
 *
 * comparison_open (reads every configuration once and fits the experiment) -> comparison_load,
 * comparison_overhead, comparison_neighbour … -> comparison_close.
 *
 * Rounds in which a neighbour was at work on the core's other hardware thread are left out of a
 * configuration's figures where enough is left (alone.h): their readings are marked as not kept.
 */
#ifndef BPFTOLL_KIT_PROBES_COMPARISON_H
#define BPFTOLL_KIT_PROBES_COMPARISON_H

#include "calib/error.h"
#include "kit/probes/alone.h"
#include "kit/probes/harness.h"
#include "kit/probes/totals.h"
#include "reports/effects/compare.h"
#include "reports/effects/effects.h"

/* Where these configurations stand in every experiment (worker_page.c, lay_experiment). */
enum { COMPARISON_TIMER, COMPARISON_BASELINE };

/* Configurations whose blocks are made alike, so that all their baselines measure the same thing.
 */
struct family {
	bool gated;
	size_t period;
	struct effects *effects;
};
#define FAMILIES_MOST 16

struct comparison {
	const struct totals *results;
	const struct harness_env *env;
	const struct experiment_sum *sum;
	size_t experiment;
	struct alone alone;
	struct family families[FAMILIES_MOST];
	size_t n_families;
	size_t *id; /* of each configuration in its family's effects; of a baseline in those of
		       every family of its kind */
	double timer_overhead_ticks;
	struct distribution floor; /* of the empty window, nothing taken off */
};

/* 0 or -errno, why. Closed also after an error. */
int comparison_open(const struct totals *results, size_t experiment, const struct harness_env *env,
		    struct comparison *out, struct error *why);
void comparison_close(struct comparison *c);

const struct worker_config *comparison_config(const struct comparison *c, size_t i);
struct compare_scale comparison_scale(const struct comparison *c, size_t i);

/* A block with nothing attached that configurations are compared with; a null test is none. */
bool comparison_is_baseline(const struct worker_config *config);

/* The baseline of configuration i; of a null test with a probe that of the configuration it
 * repeats. */
size_t comparison_baseline(const struct comparison *c, size_t i);

/* The configuration's readings, freed by the caller (ticks). 0 or -errno, why. */
struct loaded {
	uint32_t *ticks;
	struct config_samples samples;
};
int comparison_load(const struct comparison *c, size_t i, struct loaded *out, struct error *why);

/* Its own effect over its baseline (before) in every round, beside a neighbour or not: so before
 * either is masked. Freed by the caller; NULL where instructions are counted. 0 or -errno. */
int comparison_effects(const struct comparison *c, size_t i, const struct loaded *mine,
		       const struct loaded *before, double **out);

/* Marks the rounds that were beside a neighbour as not kept, where configuration i leaves those
 * out. */
void comparison_mask(const struct comparison *c, size_t i, struct loaded *loaded);

/* Also spread and modes of a probe's loads. mine and before: the configuration's readings and those
 * it is compared with. result->configuration and result->baseline are filled. 0 or -errno. */
int comparison_overhead(const struct comparison *c, size_t i, const struct loaded *mine,
			const struct loaded *before, struct record_result *result);

#endif
