/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/helpers/slope_record.h"
#include "reports/record/record_rows.h"

#define ROUNDS 12

static const struct name_list all = {.n = 0};

/* ROUNDS rounds, without costs. */
static void make_visits(struct slope_row *row)
{
	row->visits = ROUNDS * row->copies;
	row->visit = calloc(row->visits, sizeof(*row->visit));
	for (size_t v = 0; v < row->visits; v++) {
		row->visit[v].round = v / row->copies;
		row->visit[v].again = NAN;
	}
}

/* Point k of all visits. */
static double *cost(const struct slope_row *row, size_t k)
{
	return &row->visit[k / SLOPE_POINTS].costs[k % SLOPE_POINTS];
}

static size_t count(const struct slope_rows *rows, int host_program, const char *helper)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		n += rows->rows[i].host_program == host_program &&
		     (!helper || !strcmp(rows->rows[i].helper->name, helper));
	return n;
}

static void shares(void **state)
{
	enum host_program_share share[HOST_PROGRAM_COUNT] = {0};
	struct slope_rows rows;

	(void)state;
	share[HOOK_RAW_TP] = SHARE_ALL;
	share[HOOK_TP_BTF] = SHARE_LACKING;
	share[HOOK_TRACEPOINT] = SHARE_LACKING;
	share[HOST_PROGRAM_TEST_RUN] = SHARE_PLAIN;
	assert_int_equal(slope_rows_make(&all, &all, share, &rows), 0);
	/* four sizes with five wakeup policies; discarded records never arrive: one policy */
	assert_int_equal(count(&rows, HOOK_RAW_TP, "perf_event_output"), 20);
	assert_int_equal(count(&rows, HOOK_RAW_TP, "ringbuf_discard"), 4);
	assert_int_equal(count(&rows, HOOK_RAW_TP, "lookup_miss"), 3);
	assert_int_equal(count(&rows, HOST_PROGRAM_TEST_RUN, "ringbuf_submit"), 4);
	/* raw_tp can do all but the direct read, and tp_btf can do that */
	assert_int_equal(count(&rows, HOOK_TP_BTF, NULL), 1);
	assert_int_equal(count(&rows, HOOK_TP_BTF, "arg_direct"), 1);
	assert_int_equal(count(&rows, HOOK_TRACEPOINT, NULL), 0);
	for (size_t i = 0; i < rows.n; i++)
		assert_true(rows.rows[i].status == RESULT_MEASURED || *rows.rows[i].reason);
	slope_rows_free(&rows);

	share[HOOK_TP_BTF] = SHARE_ALL;
	share[HOOK_RAW_TP] = SHARE_SOME;
	assert_int_equal(slope_rows_make(&all, &all, share, &rows), 0);
	assert_int_equal(count(&rows, HOOK_RAW_TP, "perf_event_output"), 1);
	assert_int_equal(count(&rows, HOOK_RAW_TP, "lookup_hit"), 1);
	slope_rows_free(&rows);
}

static void filters(void **state)
{
	const struct name_list some = {.names = {"ringbuf_*", "control"}, .n = 2};
	const struct name_list wakeups = {.names = {"busy"}, .n = 1};
	enum host_program_share share[HOST_PROGRAM_COUNT] = {[HOOK_TP_BTF] = SHARE_ALL};
	struct slope_rows rows;

	(void)state;
	assert_int_equal(slope_rows_make(&some, &wakeups, share, &rows), 0);
	/* submit and output; a discard has no reader to keep busy */
	assert_int_equal(rows.n, 1 + 2 * 4);
	slope_rows_free(&rows);
}

