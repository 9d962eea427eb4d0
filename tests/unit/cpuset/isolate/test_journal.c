/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "calib/error.h"
#include "cpuset/isolate/isolate.h"
#include "cpuset/isolate/journal.h"
#include "cpuset/mask.h"
#include "cpuset/sysfile.h"
#include "tests/unit/cpuset/tree.h"

/* A pid above the kernel's maximum: an owner that cannot exist. */
#define HEAD "bpftoll isolate journal 1\nowner\t9999999\t5\t-\n"
#define NUMA "/proc/sys/kernel/numa_balancing"
#define GOOD "set\tNUMA balancing\t" NUMA "\t1\t0\n"

static const char journal_file[] = "/run/bpftoll/isolate.journal";

static void put_journal(const struct tree *tree, const char *text)
{
	char full[PATH_MAX];

	tree_put(tree, journal_file, text);
	tree_path(tree, journal_file, full);
	assert_int_equal(chmod(full, 0600), 0);
}

static int recover(struct tree *tree, size_t *restored, struct error *why)
{
	*why->text = '\0';
	return isolation_recover(tree->root, NULL, tree->log, restored, why);
}

static void escapes_come_back(void **state)
{
	static const char *const values[] = {"",      "plain", "a b",  "tab\there", "line\nbreak",
					     "\\x41", "\\",    "\xff", "\x01\x1f",  "ü\r\n"};
	enum { VALUES = sizeof(values) / sizeof(values[0]) };
	struct journal *journal = NULL;
	struct tree tree;
	char full[PATH_MAX];
	char text[TREE_TEXT];
	struct error why = {0};
	int lines = 0;

	(void)state;
	tree_make(&tree);
	tree_path(&tree, "/journal", full);
	assert_int_equal(journal_create("", full, &journal, &why), 0);
	for (size_t i = 0; i < VALUES; i++)
		assert_int_equal(journal_append(journal, "name", values[i], values[VALUES - 1 - i],
						values[i]),
				 0);
	assert_int_equal(journal_count(journal), VALUES);
	assert_int_equal(owner_state("", journal_owner(journal)), OWNER_RUNNING);
	journal_close(journal);
	tree_get(&tree, "/journal", text);
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		lines++;
	assert_int_equal(lines, VALUES + 2);
	assert_int_equal(journal_load(full, &journal, &why), 0);
	assert_int_equal(journal_count(journal), VALUES);
	for (size_t i = 0; i < VALUES; i++) {
		const struct journal_entry *entry = journal_entry_at(journal, i);

		assert_string_equal(entry->name, "name");
		assert_string_equal(entry->path, values[i]);
		assert_string_equal(entry->before, values[VALUES - 1 - i]);
		assert_string_equal(entry->after, values[i]);
		assert_int_equal(entry->line, i + 3);
	}
	assert_int_equal(owner_state("", journal_owner(journal)), OWNER_RUNNING);
	assert_int_equal(journal_owner(journal)->pid, getpid());
	/* Only one reader at a time. */
	{
		struct journal *second = NULL;

		assert_int_equal(journal_load(full, &second, &why), -EAGAIN);
		assert_int_equal(journal_create("", full, &second, &why), -EEXIST);
	}
	assert_int_equal(journal_remove(journal), 0);
	assert_false(tree_has(&tree, "/journal"));
	assert_int_equal(journal_remove(journal), 0);
	journal_close(journal);
	journal_close(NULL);
	tree_remove(&tree);
}

/* A journal that was put at the path since then is somebody else's. */
static void removes_only_its_own(void **state)
{
	struct journal *journal = NULL;
	struct tree tree;
	char full[PATH_MAX];
	struct error why = {0};

	(void)state;
	tree_make(&tree);
	tree_path(&tree, "/journal", full);
	assert_int_equal(journal_create("", full, &journal, &why), 0);
	assert_int_equal(unlink(full), 0);
	tree_put(&tree, "/journal", "another\n");
	assert_int_equal(journal_remove(journal), 0);
	tree_holds(&tree, "/journal", "another\n");
	journal_close(journal);
	tree_remove(&tree);
}

