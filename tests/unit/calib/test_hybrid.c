/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which PMU a CPU has, and where events go, on made-up trees like those of Alder Lake, a Xeon and
 * an RK3588.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>

#include "calib/counters.h"
#include "calib/hybrid.h"
#include "tests/unit/cpuset/tree.h"

#define DEVICES "/sys/bus/event_source/devices"
#define P_CORE	3
#define E_CORE	17

static void put_pmu(const struct tree *tree, const char *name, const char *type, const char *cpus)
{
	char path[128];

	snprintf(path, sizeof(path), DEVICES "/%s/type", name);
	tree_put(tree, path, type);
	snprintf(path, sizeof(path), DEVICES "/%s/cpus", name);
	if (cpus)
		tree_put(tree, path, cpus);
}

/* i9-12900: eight P cores of two threads, eight E cores. */
static void make_alder_lake(struct tree *tree)
{
	tree_make(tree);
	put_pmu(tree, "cpu_core", "4\n", "0-15\n");
	put_pmu(tree, "cpu_atom", "10\n", "16-23\n");
	put_pmu(tree, "software", "1\n", NULL);
	put_pmu(tree, "uncore_imc_0", "20\n", NULL);
}

static void each_cpu_has_its_pmu(void **state)
{
	struct hybrid_pmu pmu;
	struct tree tree;

	(void)state;
	make_alder_lake(&tree);
	hybrid_find(tree.root, P_CORE, &pmu);
	assert_string_equal(pmu.name, "cpu_core");
	assert_int_equal(pmu.type, 4);
	assert_true(pmu.several);
	hybrid_find(tree.root, E_CORE, &pmu);
	assert_string_equal(pmu.name, "cpu_atom");
	assert_int_equal(pmu.type, 10);
	assert_string_equal(hybrid_model(&pmu, 0), "adl_grt");
	assert_null(hybrid_model(&pmu, 1));
	assert_true(hybrid_serves(&pmu, "adl_grt"));
	assert_false(hybrid_serves(&pmu, "adl_glc"));
	/* a CPU that is in no list */
	hybrid_find(tree.root, 99, &pmu);
	assert_string_equal(pmu.name, "");
	tree_remove(&tree);

	tree_make(&tree);
	put_pmu(&tree, "cpu", "4\n", NULL);
	hybrid_find(tree.root, E_CORE, &pmu);
	assert_string_equal(pmu.name, "cpu");
	assert_false(pmu.several);
	assert_true(hybrid_serves(&pmu, "adl_glc"));
	tree_remove(&tree);

	tree_make(&tree);
	hybrid_find(tree.root, 0, &pmu);
	assert_string_equal(pmu.name, "");
	tree_remove(&tree);

	tree_make(&tree);
	put_pmu(&tree, "armv8_cortex_a55", "8\n", "0-3\n");
	put_pmu(&tree, "armv8_cortex_a76", "9\n", "4-7\n");
	hybrid_find(tree.root, 6, &pmu);
	assert_string_equal(pmu.name, "armv8_cortex_a76");
	tree_remove(&tree);
}

static void aimed(const struct tree *tree, int cpu, uint32_t type, uint64_t config,
		  uint32_t want_type, uint64_t want_config)
{
	struct perf_event_attr attr = {.type = type, .config = config};
	struct hybrid_pmu pmu;

	hybrid_find(tree->root, cpu, &pmu);
	assert_int_equal(hybrid_aim(&pmu, NULL, &attr), 0);
	assert_int_equal(attr.type, want_type);
	assert_int_equal(attr.config, want_config);
}

static void generic_events_name_the_pmu(void **state)
{
	struct tree tree;

	(void)state;
	make_alder_lake(&tree);
	aimed(&tree, P_CORE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, PERF_TYPE_HARDWARE,
	      4ULL << 32 | PERF_COUNT_HW_INSTRUCTIONS);
	aimed(&tree, E_CORE, PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, PERF_TYPE_HARDWARE,
	      10ULL << 32 | PERF_COUNT_HW_INSTRUCTIONS);
	aimed(&tree, E_CORE, PERF_TYPE_HW_CACHE, 0x10003, PERF_TYPE_HW_CACHE,
	      10ULL << 32 | 0x10003);
	aimed(&tree, E_CORE, PERF_TYPE_SOFTWARE, 2, PERF_TYPE_SOFTWARE, 2);
	tree_remove(&tree);

	tree_make(&tree);
	put_pmu(&tree, "cpu", "4\n", NULL);
	aimed(&tree, 3, PERF_TYPE_HARDWARE, 1, PERF_TYPE_HARDWARE, 1);
	aimed(&tree, 3, PERF_TYPE_RAW, 0xc0, PERF_TYPE_RAW, 0xc0);
	tree_remove(&tree);

	tree_make(&tree);
	put_pmu(&tree, "armv8_cortex_a55", "8\n", "0-3\n");
	put_pmu(&tree, "armv8_cortex_a76", "9\n", "4-7\n");
	aimed(&tree, 6, PERF_TYPE_HARDWARE, 1, PERF_TYPE_HARDWARE, 1);
	aimed(&tree, 6, PERF_TYPE_RAW, 8, PERF_TYPE_RAW, 8);
	tree_remove(&tree);
}

