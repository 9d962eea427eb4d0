/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rounds: a measurement in rounds. Each round visits everything that is compared once, in a new
 * random order.
 *
 * The order is part of the method: drift, and effects of one visit on the next, affect all alike.
 * It is drawn from the run's generator and nothing else is drawn in between, so the same seed gives
 * the same order.
 *
 * rounds_open -> rounds_begin (starts the clock) -> rounds_run, or rounds_once while rounds_go_on
 * -> rounds_close.
 */
#ifndef BPFTOLL_KIT_TIMING_ROUNDS_H
#define BPFTOLL_KIT_TIMING_ROUNDS_H

#include <gsl/gsl_rng.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rounds {
	/* set by the caller before rounds_open */
	size_t n;     /* visits in a round */
	gsl_rng *rng; /* the run's generator; NULL: rounds_open makes one from seed */
	uint64_t seed;
	const volatile sig_atomic_t *stop; /* checked before each visit */
	/*
	 * At most `most` rounds (0: any number). Once `least` are done, none begins later than
	 * `seconds` after the start (0: no limit).
	 */
	size_t most, least;
	double seconds;
	/* A round begins only if at least this share of its expected time lies within `seconds`. */
	double fits;
	/*
	 * For the progress line; NULL: none. These rounds are the part from..to (0 to 1) of the
	 * whole.
	 */
	void (*progress)(double share, const char *what);
	const char *what;
	double from, to;
	/* Called with the visits' ctx after each complete round, while nothing is timed; or NULL.
	 */
	void (*after)(void *ctx);
	/* set by rounds */
	size_t done, at; /* complete rounds; visits made in the current one */
	size_t *order;
	bool own; /* the generator was made by rounds_open */
	double started;
};

/* One visit. Returns 0, or -errno, which ends the round and the run. */
typedef int rounds_visit(void *ctx, size_t i);

/* Returns 0 or -ENOMEM. Call rounds_close in both cases. */
int rounds_open(struct rounds *rounds);
void rounds_close(struct rounds *rounds);

void rounds_begin(struct rounds *rounds);

/* Is another round wanted? */
bool rounds_go_on(const struct rounds *rounds);

/* The part of the rounds, or of their time, that is over: 0 to 1. */
double rounds_share(const struct rounds *rounds);

/* Draws the next order, for a caller that makes the visits itself. */
void rounds_shuffle(struct rounds *rounds);

/*
 * Makes one round. Returns 0; -EINTR: stopped, or a CPU was lost in it (place_lost), and the round
 * does not count; or what a visit returned.
 */
int rounds_once(struct rounds *rounds, rounds_visit *visit, void *ctx);

/* Makes all rounds. Returns as rounds_once. */
int rounds_run(struct rounds *rounds, rounds_visit *visit, void *ctx);

#endif