/* A planted cost of one repetition is found, in each row its own. */
static void a_planted_repetition_comes_back(void **state)
{
	enum host_program_share share[HOST_PROGRAM_COUNT] = {[HOOK_TP_BTF] = SHARE_ALL};
	struct record *record = record_new();
	struct slope_rows rows;

	(void)state;
	assert_int_equal(slope_rows_make(&all, &all, share, &rows), 0);
	for (size_t i = 0; i < rows.n; i++) {
		struct slope_row *row = &rows.rows[i];

		make_visits(row);
		for (size_t k = 0; k < row->visits * SLOPE_POINTS; k++)
			*cost(row, k) = 40 + (double)(k / SLOPE_POINTS / row->copies % 3) +
					(10 + (double)i) * slope_repeats[k % SLOPE_POINTS];
	}
	slope_row_fail(&rows.rows[3], RESULT_SKIPPED, "for a reason");
	assert_int_equal(slope_rows_record(&rows, UNIT_NS, record), 0);
	assert_int_equal(record->n_slopes, rows.n);
	for (size_t i = 0; i < rows.n; i++) {
		const struct slope *s = &record->slopes[i];

		if (i == 3) {
			assert_int_equal(s->status, RESULT_SKIPPED);
			assert_string_equal(s->reason, "for a reason");
			continue;
		}
		assert_int_equal(s->status, RESULT_MEASURED);
		assert_float_equal(s->slope.value, 10 + (double)i, 1e-9);
		assert_float_equal(s->intercept.value, 41, 0.5);
		assert_float_equal(s->first.value, 10 + (double)i, 1e-9);
		assert_int_equal(s->rounds, ROUNDS);
		assert_int_equal(s->copies, SLOPE_COPIES);
		assert_false(s->nonlinear);
	}
	slope_rows_free(&rows);
	record_free(record);
}

/* If a row is not a line, only what the reader's own count shows is said about it. */
static void a_wake_up_a_call_is_explained(void **state)
{
	const struct name_list some = {.names = {"ringbuf_submit"}, .n = 1};
	const struct name_list wakeups = {.names = {"caught_up", "idle"}, .n = 2};
	enum host_program_share share[HOST_PROGRAM_COUNT] = {[HOOK_TP_BTF] = SHARE_ALL};
	struct record *record = record_new();
	struct slope_rows rows;

	(void)state;
	assert_int_equal(slope_rows_make(&some, &wakeups, share, &rows), 0);
	assert_int_equal(rows.n, 8);
	for (size_t i = 0; i < rows.n; i++) {
		struct slope_row *row = &rows.rows[i];

		make_visits(row);
		row->calls = 100;
		row->wakeups = i == 5 ? 1600 : 100;
		for (size_t k = 0; k < row->visits * SLOPE_POINTS; k++)
			*cost(row, k) = 40 + (k % SLOPE_POINTS ? 4000 : 0) +
					50 * slope_repeats[k % SLOPE_POINTS];
	}
	assert_int_equal(slope_rows_record(&rows, UNIT_NS, record), 0);
	for (size_t i = 0; i < rows.n; i++) {
		const struct slope *s = &record->slopes[i];

		assert_true(s->nonlinear);
		if (!strcmp(s->wakeup, "caught_up") && i != 5)
			assert_non_null(
				strstr(s->note, "16 events a call woke the reader 1.0 times"));
		else
			assert_null(s->note);
	}
	slope_rows_free(&rows);
	record_free(record);
}

static struct slope_row *first_row(const char *helper, struct slope_rows *rows)
{
	const struct name_list some = {.names = {helper}, .n = 1};
	const struct name_list wakeups = {.names = {"idle"}, .n = 1};
	enum host_program_share share[HOST_PROGRAM_COUNT] = {[HOOK_TP_BTF] = SHARE_ALL};

	assert_int_equal(slope_rows_make(&some, &wakeups, share, rows), 0);
	return &rows->rows[0];
}

/*
 * Copies of a round are not rounds: they share the round's noise. With rounds 6 apart and copies of
 * a round 1 apart, the interval must be that of ROUNDS means.
 */
static void copies_are_averaged_and_rounds_make_the_interval(void **state)
{
	struct record *record = record_new();
	struct slope_rows rows;
	struct slope_row *row = first_row("control", &rows);
	const struct slope *s;

	(void)state;
	make_visits(row);
	for (size_t k = 0; k < row->visits * SLOPE_POINTS; k++) {
		size_t visit = k / SLOPE_POINTS, copy = visit % row->copies;
		double off = (visit / row->copies % 2 ? 3 : -3) + (copy % 2 ? 0.5 : -0.5);

		*cost(row, k) = 40 + (30 + off) * slope_repeats[k % SLOPE_POINTS];
	}
	assert_int_equal(slope_rows_record(&rows, UNIT_NS, record), 0);
	s = &record->slopes[0];
	assert_int_equal(s->rounds, ROUNDS);
	assert_float_equal(s->slope.value, 30, 1e-9);
	/*
	 * sd 3.13 over sqrt(12), and a little more by Yuen's t; over all visits it would be 1.4
	 * times narrower
	 */
	assert_true(s->slope.hi - s->slope.value > 1.9);
	assert_true(isnan(s->placement));
	slope_rows_free(&rows);
	record_free(record);
}

