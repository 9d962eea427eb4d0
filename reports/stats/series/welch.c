/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "reports/stats/stats.h"
#include "reports/stats/series/welch.h"

/* Of the mean. */
static double variance(const double *x, size_t n, double mean)
{
	double squares = 0;

	for (size_t i = 0; i < n; i++)
		squares += (x[i] - mean) * (x[i] - mean);
	return squares / (double)(n - 1) / (double)n;
}

static struct welch of(double value, double error, double df)
{
	double half = error > 0 ? error * stats_t_quantile(df) : 0;

	return (struct welch){{value, value - half, value + half},
			      error > 0 ? 2 * gsl_cdf_tdist_Q(fabs(value) / error, df)
					: !(fabs(value) > 0)};
}

struct welch welch_difference(const double *a, size_t n, const double *b, size_t m)
{
	double from = stats_mean(a, n), to = stats_mean(b, m), va, vb;

	if (n < 2 || m < 2)
		return (struct welch){{to - from, NAN, NAN}, NAN};
	va = variance(a, n, from);
	vb = variance(b, m, to);
	return of(to - from, sqrt(va + vb),
		  (va + vb) * (va + vb) / (va * va / (double)(n - 1) + vb * vb / (double)(m - 1)));
}

struct welch welch_paired(const double *differences, size_t n)
{
	double mean = stats_mean(differences, n);

	if (n < 2)
		return (struct welch){{mean, NAN, NAN}, NAN};
	return of(mean, sqrt(variance(differences, n, mean)), (double)n - 1);
}
