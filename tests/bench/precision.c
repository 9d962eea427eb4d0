/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often intervals contain a known truth when the run ends because they are narrow
 * (run --precision): precision [TRIALS] [DIR of a record of one process] [DIR of a record whose
 * rounds are of processes of their own]. Part of make bench.
 */
#include <stdio.h>
#include <stdlib.h>

#include "reports/effects/compare.h"
#include "reports/record/record.h"
#include "reports/record/samples.h"
#include "reports/stats/stats.h"
#include "tests/bench/stopped_run.h"

static double *typicals(const char *dir, const char *name, size_t calls, size_t *rounds)
{
	const struct compare_scale scale = {.unit_per_tick = 1, .quantum = 1};
	struct error why;
	uint32_t *ticks;
	double *x, mean;
	size_t n;

	if (!name || samples_read(dir, name, &ticks, &n, &why))
		return NULL;
	*rounds = n / calls;
	x = calloc(*rounds + 1, sizeof(*x));
	for (size_t r = 0; x && r < *rounds; r++)
		if (compare_block(ticks + r * calls, calls, &scale, &x[r], &mean))
			exit(1);
	free(ticks);
	return x;
}

/* Effects of one row, round by round, to mean 0 and variance 1. */
static void add_row(struct precision_pool *pool, const char *dir, const struct record_result *row)
{
	size_t n = 0, of_base = 0, from = pool->n;
	char before[256]; /* its name in records before 0.2 */
	const char *baseline = row->baseline_samples ? row->baseline_samples : before;
	double *x = typicals(dir, row->samples, row->calls_per_round, &n);
	double *base;
	double mean = 0, variance = 0;

	snprintf(before, sizeof(before), "before-%.240s", row->samples ? row->samples : "");
	base = typicals(dir, baseline, row->calls_per_round, &of_base);
	if (x && base && n == of_base && n > 2) {
		pool->x = realloc(pool->x, (pool->n + n) * sizeof(*pool->x));
		for (size_t r = 0; pool->x && r < n; r++)
			mean += (x[r] - base[r]) / (double)n;
		for (size_t r = 0; pool->x && r < n; r++) {
			pool->x[pool->n++] = x[r] - base[r] - mean;
			variance += pool->x[pool->n - 1] * pool->x[pool->n - 1] / (double)n;
		}
		for (size_t i = from; i < pool->n; i++)
			pool->x[i] /= variance > 0 ? sqrt(variance) : 1;
	}
	free(x);
	free(base);
}

static struct precision_pool pool_of(const char *dir)
{
	struct precision_pool pool = {NULL, 0};
	struct record *rec;
	struct error why;

	if (record_read(dir, &rec, &why)) {
		fprintf(stderr, "no recorded noise: %s\n", why.text);
		return pool;
	}
	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i]->samples)
			add_row(&pool, dir, rec->results[i]);
	record_free(rec);
	return pool;
}

static void put(const struct precision_kind *kind, double after, size_t trials)
{
	struct precision_run run = {
		.rng = gsl_rng_alloc(gsl_rng_mt19937),
		.kind = kind,
		.precision = {.value = precision_after(kind, after)},
		.most = PRECISION_PROCESSES,
	};
	struct precision_tally with, without;

	if (!run.rng || precision_trials(&run, trials, &with))
		exit(1);
	run.most = (size_t)fmax(with.processes, 2);
	run.precision.value = 0;
	if (precision_trials(&run, trials, &without))
		exit(1);
	printf("%-28s %4zu %6.0f %9.1f %7.1f %% %7.1f %% %7.1f %% %9.1f %%\n", kind->name,
	       kind->rows, after, with.processes,
	       100 * (double)with.reached / (double)with.intervals,
	       100 * (double)with.held / (double)with.intervals,
	       100 * (double)with.worst / (double)trials,
	       100 * (double)without.held / (double)without.intervals);
	fflush(stdout);
	gsl_rng_free(run.rng);
}

