/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which configurations rest once their intervals are narrow. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/read/wakeup_policy.h"
#include "kit/probes/stopping/allocation.h"
#include "kit/probes/comparison.h"
#include "kit/probes/totals.h"
#include "reports/record/record_rows.h"

static const struct precision two_ns = {2, false};

struct made {
	struct plan plan;
	struct worker_page *page;
	struct record *record;
};

/* Two hooks of two programs on two syscalls; each row ±10. */
static void make(struct made *made)
{
	struct plan_options options = {
		.suite = "quick",
		.variants = {{"raw_tp_empty", "raw_tp_lookup_*", "tp_btf_empty"}, 3},
		.workloads = {{"munmap_einval", "getppid"}, 2},
		.unit = UNIT_NS,
	};
	struct error why;

	*made = (struct made){.record = record_new()};
	assert_int_equal(plan_make(&options, &made->plan, &why), 0);
	assert_int_equal(worker_page_make(&made->plan, 0, NULL, &made->page), 0);
	for (size_t p = 0; p < made->page->n_experiments; p++) {
		const struct worker_experiment *of = worker_page_experiment(made->page, p);

		/* as the pilot does */
		worker_page_config(made->page, p, of->n_configs - 1)->own = 2;
		for (size_t i = 0; i < of->n_configs; i++) {
			struct worker_config *config = worker_page_config(made->page, p, i);
			struct record_result *result;

			if (config->kind != CONFIG_PROBE || config->again)
				continue;
			result = record_add_result(
				made->record, worker_config_variant(made->page, p, i), "hook",
				"program", workloads[of->workload].name,
				wakeup_policy_name(config->wakeup), cache_state_name(of->cache));
			result->overhead.typical = (struct effect){100, 90, 110};
			result->workers = 10;
		}
	}
}

static void unmake(struct made *made)
{
	record_free(made->record);
	worker_page_free(made->page);
	plan_free(&made->plan);
}

static void narrow(struct made *made, const char *id, double half)
{
	struct record_result *result = (struct record_result *)record_find_result(made->record, id);

	assert_non_null(result);
	result->overhead.typical = (struct effect){100, 100 - half, 100 + half};
}

static size_t resting(const struct made *made, size_t p)
{
	size_t n = 0;

	for (size_t i = 0; i < worker_page_experiment(made->page, p)->n_configs; i++)
		n += worker_page_config(made->page, p, i)->rests;
	return n;
}

static const struct worker_config *config_of(const struct made *made, size_t p, const char *variant)
{
	for (size_t i = 0; i < worker_page_experiment(made->page, p)->n_configs; i++)
		if (!strcmp(worker_config_variant(made->page, p, i), variant))
			return worker_page_config(made->page, p, i);
	return NULL;
}

static void test_rows_rest(void **state)
{
	struct made made;
	bool more;

	(void)state;
	make(&made);
	assert_int_equal(allocation_look(&two_ns, made.page, made.record, &more), 0);
	assert_true(more);
	assert_int_equal(resting(&made, 0) + resting(&made, 1), 0);

	/* the only one of its hook takes its baseline with it */
	narrow(&made, "tp_btf_empty/munmap_einval/-/stirred", 1);
	assert_int_equal(allocation_note(&two_ns, made.page, made.record), 0);
	assert_int_equal(resting(&made, 0) + resting(&made, 1), 0);
	assert_int_equal(allocation_look(&two_ns, made.page, made.record, &more), 0);
	assert_true(more && config_of(&made, 0, "tp_btf_empty")->rests);
	assert_true(
		worker_page_config(made.page, 0, config_of(&made, 0, "tp_btf_empty")->own)->rests);
	assert_int_equal(resting(&made, 0), 2);
	assert_int_equal(resting(&made, 1), 0);
	unmake(&made);
}

static void test_null_tests_stay(void **state)
{
	struct made made;
	const struct worker_config *repeated;
	bool more;

	(void)state;
	make(&made);
	repeated = worker_page_config(made.page, 0, 2);
	assert_true(repeated->kind == CONFIG_PROBE && !repeated->again);
	narrow(&made, "raw_tp_empty/munmap_einval/-/stirred", 1);
	narrow(&made, "raw_tp_lookup_miss/munmap_einval/-/stirred", 1);
	narrow(&made, "raw_tp_lookup_hit/munmap_einval/-/stirred", 1);
	assert_int_equal(allocation_look(&two_ns, made.page, made.record, &more), 0);
	/* the probe that is measured twice goes on, with both null tests and their baseline */
	assert_false(repeated->rests);
	assert_int_equal(resting(&made, 0), 2);
	assert_false(worker_page_config(made.page, 0, COMPARISON_BASELINE)->rests);
	assert_false(config_of(&made, 0, "none_again")->rests);
	assert_false(config_of(&made, 0, "same_probe_again")->rests);

	/* with its last row the whole experiment rests, and only that one */
	narrow(&made, "tp_btf_empty/munmap_einval/-/stirred", 1);
	assert_int_equal(allocation_look(&two_ns, made.page, made.record, &more), 0);
	assert_true(more);
	assert_int_equal(resting(&made, 0), worker_page_experiment(made.page, 0)->n_configs);
	assert_int_equal(resting(&made, 1), 0);
	unmake(&made);
}

static void test_the_end(void **state)
{
	struct made made;
	bool more;

	(void)state;
	make(&made);
	for (size_t i = 0; i < made.record->n_results; i++)
		narrow(&made, made.record->results[i]->id, i ? 1.99 : 1);
	assert_int_equal(allocation_look(&two_ns, made.page, made.record, &more), 0);
	assert_false(more);
	for (size_t i = 0; i < made.record->n_results; i++) {
		const struct result_precision *p = &made.record->results[i]->precision;

		assert_true(p->present && p->reached && p->target == 2);
	}
	unmake(&made);
}

/* What rests is not counted as timed in the rounds of others. */
static void test_rounds(void **state)
{
	struct totals totals;
	struct made made;

	(void)state;
	make(&made);
	assert_int_equal(totals_open(made.page, &totals), 0);
	for (unsigned int w = 0; w < 3; w++) {
		made.page->number = w;
		worker_page_experiment(made.page, 0)->rounds = 2;
		worker_page_config(made.page, 0, 3)->rests = w == 2;
		assert_int_equal(totals_take(&totals, made.record), 0);
	}
	assert_int_equal(totals.experiments[0].rounds, 6);
	assert_int_equal(totals.experiments[0].configs[2].rounds, 6);
	assert_int_equal(totals.experiments[0].configs[3].rounds, 4);
	assert_int_equal(totals_workers(&totals.experiments[0], 2), 3);
	assert_int_equal(totals_workers(&totals.experiments[0], 3), 2);
	totals_close(&totals);
	unmake(&made);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_rest),
		cmocka_unit_test(test_null_tests_stay),
		cmocka_unit_test(test_the_end),
		cmocka_unit_test(test_rounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
