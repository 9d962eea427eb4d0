/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rounds: a measurement as rounds, each of which visits everything that is compared once, in an
 * order drawn anew.
 *
 * The order of visits is part of the method: what drifts or follows on something else hits all
 * alike. It is drawn from the run's generator and from nothing else, so the same seed gives the
 * same order.
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
	size_t n;     /* visits a round */
	gsl_rng *rng; /* the run's; NULL: made by rounds_open, of the seed */
	uint64_t seed;
	const volatile sig_atomic_t *stop; /* looked at before each visit */
	/* so many rounds, 0: any number; and after `least` of them none that begins later than
	 * `seconds`, 0: any time */
	size_t most, least;
	double seconds;
	double fits; /* of a round: one is not begun where less than this share would fall into
			`seconds` */
	/* for the progress line; NULL: none. The rounds are the part from..to of the whole */
	void (*progress)(double share, const char *what);
	const char *what;
	double from, to;
	/* told */
	size_t done, at; /* whole rounds; visits of the one at hand */
	size_t *order;
	bool own; /* the generator */
	double started;
};

/* A visit: 0, or -errno, which ends the round and the run. */
typedef int rounds_visit(void *ctx, size_t i);

/* 0 or -ENOMEM; closed in both cases. */
int rounds_open(struct rounds *rounds);
void rounds_close(struct rounds *rounds);

void rounds_begin(struct rounds *rounds);

/* Is another round wanted? */
bool rounds_go_on(const struct rounds *rounds);

/* 0 to 1: how much of the rounds, or of their time, is over. */
double rounds_share(const struct rounds *rounds);

/* Draws the next order, for who goes through it himself. */
void rounds_shuffle(struct rounds *rounds);

/* One round. 0; -EINTR: stopped, and it does not count; or what a visit returned. */
int rounds_once(struct rounds *rounds, rounds_visit *visit, void *ctx);

/* All of them. Returns as rounds_once. */
int rounds_run(struct rounds *rounds, rounds_visit *visit, void *ctx);

#endif
