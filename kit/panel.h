/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * panel: one trigger's arms while a worker measures them: opened, piloted once in a run, visited in random order round by
 * round. The readings of a round go to the samples' files when the whole round is done.
 *
 * panel_open -> panel_round … -> panel_close.
 */
#ifndef BPFTOLL_PANEL_H
#define BPFTOLL_PANEL_H

#include "calib/counters.h"
#include "kit/arm.h"
#include "kit/rounds.h"
#include "kit/worker_page.h"

/* What all panels of a worker share. */
struct panel_env {
	struct worker_page *page;
	bool alone;		   /* the caller makes the timed calls, too */
	struct counters *counters; /* opened by the caller, where it is alone; NULL: none */
	gsl_rng *rng;
	const volatile sig_atomic_t *stop;
};

struct panel {
	const struct panel_env *env;
	size_t number; /* in the page */
	struct worker_panel *told;
	struct bench bench;
	struct stir stir;
	struct arm *arms;
	size_t n_arms;
	struct rounds
		rounds; /* a visit is an arm; how many are wanted is set by who asks for them */
	size_t arms_bytes, scratch_bytes;
	uint32_t **of_arm; /* each arm's readings of one round */
	bool *timed;	   /* did this round time the arm? */
};

/*
 * 0 or -errno (nothing of the panel can run), why; panel_close in both cases. The panel itself lies in memory that the timing
 * process sees (timing_memory).
 */
int panel_open(struct panel *panel, const struct panel_env *env, size_t number, char *why,
	       size_t why_len);

/* Each arm once. 0; -EINTR: stopped in the middle, the round does not count; other -errno: the samples cannot be written, why. */
int panel_round(struct panel *panel, char *why, size_t why_len);

/* Closes what is loaded, and what the arms have to tell goes into the page. */
void panel_close(struct panel *panel);

#endif
