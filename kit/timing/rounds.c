/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

#include "calib/clock.h"
#include "kit/system/place.h"
#include "kit/timing/rounds.h"

int rounds_open(struct rounds *rounds)
{
	rounds->order = calloc(rounds->n + 1, sizeof(*rounds->order));
	rounds->own = !rounds->rng;
	if (rounds->own)
		rounds->rng = gsl_rng_alloc(gsl_rng_mt19937);
	if (!rounds->order || !rounds->rng)
		return -ENOMEM;
	if (rounds->own)
		gsl_rng_set(rounds->rng, rounds->seed);
	for (size_t i = 0; i < rounds->n; i++)
		rounds->order[i] = i;
	return 0;
}

void rounds_close(struct rounds *rounds)
{
	if (rounds->own)
		gsl_rng_free(rounds->rng);
	free(rounds->order);
	*rounds = (struct rounds){0};
}

void rounds_begin(struct rounds *rounds)
{
	rounds->done = rounds->at = 0;
	rounds->started = clock_seconds();
}

bool rounds_go_on(const struct rounds *rounds)
{
	double spent = clock_seconds() - rounds->started;

	if (rounds->most && rounds->done >= rounds->most)
		return false;
	if (!rounds->done || rounds->done < rounds->least || !(rounds->seconds > 0))
		return true;
	return spent + rounds->fits * spent / (double)rounds->done < rounds->seconds;
}

double rounds_share(const struct rounds *rounds)
{
	double whole = (double)rounds->done, share = 0;

	if (rounds->n)
		whole += (double)rounds->at / (double)rounds->n;
	if (rounds->most)
		share = whole / (double)rounds->most;
	if (rounds->seconds > 0)
		share = fmax(share, (clock_seconds() - rounds->started) / rounds->seconds);
	return fmin(share, 1);
}

void rounds_shuffle(struct rounds *rounds)
{
	gsl_ran_shuffle(rounds->rng, rounds->order, rounds->n, sizeof(*rounds->order));
}

int rounds_once(struct rounds *rounds, rounds_visit *visit, void *ctx)
{
	int err = 0;

	rounds_shuffle(rounds);
	for (rounds->at = 0; rounds->at < rounds->n && !err; rounds->at++) {
		if (*rounds->stop)
			return -EINTR;
		if (rounds->progress)
			rounds->progress(rounds->from +
						 rounds_share(rounds) * (rounds->to - rounds->from),
					 rounds->what);
		err = visit(ctx, rounds->order[rounds->at]);
	}
	rounds->at = 0;
	if (!err && place_lost())
		err = -EINTR;
	rounds->done += !err;
	if (!err && rounds->after)
		rounds->after(ctx);
	return err;
}

int rounds_run(struct rounds *rounds, rounds_visit *visit, void *ctx)
{
	int err = 0;

	rounds_begin(rounds);
	while (!err && rounds_go_on(rounds))
		err = rounds_once(rounds, visit, ctx);
	return err;
}
