/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "reports/stats/holm.h"

int holm_correct(double *p, size_t n)
{
	size_t *order = calloc(n + 1, sizeof(*order)), tests = 0, done = 0;
	double least = 0;

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < n; i++)
		tests += !isnan(p[i]);
	/* NANs to the end, whatever the sort makes of them */
	for (size_t i = 0; i < n; i++)
		p[i] = isnan(p[i]) ? 2 : p[i];
	gsl_sort_index(order, p, 1, n);
	for (size_t k = 0; k < n; k++) {
		double *at = &p[order[k]];

		if (*at > 1) {
			*at = NAN;
			continue;
		}
		least = fmax(least, fmin(1, *at * (double)(tests - done++)));
		*at = least;
	}
	free(order);
	return 0;
}