static int aim_model(const struct tree *tree, int cpu, const char *model, uint32_t *type)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_RAW, .config = 0xc0};
	struct hybrid_pmu pmu;
	int err;

	hybrid_find(tree->root, cpu, &pmu);
	err = hybrid_aim(&pmu, model, &attr);
	*type = attr.type;
	return err;
}

static void a_models_events_go_to_its_cores_only(void **state)
{
	struct tree tree;
	uint32_t type;

	(void)state;
	make_alder_lake(&tree);
	assert_int_equal(aim_model(&tree, P_CORE, "adl_glc", &type), 0);
	assert_int_equal(type, 4);
	assert_int_equal(aim_model(&tree, E_CORE, "adl_grt", &type), 0);
	assert_int_equal(type, 10);
	assert_int_equal(aim_model(&tree, E_CORE, "adl_glc", &type), -ENOENT);
	assert_int_equal(aim_model(&tree, P_CORE, "adl_grt", &type), -ENOENT);
	/* a raw code of unknown origin goes to the PMU of type 4, which is not the E cores' */
	assert_int_equal(aim_model(&tree, P_CORE, NULL, &type), 0);
	assert_int_equal(aim_model(&tree, E_CORE, NULL, &type), -ENOENT);
	tree_remove(&tree);
}

static void names_are_encoded_for_the_cpu(void **state)
{
	struct perf_event_attr attr;
	struct error why = {0};
	struct tree tree;

	(void)state;
	make_alder_lake(&tree);
	if (counters_encode_on(tree.root, E_CORE, "perf::instructions:u", &attr, &why) ==
	    -EOPNOTSUPP) {
		printf("# skip: %s\n", why.text);
		tree_remove(&tree);
		skip();
	}
	assert_string_equal(why.text, "");
	assert_int_equal(attr.type, PERF_TYPE_HARDWARE);
	assert_int_equal(attr.config, 10ULL << 32 | PERF_COUNT_HW_INSTRUCTIONS);
	assert_int_equal(attr.exclude_kernel, 1);
	assert_int_equal(counters_encode_on(tree.root, P_CORE, "perf::instructions:u", &attr, &why),
			 0);
	assert_int_equal(attr.config, 4ULL << 32 | PERF_COUNT_HW_INSTRUCTIONS);
	assert_int_equal(counters_encode_on(tree.root, E_CORE, "perf::page-faults:u", &attr, &why),
			 0);
	assert_int_equal(attr.type, PERF_TYPE_SOFTWARE);
	assert_int_equal(attr.config, PERF_COUNT_SW_PAGE_FAULTS);
	tree_remove(&tree);
}

static void a_models_own_names_are_taken_first(void **state)
{
	struct perf_event_attr attr;
	struct error why = {0};
	struct tree tree;

	(void)state;
	make_alder_lake(&tree);
	if (counters_encode_on(tree.root, E_CORE, "adl_grt::INST_RETIRED:ANY_P", &attr, &why)) {
		printf("# skip: this libpfm4 and CPU have no Alder Lake events: %s\n", why.text);
		tree_remove(&tree);
		skip();
	}
	assert_int_equal(attr.type, 10);
	assert_int_equal(counters_encode_on(tree.root, E_CORE, "INST_RETIRED:ANY_P", &attr, &why),
			 0);
	assert_int_equal(attr.type, 10);
	assert_int_equal(
		counters_encode_on(tree.root, E_CORE, "adl_glc::INST_RETIRED:ANY_P", &attr, &why),
		-ENOENT);
	assert_non_null(strstr(why.text, "another type of core than CPU 17's (cpu_atom)"));
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_cpu_has_its_pmu),
		cmocka_unit_test(generic_events_name_the_pmu),
		cmocka_unit_test(a_models_events_go_to_its_cores_only),
		cmocka_unit_test(names_are_encoded_for_the_cpu),
		cmocka_unit_test(a_models_own_names_are_taken_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
