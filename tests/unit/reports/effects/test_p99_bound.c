/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Calls whose costs are known: the bounds must include the p99 of the cost, however cost and call
 * depend on each other.
 */
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "reports/effects/p99_bound.h"
#include "reports/record/samples.h"
#include "reports/stats/stats.h"
#include "reports/judge/verdict.h"

enum { ROUNDS = 20, CALLS = 500, N = ROUNDS * CALLS };

static const struct compare_scale ns = {.unit_per_tick = 1, .quantum = 1, .seed = 1};

struct trial {
	uint32_t config[N], baseline[N];
	double cost[N], p99; /* of the true costs */
	struct overhead overhead;
	struct effect most, least;
};

/* A bare call: 200 ns, and in 1.5 % of calls the host takes 2.7 µs and more. */
static double bare(gsl_rng *rng)
{
	double x = 200 + gsl_ran_exponential(rng, 15);

	return gsl_rng_uniform(rng) < 0.015 ? x + 2700 + gsl_ran_exponential(rng, 300) : x;
}

static struct config_samples samples(const uint32_t *ticks)
{
	return (struct config_samples){.ticks = ticks, .rounds = ROUNDS, .calls = CALLS};
}

static void weigh(struct trial *t)
{
	struct config_samples config = samples(t->config), baseline = samples(t->baseline);

	gsl_sort(t->cost, 1, N);
	t->p99 = stats_quantile_sorted(t->cost, N, 0.99);
	assert_int_equal(compare_overhead(&config, &baseline, &ns, &t->overhead), 0);
	assert_int_equal(compare_p99_bound(&config, &baseline, &ns, &t->most), 0);
	assert_int_equal(compare_p99_least(&baseline, &ns, &t->overhead, &t->least), 0);
}

/*
 * 1.2 % of events cost 3,200 ns, which the host's own noise hides from the difference of two p99s:
 * its whole interval is below 1,000, which would be GREEN, where the cost's p99 is RED.
 */
static void test_planted(void **state)
{
	struct bounds bounds = {1000, 2000};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct trial *t = calloc(1, sizeof(*t));

	(void)state;
	assert_non_null(t);
	gsl_rng_set(rng, 4);
	for (size_t i = 0; i < N; i++) {
		t->cost[i] = gsl_rng_uniform(rng) < 0.012 ? 3200 : 300;
		t->baseline[i] = (uint32_t)bare(rng);
		t->config[i] = (uint32_t)(bare(rng) + t->cost[i]);
	}
	weigh(t);
	assert_true(t->p99 > 3199);
	assert_true(t->overhead.p99.value > 400 && t->overhead.p99.value < 540);
	/* the shift itself, however precisely it is known */
	assert_true(t->overhead.p99.value < bounds.green);
	assert_true(t->most.hi > t->p99);
	assert_true(t->least.lo < t->p99);
	assert_int_not_equal(
		verdict_of((struct effect){t->overhead.p99.value, t->least.lo, t->most.hi}, bounds),
		VERDICT_GREEN);
	free(t);
	gsl_rng_free(rng);
}

/*
 * A configuration's calls with costs of this kind, and how they depend on the bare call: 0 not, 1 a
 * slow call costs more, 2 it costs less.
 */
static void draw(struct trial *t, gsl_rng *rng, double share, double tail, int dependence)
{
	double typical = 100 + 900 * gsl_rng_uniform(rng);

	for (size_t i = 0; i < N; i++) {
		double call = bare(rng);
		bool slow = call > 1000, dear = gsl_rng_uniform(rng) < share;

		if (dependence == 1)
			dear = slow;
		else if (dependence == 2)
			dear = !slow && dear;
		t->cost[i] = typical + gsl_ran_gaussian(rng, 10) + (dear ? tail : 0);
		t->baseline[i] = (uint32_t)bare(rng);
		t->config[i] = (uint32_t)fmax(0, call + t->cost[i]);
	}
	weigh(t);
}

static void test_any_dependence(void **state)
{
	enum { TRIALS = 120 };
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct trial *t = calloc(1, sizeof(*t));
	int above = 0, below = 0, shifts = 0;

	(void)state;
	assert_non_null(t);
	gsl_rng_set(rng, 20);
	for (int i = 0; i < TRIALS; i++) {
		draw(t, rng, i % 4 * 0.008, 500 + 3000 * gsl_rng_uniform(rng), i % 3);
		above += t->p99 > t->most.hi;
		below += t->p99 < t->least.lo;
		shifts += t->p99 > t->overhead.p99.hi;
		/* the bounds differ by no more than the tails, so they are useful */
		assert_true(t->least.lo > 0 && t->least.hi < t->most.lo);
	}
	/* 2.5 % of 120 each; the shifts of p99s are wrong far more often */
	assert_true(above <= 3);
	assert_true(below <= 3);
	assert_true(shifts > TRIALS / 10);
	free(t);
	gsl_rng_free(rng);
}

/*
 * With the same cost for every call the lower bound comes close to it, so that RED can be proven.
 */
static void test_least_is_sharp(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct trial *t = calloc(1, sizeof(*t));

	(void)state;
	assert_non_null(t);
	gsl_rng_set(rng, 7);
	for (size_t i = 0; i < N; i++) {
		t->cost[i] = 3000;
		t->baseline[i] = (uint32_t)bare(rng);
		t->config[i] = (uint32_t)bare(rng) + 3000;
	}
	weigh(t);
	assert_true(t->least.lo > 2990 && t->least.value < 3010);
	free(t);
	gsl_rng_free(rng);
}

static void test_left_out(void **state)
{
	static const struct compare_scale coarse = {.unit_per_tick = 0.5, .quantum = 26, .seed = 1};
	struct trial *t = calloc(1, sizeof(*t));
	struct config_samples config, baseline;
	struct effect fine;

	(void)state;
	assert_non_null(t);
	for (size_t i = 0; i < N; i++) {
		t->baseline[i] = 260;
		t->config[i] = 520;
	}
	config = samples(t->config);
	baseline = samples(t->baseline);
	assert_int_equal(compare_p99_bound(&config, &baseline, &coarse, &fine), 0);
	/* 260 ticks, less a step that a reading may lack */
	assert_float_equal(fine.value, 130, 1e-9);
	assert_true(fine.hi >= 143);
	for (size_t i = 0; i < N / 200 + 1; i++)
		t->config[7 * i] = SAMPLE_MIGRATED;
	assert_int_equal(compare_p99_bound(&config, &baseline, &coarse, &fine), 0);
	assert_true(isnan(fine.value) && isnan(fine.hi));
	free(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_planted),
		cmocka_unit_test(test_any_dependence),
		cmocka_unit_test(test_least_is_sharp),
		cmocka_unit_test(test_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