/*
 * A planted spread from load to load is reported; one that a second reading of the same load shows
 * as well is not.
 */
static void placement_is_what_two_loads_differ_by(void **state)
{
	for (int loads = 0; loads < 2; loads++) {
		struct record *record = record_new();
		struct slope_rows rows;
		struct slope_row *row = first_row("control", &rows);

		(void)state;
		make_visits(row);
		for (size_t v = 0; v < row->visits; v++) {
			double *costs = row->visit[v].costs;
			double wave = sin(2.4 * (double)v), other = sin(1.7 * (double)v + 1);

			for (size_t i = 0; i < SLOPE_POINTS; i++)
				costs[i] = 40 + 8 * slope_repeats[i];
			costs[SLOPE_POINTS - 1] += 16 * wave;
			row->visit[v].again = costs[SLOPE_POINTS - 1] + (loads ? 0.5 : 16) * other;
		}
		assert_int_equal(slope_rows_record(&rows, UNIT_NS, record), 0);
		if (loads)
			assert_float_equal(record->slopes[0].placement, 0.7, 0.2);
		else
			assert_true(isnan(record->slopes[0].placement));
		slope_rows_free(&rows);
		record_free(record);
	}
}

/* Where 16 repetitions are refused the row goes on with 8, says so, and gives the same price. */
static void a_refused_program_falls_back(void **state)
{
	struct record *record = record_new();
	struct slope_rows rows;
	struct slope_row *row = first_row("control", &rows);
	const struct slope *s;

	(void)state;
	row->visits = 3;
	assert_true(slope_row_fall_back(row, "the program is too large"));
	assert_false(slope_row_fall_back(row, "the program is too large"));
	assert_int_equal(row->visits, 0);
	make_visits(row);
	for (size_t k = 0; k < row->visits * SLOPE_POINTS; k++)
		*cost(row, k) = 40 + 8.0 * slope_repeats_few[k % SLOPE_POINTS];
	assert_int_equal(slope_rows_record(&rows, UNIT_NS, record), 0);
	s = &record->slopes[0];
	assert_float_equal(s->slope.value, 8, 1e-9);
	assert_int_equal(s->points[s->n_points - 1].repeats, 8);
	assert_string_equal(s->note, "8 calls at most in one program: the program is too large");
	slope_rows_free(&rows);
	record_free(record);
}

/*
 * A visit whose reader stayed awake is dropped; a row with many of them is invalid, and says how
 * many.
 */
static void late_visits_are_dropped_until_they_are_many(void **state)
{
	struct slope_rows rows;
	struct slope_row *row = first_row("perf_event_output", &rows);

	(void)state;
	row->visits = 12;
	for (int i = 0; i < 4; i++)
		slope_row_late(row);
	assert_int_equal(row->status, RESULT_MEASURED);
	slope_row_late(row);
	assert_int_equal(row->status, RESULT_INVALID);
	assert_non_null(strstr(row->reason, "in 5 of 17 loads"));
	slope_rows_free(&rows);
}

/*
 * A factor that all rows share in a round is found, reported and removed: then each row's own
 * rounds agree.
 */