static void owners_are_told_apart(void **state)
{
	struct owner self;
	struct owner other;
	pid_t child;
	siginfo_t info;

	(void)state;
	assert_int_equal(owner_self("", &self), 0);
	assert_int_equal(owner_state("", &self), OWNER_RUNNING);
	other = self;
	other.start++;
	assert_int_equal(owner_state("", &other), OWNER_DEAD);
	other = self;
	memcpy(other.boot, "00000000", 9);
	assert_int_equal(owner_state("", &other), OWNER_EARLIER_BOOT);
	/* A zombie has its pid and start time, but will restore nothing. */
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(0);
	other = self;
	other.pid = child;
	assert_int_equal(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(owner_state("", &other), OWNER_DEAD);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void a_good_one_is_used(void **state)
{
	struct tree tree;
	struct error why;
	size_t restored;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, NUMA, "0\n");
	put_journal(&tree, HEAD GOOD);
	assert_int_equal(recover(&tree, &restored, &why), 0);
	assert_int_equal(restored, 1);
	tree_holds(&tree, NUMA, "1\n");
	/* Killed after the journal's line and before the change: the value is still as before. */
	put_journal(&tree, HEAD GOOD);
	assert_int_equal(recover(&tree, &restored, &why), 0);
	assert_int_equal(restored, 0);
	tree_holds(&tree, NUMA, "1\n");
	assert_false(tree_has(&tree, journal_file));
	/* Killed in the middle of a line: that change was never made, the earlier ones were. */
	tree_put(&tree, NUMA, "0\n");
	put_journal(&tree, HEAD GOOD "set\twatchdog\t/proc/sys/ker");
	assert_int_equal(recover(&tree, &restored, &why), 0);
	assert_int_equal(restored, 1);
	tree_holds(&tree, NUMA, "1\n");
	tree_remove(&tree);
}

struct damaged {
	const char *text;
	const char *words;
};

static void refuse(const struct damaged *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct tree tree;
		struct error why;
		size_t restored = 99;

		tree_make(&tree);
		tree_put(&tree, NUMA, "0\n");
		tree_put(&tree, "/etc/target", "0\n");
		tree_put(&tree, "/proc/irq/5/smp_affinity", "1\n");
		tree_put(&tree, "/proc/self/mounts", "none /cg cgroup2 rw 0 0\n");
		tree_put(&tree, "/cg/cgroup.subtree_control", "cpuset\n");
		tree_put(&tree, "/cg/other/cgroup.procs", "");
		put_journal(&tree, cases[i].text);
		assert_int_equal(recover(&tree, &restored, &why), -EBADMSG);
		if (!strstr(why.text, cases[i].words))
			fail_msg("case %zu: \"%s\" does not say \"%s\"", i, why.text,
				 cases[i].words);
		assert_int_equal(restored, 0);
		tree_holds(&tree, NUMA, "0\n");
		tree_holds(&tree, "/etc/target", "0\n");
		tree_holds(&tree, "/proc/irq/5/smp_affinity", "1\n");
		tree_holds(&tree, "/cg/cgroup.subtree_control", "cpuset\n");
		assert_true(tree_has(&tree, "/cg/other"));
		/* It is another file: it stays. */
		tree_holds(&tree, journal_file, cases[i].text);
		tree_remove(&tree);
	}
}

static void damage_is_refused_with_its_line(void **state)
{
	static const struct damaged cases[] = {
		{"", "line 1"},
		{"bpftoll isolate journal 1", "line 1"},
		{"bpftoll isolate journal 2\nowner\t9999999\t5\t-\n" GOOD, "line 1"},
		{"\n" HEAD GOOD, "line 1"},
		{"bpftoll isolate journal 1\n", "line 2"},
		{"bpftoll isolate journal 1\nowner\t9999999\t5\t-", "line 2"},
		{"bpftoll isolate journal 1\n" GOOD, "line 2"},
		{"bpftoll isolate journal 1\nowner\t0\t5\t-\n" GOOD, "line 2"},
		{"bpftoll isolate journal 1\nowner\t-7\t5\t-\n" GOOD, "line 2"},
		{"bpftoll isolate journal 1\nowner\t99999999999999999999\t5\t-\n", "line 2"},
		{"bpftoll isolate journal 1\nowner\t9999999\tx\t-\n", "line 2"},
		{"bpftoll isolate journal 1\nowner\t9999999\t5\t- more\n", "line 2"},
		{HEAD GOOD "rubbish\n", "line 4"},
		{HEAD GOOD "\n" GOOD, "line 4"},
		{HEAD GOOD "set\tNUMA balancing\t" NUMA "\t1\n", "line 4"},
		{HEAD GOOD "set\tNUMA balancing\t" NUMA "\t1\t0\t2\n", "line 4"},
		{HEAD GOOD "get\tNUMA balancing\t" NUMA "\t1\t0\n", "line 4"},
		{HEAD GOOD "set\tNUMA balancing\t" NUMA "\t1\\q\t0\n", "line 4"},
		{HEAD GOOD "set\tNUMA balancing\t" NUMA "\t1\\\t0\n", "line 4"},
		{HEAD GOOD "set\tNUMA balancing\t" NUMA "\t1\\x\t0\n", "line 4"},
		{HEAD GOOD "set\tNUMA balancing\t" NUMA "\t1\\x00\t0\n", "line 4"},
		{HEAD GOOD "set\tNUMA balancing\t" NUMA "\t1\x01\t0\n", "line 4"},
	};

	(void)state;
	refuse(cases, sizeof(cases) / sizeof(cases[0]));
}

