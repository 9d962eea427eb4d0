/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/slope_rows.h"
#include "reports/record_rows.h"

#define ROUNDS 12

static const struct name_list all = {.n = 0};

static size_t count(const struct slope_rows *rows, int carrier, const char *helper)
{
	size_t n = 0;

	for (size_t i = 0; i < rows->n; i++)
		n += rows->rows[i].carrier == carrier &&
		     (!helper || !strcmp(rows->rows[i].helper->name, helper));
	return n;
}

static void shares(void **state)
{
	enum carrier_share share[CARRIER_COUNT] = {0};
	struct slope_rows rows;

	(void)state;
	share[HOOK_RAW_TP] = SHARE_ALL;
	share[HOOK_TP_BTF] = SHARE_LACKING;
	share[HOOK_TRACEPOINT] = SHARE_LACKING;
	share[CARRIER_TEST_RUN] = SHARE_PLAIN;
	assert_int_equal(slope_rows_make(&all, &all, share, &rows), 0);
	/* four sizes in five drain states; discarded ones never arrive: one state */
	assert_int_equal(count(&rows, HOOK_RAW_TP, "perf_event_output"), 20);
	assert_int_equal(count(&rows, HOOK_RAW_TP, "ringbuf_discard"), 4);
	assert_int_equal(count(&rows, HOOK_RAW_TP, "lookup_miss"), 3);
	assert_int_equal(count(&rows, CARRIER_TEST_RUN, "ringbuf_submit"), 4);
	/* the direct read is all that raw_tp cannot do, and tp_btf can */
	assert_int_equal(count(&rows, HOOK_TP_BTF, NULL), 1);
	assert_int_equal(count(&rows, HOOK_TP_BTF, "arg_direct"), 1);
	assert_int_equal(count(&rows, HOOK_TRACEPOINT, NULL), 0);
	for (size_t i = 0; i < rows.n; i++)
		assert_true(rows.rows[i].status == CELL_MEASURED || *rows.rows[i].reason);
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
	const struct name_list drains = {.names = {"busy"}, .n = 1};
	enum carrier_share share[CARRIER_COUNT] = {[HOOK_TP_BTF] = SHARE_ALL};
	struct slope_rows rows;

	(void)state;
	assert_int_equal(slope_rows_make(&some, &drains, share, &rows), 0);
	/* submit and output; discards have no busy consumer */
	assert_int_equal(rows.n, 1 + 2 * 4);
	slope_rows_free(&rows);
}

/* A planted cost of one repetition comes back, in each row its own. */
static void a_planted_repetition_comes_back(void **state)
{
	enum carrier_share share[CARRIER_COUNT] = {[HOOK_TP_BTF] = SHARE_ALL};
	struct record *record = record_new();
	struct slope_rows rows;

	(void)state;
	assert_int_equal(slope_rows_make(&all, &all, share, &rows), 0);
	for (size_t i = 0; i < rows.n; i++) {
		struct slope_row *row = &rows.rows[i];

		row->rounds = ROUNDS;
		row->costs = calloc(ROUNDS * SLOPE_POINTS, sizeof(*row->costs));
		for (size_t k = 0; k < ROUNDS * SLOPE_POINTS; k++)
			row->costs[k] = 40 + (double)(k / SLOPE_POINTS % 3) +
					(10 + (double)i) * slope_repeats[k % SLOPE_POINTS];
	}
	slope_row_fail(&rows.rows[3], CELL_SKIPPED, "for a reason");
	assert_int_equal(slope_rows_record(&rows, UNIT_NS, record), 0);
	assert_int_equal(record->n_slopes, rows.n);
	for (size_t i = 0; i < rows.n; i++) {
		const struct slope *s = &record->slopes[i];

		if (i == 3) {
			assert_int_equal(s->status, CELL_SKIPPED);
			assert_string_equal(s->reason, "for a reason");
			continue;
		}
		assert_int_equal(s->status, CELL_MEASURED);
		assert_float_equal(s->slope.value, 10 + (double)i, 1e-9);
		assert_float_equal(s->intercept.value, 41, 0.5);
		assert_int_equal(s->rounds, ROUNDS);
		assert_false(s->nonlinear);
	}
	slope_rows_free(&rows);
	record_free(record);
}

/* Only what the consumer's own count shows is said of a row that is no line. */
static void a_wake_up_a_call_is_explained(void **state)
{
	const struct name_list some = {.names = {"ringbuf_submit"}, .n = 1};
	const struct name_list drains = {.names = {"caught_up", "idle"}, .n = 2};
	enum carrier_share share[CARRIER_COUNT] = {[HOOK_TP_BTF] = SHARE_ALL};
	struct record *record = record_new();
	struct slope_rows rows;

	(void)state;
	assert_int_equal(slope_rows_make(&some, &drains, share, &rows), 0);
	assert_int_equal(rows.n, 8);
	for (size_t i = 0; i < rows.n; i++) {
		struct slope_row *row = &rows.rows[i];

		row->rounds = ROUNDS;
		row->calls = 100;
		row->wakeups = i == 5 ? 800 : 100;
		row->costs = calloc(ROUNDS * SLOPE_POINTS, sizeof(*row->costs));
		for (size_t k = 0; k < ROUNDS * SLOPE_POINTS; k++)
			row->costs[k] = 40 + (k % SLOPE_POINTS ? 4000 : 0) +
					50 * slope_repeats[k % SLOPE_POINTS];
	}
	assert_int_equal(slope_rows_record(&rows, UNIT_NS, record), 0);
	for (size_t i = 0; i < rows.n; i++) {
		const struct slope *s = &record->slopes[i];

		assert_true(s->nonlinear);
		if (!strcmp(s->drain, "caught_up") && i != 5)
			assert_non_null(
				strstr(s->note, "8 events a call woke the consumer 1.0 times"));
		else
			assert_null(s->note);
	}
	slope_rows_free(&rows);
	record_free(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares),
		cmocka_unit_test(filters),
		cmocka_unit_test(a_planted_repetition_comes_back),
		cmocka_unit_test(a_wake_up_a_call_is_explained),
	};

	return cmocka_run_group_tests_name("slope_rows", tests, NULL, NULL);
}
