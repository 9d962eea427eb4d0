/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Each set on forced PMU models: what is counted, that libpfm4 encodes it, and which rows the model
 * lacks.
 */
#include "calib/counter_sets.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { MOST = 64 };

/* A set on one model; in memory shared with the child that asked. */
struct answer {
	int err;
	size_t n;
	bool known;
	char model[64];
	struct {
		char name[64], event[256], lacks[128];
		int encoded;
		struct perf_event_attr attr;
	} row[MOST];
};

#include "tests/unit/calib/asked.h"

static void fill_answer(const char *set)
{
	struct counter_request *list;
	struct error why;

	answer->known = counter_set_model(answer->model, sizeof(answer->model));
	answer->err = counter_set_requests(set, &list, &answer->n);
	for (size_t i = 0; !answer->err && i < answer->n && i < MOST; i++) {
		strncpy(answer->row[i].name, list[i].name, sizeof(answer->row[i].name) - 1);
		if (list[i].lacks)
			strncpy(answer->row[i].lacks, list[i].lacks,
				sizeof(answer->row[i].lacks) - 1);
		if (!list[i].event)
			continue;
		strncpy(answer->row[i].event, list[i].event, sizeof(answer->row[i].event) - 1);
		answer->row[i].encoded = counters_encode(list[i].event, &answer->row[i].attr, &why);
	}
	if (!answer->err)
		counter_set_free(list, answer->n);
}

static void ask(const char *model, const char *set)
{
	ask_model(model, fill_answer, set);
}

static void every_name_is_of_the_model_and_encodes(void **state)
{
	static const char *const models[] = {"hsw",
					     "skx",
					     "icl",
					     "icx",
					     "spr",
					     "amd64_fam17h_zen1",
					     "amd64_fam17h_zen2",
					     "amd64_fam19h_zen3",
					     "amd64_fam19h_zen4"};

	(void)state;
	for (size_t m = 0; m < sizeof(models) / sizeof(*models); m++)
		for (size_t s = 0; counter_set_name(s); s++) {
			size_t counted = 0;

			ask(models[m], counter_set_name(s));
			assert_int_equal(answer->err, 0);
			assert_true(answer->known);
			assert_string_equal(answer->model, models[m]);
			assert_true(answer->n >= 4 && answer->n <= MOST);
			for (size_t i = 0; i < answer->n; i++) {
				bool user = i % 2;

				if (!*answer->row[i].event) {
					assert_non_null(strstr(answer->row[i].lacks, models[m]));
					continue;
				}
				counted++;
				assert_int_equal(answer->row[i].encoded, 0);
				assert_int_equal(answer->row[i].attr.exclude_user, !user);
				assert_int_equal(answer->row[i].attr.exclude_kernel, user);
			}
			/* cycles and instructions, user and kernel, and at least one event of its
			 * own */
			assert_string_equal(answer->row[0].name, "cycles:k");
			assert_string_equal(answer->row[3].name, "instructions:u");
			assert_true(counted >= (s == 0 ? 4 : 6));
		}
}

/* Event codes from the vendors' documents, for the question of a row. */
static void rows_mean_the_same_on_each_model(void **state)
{
	static const struct {
		const char *model, *set, *row;
		uint64_t config;
	} known[] = {
		{"skx", "frontend", "frontend-starved:k", 0x019c},
		{"skx", "branches", "branch-misses:k", 0x00c5},
		{"skx", "caches", "llc-misses:k", 0x412e},
		{"icl", "caches", "l1d-fills:k", 0x0151},
		{"spr", "tlb", "dtlb-walks:k", 0x0e12},
		{"spr", "tlb", "itlb-walks:k", 0x0e11},
		{"amd64_fam17h_zen2", "branches", "branch-misses:k", 0xc3},
		{"amd64_fam19h_zen3", "cycles", "cycles:k", 0x76},
		{"amd64_fam19h_zen4", "branches", "return-misses:k", 0xc9},
		{"amd64_fam19h_zen4", "branches", "indirect-misses:k", 0xca},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		bool found = false;

		ask(known[i].model, known[i].set);
		for (size_t r = 0; r < answer->n && r < MOST; r++) {
			if (strcmp(answer->row[r].name, known[i].row) != 0)
				continue;
			found = true;
			if (answer->row[r].attr.config != known[i].config)
				fail_msg("%s %s: %s is %#llx, documented %#llx", known[i].model,
					 known[i].row, answer->row[r].event,
					 answer->row[r].attr.config,
					 (unsigned long long)known[i].config);
		}
		assert_true(found);
	}
}

static void says_what_a_model_lacks(void **state)
{
	(void)state;
	ask("amd64_fam19h_zen4", "tlb");
	for (size_t i = 0; i < answer->n; i++)
		assert_int_equal(!*answer->row[i].event,
				 !strncmp(answer->row[i].name, "dtlb-store-walks", 16));
}

/* For a model of which libpfm4 has no table nothing is guessed, and every row says so. */
static void knows_nothing_of_an_unknown_model(void **state)
{
	(void)state;
	ask("no_such_model", "all");
	assert_int_equal(answer->err, 0);
	assert_false(answer->known);
	for (size_t i = 0; i < answer->n; i++) {
		assert_string_equal(answer->row[i].event, "");
		assert_non_null(strstr(answer->row[i].lacks, "this CPU's model"));
	}
}

static void refuses_other_names(void **state)
{
	struct counter_request *list;
	size_t n;

	(void)state;
	assert_int_equal(counter_set_requests("cache", &list, &n), -ENOENT);
	assert_null(list);
	assert_int_equal(counter_set_requests("", &list, &n), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_is_of_the_model_and_encodes),
		cmocka_unit_test(rows_mean_the_same_on_each_model),
		cmocka_unit_test(says_what_a_model_lacks),
		cmocka_unit_test(knows_nothing_of_an_unknown_model),
		cmocka_unit_test(refuses_other_names),
	};

	return cmocka_run_group_tests_name("counter_sets", tests, share_answer, drop_answer);
}