#define ENTRY(name, path, before, after) \
	HEAD GOOD "set\t" name "\t" path "\t" before "\t" after "\n"

static void foreign_paths_are_never_written(void **state)
{
	static const struct damaged cases[] = {
		{ENTRY("NUMA balancing", "/etc/target", "1", "0"), "line 4 names a path"},
		{ENTRY("NUMA balancing", "/proc/sys/kernel/../../../etc/target", "1", "0"),
		 "line 4 names a path"},
		{ENTRY("NUMA balancing", NUMA "/../../../../etc/target", "1", "0"),
		 "line 4 names a path"},
		{ENTRY("NUMA balancing", "/proc/sys/kernel/numa_balancin", "1", "0"),
		 "line 4 names a path"},
		{ENTRY("NUMA balancing", "proc/sys/kernel/numa_balancing", "1", "0"),
		 "line 4 names a path"},
		{ENTRY("NUMA balancing", "", "1", "0"), "line 4 names a path"},
		{ENTRY("watchdog", NUMA, "1", "0"), "line 4 names a path"},
		{ENTRY("interrupts", "/proc/irq/../../etc/target", "2", "1"),
		 "line 4 names a path"},
		{ENTRY("interrupts", "/proc/irq//smp_affinity", "2", "1"), "line 4 names a path"},
		{ENTRY("interrupts", "/proc/irq/-5/smp_affinity", "2", "1"), "line 4 names a path"},
		{ENTRY("interrupts", "/proc/irq/5/smp_affinity_list", "2", "1"),
		 "line 4 names a path"},
		{ENTRY("interrupts", "/proc/irq/123456789/smp_affinity", "2", "1"),
		 "line 4 names a path"},
		{ENTRY("core pattern", "/proc/sys/kernel/core_pattern", "|/bin/sh", "core"),
		 "line 4 names an unknown setting"},
		{ENTRY("", "/etc/target", "1", "0"), "line 4 names an unknown setting"},
		{ENTRY("NUMA balancing", NUMA, "1\\n2", "0"), "line 4 names a value"},
		{ENTRY("NUMA balancing", NUMA, "", "0"), "line 4 names a value"},
		{ENTRY("NUMA balancing", NUMA, "1", "x"), "line 4 names a value"},
		{ENTRY("interrupts", "/proc/irq/5/smp_affinity", "2,,3", "1"),
		 "line 4 names a value"},
		{ENTRY("interrupts", "/proc/irq/5/smp_affinity", "0xf...f", "1"),
		 "line 4 names a value"},
		{ENTRY("cgroup partition", "/cg/other", "/", "isolated"), "line 4 names a cgroup"},
		{ENTRY("cgroup partition", "/etc/bpftoll", "/", "isolated"),
		 "line 4 names a cgroup"},
		{ENTRY("cgroup partition", "/cg/bpftoll", "/../../etc", "isolated"),
		 "line 4 names a cgroup"},
		{ENTRY("cgroup partition", "/cg/bpftoll", "relative", "isolated"),
		 "line 4 names a cgroup"},
		{ENTRY("cgroup partition", "/cg/bpftoll", "/a/..", "isolated"),
		 "line 4 names a cgroup"},
		{ENTRY("cgroup controller", "/cg/other/cgroup.subtree_control", "", "cpuset"),
		 "line 4 names a cgroup"},
		{ENTRY("cgroup controller", "/etc/target", "", "cpuset"), "line 4 names a cgroup"},
	};

	(void)state;
	refuse(cases, sizeof(cases) / sizeof(cases[0]));
}

/*
 * Cut anywhere, or with any one byte changed, it is refused or restores only the value that it may.
 */
static void every_prefix_and_every_flip(void **state)
{
	static const char good[] = HEAD GOOD;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	for (size_t i = 0; i < 2 * sizeof(good); i++) {
		char text[sizeof(good)];
		struct error why;
		char now[TREE_TEXT];
		size_t restored;
		int err;

		memcpy(text, good, sizeof(good));
		if (i < sizeof(good))
			text[i] = '\0';
		else if (text[i - sizeof(good)])
			text[i - sizeof(good)] ^= 0x11;
		tree_put(&tree, NUMA, "0\n");
		put_journal(&tree, text);
		err = recover(&tree, &restored, &why);
		if (err && err != -EBADMSG)
			fail_msg("%zu: %s", i, why.text);
		assert_true(!err || *why.text);
		tree_get(&tree, NUMA, now);
		/* A changed digit in the value before is still a valid value. */
		assert_true(strcmp(now, "0\n") == 0 || (!err && restored == 1));
	}
	tree_remove(&tree);
}

