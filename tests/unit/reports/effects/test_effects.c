/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "reports/stats/clusters.h"
#include "reports/effects/effects.h"
#include "reports/stats/stats.h"
#include "tests/bench/panel.h"

static const struct compare_scale ticks = {.unit_per_tick = 1, .quantum = 1, .seed = 1};

static void test_number(void **state)
{
	const uint32_t worker[] = {7, 7, 3, 3, 3, 9, 7};
	uint32_t number[7];

	(void)state;
	assert_int_equal(clusters_number(worker, 7, number), 3);
	assert_int_equal(number[0], 0);
	assert_int_equal(number[4], 1);
	assert_int_equal(number[5], 2);
	assert_int_equal(number[6], 0);
	assert_int_equal(clusters_number(NULL, 7, number), 1);
	assert_int_equal(clusters_number(worker, 0, NULL), 0);
}

static void test_workers_by_hand(void **state)
{
	const double x[] = {4, 6, 9, 11, 14, 16};
	const uint32_t worker[] = {1, 1, 2, 2, 3, 3};
	const struct serial white = SERIAL_WHITE;
	struct effect e = clusters_mean(x, worker, 6, &white, 0);

	(void)state;
	/* means 5, 10, 15: s^2 = 25, t(2) = 4.302653: 10 +- 4.302653 * sqrt(25 / 3) */
	assert_float_equal(e.value, 10, 1e-12);
	assert_float_equal(e.hi - e.value, 4.302653 * sqrt(25.0 / 3), 1e-5);
	assert_float_equal(e.value - e.lo, 4.302653 * sqrt(25.0 / 3), 1e-5);
	/* one process: the rounds themselves, s^2 = 21.2 */
	e = clusters_mean(x, NULL, 6, &white, 0);
	assert_float_equal(e.hi - e.value, stats_t_quantile(5) * sqrt(21.2 / 6), 1e-9);
	assert_true(isnan(clusters_mean(x, NULL, 1, &white, 0).lo));
	assert_true(isnan(clusters_mean(x, NULL, 0, &white, 0).value));
}

/* A process that was stopped after its first round has less weight than the others. */
static void test_stopped_worker(void **state)
{
	const double x[] = {10, 10, 10, 10, 20, 20, 20, 20, 60};
	const uint32_t worker[] = {1, 1, 1, 1, 2, 2, 2, 2, 3};
	const struct serial white = SERIAL_WHITE;
	struct effect e = clusters_mean(x, worker, 9, &white, 0);

	(void)state;
	assert_float_equal(e.value, (4 * 10 + 4 * 20 + 60) / 9.0, 1e-12);
}

static void test_fence(void **state)
{
	double x[] = {1, 2, 3, 2, 1, 900, 101, 102, 103, 102, 101, 100};
	const uint32_t worker[] = {1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2};

	(void)state;
	assert_int_equal(clusters_fence(x, worker, 12), 0);
	assert_true(x[5] < 12); /* a disturbed round */
	for (size_t i = 6; i < 12; i++)
		assert_true(x[i] >= 100 && x[i] <= 103); /* all rounds of a process differ */
}

/* A configuration's blocks of one call; baseline b is `base + b`, the same in every round. */
static void open_plain(size_t rounds, const uint32_t *worker, size_t baselines, uint32_t base,
		       struct effects **pe)
{
	uint32_t *x = calloc(rounds, sizeof(*x));
	size_t id;

	assert_non_null(x);
	assert_int_equal(effects_open(rounds, worker, &ticks, pe), 0);
	for (size_t b = 0; b < baselines; b++) {
		for (size_t r = 0; r < rounds; r++)
			x[r] = base + (uint32_t)b;
		assert_int_equal(
			effects_add_baseline(
				*pe,
				&(struct config_samples){.ticks = x, .rounds = rounds, .calls = 1},
				&id),
			0);
		assert_int_equal(id, b);
	}
	free(x);
}

