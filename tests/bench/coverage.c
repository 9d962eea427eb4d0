/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often the intervals contain a known truth, and how wide they are compared with the best
 * possible ones: coverage [TRIALS] [DIR of a record with samples]. Part of make bench.
 *
 * The best possible interval knows the best weight of the baselines and the true variance of the
 * plain mean under that noise, and uses Student's t with as many degrees of freedom as there are
 * independent rounds or processes, less one.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/effects/compare.h"
#include "reports/record/record.h"
#include "reports/record/samples.h"
#include "reports/stats/stats.h"
#include "tests/bench/panel.h"

static const char *const kinds[] = {
	[NOISE_WHITE] = "white",     [NOISE_AR1] = "AR(1) 0.5",	    [NOISE_MODES] = "modes",
	[NOISE_SLOW] = "slow modes", [NOISE_RECORDED] = "recorded",
};

struct pool {
	double *x;
	size_t n;
};

static void add_rounds(struct pool *pool, const uint32_t *ticks, size_t rounds, size_t calls)
{
	const struct compare_scale scale = {.unit_per_tick = 1, .quantum = 1};
	size_t from = pool->n;
	double mean = 0, variance = 0;

	pool->x = realloc(pool->x, (pool->n + rounds + 1) * sizeof(*pool->x));
	for (size_t i = 0; pool->x && i < rounds; i++) {
		double whole;

		compare_block(ticks + i * calls, calls, &scale, &pool->x[pool->n++], &whole);
		mean += pool->x[pool->n - 1] / (double)rounds;
	}
	for (size_t i = from; i < pool->n; i++)
		variance += (pool->x[i] - mean) * (pool->x[i] - mean) / (double)rounds;
	for (size_t i = from; i < pool->n; i++)
		pool->x[i] = variance > 0 ? (pool->x[i] - mean) / sqrt(variance) : 0;
}

/* The record's baselines from round to round, each file scaled to mean 0 and variance 1. */
static struct pool record_pool(const char *dir)
{
	struct pool pool = {NULL, 0};
	struct record *rec;
	struct error why;

	if (record_read(dir, &rec, &why)) {
		fprintf(stderr, "no recorded noise: %s\n", why.text);
		return pool;
	}
	for (size_t i = 0; i < rec->n_results; i++) {
		uint32_t *ticks;
		size_t n;

		if (!rec->results[i]->samples ||
		    samples_read(dir, rec->results[i]->samples, &ticks, &n, &why))
			continue;
		add_rounds(&pool, ticks, n / rec->results[i]->calls_per_round,
			   rec->results[i]->calls_per_round);
		free(ticks);
	}
	record_free(rec);
	return pool;
}

struct tally {
	size_t trials, held;
	double half;
};

static void count(struct tally *tally, struct effect e, double truth)
{
	tally->trials++;
	tally->held += e.lo <= truth && truth <= e.hi;
	tally->half += (e.hi - e.lo) / 2;
}

static void put(const struct tally *tally, double oracle)
{
	printf("  %5.1f %% %5.2f", 100.0 * (double)tally->held / (double)tally->trials,
	       tally->half / (double)tally->trials / oracle);
}

static void experiments(struct experiment_kind *kind, size_t trials)
{
	struct tally typical = {0}, mean = {0};
	double sum = 0, squares = 0, sd;
	size_t independent = kind->workers ? kind->workers : kind->rounds;

	gsl_rng_set(kind->noise.rng, 1);
	for (size_t t = 0; t < trials; t++) {
		struct overhead o;
		double ideal;

		if (experiment_draw(kind, &o, &ideal))
			exit(1);
		count(&typical, o.typical, EXPERIMENT_TRUTH);
		count(&mean, o.mean, EXPERIMENT_TRUTH);
		sum += ideal / (double)trials;
		squares += ideal * ideal / (double)trials;
	}
	sd = sqrt(squares - sum * sum) * stats_t_quantile((double)independent - 1);
	printf("%-10s %4zu %9zu", kinds[kind->noise.kind], kind->rounds,
	       kind->workers ? kind->workers : 1);
	put(&typical, sd);
	put(&mean, sd);
	putchar('\n');
}

static void all_experiments(gsl_rng *rng, const struct pool *pool, size_t trials)
{
	static const size_t rounds[] = {10, 13, 50, 200};

	printf("Coverage of 95 %% intervals, %zu trials; half-width over the oracle's. %d arms.\n",
	       trials, EXPERIMENT_CONFIGS);
	puts("slow modes last for 30 rounds, which one process cannot know; each of 8 draws its "
	     "own.");
	printf("%-10s %4s %9s  %14s %14s\n", "noise", "n", "processes", "typical", "mean");
	for (size_t workers = 0; workers <= 8; workers += 8) {
		for (int k = NOISE_WHITE; k <= NOISE_RECORDED; k++) {
			for (size_t i = 0; i < 4; i++) {
				struct experiment_kind kind = {
					.noise = {.kind = (enum noise_kind)k,
						  .rng = rng,
						  .pool = pool->x,
						  .n_pool = pool->n},
					.rounds = rounds[i],
					.workers = workers,
					.fresh = k == NOISE_SLOW,
					.worker_sd = workers && k != NOISE_SLOW ? 1 : 0,
				};

				if (k != NOISE_RECORDED || pool->n)
					experiments(&kind, trials);
			}
		}
	}
}

