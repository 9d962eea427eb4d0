/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What makes a CPU's figures worse, on made-up systems like those in the kernel's documentation. */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cpuset/condition.h"
#include "cpuset/facts.h"
#include "tests/unit/cpuset/tree.h"

#define CPU  "/sys/devices/system/cpu"
#define NONE ((struct placement){.cpu = 3, .reader_cpu = 1, .sibling = -1})

struct said {
	char text[2048];
	size_t n;
};

static void keep(void *ctx, const char *what, const char *mend)
{
	struct said *said = ctx;
	size_t used = strlen(said->text);

	said->n++;
	snprintf(said->text + used, sizeof(said->text) - used, "%s -> %s\n", what, mend);
}

static struct said conditions(const struct tree *tree, const struct placement *placement)
{
	struct said said = {.n = 0};

	condition_of_cpu(tree->root, placement, keep, &said);
	return said;
}

static void contains(const struct said *said, const char *words)
{
	if (!strstr(said->text, words))
		fail_msg("\"%s\" is not in:\n%s", words, said->text);
}

/* CPU 3 is isolated at boot: nothing else is wrong with a made-up CPU. */
static void make_quiet(struct tree *tree)
{
	tree_make(tree);
	tree_put(tree, CPU "/isolated", "3\n");
	tree_put(tree, CPU "/online", "0-3\n");
}

static void nothing_wrong_says_nothing(void **state)
{
	struct placement place = NONE;
	struct tree tree;

	(void)state;
	make_quiet(&tree);
	tree_put(&tree, CPU "/cpu3/cpufreq/scaling_governor", "performance\n");
	tree_put(&tree, CPU "/cpu3/cpufreq/boost", "0\n");
	tree_put(&tree, CPU "/cpufreq/boost", "0\n");
	tree_put(&tree, CPU "/intel_pstate/no_turbo", "1\n");
	assert_int_equal(conditions(&tree, &place).n, 0);
	tree_remove(&tree);
}

static void every_kind_of_boost_is_flagged(void **state)
{
	struct placement place = NONE;
	struct tree tree;
	struct said said;

	(void)state;
	make_quiet(&tree);
	/* amd-pstate since 6.11: a switch for each policy, which cpuN/cpufreq points to */
	tree_put(&tree, CPU "/cpufreq/policy3/boost", "1\n");
	tree_put(&tree, CPU "/cpu3/.keep", "");
	tree_link(&tree, CPU "/cpu3/cpufreq", "../cpufreq/policy3");
	said = conditions(&tree, &place);
	assert_int_equal(said.n, 1);
	contains(&said, "CPU 3's boost is on: the clock depends on what other cores do -> "
			"--isolate, or echo 0 > " CPU "/cpu3/cpufreq/boost");
	/* acpi-cpufreq, and amd-pstate before that: one switch for all; one line is enough */
	tree_put(&tree, CPU "/cpufreq/boost", "1\n");
	said = conditions(&tree, &place);
	assert_int_equal(said.n, 1);
	contains(&said, "boost is on");
	contains(&said, "echo 0 > " CPU "/cpufreq/boost");
	tree_put(&tree, CPU "/cpufreq/boost", "0\n");
	tree_put(&tree, CPU "/cpufreq/policy3/boost", "0\n");
	assert_int_equal(conditions(&tree, &place).n, 0);
	tree_put(&tree, CPU "/intel_pstate/no_turbo", "0\n");
	said = conditions(&tree, &place);
	assert_int_equal(said.n, 1);
	contains(&said, "turbo is on");
	tree_remove(&tree);
}

static void governor_and_sibling(void **state)
{
	struct placement place = NONE;
	struct tree tree;
	struct said said;

	(void)state;
	make_quiet(&tree);
	place.sibling = 7;
	tree_put(&tree, CPU "/cpu3/cpufreq/scaling_governor", "powersave\n");
	said = conditions(&tree, &place);
	assert_int_equal(said.n, 2);
	contains(&said, "CPU 3 runs under the powersave governor");
	contains(&said, "CPU 3 shares its core with CPU 7 -> echo 0 > " CPU "/cpu7/online");
	tree_remove(&tree);
}

static bool is_isolated(const struct tree *tree)
{
	struct placement place = NONE;
	struct said said = conditions(tree, &place);

	if (said.n)
		contains(&said, "CPU 3 is not isolated");
	return said.n == 0;
}

#define CGROUP	"/sys/fs/cgroup"
#define INVALID "isolated invalid (Cpu list in cpuset.cpus not exclusive)\n"

