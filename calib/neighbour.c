/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "calib/arch/arch.h"
#include "calib/neighbour.h"

#define REPEATS	    6
#define CHAIN_TURNS ((uint64_t)NEIGHBOUR_CHAIN_ADDS / ARCH_CHAIN_ADDS_A_TURN)
#define STEPS_TURNS ((uint64_t)NEIGHBOUR_STEPS / ARCH_STEPS_A_TURN)

#define READINGS_LEAST 8
#define LOW_SHARE      0.02 /* ignores the lowest readings, which something shortened by chance */
#define CLUSTER_WIDTH  0.05
#define CLUSTER_LEAST  4
#define SEEN_ABOVE     0.12
#define SEEN_SIGMAS    4
#define ALONE_MOST     1.12 /* cycles a step */

typedef uint64_t (*timed_loop)(void);

static inline uint64_t nothing_ticks(void)
{
	uint64_t begin = arch_clock();

	return arch_clock() - begin;
}

static inline uint64_t chain_ticks(void)
{
	uint64_t begin = arch_clock();

	arch_add_chain(CHAIN_TURNS);
	return arch_clock() - begin;
}

static inline uint64_t steps_ticks(void)
{
	uint64_t begin = arch_clock();

	arch_add_steps(STEPS_TURNS);
	return arch_clock() - begin;
}

/*
 * The mean of the repeats that took at most an eighth longer than the shortest: an interrupt
 * lengthens one repeat, a neighbour all of them. The mean and not the shortest, since it averages
 * out the steps of a coarse clock.
 */
static double repeat(timed_loop loop)
{
	uint64_t ticks[REPEATS], shortest = UINT64_MAX;
	double sum = 0;
	int kept = 0;

	loop(); /* fetches the code */
	for (int i = 0; i < REPEATS; i++) {
		ticks[i] = loop();
		shortest = ticks[i] < shortest ? ticks[i] : shortest;
	}
	for (int i = 0; i < REPEATS; i++) {
		if (ticks[i] > shortest + shortest / 8)
			continue;
		sum += (double)ticks[i];
		kept++;
	}
	return sum / kept;
}

void neighbour_read(struct neighbour_reading *out)
{
	double own = repeat(nothing_ticks);

	out->chain_ticks = repeat(chain_ticks) - own;
	out->throughput_ticks = repeat(steps_ticks) - own;
}

double neighbour_cycles(const struct neighbour_reading *reading)
{
	if (!(reading->chain_ticks > 0) || !(reading->throughput_ticks > 0))
		return NAN;
	return reading->throughput_ticks / NEIGHBOUR_STEPS /
	       (reading->chain_ticks / NEIGHBOUR_CHAIN_ADDS);
}

double neighbour_hz(const struct neighbour_reading *reading, double ticks_per_s)
{
	if (!(reading->chain_ticks > 0))
		return NAN;
	return NEIGHBOUR_CHAIN_ADDS / reading->chain_ticks * ticks_per_s;
}

/*
 * Relative standard deviation that the clock's step gives to a reading of the core alone. The
 * difference of two reads that are rounded down has an error of quantum / sqrt(6); the mean of
 * REPEATS has that over sqrt(REPEATS). Throughput and chain both have it, and each once more from
 * the clock reads that are subtracted.
 */
static double step_noise(const struct neighbour_reading *readings, size_t n, double quantum)
{
	double sigma = quantum / sqrt(6.0 * REPEATS), chain = 0;
	size_t known = 0;

	for (size_t i = 0; i < n; i++) {
		if (isnan(neighbour_cycles(&readings[i])))
			continue;
		chain += readings[i].chain_ticks;
		known++;
	}
	if (!known)
		return NAN;
	chain /= (double)known;
	return sqrt(2) * sigma *
	       hypot(1 / chain, 1 / (chain * NEIGHBOUR_STEPS / NEIGHBOUR_CHAIN_ADDS));
}

/*
 * The median of the lowest cluster of the n sorted values; NAN when too few values are close
 * together.
 */
static double lowest_cluster(const double *sorted, size_t n)
{
	size_t first = (size_t)(LOW_SHARE * (double)n), end = first;
	size_t least = (size_t)ceil(LOW_SHARE * (double)n);

	while (end < n && sorted[end] <= sorted[first] * (1 + CLUSTER_WIDTH))
		end++;
	if (end - first < (least > CLUSTER_LEAST ? least : CLUSTER_LEAST))
		return NAN;
	return sorted[first + (end - first) / 2];
}

static void conclude(struct neighbour_level *level, size_t readings)
{
	level->told = false;
	if (readings < READINGS_LEAST)
		snprintf(level->reason, sizeof(level->reason), "%zu readings, %d are needed",
			 readings, READINGS_LEAST);
	else if (isnan(level->alone))
		snprintf(level->reason, sizeof(level->reason),
			 "the readings have no level in common");
	else if (level->alone > ALONE_MOST)
		snprintf(level->reason, sizeof(level->reason),
			 "four additions took %.2f cycles at best where a core that is alone takes "
			 "1: a neighbour all the time, or a core with fewer than four adders",
			 level->alone);
	else
		level->told = true;
}

int neighbour_classify(const struct neighbour_reading *readings, size_t n, double quantum,
		       signed char *flags, struct neighbour_level *level)
{
	double *sorted = calloc(n + 1, sizeof(*sorted));
	size_t known = 0, seen = 0;

	if (!sorted)
		return -ENOMEM;
	*level = (struct neighbour_level){.alone = NAN, .threshold = NAN};
	for (size_t i = 0; i < n; i++) {
		double cycles = neighbour_cycles(&readings[i]);

		if (!isnan(cycles))
			sorted[known++] = cycles;
	}
	if (known >= READINGS_LEAST) {
		gsl_sort(sorted, 1, known);
		level->alone = lowest_cluster(sorted, known);
		level->threshold =
			level->alone *
			(1 + fmax(SEEN_ABOVE, SEEN_SIGMAS * step_noise(readings, n, quantum)));
	}
	conclude(level, known);
	for (size_t i = 0; i < n; i++) {
		double cycles = neighbour_cycles(&readings[i]);

		flags[i] = NEIGHBOUR_UNKNOWN;
		if (cycles > level->threshold)
			flags[i] = NEIGHBOUR_SEEN;
		else if (level->told && !isnan(cycles))
			flags[i] = NEIGHBOUR_NONE;
		seen += flags[i] == NEIGHBOUR_SEEN;
	}
	level->seen = known ? (double)seen / (double)known : NAN;
	free(sorted);
	return 0;
}

enum neighbour_flag neighbour_join(const signed char *flags, size_t n)
{
	size_t seen = 0;

	for (size_t i = 0; i < n; i++) {
		if (flags[i] == NEIGHBOUR_UNKNOWN)
			return NEIGHBOUR_UNKNOWN;
		seen += flags[i] == NEIGHBOUR_SEEN;
	}
	if (n == 0)
		return NEIGHBOUR_UNKNOWN;
	if (seen == 0)
		return NEIGHBOUR_NONE;
	return seen == n ? NEIGHBOUR_SEEN : NEIGHBOUR_PARTLY;
}
