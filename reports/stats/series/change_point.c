/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sf_gamma.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/stats/series/change_point.h"
#include "reports/stats/stats.h"
#include "reports/stats/series/welch.h"

/* Figures of a part: a step of the very last one cannot be told from a slip. */
#define LEAST	     2
#define ORDERS_LEAST 999
#define ORDERS_MOST  99999
#define EXCEEDING    20 /* as many that split as far end the test: p is surely large */

struct search {
	const double *x;
	double *distance; /* n × n */
	size_t n, *order;
	gsl_rng *rng;
	double alpha;
	int orders; /* random orders at most */
	struct change_points *out;
};

struct split {
	size_t at; /* figures in the first part */
	double statistic;
};

/* |x - y| of the part's figures in the order given, moved from one side to the other one by one. */
static struct split best_split(const struct search *s, const size_t *order, size_t n)
{
	struct split best = {0, -INFINITY};
	double left = 0, right = 0, between = 0; /* sums over pairs */

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			right += s->distance[order[i] * s->n + order[j]];
	for (size_t k = 0; k + LEAST < n; k++) {
		double to_left = 0, to_right = 0, a = (double)k + 1, b = (double)(n - k - 1), q;

		for (size_t j = 0; j < k; j++)
			to_left += s->distance[order[k] * s->n + order[j]];
		for (size_t j = k + 1; j < n; j++)
			to_right += s->distance[order[k] * s->n + order[j]];
		left += to_left;
		right -= to_right;
		between += to_right - to_left;
		if (k + 1 < LEAST)
			continue;
		q = a * b / (a + b) *
		    (2 * between / (a * b) - 2 * left / (a * (a - 1)) - 2 * right / (b * (b - 1)));
		if (q > best.statistic)
			best = (struct split){k + 1, q};
	}
	return best;
}

/*
 * How often a random order splits as far. Besag & Clifford (1991): the test ends when enough have,
 * and is as valid as with all orders.
 */
static double chance(struct search *s, size_t from, size_t n, double statistic)
{
	size_t *order = s->order;
	int as_far = 0;

	for (size_t i = 0; i < n; i++)
		order[i] = from + i;
	for (int k = 1; k <= s->orders; k++) {
		gsl_ran_shuffle(s->rng, order, n, sizeof(*order));
		/* a hair less: the same split in another order differs by rounding */
		as_far += best_split(s, order, n).statistic >= statistic - 1e-9 * fabs(statistic);
		if (as_far == EXCEEDING)
			return (double)as_far / k;
	}
	return (double)(as_far + 1) / (s->orders + 1);
}

static int by_place(const void *left, const void *right)
{
	const struct change_point *a = left, *b = right;

	return a->at < b->at ? -1 : a->at > b->at;
}

/* Splits x[from, from + n) and what that leaves, as long as chance does not. */
static void divide(struct search *s, size_t from, size_t n)
{
	struct split split;
	double p;

	if (n < CHANGE_POINTS_LEAST)
		return;
	for (size_t i = 0; i < n; i++)
		s->order[i] = from + i;
	split = best_split(s, s->order, n);
	p = chance(s, from, n, split.statistic);
	if (n == s->n)
		s->out->p = p;
	if (p > s->alpha)
		return;
	s->out->points[s->out->n++] = (struct change_point){.at = from + split.at, .p = p};
	divide(s, from, split.at);
	divide(s, from + split.at, n - split.at);
}

/* The means of the n figures before the point and of the m from it on, and Welch's interval. */
static void measure(struct change_point *point, const double *x, size_t n, size_t m)
{
	point->from = stats_mean(x, n);
	point->to = stats_mean(x + n, m);
	point->step = welch_difference(x, n, x + n, m).difference;
}

static size_t part_end(const struct search *s, size_t part)
{
	return part < s->out->n ? s->out->points[part].at : s->n;
}

/* Levels about each point, and the correlation of what the levels leave. */
static void describe(struct search *s)
{
	struct change_points *out = s->out;
	double *left = s->distance; /* no longer needed */
	size_t from = 0;

	qsort(out->points, out->n, sizeof(*out->points), by_place);
	for (size_t part = 0; part <= out->n; from = part_end(s, part++)) {
		size_t to = part_end(s, part);
		double mean = stats_mean(s->x + from, to - from);

		if (part < out->n)
			measure(&out->points[part], s->x + from, to - from,
				part_end(s, part + 1) - to);
		for (size_t i = from; i < to; i++)
			left[i] = s->x[i] - mean;
	}
	/* the bias of r, and its standard error (Kendall 1954) */
	out->lag1 = stats_autocorrelation(left, s->n) + ((double)out->n + 1) / (double)s->n;
	out->correlated = out->lag1 > 2 / sqrt((double)s->n);
}

double change_points_rarest(size_t n)
{
	/* all of one level before all of the other, or after: of n! orders, 2 (n / 2)! (n - n / 2)!
	 */
	return n < 2 ? 1 : 2 / gsl_sf_choose((unsigned int)n, (unsigned int)n / 2);
}

int change_points_find(const double *x, size_t n, const struct change_test *test,
		       struct change_points *out)
{
	struct search s = {.x = x, .n = n, .alpha = test->alpha, .out = out};
	double orders = 4 / test->alpha;
	int err = -ENOMEM;

	/* enough that p can be below alpha, where a few orders split as far by chance */
	s.orders = (int)fmin(ORDERS_MOST, fmax(ORDERS_LEAST, orders));
	*out = (struct change_points){.p = NAN, .lag1 = NAN};
	if (n < CHANGE_POINTS_LEAST || n > CHANGE_POINTS_MOST)
		return -EINVAL;
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(x[i]))
			return -EINVAL;
	}
	s.distance = malloc(n * n * sizeof(*s.distance));
	s.order = malloc(n * sizeof(*s.order));
	s.rng = gsl_rng_alloc(gsl_rng_mt19937);
	out->points = calloc(n, sizeof(*out->points));
	if (s.distance && s.order && s.rng && out->points) {
		gsl_rng_set(s.rng, test->seed);
		for (size_t i = 0; i < n * n; i++)
			s.distance[i] = fabs(x[i / n] - x[i % n]);
		divide(&s, 0, n);
		describe(&s);
		err = 0;
	}
	free(s.distance);
	free(s.order);
	if (s.rng)
		gsl_rng_free(s.rng);
	return err;
}

void change_points_free(struct change_points *points)
{
	free(points->points);
	*points = (struct change_points){.n = 0};
}
