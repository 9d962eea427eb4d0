/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "calib/error.h"
#include "kit/cmd/options/nearest.h"
#include "kit/probes/plan.h"

static struct error why;

static size_t configs_of(const struct plan *plan, const char *workload)
{
	for (size_t i = 0; i < plan->n_experiments; i++)
		if (!strcmp(plan->experiments[i].workload->name, workload))
			return plan->experiments[i].n_configs;
	return 0;
}

static void quick_has_its_configurations(void **state)
{
	struct plan_options options = {.suite = "quick"};
	struct plan plan;

	(void)state;
	assert_int_equal(plan_make(&options, &plan, &why), 0);
	assert_int_equal(plan.n_experiments, 4);
	/*
	 * 10 hooks x (empty, miss, hit, and perf and ringbuf with three wakeup policies), and the
	 * probe under test as its code has it, a kprobe
	 */
	assert_int_equal(configs_of(&plan, "munmap_einval"), 93);
	assert_int_equal(configs_of(&plan, "munmap_4k"), 31);
	assert_int_equal(configs_of(&plan, "getppid"), 20);
	/* a run bounded by time makes at least 10 rounds */
	assert_true(plan.calls * 10 >= 10000 && plan.gated_calls * 10 >= 10000);
	plan_free(&plan);
}

static void a_cache_state_is_an_experiment(void **state)
{
	struct plan_options options = {
		.suite = "quick",
		.workloads = {{"munmap_einval"}, 1},
		.caches = {{"cold", "hot"}, 2},
	};
	struct plan plan;

	(void)state;
	assert_int_equal(plan_make(&options, &plan, &why), 0);
	assert_int_equal(plan.n_experiments, 2);
	assert_int_equal(plan.experiments[0].cache, CACHE_HOT);
	assert_int_equal(plan.experiments[1].cache, CACHE_COLD);
	assert_int_equal(plan.experiments[0].n_configs, plan.experiments[1].n_configs);
	assert_true(plan.cold_calls < plan.calls);
	plan_free(&plan);
	options.caches.n = 1;
	options.calls = 100;
	assert_int_equal(plan_make(&options, &plan, &why), 0);
	assert_int_equal(plan.n_experiments, 1);
	assert_int_equal(plan.experiments[0].cache, CACHE_COLD);
	assert_int_equal(plan.cold_calls, 100);
	plan_free(&plan);
	options.unit = UNIT_INSTRUCTIONS;
	assert_int_equal(plan_make(&options, &plan, &why), -EINVAL);
	assert_non_null(strstr(why.text, "caches do not change"));
	plan_free(&plan);
	options.unit = UNIT_NS;
	options.caches.names[0] = "cool";
	assert_int_equal(plan_make(&options, &plan, &why), -EINVAL);
	assert_non_null(strstr(why.text, "nearest: cold"));
	plan_free(&plan);
}

static void full_times_a_million_calls_of_every_result(void **state)
{
	struct plan_options options = {.suite = "full"};
	struct plan plan;
	size_t ours = 0;

	(void)state;
	assert_int_equal(plan_make(&options, &plan, &why), 0);
	/* those with `reaches` are for programs of others */
	for (size_t i = 0; i < workloads_count; i++)
		ours += !workloads[i].reaches;
	assert_int_equal(plan.n_experiments, ours);
	assert_true((uint64_t)plan.rounds * plan.calls >= 1000000);
	assert_true((uint64_t)plan.rounds * plan.gated_calls >= 1000000);
	plan_free(&plan);
}

static void what_is_named_is_what_is_measured(void **state)
{
	struct plan_options options = {
		.suite = "quick",
		.variants = {{"raw_tp_*", "kprobe_perf"}, 2},
		.workloads = {{"madvise_free_1m"}, 1},
		.wakeups = {{"busy"}, 1},
		.rounds = 7,
		.calls = 100,
	};
	struct plan plan;

	(void)state;
	assert_int_equal(plan_make(&options, &plan, &why), 0);
	assert_int_equal(plan.n_experiments, 1);
	assert_int_equal(plan.n_configs, 10); /* nine programs on raw_tp, and kprobe_perf */
	assert_int_equal(plan.rounds, 7);
	assert_int_equal(plan.gated_calls, 100);
	for (size_t i = 0; i < plan.n_configs; i++) {
		enum output output = body_output(plan.experiments[0].configs[i].variant->body);

		assert_int_equal(plan.experiments[0].configs[i].wakeup,
				 output == OUTPUT_NONE ? WAKEUP_OFF : WAKEUP_BUSY);
	}
	plan_free(&plan);
}

static void a_wrong_name_names_the_nearest(void **state)
{
	static const struct {
		struct plan_options options;
		const char *wrong, *nearest;
	} cases[] = {
		{{.suite = "quik"}, "suite 'quik'", "quick"},
		{{.suite = "quick", .variants = {{"krpobe_empty"}, 1}}, "variant", "kprobe_empty"},
		{{.suite = "quick", .workloads = {{"munmap_4K"}, 1}}, "syscall", "munmap_4k"},
		{{.suite = "quick", .wakeups = {{"bsy"}, 1}}, "wakeup policy", "busy"},
		{{.suite = "quick", .wakeups = {{"-"}, 1}}, "wakeup policy", "none"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct plan plan;

		assert_int_not_equal(plan_make(&cases[i].options, &plan, &why), 0);
		assert_non_null(strstr(why.text, cases[i].wrong));
		assert_non_null(strstr(why.text, cases[i].nearest));
		plan_free(&plan);
	}
}

static void nearest_sorts_by_distance(void **state)
{
	struct nearest near = {.wrong = "abc"};

	(void)state;
	nearest_offer(&near, "xyz");
	nearest_offer(&near, "abd");
	nearest_offer(&near, "abc");
	nearest_offer(&near, "axd");
	nearest_say(&near, "thing", &why);
	assert_string_equal(why.text, "no thing 'abc'; nearest: abc, abd, axd");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quick_has_its_configurations),
		cmocka_unit_test(a_cache_state_is_an_experiment),
		cmocka_unit_test(full_times_a_million_calls_of_every_result),
		cmocka_unit_test(what_is_named_is_what_is_measured),
		cmocka_unit_test(a_wrong_name_names_the_nearest),
		cmocka_unit_test(nearest_sorts_by_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