static void what_rounds_have_in_common_is_taken_off(void **state)
{
	enum host_program_share share[HOST_PROGRAM_COUNT] = {[HOOK_TP_BTF] = SHARE_ALL};
	const struct name_list some = {.names = {"lookup_*", "perf_*"}, .n = 2};
	const struct name_list wakeups = {.names = {"idle"}, .n = 1};
	struct record *record = record_new();
	struct slope_rows rows;

	(void)state;
	assert_int_equal(slope_rows_make(&some, &wakeups, share, &rows), 0);
	for (size_t i = 0; i < rows.n; i++) {
		struct slope_row *row = &rows.rows[i];

		make_visits(row);
		for (size_t k = 0; k < row->visits * SLOPE_POINTS; k++) {
			size_t round = k / SLOPE_POINTS / row->copies;
			double factor = 1 + 0.1 * sin(2.4 * (double)round);
			double own = 1 + 0.003 * sin(1.3 * (double)(round * (i + 1)));

			*cost(row, k) = 40 + (20 + 10 * (double)i) * factor * own *
						     slope_repeats[k % SLOPE_POINTS];
		}
	}
	assert_int_equal(slope_rows_record(&rows, UNIT_NS, record), 0);
	for (size_t i = 0; i < rows.n; i++) {
		const struct slope *s = &record->slopes[i];
		double price = 20 + 10 * (double)i;

		assert_string_equal(s->common, "factor");
		assert_true(s->slope.lo < price && price < s->slope.hi);
		/*
		 * includes the error of the common part: not narrower than that of the mean factor
		 */
		assert_true(s->slope.hi - s->slope.lo > 0.05 * price);
	}
	slope_rows_free(&rows);
	record_free(record);
}

/* A core that is alone takes one cycle per step; beside a neighbour 1.4. */
static struct neighbour_reading reading(bool beside)
{
	return (struct neighbour_reading){.throughput_ticks = (beside ? 1.4 : 1) * NEIGHBOUR_STEPS,
					  .chain_ticks = NEIGHBOUR_CHAIN_ADDS};
}

/*
 * So many of a round's copies are beside a neighbour, where the call costs half as much again; one
 * of them only at its end.
 */
static void put_beside(struct slope_row *row, unsigned int copies_beside)
{
	make_visits(row);
	for (size_t v = 0; v < row->visits; v++) {
		bool beside = v % row->copies < copies_beside;
		double price = 20 + (double)(v / row->copies % 3) / 10 + (beside ? 10 : 0);

		for (size_t i = 0; i < SLOPE_POINTS; i++)
			row->visit[v].costs[i] = 40 + price * slope_repeats[i];
		row->visit[v].readings[0] = reading(beside && v % row->copies);
		row->visit[v].readings[1] = reading(beside);
	}
}

/*
 * Prices are those of a core alone if there are enough such rounds; the row says how many were not.
 */
static void a_neighbour_is_left_out(void **state)
{
	for (unsigned int beside = 0; beside <= SLOPE_COPIES; beside++) {
		struct record *record = record_new();
		struct slope_rows rows;
		struct slope_row *row = first_row("control", &rows);
		const struct slope *s;

		(void)state;
		put_beside(row, beside);
		assert_int_equal(slope_rows_record(&rows, UNIT_NS, record), 0);
		s = &record->slopes[0];
		assert_int_equal(s->rounds, ROUNDS);
		if (beside == SLOPE_COPIES) {
			/*
			 * all of them: the first reading of the first copy shows a core alone, but
			 * no whole visit is
			 */
			assert_false(s->alone);
			assert_float_equal(s->slope.value, 30.1, 0.1);
		} else {
			assert_true(s->alone);
			assert_float_equal(s->slope.value, 20.1, 0.1);
			assert_float_equal(s->contended_share, beside / (double)SLOPE_COPIES, 1e-9);
		}
		slope_rows_free(&rows);
		record_free(record);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(filters),
		cmocka_unit_test(a_planted_repetition_comes_back),
		cmocka_unit_test(a_wake_up_a_call_is_explained),
		cmocka_unit_test(copies_are_averaged_and_rounds_make_the_interval),
		cmocka_unit_test(placement_is_what_two_loads_differ_by),
		cmocka_unit_test(a_neighbour_is_left_out),
		cmocka_unit_test(late_visits_are_dropped_until_they_are_many),
		cmocka_unit_test(a_refused_program_falls_back),
		cmocka_unit_test(what_rounds_have_in_common_is_taken_off),
	};

	return cmocka_run_group_tests_name("slope_rows", tests, NULL, NULL);
}
