/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_fit.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/effects/compare.h"
#include "reports/effects/quantiles.h"
#include "reports/record/samples.h"

static const struct compare_scale ticks = {.unit_per_tick = 1, .quantum = 1, .seed = 1};

static uint32_t *room(size_t rounds, size_t calls)
{
	uint32_t *x = calloc(rounds * calls, sizeof(*x));

	assert_non_null(x);
	return x;
}

static void is_point(struct effect e, double value)
{
	assert_float_equal(e.value, value, 0);
	assert_float_equal(e.lo, value, 0);
	assert_float_equal(e.hi, value, 0);
}

/* The lab: every round has the same readings, and the configuration takes 342 more. */
static void test_exact(void **state)
{
	enum { ROUNDS = 10, CALLS = 1000 };
	uint32_t *a = room(ROUNDS, CALLS), *b = room(ROUNDS, CALLS);
	struct config_samples config = {.ticks = a, .rounds = ROUNDS, .calls = CALLS},
			      baseline = {.ticks = b, .rounds = ROUNDS, .calls = CALLS};
	struct distribution d;
	struct overhead o;

	(void)state;
	for (size_t i = 0; i < (size_t)ROUNDS * CALLS; i++) {
		b[i] = (uint32_t)(1000 + i % CALLS % 7 * 13);
		a[i] = b[i] + 342;
	}
	assert_int_equal(compare_overhead(&config, &baseline, &ticks, &o), 0);
	is_point(o.typical, 342);
	is_point(o.mean, 342);
	is_point(o.p50, 342);
	is_point(o.p90, 342);
	is_point(o.p99, 342);
	is_point(o.p999, 342);
	assert_int_equal(compare_distribution(&config, 42, &ticks, &d), 0);
	assert_float_equal(d.p50, 1000 + 39 + 342 - 42, 0);
	assert_float_equal(d.max, 1000 + 78 + 342 - 42, 0);
	free(a);
	free(b);
}

/* Nine readings, 1 to 9, by hand: the pooled quantile is one of the readings. */
static void test_quantiles_by_hand(void **state)
{
	uint32_t x[100], weight[2] = {1, 1};
	struct quantiles *q;

	(void)state;
	for (uint32_t i = 0; i < 100; i++)
		x[i] = 100 - i;
	assert_int_equal(
		quantiles_open(&(struct config_samples){.ticks = x, .rounds = 2, .calls = 50}, true,
			       &q),
		0);
	assert_int_equal(quantiles_count(q), 100);
	assert_float_equal(quantiles_at(q, 0.5), 50, 0);
	assert_float_equal(quantiles_at(q, 0.9), 90, 0);
	assert_true(isnan(quantiles_at(q, 0.99)));
	assert_float_equal(quantiles_max(q), 100, 0);
	assert_float_equal(quantiles_resampled(q, weight, 0.9), 90, 0);
	weight[1] = 0; /* only 51..100 */
	weight[0] = 2;
	assert_float_equal(quantiles_resampled(q, weight, 0.5), 75, 0);
	assert_float_equal(quantiles_resampled(q, weight, 0.9), 95, 0);
	quantiles_close(q);
	quantiles_close(NULL);
}

static void test_quantiles_supported(void **state)
{
	(void)state;
	assert_false(quantiles_supported(0.999, 3687));
	assert_true(quantiles_supported(0.999, 3700));
	assert_true(quantiles_supported(0.99, 368));
	assert_false(quantiles_supported(0.99, 366));
	assert_false(quantiles_supported(0.5, 5));
	assert_true(quantiles_supported(0.5, 6));
}

/*
 * Many more distinct readings than bins: resampling with equal weights must give the pooled
 * quantile.
 */
