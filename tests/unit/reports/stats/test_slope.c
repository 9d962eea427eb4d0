/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/stats/slope.h"

#define POINTS	    5
#define ROUNDS_MOST 40
#define TRIALS	    4000

static const unsigned int repeats[POINTS] = {0, 1, 4, 16, 16};

/* A record holds one row: slope_fit appends points, so each trial starts with a new record. */
static struct slope *new_row(struct record **rec)
{
	*rec = record_new();
	assert_non_null(*rec);
	return record_add_slope(*rec);
}

/* Each round is one line. */
static int fit(const unsigned int *of, size_t points, const double *costs, size_t rounds,
	       struct slope *row)
{
	struct slope_lines lines = {of, points, costs, NULL, rounds};

	return slope_fit(&lines, row);
}

static void test_by_hand(void **state)
{
	/* 30 + 14.5 x, the second round 1 higher, all of it in the intercept */
	double costs[2 * POINTS];
	struct record *rec;
	struct slope *row = new_row(&rec);

	(void)state;
	for (size_t i = 0; i < 2 * POINTS; i++)
		costs[i] = 30 + 14.5 * repeats[i % POINTS] + (i < POINTS ? 0 : 1);
	assert_int_equal(fit(repeats, POINTS, costs, 2, row), 0);
	assert_int_equal(row->rounds, 2);
	/* the program that was loaded twice is one point */
	assert_int_equal(row->n_points, POINTS - 1);
	assert_int_equal(row->points[2].repeats, 4);
	assert_int_equal(row->points[3].repeats, 16);
	assert_float_equal(row->slope.value, 14.5, 1e-9);
	assert_float_equal(row->slope.hi - row->slope.lo, 0, 1e-9);
	assert_float_equal(row->intercept.value, 30.5, 1e-9);
	/* t(1) = 12.706, s = 0.7071, over sqrt(2) */
	assert_float_equal(row->intercept.hi - 30.5, 12.7062 * 0.5, 1e-3);
	assert_float_equal(row->points[3].cost.value, 30.5 + 16 * 14.5, 1e-9);
	assert_float_equal(row->points[3].residual.value, 0, 1e-9);
	assert_float_equal(row->first.value, 14.5, 1e-9);
	assert_false(row->nonlinear);
	record_free(rec);
}

static void test_refused(void **state)
{
	static const unsigned int same[POINTS] = {2, 2, 2, 2, 2};
	static const unsigned int falling[POINTS] = {0, 1, 4, 16, 8};
	double costs[POINTS] = {1, 2, 3, 5, 9};
	struct record *rec;
	struct slope *row = new_row(&rec);

	(void)state;
	assert_int_equal(fit(same, POINTS, costs, 1, row), -EINVAL);
	/* 0 and 1 calls: too few points for a line through those that call */
	assert_int_equal(fit(repeats, 2, costs, 1, row), -EINVAL);
	assert_int_equal(fit(falling, POINTS, costs, 1, row), -EINVAL);
	assert_int_equal(fit(repeats, SLOPE_POINTS_MOST + 1, costs, 1, row), -EINVAL);
	assert_int_equal(fit(repeats, POINTS, costs, 0, row), -EINVAL);
	costs[3] = NAN;
	assert_int_equal(fit(repeats, POINTS, costs, 1, row), -EINVAL);
	assert_int_equal(row->n_points, 0);
	record_free(rec);
}

/* Instructions: every round is the same, so the intervals have no width. */
static void exact(const double *costs, size_t rounds, bool nonlinear)
{
	double all[4 * POINTS];
	struct record *rec;
	struct slope *row = new_row(&rec);

	for (size_t i = 0; i < rounds * POINTS; i++)
		all[i] = costs[i % POINTS];
	assert_int_equal(fit(repeats, POINTS, all, rounds, row), 0);
	assert_int_equal(row->nonlinear, nonlinear);
	if (rounds > 1)
		assert_float_equal(row->nonlinear_p, nonlinear ? 0 : 1, 0);
	else
		assert_true(isnan(row->nonlinear_p));
	record_free(rec);
}

