/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Block means. Rounds that follow each other share the machine's state (temperature, a neighbour's load), so
 * their values may be correlated, and s/sqrt(n) is then too small. The series is cut into blocks of b rounds
 * whose means are nearly independent, and the variance is taken from those (Carlstein 1986, "The use of subseries
 * values for estimating the variance of a general statistic from a stationary sequence", Ann. Statist. 14; Künsch
 * 1989 for the same through overlapping blocks). Carlstein's optimum for a first-order process with lag-1 correlation r is
 *
 *	b = (sqrt(6) r / (1 - r^2))^(2/3) n^(1/3)
 *
 * (Politis & White 2004 arrive at the same n^(1/3) law with the whole correlogram, which 20 rounds cannot
 * estimate.) It gives b < 1.5, that is plain Student t, when r is near zero. What correlation is left between the
 * blocks is priced by the same first-order model: without that, 20 rounds with r = 0.5 cover 89 % instead of 92.5 %, with
 * it independent normal rounds cover 96 % (20,000 trials; tests/reports/test_stats.c keeps watch).
 */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/stats.h"

#define TAIL	      0.025 /* of each side of a 95 % interval */
#define TRIM	      0.2   /* of each side: Yuen's own choice, and Wilcox's recommendation */
#define BLOCKS_LEAST  5	    /* below, t's quantile costs more than the blocks repair */
#define BLOCK_ROUNDS  10    /* fewer rounds cannot tell correlation from chance */
#define LAG1_GREATEST 0.9

double stats_quantile_sorted(const double *x, size_t n, double p)
{
	return n ? gsl_stats_quantile_from_sorted_data(x, 1, n, p) : NAN;
}

double stats_interquartile_mean_sorted(const double *x, size_t n)
{
	double quarter = (double)n / 4, sum = 0;
	size_t first = (size_t)quarter;
	double cut = quarter - (double)first; /* share of the edge values that is left out */

	if (n == 0)
		return NAN;
	for (size_t i = first; i < n - first; i++)
		sum += x[i];
	sum -= cut * (x[first] + x[n - 1 - first]);
	return sum / ((double)n - 2 * quarter);
}

double stats_mean(const double *x, size_t n)
{
	return n ? gsl_stats_mean(x, 1, n) : NAN;
}

double stats_autocorrelation(const double *x, size_t n)
{
	double mean, numerator = 0, denominator = 0;

	if (n < 3)
		return 0;
	mean = stats_mean(x, n);
	for (size_t i = 0; i < n; i++) {
		denominator += (x[i] - mean) * (x[i] - mean);
		if (i > 0)
			numerator += (x[i] - mean) * (x[i - 1] - mean);
	}
	return denominator > 0 ? numerator / denominator : 0;
}

/* The estimate is (1 + 4r)/n too low (Kendall 1954; Marriott & Pope 1954): with 20 rounds that matters. */
static double positive_autocorrelation(const double *x, size_t n)
{
	double r;

	if (n < BLOCK_ROUNDS)
		return 0;
	r = ((double)n * stats_autocorrelation(x, n) + 1) / ((double)n - 4);
	return fmin(fmax(r, 0), LAG1_GREATEST);
}

size_t stats_block_length(const double *x, size_t n)
{
	double r = positive_autocorrelation(x, n);
	double length = round(cbrt(6 * r * r / ((1 - r * r) * (1 - r * r)) * (double)n));

	length = fmin(length, floor((double)n / BLOCKS_LEAST));
	return length > 1 ? (size_t)length : 1;
}

/* The share of a first-order process's long-run variance that blocks of this length see. */
static double seen_by_blocks(double r, size_t length)
{
	double seen = 1, power = 1;

	for (size_t k = 1; k < length; k++) {
		power *= r;
		seen += 2 * (1 - (double)k / (double)length) * power;
	}
	return seen * (1 - r) / (1 + r);
}

