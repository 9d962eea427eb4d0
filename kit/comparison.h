/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * comparison: the samples of one panel, all rounds of all workers, and what each arm costs over its baseline.
 *
 * comparison_open (reads every arm once and fits the panel) -> comparison_load, comparison_overhead, comparison_neighbour … -> comparison_close.
 *
 * Rounds in which a neighbour was at work on the core's other hardware thread are left out of an arm's figures where
 * enough is left (alone.h): their readings are marked as not kept.
 */
#ifndef BPFTOLL_COMPARISON_H
#define BPFTOLL_COMPARISON_H

#include "kit/alone.h"
#include "kit/harness.h"
#include "kit/results.h"
#include "reports/compare.h"
#include "reports/panel_effects.h"

/* Where these arms stand in every panel (worker_page.c, lay_panel). */
enum { COMPARISON_FLOOR, COMPARISON_BASELINE };

/* Arms whose blocks are made alike, so that all their baselines measure the same thing. */
struct family {
	bool gated;
	size_t period;
	struct panel_effects *effects;
};
#define FAMILIES_MOST 16

struct comparison {
	const struct results *results;
	const struct harness_env *env;
	const struct panel_sum *sum;
	size_t panel;
	struct alone alone;
	struct family families[FAMILIES_MOST];
	size_t n_families;
	size_t *id; /* of each arm in its family's effects; of a baseline in those of every family of its kind */
	double floor_ticks;
	struct distribution floor; /* of the empty window, nothing taken off */
};

/* 0 or -errno, why. Closed also after an error. */
int comparison_open(const struct results *results, size_t panel, const struct harness_env *env,
		    struct comparison *out, char *why, size_t why_len);
void comparison_close(struct comparison *c);

const struct worker_arm *comparison_arm(const struct comparison *c, size_t i);
struct compare_scale comparison_scale(const struct comparison *c, size_t i);

/* A block with nothing attached that arms are compared with; A/A is none. */
bool comparison_is_baseline(const struct worker_arm *arm);

/* The baseline of arm i; of a B/B arm that of the arm it repeats. */
size_t comparison_baseline(const struct comparison *c, size_t i);

/*
 * The arm's readings, freed by the caller (ticks). masked_by: the arm whose figures they are for, and whose rounds beside a
 * neighbour are marked as not kept; COMPARISON_ALL: none are. 0 or -errno, why.
 */
#define COMPARISON_ALL SIZE_MAX
struct loaded {
	uint32_t *ticks;
	struct arm_samples samples;
};
int comparison_load(const struct comparison *c, size_t i, size_t masked_by, struct loaded *out,
		    char *why, size_t why_len);

/* Also spread and modes of a probe's loads. mine and before: the arm's readings and those it is compared with. cell->arm and cell->baseline are filled. 0 or -errno. */
int comparison_overhead(const struct comparison *c, size_t i, const struct loaded *mine,
			const struct loaded *before, struct record_cell *cell);

/* What the cell says of neighbours on the core's other hardware thread. 0 or -ENOMEM. */
int comparison_neighbour(const struct comparison *c, size_t i, struct record_cell *cell);

#endif
