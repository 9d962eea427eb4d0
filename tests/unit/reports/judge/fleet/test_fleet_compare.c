/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two sides of a fleet with planted changes. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "reports/judge/fleet/fleet_compare.h"
#include "reports/stats/series/welch.h"
#include "tests/unit/reports/example_verdict.h"
#include "tests/unit/reports/judge/fleet/campaign.h"

/* Below folder/SIDE: the empty program costs `empty`, the ring buffer `ringbuf`. */
static void add_run(const char *side, const char *node, int boot, double empty, double ringbuf)
{
	struct record *rec = record_of(300);
	char path[128], text[64];
	struct error why;

	rename_to(&rec->host.node, node);
	snprintf(text, sizeof(text), "%s-%s-%d", side, node, boot);
	rename_to(&rec->host.boot, text);
	rename_to(&rec->host.mitigations, side);
	for (size_t k = 0; k < rec->n_results; k++) {
		struct record_result *r = rec->results[k];
		double value = strcmp(r->variant, "tracepoint_ringbuf") == 0 ? ringbuf : empty;

		r->overhead.typical = (struct effect){value, value - 1, value + 1};
	}
	snprintf(path, sizeof(path), "%s/%s", folder, side);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/%s-%d", folder, side, node, boot);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(record_write(rec, path, &why), 0);
	record_free(rec);
}

static const struct fleet_change *compared(struct fleet_comparison *c, const char *id)
{
	char a[sizeof(folder) + 8], b[sizeof(folder) + 8];
	const char *const from[] = {a}, *const to[] = {b};
	struct error why;

	snprintf(a, sizeof(a), "%s/a", folder);
	snprintf(b, sizeof(b), "%s/b", folder);
	assert_int_equal(fleet_compare(from, 1, to, 1, "tracepoint_*", c, &why), 0);
	for (size_t i = 0; i < c->n; i++) {
		if (strncmp(c->rows[i].id, id, strlen(id)) == 0)
			return &c->rows[i];
	}
	fail_msg("no row of %s", id);
	return NULL;
}

/* Machines differ by far more than what changed: their own differences show it. */
static void test_paired(void **state)
{
	static const double noise[] = {0.2, -0.3, 0.1, -0.2, 0.4};
	struct fleet_comparison c;
	const struct fleet_change *row;
	char node[8];

	(void)state;
	for (int n = 0; n < 5; n++) {
		snprintf(node, sizeof(node), "n%d", n);
		add_run("a", node, 0, 50 + 40 * n, 100 + 40 * n);
		add_run("b", node, 0, 50 + 40 * n + noise[n], 105 + 40 * n + noise[n]);
	}
	add_run("a", "only", 0, 900, 900); /* on one side: of no pair */
	row = compared(&c, "tracepoint_ringbuf/");
	assert_int_equal(row->by, FLEET_PAIRED);
	assert_int_equal(row->common, 5);
	assert_int_equal(row->machines[0], 6);
	assert_float_equal(row->from, 180, 1e-9);
	assert_float_equal(row->change.value, 5.04, 1e-9);
	assert_true(row->change.lo > 4.6 && row->change.hi < 5.5);
	assert_true(row->changed);
	assert_int_equal(c.changed, 1); /* the empty program is not */
	fleet_comparison_free(&c);
}

/* Other machines on each side: what they differ by is in the interval. */
static void test_unpaired(void **state)
{
	struct fleet_comparison c;
	const struct fleet_change *row;
	char node[8];

	(void)state;
	for (int n = 0; n < 4; n++) {
		snprintf(node, sizeof(node), "a%d", n);
		add_run("a", node, 0, 50, 100 + 40 * n);
		snprintf(node, sizeof(node), "b%d", n);
		add_run("b", node, 0, 50, 105 + 40 * n);
	}
	row = compared(&c, "tracepoint_ringbuf/");
	assert_int_equal(row->by, FLEET_UNPAIRED);
	assert_true(row->change.lo < -50 && row->change.hi > 60);
	assert_int_equal(c.changed, 0);
	fleet_comparison_free(&c);
}

/* One machine: by its boots where there are two, else withheld. */
static void test_one_machine(void **state)
{
	struct fleet_comparison c;
	const struct fleet_change *row;

	(void)state;
	add_run("a", "n", 0, 50, 100);
	add_run("a", "n", 1, 51, 101);
	add_run("b", "n", 0, 50, 120);
	row = compared(&c, "tracepoint_ringbuf/");
	assert_int_equal(row->by, FLEET_WITHHELD);
	assert_true(isnan(row->change.lo) && isnan(row->p));
	fleet_comparison_free(&c);
	add_run("b", "n", 1, 51, 121);
	row = compared(&c, "tracepoint_ringbuf/");
	assert_int_equal(row->by, FLEET_ONE_MACHINE);
	assert_true(row->change.lo > 15 && row->change.hi < 25);
	fleet_comparison_free(&c);
}

/* R's t.test of the same figures. */
static void test_welch(void **state)
{
	const double a[] = {10, 12, 11, 15}, b[] = {14, 18, 17}, d[] = {1, 2, 4, 1.5};
	struct welch w = welch_difference(a, 4, b, 3);

	(void)state;
	assert_float_equal(w.difference.lo, 0.05435786209, 1e-6);
	assert_float_equal(w.difference.hi, 8.612308805, 1e-6);
	assert_float_equal(w.p, 0.04813045435, 1e-8);
	w = welch_paired(d, 4);
	assert_float_equal(w.difference.lo, 0.03257684786, 1e-6);
	assert_float_equal(w.difference.hi, 4.217423152, 1e-6);
	assert_float_equal(w.p, 0.04814281194, 1e-8);
	w = welch_difference(a, 1, b, 3);
	assert_true(isnan(w.p) && isnan(w.difference.lo));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_paired, begin),
		cmocka_unit_test_setup(test_unpaired, begin),
		cmocka_unit_test_setup(test_one_machine, begin),
		cmocka_unit_test(test_welch),
	};

	return cmocka_run_group_tests(tests, make_root, drop_root);
}
