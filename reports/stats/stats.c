/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Rounds that follow each other share the machine's state (temperature, a neighbour's load), so
 * their values may be correlated, and s/sqrt(n) is then too small: by (1 + r)/(1 - r) in the
 * variance, for a first-order process. r of ten or twenty rounds of one series is noise (se
 * 1/sqrt(n)): it widened 32 % of white series, and a fifth of a real record's intervals by 2.4. So
 * one series is asked for its own r from 40 rounds on only; fewer are taken for white here, and an
 * experiment of series is asked together (autocorrelation.h, effects.h).
 */
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/stats/stats.h"

#define TAIL	      0.025 /* of each side of a 95 % interval */
#define TRIM	      0.2   /* of each side: Yuen's own choice, and Wilcox's recommendation */
#define LAG1_ROUNDS   40    /* fewer cannot tell correlation from chance */
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

/* The estimate is (1 + 4r)/n too low (Kendall 1954; Marriott & Pope 1954). */
double stats_long_lag1(const double *x, size_t n)
{
	double r;

	if (n < LAG1_ROUNDS || !(gsl_stats_variance(x, 1, n) > 0))
		return 0;
	r = ((double)n * stats_autocorrelation(x, n) + 1) / ((double)n - 4);
	return fmin(fmax(r, 0), LAG1_GREATEST);
}

/* n times the variance of the mean. */
static double long_run_variance(const double *x, size_t n)
{
	double r = stats_long_lag1(x, n);

	return gsl_stats_variance(x, 1, n) * (1 + r) / (1 - r);
}

double stats_t_quantile(double df)
{
	return gsl_cdf_tdist_Qinv(TAIL, df);
}

struct effect stats_mean_interval(const double *rounds, size_t n)
{
	struct effect out = {stats_mean(rounds, n), NAN, NAN};
	double half;

	if (n < 2)
		return out;
	half = stats_t_quantile((double)(n - 1)) * sqrt(long_run_variance(rounds, n) / (double)n);
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
	/* Yuen's (n - 1) s_w^2 / (h (h - 1)), with the long-run variance for s_w^2. */
	out->error = sqrt(long_run_variance(w, n) * (double)(n - 1) /
			  ((double)kept * (double)(kept - 1)));
	out->df = (double)kept - 1;
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

#define UNITS_MOST 1e6

double stats_units_needed(double value, double half, size_t n, double threshold)
{
	double least = 2, most = UNITS_MOST, scatter, power;

	if (n < 2 || isnan(half))
		return NAN;
	scatter = half * sqrt((double)n) / stats_t_quantile((double)n - 1);
	power = gsl_cdf_tdist_Pinv(0.8, (double)n - 1);
	while (most - least > 0.5) {
		double units = (least + most) / 2;
		double room = stats_t_quantile(units - 1) * scatter / sqrt(units) +
			      power * scatter * sqrt(1 / units + 1 / (double)n);

		if (value + room < threshold)
			most = units;
		else
			least = units;
	}
	return most < UNITS_MOST ? ceil(most) : INFINITY;
}