static void test_exact(void **state)
{
	static const double straight[POINTS] = {165, 182, 233, 437, 437};
	static const double thirds[POINTS] = {100, 100 + 1 / 3.0, 100 + 4 / 3.0, 100 + 16 / 3.0,
					      100 + 16 / 3.0};
	/* the first call: 1 more; the fourth: 1 more */
	static const double touched[POINTS] = {165, 183, 234, 438, 438};
	static const double bent[POINTS] = {165, 182, 234, 437, 437};

	(void)state;
	exact(straight, 2, false);
	exact(thirds, 4, false);
	exact(touched, 2, true);
	exact(touched, 4, true);
	exact(bent, 2, true);
	exact(straight, 1, false);
	exact(touched, 1, false);
}

static void test_worst_and_range(void **state)
{
	static const double bent[POINTS] = {100, 130, 160, 280, 280};
	double costs[2 * POINTS];
	struct record *rec;
	struct slope *row = new_row(&rec);
	struct effect range;

	(void)state;
	assert_null(slope_worst(row));
	for (size_t i = 0; i < 2 * POINTS; i++)
		costs[i] = bent[i % POINTS];
	assert_int_equal(fit(repeats, POINTS, costs, 2, row), 0);
	assert_true(row->nonlinear);
	assert_int_equal(slope_worst(row)->repeats, 0);
	assert_true(slope_worst(row)->residual.value < -10);
	range = slope_marginal_range(row);
	assert_float_equal(row->slope.value, 10, 1e-9);
	assert_float_equal(row->first.value, 30, 1e-9);
	assert_float_equal(range.lo, 10, 1e-9);
	assert_float_equal(range.hi, 30, 1e-9);
	record_free(rec);
}

/*
 * The readings of a round's configurations: a shift that they share, noise of each, and now and
 * then a disturbed one.
 */
struct planted {
	const char *name;
	size_t rounds;
	double bend; /* on top of the first call */
	double disturbed;
};

struct outcome {
	double slope_held, first_held, intercept_held, flagged, slope_mean, half;
};

static void try(const struct planted *p, struct outcome *out)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	gsl_rng_set(rng, 11);
	*out = (struct outcome){0};
	for (size_t t = 0; t < TRIALS; t++) {
		double costs[ROUNDS_MOST * POINTS];
		struct record *rec;
		struct slope *row = new_row(&rec);

		for (size_t r = 0; r < p->rounds; r++) {
			double shift = gsl_ran_gaussian(rng, 2);

			for (size_t i = 0; i < POINTS; i++) {
				bool hit = gsl_rng_uniform(rng) < p->disturbed;

				costs[r * POINTS + i] = 38 + 13.7 * repeats[i] + shift +
							gsl_ran_gaussian(rng, hit ? 60 : 3) +
							(repeats[i] ? p->bend : 0);
			}
		}
		assert_int_equal(fit(repeats, POINTS, costs, p->rounds, row), 0);
		out->slope_held += row->slope.lo <= 13.7 && 13.7 <= row->slope.hi;
		out->first_held +=
			row->first.lo <= 13.7 + p->bend && 13.7 + p->bend <= row->first.hi;
		out->half += (row->slope.hi - row->slope.lo) / 2 / TRIALS;
		out->intercept_held += row->intercept.lo <= 38 && 38 <= row->intercept.hi;
		out->flagged += row->nonlinear;
		out->slope_mean += row->slope.value / TRIALS;
		record_free(rec);
	}
	out->slope_held /= TRIALS;
	out->first_held /= TRIALS;
	out->intercept_held /= TRIALS;
	out->flagged /= TRIALS;
	gsl_rng_free(rng);
}

static void test_planted(void **state)
{
	static const struct planted rows[] = {
		{"10 rounds", 10, 0, 0},
		{"20 rounds", 20, 0, 0},
		{"40 rounds", 40, 0, 0},
		{"20 rounds, 1 arm in 20 disturbed", 20, 0, 0.05},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct outcome o;

		try(&rows[i], &o);
		print_message("%-33s slope held %.1f %%, half-width %.3f, first %.1f %%, "
			      "intercept %.1f %%, flagged %.2f %%\n",
			      rows[i].name, 100 * o.slope_held, o.half, 100 * o.first_held,
			      100 * o.intercept_held, 100 * o.flagged);
		assert_float_equal(o.slope_mean, 13.7, 0.05);
		assert_true(o.slope_held >= 0.93 && o.slope_held <= 0.98);
		assert_true(o.first_held >= 0.93 && o.first_held <= 0.98);
		assert_true(o.intercept_held >= 0.93 && o.intercept_held <= 0.98);
		assert_true(o.flagged <= 0.015);
	}
}