/* A journal that somebody else could have put there is not even read. */
static void other_kinds_of_file_are_refused(void **state)
{
	struct tree tree;
	char full[PATH_MAX];
	struct error why;
	size_t restored = 99;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, NUMA, "0\n");
	tree_path(&tree, journal_file, full);
	put_journal(&tree, HEAD GOOD);
	assert_int_equal(chmod(full, 0666), 0);
	assert_int_equal(recover(&tree, &restored, &why), -EPERM);
	assert_non_null(strstr(why.text, "only its owner can write"));
	assert_int_equal(chmod(full, 0600), 0);
	if (geteuid() == 0) {
		assert_int_equal(chown(full, 12345, 12345), 0);
		assert_int_equal(recover(&tree, &restored, &why), -EPERM);
	} else {
		print_message("  not root: a journal of another user was not tried\n");
	}
	assert_int_equal(restored, 0);
	tree_holds(&tree, NUMA, "0\n");
	tree_remove(&tree);
}

static void links_pipes_and_folders_are_refused(void **state)
{
	struct tree tree;
	char full[PATH_MAX];
	struct error why;
	size_t restored = 99;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, NUMA, "0\n");
	tree_put(&tree, "/elsewhere", HEAD GOOD);
	tree_path(&tree, journal_file, full);
	tree_link(&tree, journal_file, "../../elsewhere");
	assert_int_equal(recover(&tree, &restored, &why), -ELOOP);
	assert_non_null(strstr(why.text, "symbolic link"));
	assert_int_equal(unlink(full), 0);
	assert_int_equal(mkfifo(full, 0600), 0);
	assert_int_equal(recover(&tree, &restored, &why), -EPERM);
	assert_int_equal(unlink(full), 0);
	assert_int_equal(mkdir(full, 0700), 0);
	assert_int_equal(recover(&tree, &restored, &why), -EPERM);
	assert_int_equal(restored, 0);
	tree_holds(&tree, NUMA, "0\n");
	tree_remove(&tree);
}

static void masks(void **state)
{
	static const char *const bad[] = {"",  ",",	    "1,", ",1", "1,,2",
					  "x", "123456789", "1 ", "-1"};
	hwloc_bitmap_t online = hwloc_bitmap_alloc();
	char mask[SYSFILE_MAX];

	(void)state;
	assert_non_null(online);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(mask_valid(bad[i]));
		assert_false(mask_same(bad[i], bad[i]));
		assert_int_equal(mask_without(bad[i], 0, online, mask), -EBADMSG);
	}
	assert_true(mask_same("3", "00000003"));
	assert_true(mask_same("F,00000003", "00000000,0000000f,3"));
	assert_false(mask_same("1,00000003", "3"));
	hwloc_bitmap_set_range(online, 0, 39);
	assert_int_equal(mask_without("ff,ffffffff", 33, online, mask), 0);
	assert_string_equal(mask, "000000fd,ffffffff");
	/* Nothing online would be left: all other CPUs. */
	assert_int_equal(mask_without("2,00000000", 33, online, mask), 0);
	assert_string_equal(mask, "000000fd,ffffffff");
	assert_int_equal(mask_without("f00,00000000", 33, online, mask), 0);
	assert_string_equal(mask, "000000fd,ffffffff");
	hwloc_bitmap_only(online, 33);
	assert_int_equal(mask_without("2,00000000", 33, online, mask), -ENODEV);
	hwloc_bitmap_zero(online);
	assert_int_equal(mask_without("6", 1, online, mask), 0);
	assert_string_equal(mask, "00000004");
	assert_int_equal(mask_without("2", 1, online, mask), -ENODEV);
	hwloc_bitmap_free(online);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_come_back),
		cmocka_unit_test(removes_only_its_own),
		cmocka_unit_test(owners_are_told_apart),
		cmocka_unit_test(a_good_one_is_used),
		cmocka_unit_test(damage_is_refused_with_its_line),
		cmocka_unit_test(foreign_paths_are_never_written),
		cmocka_unit_test(every_prefix_and_every_flip),
		cmocka_unit_test(other_kinds_of_file_are_refused),
		cmocka_unit_test(links_pipes_and_folders_are_refused),
		cmocka_unit_test(masks),
	};

	return cmocka_run_group_tests_name("cpuset/journal", tests, NULL, NULL);
}