static void test_mean_keeps_an_outlier(void **state)
{
	uint32_t config[20];
	struct config_samples samples = {.ticks = config, .rounds = 20, .calls = 1};
	struct effects *pe;
	struct overhead o;
	size_t id;

	(void)state;
	for (size_t r = 0; r < 20; r++)
		config[r] = 150 + (uint32_t)r % 3;
	config[7] += 20000;
	open_plain(20, NULL, 1, 100, &pe);
	assert_int_equal(effects_add_config(pe, &samples, 0, &id), 0);
	assert_int_equal(effects_add_config(pe, &samples, 1, &id), -EINVAL);
	assert_int_equal(effects_fit(pe), 0);
	assert_int_equal(effects_overhead(pe, 0, &o), 0);
	assert_true(o.mean.value > 1040 && o.mean.hi > 2000);
	assert_true(o.typical.value > 50 && o.typical.value < 53 && o.typical.hi < 55);
	assert_string_equal(effects_over(pe), "rounds");
	effects_close(pe);
}

static void test_missing_rounds(void **state)
{
	uint32_t config[12];
	double rounds[12];
	struct config_samples samples = {.ticks = config, .rounds = 12, .calls = 1};
	const uint32_t worker[] = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3};
	struct effects *pe;
	struct overhead o;
	size_t id;

	(void)state;
	for (size_t r = 0; r < 12; r++)
		config[r] = 150 + worker[r];
	config[3] = config[4] = config[5] =
		UINT32_MAX; /* SAMPLE_MIGRATED: nothing of process 1 is used */
	open_plain(12, worker, 1, 100, &pe);
	assert_int_equal(effects_add_config(pe, &samples, 0, &id), 0);
	assert_int_equal(effects_fit(pe), 0);
	assert_int_equal(effects_overhead(pe, id, &o), 0);
	/* processes 0, 2, 3 */
	assert_float_equal(o.mean.value, 50 + 5.0 / 3, 1e-9);
	assert_float_equal(o.mean.hi - o.mean.value,
			   stats_t_quantile(2) * sqrt((25 + 1 + 16) / 9.0 / 2 / 3), 1e-6);
	effects_rounds(pe, id, rounds);
	assert_true(isnan(rounds[3]));
	assert_float_equal(rounds[11], 53, 1e-9);
	assert_string_equal(effects_over(pe), "worker processes");
	effects_close(pe);
}

/* Two configurations of one probe: their difference does not depend on their baselines. */
static void test_difference(void **state)
{
	uint32_t a[9], b[9];
	const uint32_t worker[] = {0, 0, 0, 1, 1, 1, 2, 2, 2};
	struct effects *pe;
	struct overhead o;
	size_t first, second;

	(void)state;
	for (size_t r = 0; r < 9; r++) {
		a[r] = 200 + 10 * worker[r];
		b[r] = a[r] - 3;
	}
	open_plain(9, worker, 2, 100, &pe);
	effects_add_config(pe, &(struct config_samples){.ticks = a, .rounds = 9, .calls = 1}, 0,
			   &first);
	effects_add_config(pe, &(struct config_samples){.ticks = b, .rounds = 9, .calls = 1}, 1,
			   &second);
	assert_int_equal(effects_fit(pe), 0);
	assert_int_equal(effects_difference(pe, first, second, &o), 0);
	assert_float_equal(o.typical.value, 3, 1e-9);
	assert_float_equal(o.typical.hi - o.typical.lo, 0, 1e-9);
	effects_close(pe);
}

/* Is beta found where a baseline predicts its configuration's round, and where it is only noise? */
static double beta_where(double place_sd, double noise_sd)
{
	enum { CONFIGS = 6, ROUNDS = 40 };
	uint32_t base[ROUNDS], config[CONFIGS][ROUNDS];
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct effects *pe;
	struct experiment_fit fit;
	size_t id;

	gsl_rng_set(rng, 5);
	assert_int_equal(effects_open(ROUNDS, NULL, &ticks, &pe), 0);
	for (size_t a = 0; a < CONFIGS; a++) {
		for (size_t r = 0; r < ROUNDS; r++) {
			double place = 10000 + gsl_ran_gaussian(rng, place_sd);

			base[r] = (uint32_t)(place + gsl_ran_gaussian(rng, noise_sd));
			config[a][r] = (uint32_t)(place + 500 + gsl_ran_gaussian(rng, noise_sd));
		}
		effects_add_baseline(
			pe, &(struct config_samples){.ticks = base, .rounds = ROUNDS, .calls = 1},
			&id);
	}
	for (size_t a = 0; a < CONFIGS; a++)
		effects_add_config(
			pe,
			&(struct config_samples){.ticks = config[a], .rounds = ROUNDS, .calls = 1},
			a, &id);
	assert_int_equal(effects_fit(pe), 0);
	fit = effects_fitted(pe);
	effects_close(pe);
	gsl_rng_free(rng);
	assert_true(fit.beta_error > 0 && fit.beta_error < 0.2);
	return fit.beta;
}

