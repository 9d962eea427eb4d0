/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window against what it is made of, interleaved in one run: one line a figure. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "calib/arch.h"
#include "calib/floor.h"
#include "kit/place.h"
#include "kit/trigger.h"

#define ROUNDS 200
#define CALLS  2000

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *x)
{
	qsort(x, ROUNDS, sizeof(*x), compare);
	return x[ROUNDS / 2];
}

static int compare_ticks(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static double block_median(uint32_t *x)
{
	qsort(x, CALLS, sizeof(*x), compare_ticks);
	return x[CALLS / 2];
}

int main(void)
{
	static uint32_t ticks[CALLS];
	static double pair[ROUNDS], window[ROUNDS], speed[ROUNDS];
	const struct trigger *trigger = trigger_find("munmap_einval");
	struct placement placement;
	char why[256] = "";

	if (place_choose(-1, -1, &placement, why, sizeof(why)) ||
	    place_pin(&placement, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		return 1;
	}
	for (int r = 0; r < ROUNDS; r++) {
		double bare;
		uint64_t start;

		for (int i = 0; i < CALLS; i++)
			ticks[i] = (uint32_t)arch_bare_pair();
		pair[r] = block_median(ticks);
		floor_block(ticks, CALLS);
		window[r] = block_median(ticks);
		bare = trigger_bare_loop(trigger, CALLS);
		start = arch_clock();
		trigger_block(trigger, NULL, ticks, CALLS, NULL);
		speed[r] = bare * CALLS / (double)(arch_clock() - start);
	}
	printf("empty window / bare read pair        %5.2f  (%.0f and %.0f ticks)\n",
	       median(window) / median(pair), median(window), median(pair));
	printf("samples a second / bare syscall loop %5.2f  (asked: 0.70 at least)\n",
	       median(speed));
	return 0;
}