/* ---- quantile shifts ---- */

#define WORKERS	    8
#define CALLS	    1000
#define TRUTH_DRAWS 2000000

/*
 * A process's state, which both configurations share, and what the process adds to the probe's
 * cost.
 */
struct process {
	double state, luck;
};

static struct process start(gsl_rng *rng)
{
	double state = gsl_ran_gaussian(rng, 100);

	return (struct process){state, 0.3 * state + gsl_ran_gaussian(rng, 80)};
}

/*
 * In tenths of a ns: 200 ns with a heavy tail; the probe adds 100, and 300 more to one call in 20.
 */
static uint32_t call(gsl_rng *rng, const struct process *p, bool probe)
{
	double x = 2000 + p->state + gsl_ran_lognormal(rng, 4.5, 1);

	if (probe)
		x += 1000 + p->luck +
		     (gsl_rng_uniform(rng) < 0.05 ? gsl_ran_exponential(rng, 3000) : 0);
	return (uint32_t)fmax(x, 0);
}

static int by_ticks(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static void true_shifts(gsl_rng *rng, double truth[4])
{
	static const double p[] = {0.5, 0.9, 0.99, 0.999};
	uint32_t *x = calloc(2 * (size_t)TRUTH_DRAWS, sizeof(*x));

	if (!x)
		exit(1);
	for (size_t i = 0; i < TRUTH_DRAWS; i++) {
		struct process process = start(rng);

		x[i] = call(rng, &process, true);
		x[TRUTH_DRAWS + i] = call(rng, &process, false);
	}
	qsort(x, TRUTH_DRAWS, sizeof(*x), by_ticks);
	qsort(x + TRUTH_DRAWS, TRUTH_DRAWS, sizeof(*x), by_ticks);
	for (size_t i = 0; i < 4; i++) {
		size_t at = (size_t)(p[i] * TRUTH_DRAWS);

		truth[i] = (double)x[at] - (double)x[TRUTH_DRAWS + at];
	}
	free(x);
}

/* processes: 8, which share the rounds, or 1, whose state is drawn anew in each round. */
static void quantiles(gsl_rng *rng, const double truth[4], size_t rounds, size_t processes,
		      size_t trials)
{
	const size_t independent = processes > 1 ? processes : rounds;
	uint32_t *config = calloc(rounds * CALLS, sizeof(*config));
	uint32_t *base = calloc(rounds * CALLS, sizeof(*base));
	uint32_t *worker = calloc(rounds, sizeof(*worker));
	const struct compare_scale scale = {.unit_per_tick = 1, .quantum = 1, .seed = 1};
	struct tally tally[4] = {0};
	double sum[4] = {0}, squares[4] = {0};

	if (!config || !base || !worker)
		exit(1);
	for (size_t t = 0; t < trials; t++) {
		struct process process = {0, 0};
		struct overhead o;

		for (size_t r = 0; r < rounds; r++) {
			worker[r] = (uint32_t)(r * processes / rounds);
			if (processes == 1 || r == 0 || worker[r] != worker[r - 1])
				process = start(rng);
			for (size_t c = r * CALLS; c < (r + 1) * CALLS; c++) {
				config[c] = call(rng, &process, true);
				base[c] = call(rng, &process, false);
			}
		}
		if (compare_overhead(&(struct config_samples){config, rounds, CALLS, worker},
				     &(struct config_samples){base, rounds, CALLS, worker}, &scale,
				     &o))
			exit(1);
		const struct effect *e[] = {&o.p50, &o.p90, &o.p99, &o.p999};

		for (size_t i = 0; i < 4; i++) {
			count(&tally[i], *e[i], truth[i]);
			sum[i] += e[i]->value / (double)trials;
			squares[i] += e[i]->value * e[i]->value / (double)trials;
		}
	}
	printf("%6zu %9zu", rounds, processes);
	for (size_t i = 0; i < 4; i++)
		put(&tally[i],
		    sqrt(squares[i] - sum[i] * sum[i]) * stats_t_quantile((double)independent - 1));
	putchar('\n');
	free(config);
	free(base);
	free(worker);
}

int main(int argc, char **argv)
{
	size_t trials = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
	struct pool pool = argc > 2 ? record_pool(argv[2]) : (struct pool){NULL, 0};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	static const size_t rounds[] = {10, 13, 24, 50, 200};
	double truth[4];

	if (!rng)
		return 1;
	all_experiments(rng, &pool, trials);
	gsl_rng_set(rng, 1);
	true_shifts(rng, truth);
	printf("\nShifts of quantiles, %zu trials, %d calls a round, heavy tails\n", trials, CALLS);
	printf("%6s %9s  %14s %14s %14s %14s\n", "rounds", "processes", "p50", "p90", "p99",
	       "p99.9");
	for (size_t i = 0; i < sizeof(rounds) / sizeof(*rounds); i++) {
		quantiles(rng, truth, rounds[i], 1, trials / (rounds[i] > 50 ? 10 : 2));
		quantiles(rng, truth, rounds[i], WORKERS, trials / (rounds[i] > 50 ? 4 : 1));
	}
	gsl_rng_free(rng);
	free(pool.x);
	return 0;
}
