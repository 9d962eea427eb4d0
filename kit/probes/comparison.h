/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * comparison: the samples of one experiment over all rounds and workers, and what each
 * configuration costs over its baseline.
 *
 * comparison_open reads every configuration once and fits the whole experiment; then
 * comparison_load, comparison_effects, comparison_mask and comparison_overhead for each
 * configuration; comparison_close.
 *
 * Contended rounds (alone.h) are left out of a configuration's result where enough others remain:
 * comparison_mask marks their readings as not kept.
 */
#ifndef BPFTOLL_KIT_PROBES_COMPARISON_H
#define BPFTOLL_KIT_PROBES_COMPARISON_H

#include "calib/error.h"
#include "kit/probes/alone.h"
#include "kit/probes/harness_env.h"
#include "kit/probes/totals.h"
#include "reports/effects/compare.h"
#include "reports/effects/effects.h"

/* Positions of these two configurations in every experiment (worker_page.c, lay_experiment). */
enum { COMPARISON_TIMER, COMPARISON_BASELINE };

/*
 * Configurations whose blocks are made in the same way, so that their baselines all measure the
 * same.
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
	/*
	 * For a configuration: its index in its family's effects. For a baseline: its index in the
	 * effects of every family that may use it.
	 */
	size_t *id;
	double timer_overhead_ticks;
	struct distribution floor; /* of the empty timed region, with nothing subtracted */
};

/* Returns 0 or -errno with why. Call comparison_close after an error too. */
int comparison_open(const struct totals *results, size_t experiment, const struct harness_env *env,
		    struct comparison *out, struct error *why);
void comparison_close(struct comparison *c);

const struct worker_config *comparison_config(const struct comparison *c, size_t i);
struct compare_scale comparison_scale(const struct comparison *c, size_t i);

/*
 * Is it a block with nothing attached that configurations are compared with? The A/A configuration
 * is not: it is compared like a probe.
 */
bool comparison_is_baseline(const struct worker_config *config);

/*
 * The baseline of configuration i; for the B/B configuration, the baseline of the probe that it
 * repeats.
 */
size_t comparison_baseline(const struct comparison *c, size_t i);

/* The configuration's readings in ticks; the caller frees ticks. Returns 0 or -errno with why. */
struct loaded {
	uint32_t *ticks;
	struct config_samples samples;
};
int comparison_load(const struct comparison *c, size_t i, struct loaded *out, struct error *why);

/*
 * The configuration's effect over its own baseline (before), one value for every round of mine,
 * contended or not: so call it before comparison_mask. The caller frees *out; it is NULL where
 * instructions are counted. Returns 0 or -errno.
 */
int comparison_effects(const struct comparison *c, size_t i, const struct loaded *mine,
		       const struct loaded *before, double **out);

/* Marks the contended rounds as not kept, if configuration i leaves them out. */
void comparison_mask(const struct comparison *c, size_t i, struct loaded *loaded);

/*
 * Fills the overhead of configuration i, with the spread and modes of a probe's loads. mine and
 * before: readings of the configuration and of its baseline. result->configuration and
 * result->baseline must be filled. Returns 0 or -errno.
 */
int comparison_overhead(const struct comparison *c, size_t i, const struct loaded *mine,
			const struct loaded *before, struct record_result *result);

#endif