static void test_bins_are_fine_enough(void **state)
{
	enum { ROUNDS = 40, CALLS = 2500 };
	const double p[] = {0.5, 0.9, 0.99, 0.999};
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	uint32_t *x = room(ROUNDS, CALLS), weight[ROUNDS];
	struct quantiles *q;

	(void)state;
	for (size_t i = 0; i < (size_t)ROUNDS * CALLS; i++)
		x[i] = (uint32_t)(1e5 + gsl_ran_lognormal(rng, 10, 1.5));
	for (size_t r = 0; r < ROUNDS; r++)
		weight[r] = 3;
	assert_int_equal(
		quantiles_open(
			&(struct config_samples){.ticks = x, .rounds = ROUNDS, .calls = CALLS},
			true, &q),
		0);
	for (size_t i = 0; i < 4; i++) {
		double exact = quantiles_at(q, p[i]);

		assert_float_equal(quantiles_resampled(q, weight, p[i]), exact, 0.003 * exact);
	}
	quantiles_close(q);
	gsl_rng_free(rng);
	free(x);
}

static void test_migrated_are_left_out(void **state)
{
	enum { ROUNDS = 4, CALLS = 200 };
	uint32_t *a = room(ROUNDS, CALLS), *b = room(ROUNDS, CALLS);
	struct config_samples config = {.ticks = a, .rounds = ROUNDS, .calls = CALLS},
			      baseline = {.ticks = b, .rounds = ROUNDS, .calls = CALLS};
	struct distribution d;
	struct overhead o;

	(void)state;
	for (size_t i = 0; i < (size_t)ROUNDS * CALLS; i++) {
		b[i] = 100;
		a[i] = i % 10 == 3 || i / CALLS == 2 ? SAMPLE_MIGRATED : 150;
	}
	assert_int_equal(compare_overhead(&config, &baseline, &ticks, &o), 0);
	is_point(o.typical, 50);
	is_point(o.mean, 50);
	is_point(o.p50, 50);
	assert_int_equal(compare_distribution(&config, 0, &ticks, &d), 0);
	assert_float_equal(d.max, 150, 0);

	for (size_t i = 0; i < (size_t)ROUNDS * CALLS; i++)
		a[i] = SAMPLE_MIGRATED;
	assert_int_equal(compare_overhead(&config, &baseline, &ticks, &o), 0);
	assert_true(isnan(o.typical.value) && isnan(o.mean.lo) && isnan(o.p50.value));
	assert_int_equal(compare_distribution(&config, 0, &ticks, &d), 0);
	assert_true(isnan(d.typical) && isnan(d.max) && isnan(d.p50));
	free(a);
	free(b);
}

static void test_edges(void **state)
{
	uint32_t x[8] = {1, 2, 3, 4, 5, 6, 7, 8};
	struct config_samples two = {.ticks = x, .rounds = 2, .calls = 4},
			      four = {.ticks = x, .rounds = 4, .calls = 2},
			      one = {.ticks = x, .rounds = 1, .calls = 8},
			      none = {.ticks = x, .rounds = 0, .calls = 8};
	struct overhead o;

	(void)state;
	assert_int_equal(compare_overhead(&two, &four, &ticks, &o), -EINVAL);
	assert_int_equal(compare_overhead(&none, &none, &ticks, &o), -EINVAL);
	assert_int_equal(compare_overhead(&one, &one, &ticks, &o), 0);
	assert_float_equal(o.typical.value, 0, 0);
	assert_true(isnan(o.typical.lo) && isnan(o.p50.lo));
	assert_int_equal(compare_overhead(&two, &two, &ticks, &o), 0);
	assert_true(isnan(o.p99.value) && isnan(o.p999.lo));
}

/* The rate's error and the unit: 1000 ticks of 0.5 ns, known to 1 %. */
static void test_scale(void **state)
{
	uint32_t a[128], b[128];
	struct compare_scale scale = {
		.unit_per_tick = 0.5, .unit_per_tick_err = 0.01, .quantum = 1};
	struct overhead o;

	(void)state;
	for (size_t i = 0; i < 128; i++) {
		b[i] = 100;
		a[i] = 1100;
	}
	assert_int_equal(
		compare_overhead(&(struct config_samples){.ticks = a, .rounds = 8, .calls = 16},
				 &(struct config_samples){.ticks = b, .rounds = 8, .calls = 16},
				 &scale, &o),
		0);
	assert_float_equal(o.typical.value, 500, 1e-9);
	assert_float_equal(o.typical.lo, 495, 1e-9);
	assert_float_equal(o.mean.hi, 505, 1e-9);
	assert_float_equal(o.p50.hi, 505, 1e-9);

	/* One step of 26 for all: nothing within a step can be seen, whatever the means say. */
	scale.quantum = 26;
	scale.unit_per_tick_err = 0;
	assert_int_equal(
		compare_overhead(&(struct config_samples){.ticks = a, .rounds = 8, .calls = 16},
				 &(struct config_samples){.ticks = b, .rounds = 8, .calls = 16},
				 &scale, &o),
		0);
	assert_float_equal(o.typical.lo, 500 - 13, 1e-9);
	assert_float_equal(o.mean.hi, 500 + 13, 1e-9);
	assert_float_equal(o.p50.lo, 500 - 13, 1e-9);
}

