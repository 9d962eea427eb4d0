/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * panel: one trigger's arms while they are measured, and their evaluation into cells.
 */
#ifndef BPFTOLL_PANEL_H
#define BPFTOLL_PANEL_H

#include "cpuset/survey.h"
#include "kit/arm.h"
#include "kit/harness.h"

/* floor and A/A stand before the probes' arms in every panel. */
enum { PANEL_FLOOR, PANEL_AA, PANEL_PROBES };

struct panel {
	const struct plan *plan;
	const struct plan_panel *what;
	const struct harness_env *env;
	struct bench bench;
	struct arm *arms;
	size_t n_arms;
	size_t calls_most; /* of an arm's calls */
	size_t rounds;
	struct record_cell *baseline; /* while it is evaluated */
	/* conditions of the timed rounds, summed */
	struct conditions seen;
	double wall_s;
};

/* Opens all arms and pilots them. 0 or -errno (nothing of the panel can run), why. */
int panel_open(struct panel *panel, const struct plan *plan, const struct plan_panel *what,
	       const struct harness_env *env, char *why, size_t why_len);
void panel_close(struct panel *panel);

/* Closes the books and turns every arm into a cell, writing the record after each. 0 or -errno, why. */
int panel_finish(struct panel *panel, struct record *record, char *why, size_t why_len);

/* The cells of a panel that could not run at all. */
void panel_skip(const struct plan_panel *what, const struct harness_env *env, enum unit unit,
		struct record *record, const char *reason);

#endif
