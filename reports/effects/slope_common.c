/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/stats/combine.h"
#include "reports/effects/slope_common.h"
#include "reports/stats/stats.h"

#define NORMAL_MAD    0.6745 /* the median of |x| of normal values with standard deviation 1 */
#define SPREADS_BELOW 3	     /* a row takes part whose median is as many times its spread */
#define RATIO_LEAST \
	0.1 /* of a price over its median: a block that was disturbed may read below zero */
#define TRIM 0.2

/* Rows that take part: deviations [row * rounds + round] from their medians, as shifts in units of
 * the row's price or logs. */
struct layout {
	size_t rows, rounds;
	double *deviation;
	double *over_rows; /* rows */
	double *column;	   /* rounds */
};

static double median_of(double *x, size_t n)
{
	gsl_sort(x, 1, n);
	return stats_quantile_sorted(x, n, 0.5);
}

/* About zero; x is sorted. */
static double spread_of(double *x, size_t n)
{
	for (size_t i = 0; i < n; i++)
		x[i] = fabs(x[i]);
	return median_of(x, n) / NORMAL_MAD;
}

/* Those of the values that are numbers. */
static size_t numbers(const double *x, size_t n, double *out)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++)
		if (!isnan(x[i]))
			out[kept++] = x[i];
	return kept;
}

/* Median and spread of a row's rounds, NAN for fewer than half of them; work: rounds. */
static double centre(const double *prices, size_t rounds, double *work, double *spread)
{
	size_t n = numbers(prices, rounds, work);
	double middle = 2 * n < rounds ? NAN : median_of(work, n);

	*spread = NAN;
	if (isnan(middle))
		return NAN;
	n = numbers(prices, rounds, work);
	for (size_t r = 0; r < n; r++)
		work[r] -= middle;
	*spread = spread_of(work, n);
	return middle;
}

static void deviate(struct layout *l, const double *prices, size_t rows,
		    enum slope_common_kind kind)
{
	l->rows = 0;
	for (size_t i = 0; i < rows; i++) {
		const double *row = prices + i * l->rounds;
		double *to = l->deviation + l->rows * l->rounds, spread;
		double middle = centre(row, l->rounds, l->column, &spread);

		if (!(middle > SPREADS_BELOW * spread))
			continue;
		for (size_t r = 0; r < l->rounds; r++)
			to[r] = isnan(row[r])	       ? NAN
				: kind == COMMON_SHIFT ? row[r] - middle
						       : log(fmax(row[r] / middle, RATIO_LEAST));
		l->rows++;
	}
}

/* Of one round, over all rows but one (without = rows: all); NAN: no row has it. */
static double part_of(struct layout *l, size_t round, size_t without)
{
	size_t n = 0, cut;

	for (size_t i = 0; i < l->rows; i++)
		if (i != without && !isnan(l->deviation[i * l->rounds + round]))
			l->over_rows[n++] = l->deviation[i * l->rounds + round];
	gsl_sort(l->over_rows, 1, n);
	cut = (size_t)(TRIM * (double)n);
	return stats_mean(l->over_rows + cut, n - 2 * cut);
}

/* The median over the rows of the share of their spread that the others' rounds explain. */
static double explained(struct layout *l, double *shares)
{
	for (size_t i = 0; i < l->rows; i++) {
		const double *row = l->deviation + i * l->rounds;
		size_t n = numbers(row, l->rounds, l->column);
		double before = spread_of(l->column, n), after, middle;

		n = 0;
		for (size_t r = 0; r < l->rounds; r++) {
			double part = isnan(row[r]) ? NAN : part_of(l, r, i);

			if (!isnan(part))
				l->column[n++] = row[r] - part;
		}
		middle = stats_trimmed_interval(l->column, n).value;
		for (size_t r = 0; r < n; r++)
			l->column[r] -= middle;
		after = spread_of(l->column, n);
		shares[i] = before > 0 && !isnan(after) ? 1 - after / before : 0;
	}
	return median_of(shares, l->rows);
}

static int open_layout(struct layout *l, size_t rows, size_t rounds)
{
	*l = (struct layout){.rounds = rounds};
	l->deviation = calloc(rows * rounds, sizeof(double));
	l->over_rows = calloc(rows, sizeof(double));
	l->column = calloc(rounds, sizeof(double));
	return l->deviation && l->over_rows && l->column ? 0 : -ENOMEM;
}

static void close_layout(struct layout *l)
{
	free(l->deviation);
	free(l->over_rows);
	free(l->column);
}

int slope_common_fit(const double *prices, size_t rows, size_t rounds, struct slope_common *out,
		     double *round)
{
	static const enum slope_common_kind models[] = {COMMON_SHIFT, COMMON_FACTOR};
	/* by chance alone the share varies by about 1/sqrt(rows * rounds) */
	double best = COMMON_LEAST + 2 / sqrt((double)rows * (double)rounds + 1);
	double *shares = calloc(rows + 1, sizeof(*shares));
	struct layout l;
	int err;

	*out = (struct slope_common){COMMON_NONE, {0, 0, 0}};
	for (size_t r = 0; r < rounds; r++)
		round[r] = 0;
	err = open_layout(&l, rows + 1, rounds + 1);
	l.rounds = rounds;
	if (!shares || err) {
		err = -ENOMEM;
		goto out;
	}
	if (rounds < COMMON_ROUNDS_LEAST)
		goto out;
	for (size_t m = 0; m < sizeof(models) / sizeof(*models); m++) {
		double share;

		deviate(&l, prices, rows, models[m]);
		share = l.rows < COMMON_ROWS_LEAST ? 0 : explained(&l, shares);
		if (share <= best)
			continue;
		best = share;
		out->kind = models[m];
		for (size_t r = 0; r < rounds; r++)
			round[r] = part_of(&l, r, l.rows);
	}
	if (out->kind != COMMON_NONE)
		out->typical = stats_trimmed_interval(l.column, numbers(round, rounds, l.column));
out:
	close_layout(&l);
	free(shares);
	return err;
}

struct effect slope_common_price(const struct slope_common *common, const double *round,
				 double *prices, size_t rounds)
{
	struct effect typical = common->typical, part = {0, 0, 0}, own;
	size_t kept = 0;

	for (size_t r = 0; r < rounds; r++) {
		double beyond = round[r] - typical.value;

		if (!isnan(prices[r]) && !isnan(beyond))
			prices[kept++] = common->kind == COMMON_FACTOR ? prices[r] * exp(-beyond)
								       : prices[r] - beyond;
	}
	own = stats_trimmed_interval(prices, kept);
	if (common->kind == COMMON_NONE)
		return own;
	part.lo = typical.lo - typical.value;
	part.hi = typical.hi - typical.value;
	if (common->kind == COMMON_FACTOR) {
		double one = own.value * expm1(part.lo), other = own.value * expm1(part.hi);

		part.lo = fmin(one, other);
		part.hi = fmax(one, other);
	}
	return combine_sum(own, part);
}

const char *slope_common_name(enum slope_common_kind kind)
{
	static const char *const names[] = {[COMMON_SHIFT] = "shift", [COMMON_FACTOR] = "factor"};

	return names[kind];
}