/* The reading of a region's length on a clock that steps by `quantum`, with random phase. */
static uint32_t reading(gsl_rng *rng, double length, double quantum, double outliers)
{
	length += gsl_ran_gaussian(rng, 3);
	if (gsl_rng_uniform(rng) < outliers)
		length += 300 * exp(gsl_rng_uniform(rng) * log(1e4)); /* up to 3e6 ticks: 1 ms */
	return (uint32_t)(floor(length / quantum + gsl_rng_uniform(rng)) * quantum);
}

struct line {
	double intercept, slope, worst;
};

/* Plants delays of 0 to 400 ticks and fits a line to the estimates. */
static struct line planted(double quantum, double told, double outliers)
{
	enum { ROUNDS = 20, CALLS = 1000, DELAYS = 14 };
	uint32_t *a = room(ROUNDS, CALLS), *b = room(ROUNDS, CALLS);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct compare_scale scale = {.unit_per_tick = 1, .quantum = told, .seed = 3};
	double x[DELAYS], y[DELAYS], c00, c01, c11, sum;
	struct line line = {.worst = 0};

	for (size_t d = 0; d < DELAYS; d++) {
		struct overhead o;

		x[d] = d < 9 ? (double)d * 6 : 60 + (double)(d - 9) * 85;
		for (size_t i = 0; i < (size_t)ROUNDS * CALLS; i++) {
			b[i] = reading(rng, 300.7, quantum, outliers);
			a[i] = reading(rng, 300.7 + x[d], quantum, outliers);
		}
		assert_int_equal(compare_overhead(
					 &(struct config_samples){
						 .ticks = a, .rounds = ROUNDS, .calls = CALLS},
					 &(struct config_samples){
						 .ticks = b, .rounds = ROUNDS, .calls = CALLS},
					 &scale, &o),
				 0);
		y[d] = o.typical.value;
		line.worst = fmax(line.worst, fabs(y[d] - x[d]));
	}
	gsl_fit_linear(x, 1, y, 1, DELAYS, &line.intercept, &line.slope, &c00, &c01, &c11, &sum);
	print_message(
		"step %2.0f, told %2.0f, outliers %2.0f %%: %+.3f + %.4f d, worst %.2f ticks\n",
		quantum, told, 100 * outliers, line.intercept, line.slope, line.worst);
	gsl_rng_free(rng);
	free(a);
	free(b);
	return line;
}

/*
 * aarch64: the clock's tick is the step, 16 ns at 62.5 MHz. A cost of 179 ns is not a whole number
 * of ticks.
 */
static void test_ticks_of_many_ns(void **state)
{
	enum { ROUNDS = 20, CALLS = 1000 };
	uint32_t *a = room(ROUNDS, CALLS), *b = room(ROUNDS, CALLS);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct compare_scale scale = {.unit_per_tick = 16, .quantum = 1, .seed = 3};
	struct overhead o;

	(void)state;
	for (size_t i = 0; i < (size_t)ROUNDS * CALLS; i++) {
		b[i] = reading(rng, 564, 16, 0.01) / 16;
		a[i] = reading(rng, 564 + 179, 16, 0.01) / 16;
	}
	assert_int_equal(
		compare_overhead(
			&(struct config_samples){.ticks = a, .rounds = ROUNDS, .calls = CALLS},
			&(struct config_samples){.ticks = b, .rounds = ROUNDS, .calls = CALLS},
			&scale, &o),
		0);
	assert_float_equal(o.typical.value, 179, 0.5);
	assert_true(o.typical.lo < 179 && o.typical.hi > 179);
	assert_true(o.p50.lo <= o.p50.value - 16 && o.p50.hi >= o.p50.value + 16);
	assert_true(o.p50.lo < 179 && o.p50.hi > 179);
	gsl_rng_free(rng);
	free(a);
	free(b);
}

