/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Do the intervals of successive equal runs include each other's estimates? repeat RESULT DIR…
 * prints one line; exit 3 where chance alone makes such large differences in less than one series
 * in a hundred (reports/judge/agree.h: Welch's form of the chi-square over runs).
 */
#include <math.h>
#include <stdio.h>

#include "reports/judge/agree.h"
#include "reports/stats/stats.h"

#define RUNS_MOST 64
#define P_LEAST	  0.01

int main(int argc, char **argv)
{
	struct estimate x[RUNS_MOST];
	size_t n = 0;
	double weights = 0, mean = 0, chi = 0, half = 0, p;

	for (int i = 2; i < argc && n < RUNS_MOST; i++) {
		struct record *rec;
		struct error why;
		const struct record_result *result;

		if (record_read(argv[i], &rec, &why)) {
			fprintf(stderr, "%s\n", why.text);
			return 1;
		}
		result = record_find_result(rec, argv[1]);
		if (!result || !agree_estimate(result, &x[n])) {
			fprintf(stderr, "%s: %s was not measured\n", argv[i], argv[1]);
			return 1;
		}
		printf("%s%.1f ±%.1f", n ? ", " : "", x[n].value,
		       x[n].error * stats_t_quantile(x[n].df));
		half += x[n].error * stats_t_quantile(x[n].df);
		weights += 1 / (x[n].error * x[n].error);
		mean += x[n].value / (x[n].error * x[n].error);
		n++;
		record_free(rec);
	}
	if (n < 2)
		return 2;
	mean /= weights;
	for (size_t i = 0; i < n; i++)
		chi += (x[i].value - mean) * (x[i].value - mean) / (x[i].error * x[i].error);
	p = agree_p(x, n);
	printf(" ns; mean half-width %.1f; chi² %.1f at %zu df, p %.2g: %s\n", half / (double)n,
	       chi, n - 1, p, p < P_LEAST ? "apart" : "cover each other");
	return p < P_LEAST ? 3 : 0;
}
