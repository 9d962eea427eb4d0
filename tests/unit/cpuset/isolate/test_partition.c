/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>

#include "cpuset/isolate/isolate.h"
#include "cpuset/isolate/partition.h"
#include "tests/unit/cpuset/tree.h"

/*
 * These use a made-up system, for what is refused and restored; test_isolate_real makes a real
 * partition.
 */

static const char journal_file[] = "/run/bpftoll/isolate.journal";

static void make_system(struct tree *tree)
{
	tree_make(tree);
	tree_put(tree, "/run/.keep", "");
	tree_put(tree, "/sys/devices/system/cpu/online", "0-3\n");
}

static struct isolation *open_ok(struct tree *tree)
{
	struct isolation *iso = NULL;
	struct error why = {0};

	if (isolation_open(tree->root, NULL, 1, 3, tree->log, &iso, &why))
		fail_msg("%s", why.text);
	return iso;
}

static void cgroup_entries_are_put_back(void **state)
{
	struct tree tree;
	char full[PATH_MAX];
	struct error why;
	size_t restored;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, "/proc/self/mounts", "none /cg cgroup2 rw 0 0\n");
	tree_put(&tree, "/cg/cgroup.subtree_control", "cpu cpuset\n");
	tree_path(&tree, "/cg/bpftoll", full);
	assert_int_equal(mkdir(full, 0755), 0);
	tree_put(&tree, journal_file,
		 "bpftoll isolate journal 1\nowner\t9999999\t5\t-\n"
		 "set\tcgroup controller\t/cg/cgroup.subtree_control\t\tcpuset\n"
		 "set\tcgroup partition\t/cg/bpftoll\t/a.slice/b..c\tisolated\n");
	tree_path(&tree, journal_file, full);
	assert_int_equal(chmod(full, 0600), 0);
	assert_int_equal(isolation_recover(tree.root, NULL, tree.log, &restored, &why), 0);
	assert_int_equal(restored, 2);
	assert_false(tree_has(&tree, "/cg/bpftoll"));
	tree_holds(&tree, "/cg/cgroup.subtree_control", "-cpuset\n");
	tree_remove(&tree);
}

static void mounts(void **state)
{
	static const struct {
		const char *text, *mount;
		int err;
	} cases[] = {
		{"cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\n", "/sys/fs/cgroup", 0},
		{"a /x cgroup rw 0 0\nb /a\\040b\\134 cgroup2 rw 0 0\n", "/a b\\", 0},
		{"a /x\\08 cgroup2 rw\n", "/x\\08", 0},
		{"a /x cgroup rw 0 0\n", "", -ENOENT},
		{"\n \n  \ncgroup2\ncgroup2 cgroup2\n", "", -ENOENT},
		{"a /123456789012345678901234567890 cgroup2 rw\n", "", -ENAMETOOLONG},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FILE *file = fmemopen((void *)cases[i].text, strlen(cases[i].text), "r");
		char mount[24] = "";

		assert_non_null(file);
		assert_int_equal(partition_find_mount(file, mount, sizeof(mount)), cases[i].err);
		if (!cases[i].err)
			assert_string_equal(mount, cases[i].mount);
		fclose(file);
	}
}

static void cgroup_without_the_controller(void **state)
{
	struct tree tree;

	(void)state;
	make_system(&tree);
	tree_put(&tree, "/proc/self/mounts",
		 "cgroup /sys/fs/cgroup/cpuset cgroup rw,cpuset 0 0\n"
		 "cgroup2 /sys/fs/cgroup/unified cgroup2 rw,relatime 0 0\n");
	tree_put(&tree, "/sys/fs/cgroup/unified/cgroup.controllers", "hugetlb\n");
	assert_int_equal(isolation_close(open_ok(&tree)), 0);
	assert_true(tree_logged(&tree, "no cpuset controller at /sys/fs/cgroup/unified"));
	tree_remove(&tree);
}

/* A made-up cgroup folder has no files in it, as on a kernel without cpuset partitions. */
static void cgroup_that_cannot_be_a_partition(void **state)
{
	struct tree tree;

	(void)state;
	make_system(&tree);
	tree_put(&tree, "/proc/self/mounts", "none /sys/fs/c\\040g cgroup2 rw 0 0\n");
	tree_put(&tree, "/sys/fs/c g/cgroup.controllers", "cpu cpuset io\n");
	tree_put(&tree, "/sys/fs/c g/cgroup.subtree_control", "cpuset\n");
	assert_int_equal(isolation_close(open_ok(&tree)), 0);
	assert_true(tree_logged(&tree, "/sys/fs/c g/bpftoll/cpuset.cpus does not take 1,3: No "
				       "such file or directory"));
	assert_false(tree_has(&tree, "/sys/fs/c g/bpftoll"));
	tree_holds(&tree, "/sys/fs/c g/cgroup.subtree_control", "cpuset\n");
	/* A group that exists already belongs to somebody else. */
	tree_put(&tree, "/sys/fs/c g/bpftoll/cpuset.cpus", "0\n");
	assert_int_equal(isolation_close(open_ok(&tree)), 0);
	assert_true(tree_logged(&tree, "/sys/fs/c g/bpftoll is there already, left alone"));
	tree_holds(&tree, "/sys/fs/c g/bpftoll/cpuset.cpus", "0\n");
	tree_remove(&tree);
}

/* Taking the last CPU from everyone else is at best refused by the kernel. */
static void cgroup_leaves_a_cpu_for_the_others(void **state)
{
	static const struct {
		const char *online, *isolated, *words;
	} cases[] = {
		{"1,3\n", "", "no CPU would be left for the rest of the system"},
		{"0-3\n", "0,2\n", "no CPU would be left for the rest of the system"},
		{"0-3\n", "1-2\n", "CPU 1 is isolated already"},
		{"0-3\n", "rubbish\n", "is no list of CPUs"},
		{"0-3\n", "3\n", "/cg/bpftoll/cpuset.cpus does not take 1,3"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct tree tree;

		tree_make(&tree);
		tree_put(&tree, "/run/.keep", "");
		tree_put(&tree, "/proc/self/mounts", "none /cg cgroup2 rw 0 0\n");
		tree_put(&tree, "/cg/cgroup.controllers", "cpuset\n");
		tree_put(&tree, "/cg/cgroup.subtree_control", "cpuset\n");
		tree_put(&tree, "/sys/devices/system/cpu/online", cases[i].online);
		tree_put(&tree, "/sys/devices/system/cpu/isolated", cases[i].isolated);
		assert_int_equal(isolation_close(open_ok(&tree)), 0);
		assert_true(tree_logged(&tree, cases[i].words));
		assert_false(tree_has(&tree, "/cg/bpftoll"));
		tree_remove(&tree);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cgroup_entries_are_put_back),
		cmocka_unit_test(mounts),
		cmocka_unit_test(cgroup_without_the_controller),
		cmocka_unit_test(cgroup_that_cannot_be_a_partition),
		cmocka_unit_test(cgroup_leaves_a_cpu_for_the_others),
	};

	return cmocka_run_group_tests_name("cpuset/partition", tests, NULL, NULL);
}