static void test_planted_delays(void **state)
{
	const double outliers[] = {0.01, 0.05, 0.1};
	struct line line;

	(void)state;
	for (size_t i = 0; i < sizeof(outliers) / sizeof(*outliers); i++) {
		line = planted(26, 26, outliers[i]);
		assert_float_equal(line.slope, 1, 0.01);
		assert_float_equal(line.intercept, 0, 0.4);
		assert_true(line.worst < 1);
	}
	line = planted(1, 1, 0.01);
	assert_float_equal(line.slope, 1, 0.01);
	assert_float_equal(line.intercept, 0, 0.2);
	/*
	 * the reason for passing the step: the interquartile mean of the readings themselves is
	 * wrong by a quarter of a step
	 */
	line = planted(26, 1, 0.01);
	assert_true(line.worst > 4);
}

/*
 * Do the intervals of all six figures include a planted shift, with rounds that move together by
 * `common`?
 */
static void coverage(size_t rounds, size_t calls, double common, size_t trials, size_t held[6])
{
	uint32_t *a = room(rounds, calls), *b = room(rounds, calls);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, 12);
	memset(held, 0, 6 * sizeof(*held));
	for (size_t t = 0; t < trials; t++) {
		struct compare_scale scale = {.unit_per_tick = 1, .quantum = 1, .seed = t};
		struct overhead o;

		for (size_t r = 0; r < rounds; r++) {
			double shift = 50000 + gsl_ran_gaussian(rng, common);

			for (size_t i = r * calls; i < (r + 1) * calls; i++) {
				b[i] = (uint32_t)(shift + gsl_ran_lognormal(rng, 7, 1));
				a[i] = (uint32_t)(shift + 3000 + gsl_ran_lognormal(rng, 7, 1));
			}
		}
		assert_int_equal(compare_overhead(
					 &(struct config_samples){
						 .ticks = a, .rounds = rounds, .calls = calls},
					 &(struct config_samples){
						 .ticks = b, .rounds = rounds, .calls = calls},
					 &scale, &o),
				 0);
		const struct effect *e[] = {&o.typical, &o.mean, &o.p50, &o.p90, &o.p99, &o.p999};

		for (size_t i = 0; i < 6; i++)
			held[i] += e[i]->lo <= 3000 && 3000 <= e[i]->hi;
	}
	print_message("%zu rounds of %zu, rounds apart by %.0f: %zu %zu %zu %zu %zu %zu of %zu\n",
		      rounds, calls, common, held[0], held[1], held[2], held[3], held[4], held[5],
		      trials);
	/* Few trials, for speed: 95 % pass this bound with 2.5 standard deviations to spare. */
	for (size_t i = 0; i < 6; i++)
		assert_true(held[i] * 100 >= trials * 87);
	gsl_rng_free(rng);
	free(a);
	free(b);
}

/*
 * With 1,200 trials the intervals of the six figures include the truth in 93.3 94.0 95.0 95.0 96.5
 * 97.6 % (20 equal rounds), 93.3 94.0 98.7 97.8 95.8 97.8 % (20 different rounds), and with 600
 * trials in 94.7 95.2 95.8 96.8 96.2 96.8 % (100 rounds of 40 calls).
 */
static void test_coverage(void **state)
{
	size_t held[6];

	(void)state;
	coverage(20, 200, 0, 120, held);
	coverage(20, 200, 2000, 30, held);
	coverage(100, 40, 0, 30, held);
}

/*
 * One call in 64 costs 640 more: 10 per call, which the trimmed mean of single calls would not
 * show.
 */