/* 6.1 and 6.6: the root has no list, the partition itself tells. */
static void a_partition_isolates_before_6_7(void **state)
{
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, CPU "/isolated", "\n");
	assert_false(is_isolated(&tree));
	tree_put(&tree, CGROUP "/cgroup.controllers", "cpuset cpu\n");
	tree_put(&tree, CGROUP "/init.scope/cpuset.cpus.partition", "member\n");
	tree_put(&tree, CGROUP "/bpftoll/cpuset.cpus.partition", "root\n");
	tree_put(&tree, CGROUP "/bpftoll/cpuset.cpus.effective", "1,3\n");
	assert_false(is_isolated(&tree));
	tree_put(&tree, CGROUP "/bpftoll/cpuset.cpus.partition", INVALID);
	assert_false(is_isolated(&tree));
	tree_put(&tree, CGROUP "/bpftoll/cpuset.cpus.partition", "isolated\n");
	assert_true(is_isolated(&tree));
	tree_put(&tree, CGROUP "/bpftoll/cpuset.cpus.effective", "1\n");
	assert_false(is_isolated(&tree));
	/* below a partition of another kind */
	tree_put(&tree, CGROUP "/slice/cpuset.cpus.partition", "root\n");
	tree_put(&tree, CGROUP "/slice/cpuset.cpus.effective", "2\n");
	tree_put(&tree, CGROUP "/slice/quiet/cpuset.cpus.partition", "isolated\n");
	tree_put(&tree, CGROUP "/slice/quiet/cpuset.cpus.effective", "3\n");
	assert_true(is_isolated(&tree));
	/* a member's child cannot be one */
	tree_put(&tree, CGROUP "/slice/cpuset.cpus.partition", "member\n");
	assert_false(is_isolated(&tree));
	tree_remove(&tree);
}

static void the_lists_isolate(void **state)
{
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, CPU "/isolated", "2-3\n");
	assert_true(is_isolated(&tree));
	tree_put(&tree, CPU "/isolated", "2\n");
	assert_false(is_isolated(&tree));
	tree_put(&tree, CGROUP "/cpuset.cpus.isolated", "3\n");
	assert_true(is_isolated(&tree));
	tree_put(&tree, CGROUP "/cpuset.cpus.isolated", "\n");
	assert_false(is_isolated(&tree));
	/* cgroup v1 and v2 together */
	tree_put(&tree, CGROUP "/unified/cpuset.cpus.isolated", "0-3\n");
	assert_true(is_isolated(&tree));
	tree_remove(&tree);
}

static void nohz_full_has_its_price(void **state)
{
	struct tree tree;
	char text[256] = "";

	(void)state;
	tree_make(&tree);
	assert_false(condition_nohz_full(tree.root, 3, text, sizeof(text)));
	tree_put(&tree, CPU "/nohz_full", "(null)\n");
	assert_false(condition_nohz_full(tree.root, 3, text, sizeof(text)));
	tree_put(&tree, CPU "/nohz_full", "1-3\n");
	assert_false(condition_nohz_full(tree.root, 0, text, sizeof(text)));
	assert_true(condition_nohz_full(tree.root, 3, text, sizeof(text)));
	assert_non_null(strstr(text, "context tracking adds to every syscall"));
	tree_remove(&tree);
}

static void types_are(const struct tree *tree, const char *fast, const char *slow)
{
	hwloc_bitmap_t f = hwloc_bitmap_alloc(), s = hwloc_bitmap_alloc();
	char text[128];
	struct error why = {0};

	assert_int_equal(facts_read_types(tree->root, f, s, &why), 0);
	hwloc_bitmap_list_snprintf(text, sizeof(text), f);
	assert_string_equal(text, fast);
	hwloc_bitmap_list_snprintf(text, sizeof(text), s);
	assert_string_equal(text, slow);
	hwloc_bitmap_free(f);
	hwloc_bitmap_free(s);
}

static void core_types_of_real_layouts(void **state)
{
	struct tree tree;
	char path[128];

	(void)state;
	/* Alder Lake, 8 + 8: the PMUs' lists */
	tree_make(&tree);
	tree_put(&tree, CPU "/online", "0-23\n");
	types_are(&tree, "", "");
	tree_put(&tree, "/sys/devices/cpu_core/cpus", "0-15\n");
	types_are(&tree, "", ""); /* all E cores are offline: one type */
	tree_put(&tree, "/sys/devices/cpu_atom/cpus", "16-23\n");
	types_are(&tree, "0-15", "16-23");
	/* Arrow Lake-H: two more on the SoC tile */
	tree_put(&tree, "/sys/devices/cpu_lowpower/cpus", "24-25\n");
	types_are(&tree, "0-15", "16-25");
	tree_remove(&tree);

	/* RK3588: four A76, four A55 */
	tree_make(&tree);
	tree_put(&tree, CPU "/online", "0-7\n");
	for (int cpu = 0; cpu < 8; cpu++) {
		snprintf(path, sizeof(path), CPU "/cpu%d/cpu_capacity", cpu);
		tree_put(&tree, path, cpu < 4 ? "530\n" : "1024\n");
	}
	types_are(&tree, "4-7", "0-3");
	for (int cpu = 0; cpu < 4; cpu++) {
		snprintf(path, sizeof(path), CPU "/cpu%d/cpu_capacity", cpu);
		tree_put(&tree, path, "1024\n");
	}
	types_are(&tree, "", "");
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_wrong_says_nothing),
		cmocka_unit_test(every_kind_of_boost_is_flagged),
		cmocka_unit_test(governor_and_sibling),
		cmocka_unit_test(a_partition_isolates_before_6_7),
		cmocka_unit_test(the_lists_isolate),
		cmocka_unit_test(nohz_full_has_its_price),
		cmocka_unit_test(core_types_of_real_layouts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