/* n times the variance of the mean, from the means of blocks of about `length` values. */
static double long_run_variance(const double *x, size_t n, size_t length)
{
	size_t blocks = n / length;
	double mean = stats_mean(x, n), sum = 0;

	for (size_t b = 0; b < blocks; b++) {
		size_t from = b * n / blocks, to = (b + 1) * n / blocks;
		double deviation = stats_mean(x + from, to - from) - mean;

		sum += (double)(to - from) * deviation * deviation;
	}
	sum /= (double)(blocks - 1);
	return length > 1 ? sum / seen_by_blocks(positive_autocorrelation(x, n), length) : sum;
}

double stats_t_quantile(double df)
{
	return gsl_cdf_tdist_Qinv(TAIL, df);
}

struct effect stats_mean_interval(const double *rounds, size_t n)
{
	struct effect out = {stats_mean(rounds, n), NAN, NAN};
	size_t length = stats_block_length(rounds, n), blocks = n / length;
	double half;

	if (n < 2)
		return out;
	half = stats_t_quantile((double)(blocks - 1)) *
	       sqrt(long_run_variance(rounds, n, length) / (double)n);
	out.lo = out.value - half;
	out.hi = out.value + half;
	return out;
}

/* A trimmed mean with its standard error and the degrees of freedom of its t. */
struct trimmed {
	double value, error, df;
};

/* From the winsorised series w in its order; kept: values not trimmed. */
static void trimmed_error(const double *w, size_t n, size_t kept, struct trimmed *out)
{
	size_t length = stats_block_length(w, n), blocks = kept / length;

	/* Yuen's (n - 1) s_w^2 / (h (h - 1)), with the long-run variance for s_w^2. */
	out->error = sqrt(long_run_variance(w, n, length) * (double)(n - 1) /
			  ((double)kept * (double)(kept - 1)));
	out->df = fmax(1, (double)blocks - 1);
}

/* value NAN: no rounds, or no memory; error NAN: fewer than two rounds */
static struct trimmed trimmed_mean(const double *rounds, size_t n)
{
	struct trimmed out = {NAN, NAN, NAN};
	size_t cut = (size_t)(TRIM * (double)n), kept = n - 2 * cut;
	double *x;

	if (n == 0)
		return out;
	x = malloc(n * sizeof(*x));
	if (!x)
		return out;
	memcpy(x, rounds, n * sizeof(*x));
	gsl_sort(x, 1, n);
	out.value = stats_mean(x + cut, kept);
	if (n >= 2) {
		double low = x[cut], high = x[n - 1 - cut];

		for (size_t i = 0; i < n; i++)
			x[i] = fmin(fmax(rounds[i], low), high);
		trimmed_error(x, n, kept, &out);
	}
	free(x);
	return out;
}

struct effect stats_trimmed_interval(const double *rounds, size_t n)
{
	struct trimmed mean = trimmed_mean(rounds, n);
	struct effect out = {mean.value, NAN, NAN};
	double half;

	if (isnan(mean.error))
		return out;
	half = stats_t_quantile(mean.df) * mean.error;
	out.lo = out.value - half;
	out.hi = out.value + half;
	return out;
}

double stats_trimmed_p(const double *rounds, size_t n)
{
	struct trimmed mean = trimmed_mean(rounds, n);

	if (isnan(mean.error))
		return NAN;
	if (!(mean.error > 0))
		return fabs(mean.value) > 0 ? 0 : 1;
	return 2 * gsl_cdf_tdist_Q(fabs(mean.value) / mean.error, mean.df);
}

double stats_bootstrap_tail(size_t n)
{
	double wider;

	if (n < 2)
		return 0;
	wider = sqrt((double)n / (double)(n - 1)) * stats_t_quantile((double)(n - 1));
	return gsl_cdf_ugaussian_Q(wider);
}

struct effect stats_bootstrap_interval(double value, double *replicates, size_t n, double tail)
{
	struct effect out = {value, NAN, NAN};

	if (n == 0 || isnan(value))
		return out;
	gsl_sort(replicates, 1, n);
	out.lo = fmin(value, stats_quantile_sorted(replicates, n, tail));
	out.hi = fmax(value, stats_quantile_sorted(replicates, n, 1 - tail));
	return out;
}
