/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Modes by Hartigan & Hartigan's (1985) dip: how far the empirical distribution is from the nearest
 * unimodal one, which is convex below its mode and concave above. It asks for a valley, where a
 * mixture of normals calls each lognormal tail a mode. A group that is no single heap is cut in two
 * where that leaves the least sum of squares, and each part is asked again.
 */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "reports/effects/loads.h"
#include "reports/stats/stats.h"

#define NORMAL_P90  1.2815516 /* standard deviations */
#define MODE_LOADS  3
#define MODE_SHARE  0.05
#define TESTED_MOST 500 /* more are thinned to as many quantiles: the test takes n^2 steps */
/*
 * Of the dip times the root of n. 20,000 heaps of 10 to 200 normal or lognormal (sigma 1) values
 * are above it in at most 1.5 %, uniform ones, the flattest heap, in 1 to 10 %; 24 values of two
 * heaps six widths apart, three tenths in the dearer, in 35 %, 50 in 79 %.
 */
#define DIP_MOST 0.70

static size_t sorted_copy(const double *effects, size_t n, double *x)
{
	size_t kept = 0;

	for (size_t i = 0; i < n; i++) {
		if (!isnan(effects[i]))
			x[kept++] = effects[i];
	}
	gsl_sort(x, 1, kept);
	return kept;
}

/* A distance with the part taken off that noise explains. */
static double without_noise(double distance, double noise)
{
	double own = NORMAL_P90 * noise;

	return sqrt(fmax(0, distance * distance - own * own));
}

int loads_spread(const double *effects, size_t n, double noise, struct load_spread *out)
{
	double *x = calloc(n + 1, sizeof(*x));
	double median;

	*out = (struct load_spread){.p10 = NAN, .p90 = NAN};
	if (!x)
		return -ENOMEM;
	out->loads = sorted_copy(effects, n, x);
	if (out->loads >= LOADS_LEAST) {
		median = stats_quantile_sorted(x, out->loads, 0.5);
		if (isnan(noise))
			noise = 0;
		out->p10 = median -
			   without_noise(median - stats_quantile_sorted(x, out->loads, 0.1), noise);
		out->p90 = median +
			   without_noise(stats_quantile_sorted(x, out->loads, 0.9) - median, noise);
	}
	free(x);
	return 0;
}

/* Does the way from a over b to c turn to the left? The points of the distribution: (x[i], i), at
 * integer heights. */
static bool turns_left(const double *x, size_t a, size_t b, size_t c)
{
	return (x[b] - x[a]) * ((double)c - (double)a) > (x[c] - x[a]) * ((double)b - (double)a);
}

/*
 * The greatest distance, in values, of the steps at x[0..n) from their greatest convex minorant;
 * hull is scratch. Mirrored values give that of the least concave majorant.
 */
static double convex_distance(const double *x, size_t n, size_t *hull)
{
	size_t points = 0, edge = 0;
	double worst = 0;

	for (size_t i = 0; i < n; i++) {
		while (points >= 2 && !turns_left(x, hull[points - 2], hull[points - 1], i))
			points--;
		hull[points++] = i;
	}
	for (size_t i = 0; i < n; i++) {
		size_t a, b;
		double line;

		while (edge + 2 < points && hull[edge + 1] <= i)
			edge++;
		a = hull[edge];
		b = points > 1 ? hull[edge + 1] : a;
		line = x[b] > x[a] ? (double)a + (double)(b - a) * (x[i] - x[a]) / (x[b] - x[a])
				   : (double)a;
		worst = fmax(worst, (double)i - line);
	}
	return worst;
}

struct scratch {
	double *mirrored;
	size_t *hull;
};

/* Over n, the least over all places of the mode. */
static double dip(const double *x, size_t n, struct scratch *s)
{
	double least = (double)n;

	for (size_t i = 0; i < n; i++)
		s->mirrored[i] = -x[n - 1 - i];
	for (size_t mode = 0; mode < n; mode++) {
		double below = convex_distance(x, mode + 1, s->hull), above;

		if (below >= least)
			break; /* it only grows */
		above = convex_distance(s->mirrored, n - mode, s->hull);
		least = fmin(least, fmax(below, above));
	}
	return least / (double)n;
}

static bool unimodal(const double *x, size_t n, struct scratch *s, double *thin)
{
	size_t kept = n < TESTED_MOST ? n : TESTED_MOST;

	if (n < LOADS_LEAST)
		return true;
	for (size_t i = 0; i < kept; i++)
		thin[i] = x[i * n / kept];
	return dip(thin, kept, s) * sqrt((double)kept) <= DIP_MOST;
}

/* Where sorted x is best cut in two; 0 when no part would be large enough. */
static size_t best_cut(const double *x, size_t n, size_t least)
{
	double all = stats_mean(x, n) * (double)n, low = 0, best = 0;
	size_t cut = 0;

	for (size_t i = 1; i + least <= n; i++) {
		double difference, between;

		low += x[i - 1];
		if (i < least || !(x[i] > x[i - 1]))
			continue;
		difference = low / (double)i - (all - low) / (double)(n - i);
		between = difference * difference * (double)i * (double)(n - i);
		if (between > best) {
			best = between;
			cut = i;
		}
	}
	return cut;
}

/* Cuts groups [start[g], start[g + 1]) of sorted x until each is one heap. Returns how many. */
static size_t split(const double *x, size_t n, size_t start[LOADS_MODES + 1], struct scratch *s,
		    double *thin)
{
	size_t least = (size_t)ceil(MODE_SHARE * (double)n), groups = 1;

	least = least < MODE_LOADS ? MODE_LOADS : least;
	start[0] = 0;
	start[1] = n;
	for (size_t g = 0; g < groups && groups < LOADS_MODES;) {
		size_t length = start[g + 1] - start[g], cut = 0;

		if (!unimodal(x + start[g], length, s, thin))
			cut = best_cut(x + start[g], length, least);
		if (!cut) {
			g++;
			continue;
		}
		for (size_t k = ++groups; k > g + 1; k--)
			start[k] = start[k - 1];
		start[g + 1] = start[g] + cut;
	}
	return groups;
}

int loads_modes(const double *effects, size_t n, struct load_mode out[LOADS_MODES])
{
	double *x = calloc(3 * n + 1, sizeof(*x));
	struct scratch s = {.mirrored = x + n, .hull = calloc(n + 1, sizeof(*s.hull))};
	size_t start[LOADS_MODES + 1], kept, groups = 0;

	if (!x || !s.hull) {
		free(x);
		free(s.hull);
		return -ENOMEM;
	}
	kept = sorted_copy(effects, n, x);
	if (kept >= LOADS_LEAST)
		groups = split(x, kept, start, &s, x + 2 * n);
	for (size_t g = 0; g < groups; g++) {
		size_t length = start[g + 1] - start[g];

		out[g] = (struct load_mode){
			.value = stats_mean(x + start[g], length),
			.share = (double)length / (double)kept,
		};
	}
	free(x);
	free(s.hull);
	return (int)groups;
}
