/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kernels and days with a planted step. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "reports/judge/fleet/fleet_series.h"
#include "tests/unit/reports/example_verdict.h"
#include "tests/unit/reports/judge/fleet/campaign.h"

/* A record of day i, under kernel 6.i: the ring buffer costs `cost`, the empty program always the
 * same but for noise. */
static void add_day(const char *node, int i, double cost)
{
	static const double noise[] = {0.3,  -0.4, 0.1,	 0.9, -0.8, 0.2,
				       -0.1, 0.6,  -0.7, 0.5, 0,    -0.2};
	struct record *rec = record_of(300);
	char path[96], text[64];
	struct error why;

	rename_to(&rec->host.node, node);
	snprintf(text, sizeof(text), "boot-%s-%d", node, i);
	rename_to(&rec->host.boot, text);
	snprintf(text, sizeof(text), "mitigations of kernel %d", i);
	rename_to(&rec->host.mitigations, text);
	snprintf(text, sizeof(text), "6.%d.0", i);
	rename_to(&rec->host.kernel, text);
	snprintf(text, sizeof(text), "2026-11-%02dT00:00:00Z", i);
	rename_to(&rec->created, text);
	for (size_t k = 0; k < rec->n_results; k++) {
		struct record_result *r = rec->results[k];
		double value = strcmp(r->variant, "tracepoint_ringbuf") == 0 ? cost : 50;

		value += noise[i % 12] + (double)k;
		r->overhead.typical = (struct effect){value, value - 1, value + 1};
	}
	snprintf(path, sizeof(path), "%s/%s-%d", folder, node, i);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(record_write(rec, path, &why), 0);
	record_free(rec);
}

static const struct series *series_of(const struct fleet_series *all, const char *id)
{
	for (size_t i = 0; i < all->n; i++) {
		if (strncmp(all->series[i].id, id, strlen(id)) == 0)
			return &all->series[i];
	}
	fail_msg("no series of %s", id);
	return NULL;
}

/* The step is found in the configuration that has it, at its kernel: 6.9 is before 6.10. */
static void test_kernels(void **state)
{
	struct fleet_series all;
	const struct series *s;
	struct error why;

	(void)state;
	for (int i = 3; i < 15; i++)
		add_day("n1", i, i < 10 ? 100 : 120);
	assert_int_equal(fleet_series(folders, 1, SERIES_KERNEL, NULL, &all, &why), 0);
	assert_int_equal(all.changed, 1);
	s = series_of(&all, "tracepoint_ringbuf/");
	assert_int_equal(s->n, 12);
	assert_int_equal(s->changes.n, 1);
	assert_string_equal(s->points[s->changes.points[0].at].label, "6.10.0");
	assert_true(s->changes.points[0].step.lo > 18 && s->changes.points[0].step.hi < 22);
	assert_false(s->machines_change);
	assert_int_equal(series_of(&all, "tracepoint_empty/")->changes.n, 0);
	fleet_series_free(&all);
}

/* By day; from some day on another machine, and that is said. */
static void test_days_of_other_machines(void **state)
{
	struct fleet_series all;
	const struct series *s;
	struct error why;

	(void)state;
	for (int i = 1; i < 15; i++)
		add_day(i < 8 ? "n1" : "n2", i, i < 8 ? 100 : 120);
	assert_int_equal(fleet_series(folders, 1, SERIES_DAY, "tracepoint_*", &all, &why), 0);
	assert_int_equal(all.n, 2);
	s = series_of(&all, "tracepoint_ringbuf/");
	assert_int_equal(s->changes.n, 1);
	assert_string_equal(s->points[s->changes.points[0].at].label, "2026-11-08");
	assert_true(s->machines_change);
	fleet_series_free(&all);
}

static void test_too_short(void **state)
{
	struct fleet_series all;
	struct error why;

	(void)state;
	for (int i = 1; i < 8; i++)
		add_day("n1", i, i < 5 ? 100 : 120);
	assert_int_equal(fleet_series(folders, 1, SERIES_DAY, NULL, &all, &why), 0);
	assert_int_equal(all.tested, 0);
	assert_non_null(strstr(all.series[0].why, "fewer than 8"));
	fleet_series_free(&all);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_kernels, begin),
		cmocka_unit_test_setup(test_days_of_other_machines, begin),
		cmocka_unit_test_setup(test_too_short, begin),
	};

	return cmocka_run_group_tests(tests, make_root, drop_root);
}