static void test_beta(void **state)
{
	(void)state;
	assert_float_equal(beta_where(0, 100), 0, 0.15);
	assert_float_equal(beta_where(500, 20), 1, 0.05);
	assert_float_equal(beta_where(100, 100), 0.5, 0.15);
}

/*
 * The coverage, and the half-width relative to that of the plain mean's t interval with the best
 * control known (tests/bench/coverage.c has the full table).
 */
static void cover(enum noise_kind noise, size_t rounds, size_t workers, double *held, double *width)
{
	struct experiment_kind kind = {
		.noise = {.kind = noise, .rng = gsl_rng_alloc(gsl_rng_mt19937)},
		.rounds = rounds,
		.workers = workers,
		.fresh = noise == NOISE_SLOW,
		.worker_sd = workers && noise != NOISE_SLOW ? 2 : 0,
	};
	double sum = 0, squares = 0, half = 0;
	size_t trials = 400, in = 0;

	gsl_rng_set(kind.noise.rng, 17);
	for (size_t t = 0; t < trials; t++) {
		struct overhead o;
		double ideal;

		assert_int_equal(experiment_draw(&kind, &o, &ideal), 0);
		in += o.typical.lo <= EXPERIMENT_TRUTH && EXPERIMENT_TRUTH <= o.typical.hi;
		half += (o.typical.hi - o.typical.lo) / 2 / (double)trials;
		sum += ideal / (double)trials;
		squares += ideal * ideal / (double)trials;
	}
	gsl_rng_free(kind.noise.rng);
	*held = (double)in / (double)trials;
	*width = half / (sqrt(squares - sum * sum) *
			 stats_t_quantile((double)(workers ? workers : rounds) - 1));
	print_message("noise %d, %zu rounds, %zu processes: %.1f %%, half-width %.2f\n", (int)noise,
		      rounds, workers, 100 * *held, *width);
}

static void test_coverage(void **state)
{
	static const struct {
		enum noise_kind noise;
		size_t rounds, workers;
		double least; /* share of the intervals that include the truth */
	} rows[] = {
		/*
		 * an earlier rule (blocks by each configuration's own correlogram): 96 % at
		 * half-width 1.48
		 */
		{NOISE_WHITE, 10, 0, 0.92},
		{NOISE_WHITE, 50, 0, 0.92},
		/*
		 * plain t over the rounds: about 80 %, where processes differ by twice the rounds'
		 * standard deviation
		 */
		{NOISE_WHITE, 24, 8, 0.92},
		{NOISE_AR1, 50, 8, 0.92},
		{NOISE_MODES, 50, 8, 0.92},
		/*
		 * long modes: intervals over consecutive rounds of one process include the long-run
		 * value in 30 to 45 %
		 */
		{NOISE_SLOW, 16, 8, 0.90},
		{NOISE_SLOW, 50, 8, 0.90},
		/* plain t: about 80 % */
		{NOISE_AR1, 13, 0, 0.90},
		{NOISE_AR1, 50, 0, 0.91},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		double held, width;

		cover(rows[i].noise, rows[i].rounds, rows[i].workers, &held, &width);
		assert_true(held >= rows[i].least && held <= 0.985);
		assert_true(width <= 1.2);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_workers_by_hand),
		cmocka_unit_test(test_stopped_worker),
		cmocka_unit_test(test_fence),
		cmocka_unit_test(test_mean_keeps_an_outlier),
		cmocka_unit_test(test_missing_rounds),
		cmocka_unit_test(test_difference),
		cmocka_unit_test(test_beta),
		cmocka_unit_test(test_coverage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
