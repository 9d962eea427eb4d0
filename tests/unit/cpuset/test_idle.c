/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How deep a CPU may sleep, on made-up systems with the states of intel_idle, acpi_idle and a
 * guest.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cpuset/idle.h"
#include "tests/unit/cpuset/tree.h"

#define CPU	 "/sys/devices/system/cpu/cpu3"
#define DRIVER	 "/sys/devices/system/cpu/cpuidle/current_driver"
#define OWN_MOST CPU "/power/pm_qos_resume_latency_us"

static void put_state(const struct tree *tree, int state, const char *name, const char *latency,
		      const char *disable)
{
	char path[128];

	snprintf(path, sizeof(path), CPU "/cpuidle/state%d/name", state);
	tree_put(tree, path, name);
	snprintf(path, sizeof(path), CPU "/cpuidle/state%d/latency", state);
	tree_put(tree, path, latency);
	snprintf(path, sizeof(path), CPU "/cpuidle/state%d/disable", state);
	tree_put(tree, path, disable);
}

/* Of a Skylake server: POLL, C1, C1E, C6. */
static void make_server(struct tree *tree)
{
	tree_make(tree);
	tree_put(tree, DRIVER, "intel_idle\n");
	tree_put(tree, OWN_MOST, "0\n");
	put_state(tree, 0, "POLL\n", "0\n", "0\n");
	put_state(tree, 1, "C1\n", "2\n", "0\n");
	put_state(tree, 2, "C1E\n", "10\n", "0\n");
	put_state(tree, 3, "C6\n", "133\n", "0\n");
}

static void expect(const struct tree *tree, const char *words)
{
	char text[160];

	idle_describe(tree->root, 3, text, sizeof(text));
	assert_string_equal(text, words);
}

static void a_server_as_it_is(void **state)
{
	struct tree tree;

	(void)state;
	make_server(&tree);
	expect(&tree, "sleeps down to C6 (133 us to leave), intel_idle");
	put_state(&tree, 3, "C6\n", "133\n", "1\n");
	expect(&tree, "sleeps down to C1E (10 us to leave), intel_idle");
	tree_remove(&tree);
}

static void limits_of_one_cpu_and_of_all(void **state)
{
	struct tree tree;
	char path[PATH_MAX];
	const int32_t two_us = 2;
	FILE *file;

	(void)state;
	make_server(&tree);
	tree_put(&tree, OWN_MOST, "50\n");
	expect(&tree, "sleeps down to C1E (10 us to leave), intel_idle");
	tree_put(&tree, OWN_MOST, "n/a\n");
	expect(&tree, "polls: no C-state is allowed");
	tree_put(&tree, OWN_MOST, "1\n");
	expect(&tree, "polls: no C-state is allowed");
	tree_put(&tree, OWN_MOST, "0\n");
	/* as tuned's latency profiles write it */
	tree_put(&tree, "/dev/cpu_dma_latency", "");
	tree_path(&tree, "/dev/cpu_dma_latency", path);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fwrite(&two_us, sizeof(two_us), 1, file), 1);
	assert_int_equal(fclose(file), 0);
	expect(&tree, "sleeps down to C1 (2 us to leave), intel_idle");
	tree_remove(&tree);
}

static void a_guest_has_no_states(void **state)
{
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, DRIVER, "none\n");
	expect(&tree, "sleeps, how deep the hypervisor or firmware decides: no cpuidle here");
	tree_put(&tree, OWN_MOST, "n/a\n");
	expect(&tree, "polls: no C-state is allowed");
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_as_it_is),
		cmocka_unit_test(limits_of_one_cpu_and_of_all),
		cmocka_unit_test(a_guest_has_no_states),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
