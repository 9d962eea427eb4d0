/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Campaigns with planted truths: records of machines and boots in a folder, judged together. */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/answer/answers.h"
#include "reports/judge/fleet/fleet.h"
#include "reports/judge/fleet/fleet_places.h"
#include "tests/unit/reports/example_verdict.h"
#include "tests/unit/reports/judge/fleet/campaign.h"

static const char *microcode; /* of the runs that are added; NULL: not recorded */

/* A run of the probe under test on that machine in that boot: this p99, 0.5 % of a CPU, no loss. */
static void add_run(const char *cpu, const char *node, int boot, int run, double p99)
{
	struct record *rec = record_of(p99);
	char path[128], text[64];
	struct error why;

	rename_to(&rec->host.cpu, cpu);
	rename_to(&rec->host.node, node);
	free(rec->host.microcode);
	rec->host.microcode = microcode ? strdup(microcode) : NULL;
	snprintf(text, sizeof(text), "%s-boot-%d", node, boot);
	rename_to(&rec->host.boot, text);
	snprintf(text, sizeof(text), "2026-11-25T%02d:%02d:00Z", boot, run);
	rename_to(&rec->created, text);
	for (size_t i = 0; i < rec->n_results; i++) {
		if (strcmp(rec->results[i]->variant, "kprobe_as_written") == 0)
			point_of(rec, rec->results[i], 10000, 0.3, 0.2, 40000, 0);
	}
	snprintf(path, sizeof(path), "%s/%.8s-%s-%d-%d", folder, cpu, node, boot, run);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(record_write(rec, path, &why), 0);
	record_free(rec);
}

static void judge(struct fleet *fleet)
{
	struct verdict_scope scope = {.variant = NULL};
	struct budget budget;
	struct error why;

	budget_default(&budget);
	assert_int_equal(fleet_judge(folders, 1, &budget, &scope, fleet, &why), 0);
}

static const struct fleet_row *row_of(const struct fleet *fleet, const char *cpu)
{
	for (size_t i = 0; i < fleet->n_rows; i++) {
		if (fleet->rows[i].under_test && !strncmp(fleet->rows[i].type, cpu, strlen(cpu)))
			return &fleet->rows[i];
	}
	fail_msg("no row of %s", cpu);
	return NULL;
}

static void print(const struct fleet *fleet)
{
	const struct answer_style style = {.width = ANSWER_NARROW};
	struct answer *a;

	assert_int_equal(answer_of_fleet(fleet, folder, &a), 0);
	assert_int_equal(answer_print(a, &style, stderr), 0);
	answer_close(a);
}

/* Of two types, one is cheap and one is dear: each has its own verdict. */
static void test_types_apart(void **state)
{
	const char *const nodes[] = {"n1", "n2", "n3", "n4"};
	const struct fleet_row *cheap, *dear;
	struct fleet fleet;

	(void)state;
	for (int n = 0; n < 4; n++)
		for (int b = 0; b < 2; b++) {
			add_run("Cheap CPU", nodes[n], b, 0, 300 + 5 * n + b);
			add_run("Dear CPU", nodes[n], b, 0, 4000 + 50 * n + b);
		}
	judge(&fleet);
	print(&fleet);
	assert_int_equal(fleet.types, 2);
	assert_int_equal(fleet.machines, 8);
	assert_int_equal(fleet.boots, 16);
	cheap = row_of(&fleet, "Cheap");
	dear = row_of(&fleet, "Dear");
	assert_int_equal(cheap->verdict, VERDICT_GREEN);
	assert_int_equal(cheap->by[CRITERION_P99].covers, FLEET_NEXT_MACHINE);
	assert_int_equal(cheap->machines, 4);
	assert_int_equal(cheap->boots, 8);
	assert_int_equal(dear->verdict, VERDICT_RED);
	assert_int_equal(dear->decided, CRITERION_P99);
	assert_int_equal(dear->seen[VERDICT_RED], 8);
	assert_int_equal(fleet.worst, VERDICT_RED);
	fleet_free(&fleet);
}

/* Every boot is GREEN by itself, but machines differ so much that the next one may not be. */
static void test_next_machine(void **state)
{
	const double p99[] = {200, 500, 850};
	const struct fleet_row *row;
	struct fleet fleet;

	(void)state;
	add_run("CPU", "n1", 0, 0, p99[0]);
	add_run("CPU", "n2", 0, 0, p99[1]);
	add_run("CPU", "n3", 0, 0, p99[2]);
	judge(&fleet);
	row = row_of(&fleet, "CPU");
	assert_int_equal(row->seen[VERDICT_GREEN], 3);
	assert_true(row->by[CRITERION_P99].measured.hi > 2000);
	assert_int_equal(row->verdict, VERDICT_INCONCLUSIVE);
	fleet_free(&fleet);
}

/* One machine of two boots: an interval for its next boot, none for the next machine. */
static void test_one_machine(void **state)
{
	const struct fleet_row *row;
	struct fleet fleet;

	(void)state;
	add_run("CPU", "n1", 0, 0, 300);
	add_run("CPU", "n1", 1, 0, 302);
	add_run("CPU", "n1", 1, 1, 303); /* a second run of that boot */
	judge(&fleet);
	row = row_of(&fleet, "CPU");
	assert_int_equal(row->boots, 2);
	assert_int_equal(row->runs, 3);
	assert_int_equal(row->by[CRITERION_P99].covers, FLEET_NEXT_BOOT);
	assert_true(row->by[CRITERION_P99].measured.hi > 303);
	assert_int_equal(row->verdict, VERDICT_INCONCLUSIVE);
	assert_non_null(strstr(row->by[CRITERION_P99].why, "one machine"));
	fleet_free(&fleet);
}