static void test_planted_bend(void **state)
{
	static const struct planted rows[] = {
		{"10 rounds, first call 20 more", 10, 20, 0},
		{"20 rounds, first call 10 more", 20, 10, 0},
		{"the same, 1 arm in 20 disturbed", 20, 10, 0.05},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct outcome o;

		try(&rows[i], &o);
		print_message("%-33s flagged %.1f %%, slope %.2f held %.1f %%, first %.1f %%\n",
			      rows[i].name, 100 * o.flagged, o.slope_mean, 100 * o.slope_held,
			      100 * o.first_held);
		assert_true(o.flagged >= 0.9);
		/* the first call has a price of its own, which is in no other */
		assert_float_equal(o.slope_mean, 13.7, 0.05);
		assert_true(o.slope_held >= 0.93 && o.slope_held <= 0.98);
		assert_true(o.first_held >= 0.93 && o.first_held <= 0.98);
	}
}

/*
 * The lines of a round give one value: a disturbed line does not dominate it, and the interval is
 * over rounds only.
 */
static void test_lines_of_a_round(void **state)
{
	static const size_t round[] = {0, 0, 0, 0, 2, 2, 2, 2, 5, 5, 5, 5};
	const double slopes[] = {10, 11, 12, 90, 13, 12, 11, -40, 12, 12, 12, 12};
	double costs[12 * POINTS], each[12], firsts[12];
	struct slope_lines lines = {repeats, POINTS, costs, round, 12};
	struct record *rec;
	struct slope *row = new_row(&rec);
	size_t rounds;

	(void)state;
	for (size_t i = 0; i < 12 * POINTS; i++)
		costs[i] = 30 + slopes[i / POINTS] * repeats[i % POINTS];
	assert_int_equal(slope_fit(&lines, row), 0);
	assert_int_equal(row->rounds, 3);
	assert_int_equal(slope_by_round(&lines, each, firsts, &rounds), 0);
	assert_int_equal(rounds, 3);
	assert_float_equal(each[0], 11.5, 1e-9);
	assert_float_equal(each[1], 11.5, 1e-9);
	assert_float_equal(each[2], 12, 1e-9);
	assert_float_equal(firsts[2], 12, 1e-9);
	record_free(rec);
}

/*
 * A spread from load to load is distinguished from the blocks' noise, and found only where there is
 * one.
 */
static void test_placement(void **state)
{
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);
	size_t seen = 0, invented = 0;
	double sum = 0;

	(void)state;
	gsl_rng_set(rng, 3);
	for (size_t t = 0; t < 1000; t++) {
		double loads[80], noise[80], without[80], sd;

		for (size_t i = 0; i < 80; i++) {
			bool hit = gsl_rng_uniform(rng) < 0.05;

			noise[i] = gsl_ran_gaussian(rng, hit ? 9 : 0.3);
			without[i] = gsl_ran_gaussian(rng, hit ? 9 : 0.3);
			loads[i] = without[i] + gsl_ran_gaussian(rng, 0.8);
		}
		sd = slope_placement(loads, noise, 80);
		seen += !isnan(sd);
		sum += isnan(sd) ? 0 : sd;
		invented += !isnan(slope_placement(without, noise, 80));
	}
	gsl_rng_free(rng);
	print_message("placement seen %zu of 1000, mean %.2f; invented %zu\n", seen,
		      sum / (double)seen, invented);
	assert_true(seen >= 950 && invented <= 35);
	assert_float_equal(sum / (double)seen, 0.8, 0.08);
	assert_true(isnan(slope_placement(NULL, NULL, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_by_hand),	  cmocka_unit_test(test_refused),
		cmocka_unit_test(test_exact),	  cmocka_unit_test(test_worst_and_range),
		cmocka_unit_test(test_planted),	  cmocka_unit_test(test_planted_bend),
		cmocka_unit_test(test_placement), cmocka_unit_test(test_lines_of_a_round),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
