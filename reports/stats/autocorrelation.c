/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Autocovariances are taken about each series's own mean, which lowers all of them by the variance
 * of that mean (Kendall 1954; Marriott & Pope 1954): it is put back, by iteration since it depends
 * on what is estimated.
 *
 * Series that move together (the machine's state is common to the configurations) are worth fewer
 * than they are: with a mean squared correlation q of two of them, J are worth J / (1 + (J - 1) q).
 * Below 40 independent pairs of neighbours nothing is estimated. Shrinking the first lag by its own
 * error as well was tried: ten rounds with r = 0.5 then cover 90.8 % instead of 92.3, and white
 * ones gain 0.02 in width (tests/bench/coverage.c).
 *
 * What the correlations do to the variance of a mean is the larger of
 *
 *	a first-order process's 1 + 2 sum (1 - k/n) r^k, which ten rounds of an experiment can
 * support, and the sum over the lags as long as each is above its own error (Geyer 1992, initial
 * sequence): it sees the slow part of a mixture of white noise and drift, which the first lag alone
 * does not.
 *
 * s^2 is too low by the same correlations, and ratio holds the correction for that; it also varies
 * more, which df_share holds.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/stats/autocorrelation.h"
#include "reports/stats/stats.h"

#define LAG1_GREATEST  0.9
#define ITERATIONS     8
#define VALUES_A_LAG   5
#define DF_LEAST       2
#define PRODUCTS_LEAST 40 /* independent pairs of neighbours */
#define VALUES_LEAST   8  /* of a series; shorter ones say nothing, however many they are */

struct autocorrelation {
	size_t most;	/* values of a series */
	size_t top;	/* the highest lag */
	double *series; /* [series * most + i]: unit variance, mean 0; 0 beyond a short one's end */
	size_t n_series;
	double *sum;   /* products of neighbours at each lag */
	double *count; /* how many */
};

int autocorrelation_open(size_t n, struct autocorrelation **out)
{
	struct autocorrelation *lags = calloc(1, sizeof(*lags));

	*out = lags;
	if (!lags)
		return -ENOMEM;
	lags->most = n;
	lags->top = n / VALUES_A_LAG > 1 ? n / VALUES_A_LAG : 1;
	lags->sum = calloc(lags->top + 1, sizeof(*lags->sum));
	lags->count = calloc(lags->top + 1, sizeof(*lags->count));
	if (lags->sum && lags->count)
		return 0;
	autocorrelation_close(lags);
	*out = NULL;
	return -ENOMEM;
}

void autocorrelation_close(struct autocorrelation *lags)
{
	if (!lags)
		return;
	free(lags->series);
	free(lags->sum);
	free(lags->count);
	free(lags);
}

int autocorrelation_add(struct autocorrelation *lags, const double *values, size_t n)
{
	double mean = stats_mean(values, n), variance = 0;
	double *more, *x;

	for (size_t i = 0; i < n; i++)
		variance += (values[i] - mean) * (values[i] - mean) / (double)n;
	if (n < 3 || n > lags->most || !(variance > 0))
		return 0;
	more = realloc(lags->series, (lags->n_series + 1) * lags->most * sizeof(*more));
	if (!more)
		return -ENOMEM;
	lags->series = more;
	x = more + lags->n_series++ * lags->most;
	memset(x, 0, lags->most * sizeof(*x));
	for (size_t i = 0; i < n; i++)
		x[i] = (values[i] - mean) / sqrt(variance);
	for (size_t lag = 0; lag <= lags->top && lag < n; lag++) {
		for (size_t i = 0; i + lag < n; i++)
			lags->sum[lag] += x[i] * x[i + lag];
		lags->count[lag] += (double)(n - lag);
	}
	return 0;
}

/* Mean squared correlation of two series, what chance alone makes of it (1 / (n - 1)) taken off. */
static double alike(const struct autocorrelation *lags)
{
	double sum = 0, chance = 1 / ((double)lags->most - 1);
	size_t pairs = 0;

	for (size_t a = 0; a < lags->n_series; a++) {
		for (size_t b = 0; b < a; b++, pairs++) {
			double product = 0;

			for (size_t i = 0; i < lags->most; i++)
				product += lags->series[a * lags->most + i] *
					   lags->series[b * lags->most + i];
			product /= (double)lags->most;
			sum += product * product;
		}
	}
	return pairs ? fmax(0, (sum / (double)pairs - chance) / (1 - chance)) : 0;
}

/* Of the mean of n values of a first-order process, over that of n white ones. */
static double first_order(double r, size_t n)
{
	double sum = 1, power = 1;

	for (size_t lag = 1; lag < n; lag++) {
		power *= r;
		sum += 2 * (1 - (double)lag / (double)n) * power;
	}
	return sum;
}

/* What of r is above its own error; worth: independent products a product. */
static double shrunk(const struct autocorrelation *lags, double r, size_t lag, double worth)
{
	double error2 = 1 / (lags->count[lag] * worth);

	return r * r > error2 && r > 0 ? fmin(r * (1 - error2 / (r * r)), LAG1_GREATEST) : 0;
}

/* Of neighbours: that of one series is (1 + 4r) / n too low. */
static double neighbours(const struct autocorrelation *lags)
{
	double n = (double)lags->most;

	return (n * lags->sum[1] / lags->sum[0] + 1) / (n - 4);
}

/* At one lag; shared: the variance of the mean in units of the variance about it. */
static double correlation(const struct autocorrelation *lags, size_t lag, double shared)
{
	return (lags->sum[lag] / lags->count[lag] + shared) / (1 + shared);
}

struct serial autocorrelation_pool(const struct autocorrelation *lags)
{
	struct serial out = SERIAL_WHITE;
	double n = (double)lags->most, shared = 1 / n, worth;

	if (!(lags->count[1] > 0) || lags->most < VALUES_LEAST)
		return out;
	worth = 1 / (1 + ((double)lags->n_series - 1) * alike(lags));
	if (lags->count[1] * worth < PRODUCTS_LEAST)
		return out;
	for (size_t turn = 0; turn < ITERATIONS; turn++) {
		double r = fmin(fmax(neighbours(lags), 0), LAG1_GREATEST), sum = 1, squares = 0;

		for (size_t lag = 1; lag <= lags->top; lag++) {
			double rho = shrunk(lags, correlation(lags, lag, shared), lag, worth);

			if (!(rho > 0))
				break;
			sum += 2 * (1 - (double)lag / n) * rho;
			squares += rho * rho;
		}
		sum = fmin(fmax(first_order(r, lags->most), sum), n / 2);
		squares = fmax(squares, r * r / (1 - r * r));
		/* with s^2 that has lost sum / n of the variance, and divides by n - 1 */
		shared = sum / n / (1 - sum / n);
		out.lag1 = r;
		out.ratio = sum * (1 - 1 / n) / (1 - sum / n);
		out.df_share = 1 / (1 + 2 * squares);
	}
	return out;
}

double serial_widen(const struct serial *serial, size_t n)
{
	double df = (double)n - 1;

	if (n < 2)
		return 1;
	return sqrt(serial->ratio) * stats_t_quantile(serial_df(serial, n)) / stats_t_quantile(df);
}

double serial_df(const struct serial *serial, size_t n)
{
	double df = (double)n - 1;

	return fmin(df, fmax(DF_LEAST, df * serial->df_share));
}
