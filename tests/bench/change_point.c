/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How often change points are found where there are none, and where there is one: change_point
 * [TRIALS]. Part of make bench. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/series_draw.h"

static const char *const noises[] = {"normal", "Student's t, 3 df", "Cauchy", "AR(1) 0.3",
				     "AR(1) 0.6"};

int main(int argc, char **argv)
{
	static const size_t lengths[] = {10, 20, 50};
	static const double steps[] = {1, 2, 3, 5};
	size_t trials = argc > 1 ? strtoul(argv[1], NULL, 10) : 400;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	if (!rng || !trials)
		return 2;
	printf("change points at 5 %%, %zu series each; false alarms (of which warned of "
	       "autocorrelation):\n",
	       trials);
	for (int noise = 0; noise < SERIES_NOISES; noise++) {
		printf("  %-20s", noises[noise]);
		for (size_t i = 0; i < 3; i++) {
			struct series_design d = {lengths[i], 0, 0, (enum series_noise)noise};
			struct series_found f = series_find(rng, &d, trials);

			printf(" n=%zu: %.1f %% (%.0f %%)", d.n, 100 * f.any, 100 * f.warned);
		}
		printf("\n");
	}
	printf("found, a step in the middle of so many standard deviations (and at its place, and "
	       "within one of it; of these, the step's interval holds it):\n");
	for (int noise = 0; noise <= SERIES_CAUCHY; noise++)
		for (size_t i = 0; i < 3; i++) {
			printf("  %-20s n=%zu", noises[noise], lengths[i]);
			for (size_t k = 0; k < 4; k++) {
				struct series_design d = {lengths[i], lengths[i] / 2, steps[k],
							  (enum series_noise)noise};
				struct series_found f = series_find(rng, &d, trials);

				printf("  %g: %.0f %% (%.0f, %.0f; %.0f)", steps[k], 100 * f.any,
				       100 * f.exact, 100 * f.near, 100 * f.held);
			}
			printf("\n");
		}
	gsl_rng_free(rng);
	return 0;
}
