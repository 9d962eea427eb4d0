/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "reports/stats/abba.h"
#include "reports/stats/stats.h"

#define POWER_80 1.43

static struct effect scaled(struct effect e, double by)
{
	return (struct effect){e.value * by, e.lo * by, e.hi * by};
}

static struct effect percent_of_log(struct effect log_ratio)
{
	return (struct effect){100 * expm1(log_ratio.value), 100 * expm1(log_ratio.lo),
			       100 * expm1(log_ratio.hi)};
}

/* x holds without, with and the differences of n pairs, one after the other. */
static void changes(const double *x, size_t n, bool positive, struct abba_change *out)
{
	double mean = stats_mean(x, n);

	out->without = stats_trimmed_interval(x, n);
	out->with = stats_trimmed_interval(x + n, n);
	out->percent = stats_trimmed_interval(x + 2 * n, n);
	if (positive)
		out->percent = percent_of_log(out->percent);
	else if (mean > 0)
		out->percent = scaled(out->percent, 100 / mean);
	else
		out->percent = (struct effect){NAN, NAN, NAN};
}

int abba_change(const struct abba_pair *pairs, size_t n, struct abba_change *out)
{
	double *x = calloc(3 * n + 1, sizeof(*x));
	bool positive = true;
	size_t kept = 0, k = 0;

	if (!x)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++) {
		if (isnan(pairs[i].without) || isnan(pairs[i].with))
			continue;
		positive = positive && pairs[i].without > 0 && pairs[i].with > 0;
		kept++;
	}
	for (size_t i = 0; i < n; i++) {
		double a = pairs[i].without, b = pairs[i].with;

		if (isnan(a) || isnan(b))
			continue;
		x[k] = a;
		x[kept + k] = b;
		x[2 * kept + k] = positive ? log(b / a) : b - a;
		k++;
	}
	out->pairs = kept;
	changes(x, kept, positive, out);
	free(x);
	return 0;
}

double abba_visible(struct effect percent)
{
	return POWER_80 * (percent.hi - percent.lo) / 2;
}

double abba_allowed(struct effect percent)
{
	return isnan(percent.lo) ? NAN : fmax(fabs(percent.lo), fabs(percent.hi));
}

enum abba_answer abba_answer(struct effect percent, double limit)
{
	if (percent.lo > 0 || percent.hi < 0)
		return ABBA_SEEN;
	return percent.lo > -limit && percent.hi < limit ? ABBA_EXCLUDED : ABBA_OPEN;
}

bool abba_agree(struct effect a, struct effect b)
{
	return a.lo <= b.hi && b.lo <= a.hi;
}