#define TRUTH_RUNS 300

/* The mean estimate of the first row, of long runs of a fixed length. */
static double long_run(const struct precision_kind *kind)
{
	struct precision_run run = {
		.rng = gsl_rng_alloc(gsl_rng_mt19937),
		.kind = kind,
		.most = PRECISION_PROCESSES,
	};
	double sum = 0;

	if (!run.rng)
		exit(1);
	gsl_rng_set(run.rng, 2);
	for (size_t t = 0; t < TRUTH_RUNS; t++) {
		if (precision_run(&run))
			exit(1);
		for (size_t a = 0; a < kind->rows; a++)
			sum += (run.rows[a].effect.value - PRECISION_TRUTH) / precision_scale(a) /
			       (double)kind->rows / TRUTH_RUNS;
	}
	gsl_rng_free(run.rng);
	return PRECISION_TRUTH + sum;
}

int main(int argc, char **argv)
{
	size_t trials = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
	struct precision_pool rounds = argc > 2 ? pool_of(argv[2]) : (struct precision_pool){0};
	struct precision_pool levels = argc > 3 ? pool_of(argv[3]) : (struct precision_pool){0};
	struct precision_kind kinds[] = {
		{"normal", SHAPE_NORMAL, SHAPE_NORMAL, 0.5, 8, NULL, NULL, 0},
		{"normal", SHAPE_NORMAL, SHAPE_NORMAL, 0.5, 1, NULL, NULL, 0},
		{"processes dominate", SHAPE_NORMAL, SHAPE_NORMAL, 3, 8, NULL, NULL, 0},
		{"processes dominate", SHAPE_NORMAL, SHAPE_NORMAL, 3, 1, NULL, NULL, 0},
		{"rounds skewed", SHAPE_NORMAL, SHAPE_EXPONENTIAL, 0.5, 8, NULL, NULL, 0},
		{"rounds heavy-tailed", SHAPE_NORMAL, SHAPE_T3, 0.5, 8, NULL, NULL, 0},
		{"processes heavy-tailed", SHAPE_T3, SHAPE_T3, 1, 8, NULL, NULL, 0},
		{"processes have two levels", SHAPE_MODES, SHAPE_NORMAL, 1, 8, NULL, NULL, 0},
		{"processes skewed", SHAPE_LOGNORMAL, SHAPE_NORMAL, 1, 8, NULL, NULL, 0},
		{"processes skewed, dominate", SHAPE_LOGNORMAL, SHAPE_NORMAL, 3, 8, NULL, NULL, 0},
		{"exponential, dominate", SHAPE_EXPONENTIAL, SHAPE_NORMAL, 3, 8, NULL, NULL, 0},
		{"recorded", SHAPE_POOL, SHAPE_POOL, 1, 8, &levels, &rounds, 0},
		{"recorded, levels dominate", SHAPE_POOL, SHAPE_POOL, 3, 8, &levels, &rounds, 0},
	};
	static const double after[] = {6, 8, 12, 20, 35};

	printf("Coverage of 95 %% intervals of runs that end by --precision, %zu trials\n", trials);
	printf("recorded: %zu rounds, %zu levels\n", rounds.n, levels.n);
	printf("%-28s %4s %6s %9s %9s %9s %9s %11s\n", "noise", "rows", "target", "processes",
	       "reached", "held", "worst row", "without it");
	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		if (kinds[k].level == SHAPE_POOL && !(rounds.n && levels.n))
			continue;
		if (kinds[k].round == SHAPE_EXPONENTIAL || kinds[k].round == SHAPE_POOL)
			kinds[k].truth = long_run(&kinds[k]);
		for (size_t i = 0; i < sizeof(after) / sizeof(after[0]); i++)
			put(&kinds[k], after[i], trials);
	}
	free(rounds.x);
	free(levels.x);
	return 0;
}
