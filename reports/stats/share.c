/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_cdf.h>
#include <math.h>

#include "reports/stats/share.h"

#define NORMAL_LEAST \
	500 /* of k and of the rest: Wilson's ends are then within 1e-3 of the exact ones */

/* Where the beta distribution's P reaches p. By halving: GSL's own inverse gives up, and ends the
 * program, for large n. */
static double beta_at(double p, double a, double b)
{
	double low = 0, high = 1;

	for (int i = 0; i < 100 && low < high; i++) {
		double middle = (low + high) / 2;

		if (gsl_cdf_beta_P(middle, a, b) < p)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* Wilson's (1927) interval, where the beta distribution of large counts is beyond GSL's accuracy.
 */
static struct effect wilson(double share, double n, double tail, double scale)
{
	double z = gsl_cdf_ugaussian_Qinv(tail), square = z * z / n;
	double middle = (share + square / 2) / (1 + square);
	double half = z * sqrt(share * (1 - share) / n + square / (4 * n)) / (1 + square);

	return (struct effect){scale * share, scale * (middle - half), scale * (middle + half)};
}

struct effect share_of(unsigned long long k, unsigned long long n, double tail, double scale)
{
	double some = (double)k, all = (double)n;

	if (n == 0 || k > n)
		return (struct effect){NAN, NAN, NAN};
	if (k > NORMAL_LEAST && n - k > NORMAL_LEAST)
		return wilson(some / all, all, tail, scale);
	return (struct effect){
		.value = scale * some / all,
		.lo = k ? scale * beta_at(tail, some, all - some + 1) : 0,
		.hi = k < n ? scale * beta_at(1 - tail, some + 1, all - some) : scale,
	};
}
