/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/error.h"
#include "reports/effects/compare_scale.h"
#include "reports/effects/strata.h"

#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/stats/stats.h"

#define EVERY_ROUND 100 /* a stratum that is no flag */

/* What one estimate works with. */
struct scratch {
	double *value;	/* of the stratum's rounds, in cycles or as they are */
	size_t *round;	/* their numbers */
	double *worker; /* one worker's, then */
	double *means;	/* of the workers */
};

static bool scratch_open(struct scratch *s, size_t n)
{
	s->value = calloc(n + 1, sizeof(*s->value));
	s->round = calloc(n + 1, sizeof(*s->round));
	s->worker = calloc(n + 1, sizeof(*s->worker));
	s->means = calloc(n + 1, sizeof(*s->means));
	return s->value && s->round && s->worker && s->means;
}

static void scratch_close(struct scratch *s)
{
	free(s->value);
	free(s->round);
	free(s->worker);
	free(s->means);
}

static int flag_of(const struct strata_rounds *rounds, size_t i)
{
	return rounds->neighbour ? rounds->neighbour[i] : STRATA_UNKNOWN;
}

static size_t select_rounds(const struct strata_rounds *rounds, int stratum, bool cycles,
			    struct scratch *s)
{
	size_t n = 0;

	for (size_t i = 0; i < rounds->n; i++) {
		double value = rounds->effect[i];

		if (stratum != EVERY_ROUND && flag_of(rounds, i) != stratum)
			continue;
		if (cycles)
			value *= rounds->hz ? rounds->hz[i] * 1e-9 : NAN;
		if (isnan(value))
			continue;
		s->round[n] = i;
		s->value[n++] = value;
	}
	return n;
}

static bool several_workers(const struct strata_rounds *rounds)
{
	for (size_t i = 1; rounds->worker && i < rounds->n; i++)
		if (rounds->worker[i] != rounds->worker[0])
			return true;
	return false;
}

/* The interquartile mean of each worker with enough of the n selected rounds, into s->means.
 * Returns how many. */
static size_t worker_means(const struct strata_rounds *rounds, size_t n, struct scratch *s)
{
	size_t workers = 0;

	for (size_t first = 0; first < n; first++) {
		unsigned int worker = rounds->worker[s->round[first]];
		size_t got = 0, before = 0;

		while (rounds->worker[s->round[before]] != worker)
			before++;
		if (before < first)
			continue;
		for (size_t i = first; i < n; i++)
			if (rounds->worker[s->round[i]] == worker)
				s->worker[got++] = s->value[i];
		if (got < STRATA_ROUNDS_LEAST)
			continue;
		gsl_sort(s->worker, 1, got);
		s->means[workers++] = stats_interquartile_mean_sorted(s->worker, got);
	}
	return workers;
}

/* Workers are fresh processes, so independent: no blocks. n >= 2 */
static struct effect over_workers(const double *means, size_t n)
{
	double mean = stats_mean(means, n), sum = 0, half;

	for (size_t i = 0; i < n; i++)
		sum += (means[i] - mean) * (means[i] - mean);
	half = stats_t_quantile((double)(n - 1)) * sqrt(sum / (double)(n - 1) / (double)n);
	return (struct effect){mean, mean - half, mean + half};
}

/* why: empty, or what it lacks. */
static struct effect estimate(const struct strata_rounds *rounds, int stratum, bool cycles,
			      struct scratch *s, struct error *why)
{
	size_t n = select_rounds(rounds, stratum, cycles, s), workers;

	*why->text = '\0';
	if (!several_workers(rounds)) {
		if (n >= STRATA_SINGLE_LEAST)
			return compare_widened(stats_mean_interval(s->value, n), rounds->widen);
		error_say(why, "%zu rounds, %d are needed", n, STRATA_SINGLE_LEAST);
		return (struct effect){NAN, NAN, NAN};
	}
	workers = worker_means(rounds, n, s);
	if (workers >= STRATA_WORKERS_LEAST)
		return compare_widened(over_workers(s->means, workers), rounds->widen);
	error_say(why, "%zu processes had %d rounds or more, %d are needed", workers,
		  STRATA_ROUNDS_LEAST, STRATA_WORKERS_LEAST);
	return (struct effect){NAN, NAN, NAN};
}

static double contended_share(const struct strata_rounds *rounds)
{
	size_t known = 0, contended = 0;

	for (size_t i = 0; i < rounds->n; i++) {
		if (isnan(rounds->effect[i]) || flag_of(rounds, i) == STRATA_UNKNOWN)
			continue;
		known++;
		contended += flag_of(rounds, i) != STRATA_ALONE;
	}
	return known ? (double)contended / (double)known : NAN;
}

int strata_evaluate(const struct strata_rounds *rounds, struct strata *out)
{
	struct scratch s = {NULL, NULL, NULL, NULL};
	struct error alone, beside, other;

	*out = (struct strata){.contended_share = contended_share(rounds)};
	if (!scratch_open(&s, rounds->n)) {
		scratch_close(&s);
		return -ENOMEM;
	}
	out->all = estimate(rounds, EVERY_ROUND, false, &s, &other);
	out->uncontended = estimate(rounds, STRATA_ALONE, false, &s, &alone);
	out->contended = estimate(rounds, STRATA_CONTENDED, false, &s, &beside);
	out->cycles = estimate(rounds, isnan(out->uncontended.value) ? EVERY_ROUND : STRATA_ALONE,
			       true, &s, &other);
	if (isnan(out->contended_share))
		snprintf(out->note, sizeof(out->note), "no round is known to be either");
	else if (*alone.text)
		snprintf(out->note, sizeof(out->note), "the core alone: %.96s%s%.96s", alone.text,
			 *beside.text ? "; beside a neighbour: " : "", beside.text);
	else if (*beside.text && out->contended_share > 0)
		snprintf(out->note, sizeof(out->note), "beside a neighbour: %.96s", beside.text);
	scratch_close(&s);
	return 0;
}

int strata_store(const struct strata *strata, struct record_result *result)
{
	result->contended_share = strata->contended_share;
	result->uncontended = strata->uncontended;
	result->contended = strata->contended;
	result->cycles = strata->cycles;
	free(result->strata_note);
	result->strata_note = *strata->note ? strdup(strata->note) : NULL;
	return *strata->note && !result->strata_note ? -ENOMEM : 0;
}