static void test_rare_dear_calls(void **state)
{
	enum { ROUNDS = 4, CALLS = 1024 };
	static uint32_t dear[ROUNDS * CALLS], plain[ROUNDS * CALLS];
	struct compare_scale scale = ticks;
	struct overhead o;

	(void)state;
	for (size_t i = 0; i < (size_t)ROUNDS * CALLS; i++) {
		plain[i] = 400;
		dear[i] = 500 + (i % 64 == 17 ? 640 : 0);
	}
	const struct config_samples config = {.ticks = dear, .rounds = ROUNDS, .calls = CALLS},
				    base = {.ticks = plain, .rounds = ROUNDS, .calls = CALLS};

	assert_int_equal(compare_overhead(&config, &base, &scale, &o), 0);
	is_point(o.typical, 100);
	scale.period = 64;
	assert_int_equal(compare_overhead(&config, &base, &scale, &o), 0);
	is_point(o.typical, 110);
	is_point(o.mean, 110);
	is_point(o.p50, 100);
}

/*
 * A configuration alone: the same quantiles as those of its distribution, with intervals that
 * include them and the truth.
 */
static void test_own_quantiles(void **state)
{
	enum { ROUNDS = 12, CALLS = 2000 };
	uint32_t *a = room(ROUNDS, CALLS);
	struct config_samples config = {.ticks = a, .rounds = ROUNDS, .calls = CALLS},
			      few = {.ticks = a, .rounds = ROUNDS, .calls = 100};
	struct effect own[COMPARE_OWN_QUANTILES];
	struct distribution d;

	(void)state;
	for (size_t i = 0; i < (size_t)ROUNDS * CALLS; i++)
		a[i] = (uint32_t)(1000 + i * 7919 % 1000 + i / CALLS % 3);
	assert_int_equal(compare_own_quantiles(&config, 40, &ticks, own), 0);
	assert_int_equal(compare_distribution(&config, 40, &ticks, &d), 0);
	assert_float_equal(own[0].value, d.p50, 0);
	assert_float_equal(own[1].value, d.p99, 0);
	assert_float_equal(own[2].value, d.p999, 0);
	for (size_t i = 0; i < COMPARE_OWN_QUANTILES; i++)
		assert_true(own[i].lo <= own[i].value && own[i].value <= own[i].hi);
	assert_true(own[0].lo <= 1460 && own[0].hi >= 1459);
	/* 1,200 calls are too few for p99.9 */
	assert_int_equal(compare_own_quantiles(&few, 0, &ticks, own), 0);
	assert_false(isnan(own[1].value));
	assert_true(isnan(own[2].value) && isnan(own[2].lo));
	free(a);
}

static void test_same_seed_same_interval(void **state)
{
	enum { ROUNDS = 10, CALLS = 500 };
	uint32_t *a = room(ROUNDS, CALLS), *b = room(ROUNDS, CALLS);
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	struct compare_scale scale = {.unit_per_tick = 1, .quantum = 26, .seed = 5};
	struct overhead one, two;

	(void)state;
	for (size_t i = 0; i < (size_t)ROUNDS * CALLS; i++) {
		b[i] = reading(rng, 300, 26, 0.01);
		a[i] = reading(rng, 320, 26, 0.01);
	}
	for (int i = 0; i < 2; i++)
		assert_int_equal(compare_overhead(
					 &(struct config_samples){
						 .ticks = a, .rounds = ROUNDS, .calls = CALLS},
					 &(struct config_samples){
						 .ticks = b, .rounds = ROUNDS, .calls = CALLS},
					 &scale, i ? &two : &one),
				 0);
	assert_memory_equal(&one, &two, sizeof(one));
	/* A quantile moves in steps, so its shift is known to a step at best. */
	assert_true(one.p50.hi - one.p50.value >= 26 && one.p50.value - one.p50.lo >= 26);
	gsl_rng_free(rng);
	free(a);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exact),
		cmocka_unit_test(test_quantiles_by_hand),
		cmocka_unit_test(test_quantiles_supported),
		cmocka_unit_test(test_bins_are_fine_enough),
		cmocka_unit_test(test_migrated_are_left_out),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_scale),
		cmocka_unit_test(test_ticks_of_many_ns),
		cmocka_unit_test(test_planted_delays),
		cmocka_unit_test(test_coverage),
		cmocka_unit_test(test_rare_dear_calls),
		cmocka_unit_test(test_own_quantiles),
		cmocka_unit_test(test_same_seed_same_interval),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