/* Damaged, of no known machine, or there twice: named or left out, and the rest goes on. */
static void test_gaps(void **state)
{
	char path[160];
	const struct fleet_row *row;
	struct fleet fleet;
	struct record *rec = record_of(300);
	struct error why;
	FILE *out;

	(void)state;
	add_run("CPU", "n1", 0, 0, 300);
	add_run("CPU", "n2", 0, 0, 301);
	snprintf(path, sizeof(path), "%s/copy", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	/* the same run once more */
	rename_to(&rec->host.cpu, "CPU");
	rename_to(&rec->host.node, "n1");
	rename_to(&rec->host.boot, "n1-boot-0");
	rename_to(&rec->created, "2026-11-25T00:00:00Z");
	assert_int_equal(record_write(rec, path, &why), 0);
	snprintf(path, sizeof(path), "%s/old", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	rename_to(&rec->host.node, "n3");
	free(rec->host.boot);
	rec->host.boot = NULL;
	assert_int_equal(record_write(rec, path, &why), 0);
	record_free(rec);
	snprintf(path, sizeof(path), "%s/broken", folder);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/broken/record.json", folder);
	out = fopen(path, "w");
	assert_non_null(out);
	fputs("{\"schema\": \"bpftoll/1\", ", out);
	fclose(out);

	judge(&fleet);
	print(&fleet);
	row = row_of(&fleet, "CPU");
	assert_int_equal(row->runs, 2);
	assert_int_equal(fleet.n_gaps, 2);
	assert_non_null(strstr(fleet.gaps[0].where, "broken"));
	assert_non_null(strstr(fleet.gaps[1].why, "machine and boot"));
	fleet_free(&fleet);
}

/* What a lost run left beside the one that took its place is named, and is no second run. */
static void test_lost(void **state)
{
	char path[160], aside[176];
	const struct fleet_row *row;
	struct fleet fleet;

	(void)state;
	add_run("CPU", "n1", 0, 1, 900);
	snprintf(path, sizeof(path), "%s/CPU-n1-0-1", folder);
	snprintf(aside, sizeof(aside), "%s.lost-1", path);
	assert_int_equal(rename(path, aside), 0);
	add_run("CPU", "n1", 1, 1, 300);
	add_run("CPU", "n2", 0, 1, 301);

	judge(&fleet);
	row = row_of(&fleet, "CPU");
	assert_int_equal(row->runs, 2);
	assert_int_equal(row->boots, 2);
	assert_int_equal(fleet.n_gaps, 1);
	assert_string_equal(fleet.gaps[0].where, aside);
	fleet_free(&fleet);
	assert_true(record_is_lost("run-1.lost-12"));
	assert_false(record_is_lost("run-1.lost-"));
	assert_false(record_is_lost("run-1.lost-1.bak"));
}

/* Two versions of microcode are one type, and the answer says so; three runs of one are not. */
static void test_microcodes(void **state)
{
	static const char *const versions[] = {"0xa", "0xa", "0xb", NULL};
	struct fleet fleet;
	struct answer *a;
	char list[32], *text = NULL;
	size_t n, len;
	FILE *out;

	(void)state;
	for (int i = 0; i < 4; i++) {
		char node[] = {'n', (char)('1' + i), '\0'};

		microcode = versions[i];
		add_run("CPU", node, 0, 0, 300);
		microcode = "0xc";
		add_run("Same", node, 0, 0, 300);
	}
	microcode = NULL;
	judge(&fleet);
	assert_int_equal(fleet.types, 2);
	assert_int_equal(fleet_microcodes(&fleet, 0, &n, list, sizeof(list)), 4);
	assert_int_equal(n, 2);
	assert_string_equal(list, "0xa, 0xb");
	assert_int_equal(fleet_microcodes(&fleet, 4, &n, list, sizeof(list)), 8);
	assert_int_equal(n, 1);
	assert_int_equal(answer_of_fleet(&fleet, NULL, &a), 0);
	out = open_memstream(&text, &len);
	assert_int_equal(answer_json(a, out), 0);
	fclose(out);
	assert_non_null(strstr(text, "type CPU"));
	assert_non_null(strstr(text, "2 versions of microcode (0xa, 0xb)"));
	assert_null(strstr(text, "type Same"));
	free(text);
	answer_close(a);
	fleet_free(&fleet);
}

static void test_nothing(void **state)
{
	struct verdict_scope scope = {.variant = NULL};
	struct budget budget;
	struct fleet fleet;
	struct error why;

	(void)state;
	budget_default(&budget);
	assert_int_equal(fleet_judge(folders, 1, &budget, &scope, &fleet, &why), -ENOENT);
	assert_non_null(strstr(why.text, "no record.json"));
	fleet_free(&fleet);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_types_apart, begin),
		cmocka_unit_test_setup(test_next_machine, begin),
		cmocka_unit_test_setup(test_one_machine, begin),
		cmocka_unit_test_setup(test_gaps, begin),
		cmocka_unit_test_setup(test_lost, begin),
		cmocka_unit_test_setup(test_microcodes, begin),
		cmocka_unit_test_setup(test_nothing, begin),
	};

	return cmocka_run_group_tests(tests, make_root, drop_root);
}
