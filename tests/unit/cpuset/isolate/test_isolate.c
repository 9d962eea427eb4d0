/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "calib/error.h"
#include "cpuset/isolate/isolate.h"
#include "tests/unit/cpuset/tree.h"

static const char journal_path[] = "/run/bpftoll/isolate.journal";

/* Values that no machine has by default, and what isolation with CPU 1 and reader CPU 3 sets. */
static const struct dirty {
	const char *path, *before, *isolated;
} dirty[] = {
	{"/sys/devices/system/cpu/online", "0-3\n", "0-3\n"},
	{"/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", "powersave\n", "powersave\n"},
	{"/sys/devices/system/cpu/cpu1/cpufreq/scaling_governor", "ondemand\n", "performance\n"},
	{"/sys/devices/system/cpu/cpu3/cpufreq/scaling_governor", "userspace\n", "performance\n"},
	{"/sys/devices/system/cpu/intel_pstate/no_turbo", "0\n", "1\n"},
	{"/sys/devices/system/cpu/cpufreq/boost", "1\n", "0\n"},
	{"/sys/devices/system/cpu/cpu0/cpufreq/boost", "1\n", "1\n"},
	{"/sys/devices/system/cpu/cpu1/cpufreq/boost", "1\n", "0\n"},
	{"/sys/devices/system/cpu/cpu3/cpufreq/boost", "1\n", "0\n"},
	{"/proc/sys/kernel/numa_balancing", "2\n", "0\n"},
	{"/proc/sys/vm/min_free_kbytes", "35036\n", "35036\n"},
	{"/sys/kernel/mm/transparent_hugepage/enabled", "madvise\n", "never\n"},
	{"/proc/sys/kernel/nmi_watchdog", "1\n", "0\n"},
	{"/proc/sys/kernel/soft_watchdog", "0\n", "0\n"},
	{"/proc/sys/kernel/watchdog", "1\n", "0\n"},
	{"/sys/devices/system/cpu/cpu0/power/pm_qos_resume_latency_us", "7\n", "7\n"},
	{"/sys/devices/system/cpu/cpu1/power/pm_qos_resume_latency_us", "0\n", "n/a\n"},
	{"/sys/devices/system/cpu/cpu3/power/pm_qos_resume_latency_us", "25\n", "25\n"},
	{"/proc/irq/default_smp_affinity", "f\n", "0000000d\n"},
	{"/proc/irq/7/smp_affinity", "ffffffff,0000000f\n", "ffffffff,0000000d\n"},
	{"/proc/irq/24/smp_affinity", "2\n", "0000000d\n"},
	{"/proc/irq/130/smp_affinity", "c\n", "c\n"},
};

enum { DIRTY = sizeof(dirty) / sizeof(dirty[0]), MEASURE = 1, DRAIN = 3 };

static void make_dirty(struct tree *tree)
{
	tree_make(tree);
	tree_put(tree, "/run/.keep", "");
	for (size_t i = 0; i < DIRTY; i++)
		tree_put(tree, dirty[i].path, dirty[i].before);
}

static void all_before(const struct tree *tree)
{
	for (size_t i = 0; i < DIRTY; i++)
		tree_holds(tree, dirty[i].path, dirty[i].before);
}

static void all_isolated(const struct tree *tree)
{
	for (size_t i = 0; i < DIRTY; i++)
		tree_holds(tree, dirty[i].path, dirty[i].isolated);
}

static struct isolation *open_ok(struct tree *tree)
{
	struct isolation *iso = NULL;
	struct error why = {0};

	if (isolation_open(tree->root, NULL, MEASURE, DRAIN, tree->log, &iso, &why))
		fail_msg("%s", why.text);
	return iso;
}

static size_t recover_ok(struct tree *tree)
{
	struct error why = {0};
	size_t restored = 99;

	if (isolation_recover(tree->root, NULL, tree->log, &restored, &why))
		fail_msg("%s", why.text);
	return restored;
}

/* A child isolates the tree, says so through a pipe, and is killed. */
static void kill_an_owner(struct tree *tree)
{
	int ready[2];
	char byte = 0;
	int status;
	pid_t child;

	fflush(NULL);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct isolation *iso = NULL;
		struct error why;

		close(ready[0]);
		if (isolation_open(tree->root, NULL, MEASURE, DRAIN, tree->log, &iso, &why))
			_exit(1);
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	all_isolated(tree);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

static void dirty_state_comes_back(void **state)
{
	struct tree tree;
	struct isolation *iso;
	char full[PATH_MAX];
	struct stat st;

	(void)state;
	make_dirty(&tree);
	iso = open_ok(&tree);
	all_isolated(&tree);
	tree_path(&tree, journal_path, full);
	assert_int_equal(stat(full, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	tree_path(&tree, "/run/bpftoll", full);
	assert_int_equal(stat(full, &st), 0);
	/* the CPUs' locks are in it as well, and their owners are for all to read */
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(isolation_close(iso), 0);
	all_before(&tree);
	assert_false(tree_has(&tree, journal_path));
	assert_true(tree_logged(&tree, "NUMA balancing: 2 -> 0"));
	assert_true(tree_logged(&tree, "interrupts: 2 moved off CPU 1"));
	assert_true(tree_logged(&tree, "cgroup partition: no cgroup v2 here"));
	/* Once more: nothing was left behind. */
	assert_int_equal(isolation_close(open_ok(&tree)), 0);
	all_before(&tree);
	assert_int_equal(recover_ok(&tree), 0);
	tree_remove(&tree);
}

static void what_is_missing_is_told(void **state)
{
	struct tree tree;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, "/run/.keep", "");
	assert_int_equal(isolation_close(open_ok(&tree)), 0);
	assert_true(tree_logged(&tree, "governor: no cpufreq here"));
	assert_true(tree_logged(&tree, "turbo (intel_pstate): no intel_pstate driver here"));
	assert_true(tree_logged(&tree, "turbo (boost): the cpufreq driver here has no boost"));
	assert_true(tree_logged(&tree, "NUMA balancing: this kernel has none"));
	assert_true(tree_logged(&tree, "THP: this kernel has no transparent huge pages"));
	assert_true(tree_logged(&tree, "watchdog: this kernel has none"));
	assert_true(tree_logged(&tree, "interrupts: no /proc/irq here"));
	assert_true(tree_logged(&tree, "cgroup partition: no cgroup v2 here"));
	assert_true(tree_logged(&tree, "C-states: no latency limit per CPU here"));
	assert_true(tree_logged(&tree, "/dev/cpu_dma_latency would keep the reader CPU awake"));
	assert_int_equal(isolation_close(NULL), 0);
	tree_remove(&tree);
}

static void thp_brackets(void **state)
{
	struct tree tree;
	struct isolation *iso;

	(void)state;
	make_dirty(&tree);
	tree_put(&tree, "/sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n");
	iso = open_ok(&tree);
	tree_holds(&tree, "/sys/kernel/mm/transparent_hugepage/enabled", "never\n");
	/* As the kernel shows it. */
	tree_put(&tree, "/sys/kernel/mm/transparent_hugepage/enabled", "always madvise [never]\n");
	/* and what it changes with it */
	tree_put(&tree, "/proc/sys/vm/min_free_kbytes", "36604\n");
	assert_int_equal(isolation_close(iso), 0);
	all_before(&tree);
	tree_remove(&tree);
}

/*
 * Where CPUs have no limit of their own, a binary latency of 0 is written to the device, which is
 * held open.
 */
static void latency_is_held(void **state)
{
	struct tree tree;
	struct isolation *iso;
	char text[TREE_TEXT];
	struct error why;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, "/run/.keep", "");
	tree_put(&tree, "/dev/cpu_dma_latency", "xxxx");
	iso = open_ok(&tree);
	tree_holds(&tree, "/dev/cpu_dma_latency", "xxxx");
	assert_int_equal(isolation_close(iso), 0);
	/* useful, since nobody has to be woken */
	assert_int_equal(isolation_open(tree.root, NULL, MEASURE, -1, tree.log, &iso, &why), 0);
	tree_get(&tree, "/dev/cpu_dma_latency", text);
	assert_memory_equal(text, "\0\0\0\0", 4);
	assert_int_equal(isolation_close(iso), 0);
	tree_remove(&tree);
}

static void killed_then_recovered(void **state)
{
	struct tree tree;
	struct isolation *iso = NULL;
	struct error why = {0};

	(void)state;
	make_dirty(&tree);
	kill_an_owner(&tree);
	/* A new run refuses to start on top of it. */
	assert_int_equal(isolation_open(tree.root, NULL, MEASURE, DRAIN, tree.log, &iso, &why),
			 -EBUSY);
	assert_non_null(strstr(why.text, "bpftoll restore"));
	assert_null(iso);
	all_isolated(&tree);
	/* The entries in which the two columns of the table differ. */
	assert_int_equal(recover_ok(&tree), 14);
	all_before(&tree);
	assert_false(tree_has(&tree, journal_path));
	assert_int_equal(recover_ok(&tree), 0);
	tree_remove(&tree);
}

static void third_values_are_left_alone(void **state)
{
	struct tree tree;
	char full[PATH_MAX];

	(void)state;
	make_dirty(&tree);
	for (int killed = 0; killed < 2; killed++) {
		struct isolation *iso = NULL;

		if (killed)
			kill_an_owner(&tree);
		else
			iso = open_ok(&tree);
		tree_put(&tree, dirty[2].path, "schedutil\n");
		tree_put(&tree, "/proc/irq/24/smp_affinity", "8\n");
		/* Somebody has restored this one already, and one is gone. */
		tree_put(&tree, "/proc/sys/kernel/watchdog", "1\n");
		tree_path(&tree, "/proc/irq/7/smp_affinity", full);
		assert_int_equal(unlink(full), 0);
		if (killed)
			assert_int_equal(recover_ok(&tree), 10);
		else
			assert_int_equal(isolation_close(iso), 0);
		tree_holds(&tree, dirty[2].path, "schedutil\n");
		tree_holds(&tree, "/proc/irq/24/smp_affinity", "8\n");
		tree_holds(&tree, "/proc/sys/kernel/numa_balancing", "2\n");
		assert_true(tree_logged(&tree, "scaling_governor is schedutil by now"));
		assert_true(tree_logged(&tree, "/proc/irq/24/smp_affinity is 8 by now"));
		assert_true(tree_logged(&tree, "/proc/irq/7/smp_affinity is gone"));
		tree_put(&tree, dirty[2].path, dirty[2].before);
		tree_put(&tree, "/proc/irq/24/smp_affinity", "2\n");
		tree_put(&tree, "/proc/irq/7/smp_affinity", "ffffffff,0000000f\n");
		all_before(&tree);
	}
	tree_remove(&tree);
}

/* A sysctl that even root cannot write takes the place of a value that the kernel refuses. */
static void refused_values_are_told(void **state)
{
	static const char refusing[] = "/proc/sys/kernel/ngroups_max";
	struct tree tree;
	struct isolation *iso;

	(void)state;
	make_dirty(&tree);
	tree_link(&tree, "/proc/sys/kernel/numa_balancing", refusing);
	tree_link(&tree, "/proc/irq/24/smp_affinity", refusing);
	tree_link(&tree, "/proc/irq/default_smp_affinity", refusing);
	tree_put(&tree, "/sys/devices/system/cpu/cpufreq/boost", "junk in here\n");
	tree_put(&tree, "/proc/irq/7/smp_affinity", "not a mask\n");
	iso = open_ok(&tree);
	tree_holds(&tree, "/proc/sys/kernel/watchdog", "0\n");
	assert_int_equal(isolation_close(iso), 0);
	tree_holds(&tree, "/proc/sys/kernel/watchdog", "1\n");
	tree_holds(&tree, "/sys/devices/system/cpu/cpufreq/boost", "junk in here\n");
	assert_true(tree_logged(&tree, "NUMA balancing: stays 65536, "
				       "/proc/sys/kernel/numa_balancing cannot be set: "));
	assert_true(tree_logged(&tree, "interrupts: 2 cannot be moved off CPU 1: IRQ 7,24 ("));
	assert_true(tree_logged(&tree, "default_smp_affinity cannot be set: "));
	assert_true(tree_logged(&tree, "boost holds what is not understood, left alone"));
	tree_remove(&tree);
}

static void one_cpu_has_nowhere_to_send_interrupts(void **state)
{
	struct tree tree;
	struct isolation *iso = NULL;
	struct error why = {0};

	(void)state;
	tree_make(&tree);
	tree_put(&tree, "/run/.keep", "");
	tree_put(&tree, "/sys/devices/system/cpu/online", "0\n");
	tree_put(&tree, "/proc/irq/5/smp_affinity", "1\n");
	tree_put(&tree, "/proc/irq/default_smp_affinity", "1\n");
	assert_int_equal(isolation_open(tree.root, NULL, 0, -1, tree.log, &iso, &why), 0);
	tree_holds(&tree, "/proc/irq/5/smp_affinity", "1\n");
	assert_int_equal(isolation_close(iso), 0);
	assert_true(tree_logged(&tree, "IRQ 5 (no other CPU is online)"));
	assert_int_equal(isolation_open(tree.root, NULL, -1, -1, tree.log, &iso, &why), -EINVAL);
	tree_remove(&tree);
}

static void a_running_owner_is_respected(void **state)
{
	struct tree tree;
	struct isolation *iso;
	struct isolation *second = NULL;
	struct error why = {0};
	char pid[32];
	size_t restored = 99;

	(void)state;
	make_dirty(&tree);
	iso = open_ok(&tree);
	snprintf(pid, sizeof(pid), "(pid %d)", (int)getpid());
	assert_int_equal(isolation_recover(tree.root, NULL, tree.log, &restored, &why), -EBUSY);
	assert_int_equal(restored, 0);
	assert_non_null(strstr(why.text, pid));
	assert_int_equal(isolation_open(tree.root, NULL, MEASURE, DRAIN, tree.log, &second, &why),
			 -EBUSY);
	assert_non_null(strstr(why.text, pid));
	all_isolated(&tree);
	assert_int_equal(isolation_close(iso), 0);
	all_before(&tree);
	tree_remove(&tree);
}

static void an_earlier_boot_has_reset_it(void **state)
{
	struct tree tree;

	(void)state;
	make_dirty(&tree);
	tree_put(&tree, "/proc/sys/kernel/random/boot_id", "11111111-2222\n");
	kill_an_owner(&tree);
	tree_put(&tree, "/proc/sys/kernel/random/boot_id", "33333333-4444\n");
	assert_int_equal(recover_ok(&tree), 0);
	all_isolated(&tree);
	assert_false(tree_has(&tree, journal_path));
	assert_true(tree_logged(&tree, "from before the last boot"));
	tree_remove(&tree);
}

/* What cannot be restored now can be later: the journal stays. */
static void a_failed_restore_can_be_repeated(void **state)
{
	struct tree tree;
	char full[PATH_MAX];
	struct error why = {0};
	size_t restored = 99;

	(void)state;
	make_dirty(&tree);
	kill_an_owner(&tree);
	tree_path(&tree, "/proc/sys/kernel/numa_balancing", full);
	assert_int_equal(unlink(full), 0);
	assert_int_equal(mkdir(full, 0755), 0);
	assert_int_equal(isolation_recover(tree.root, NULL, tree.log, &restored, &why), -EISDIR);
	/* The others have been restored all the same. */
	assert_int_equal(restored, 13);
	tree_holds(&tree, "/proc/sys/kernel/watchdog", "1\n");
	assert_true(tree_has(&tree, journal_path));
	assert_int_equal(rmdir(full), 0);
	tree_put(&tree, "/proc/sys/kernel/numa_balancing", "0\n");
	assert_int_equal(recover_ok(&tree), 1);
	all_before(&tree);
	assert_false(tree_has(&tree, journal_path));
	tree_remove(&tree);
}

/*
 * Whatever the size at which the disk is full: a setting without its line in the journal is never
 * changed.
 */
static void a_full_disk_changes_nothing(void **state)
{
	struct tree tree;
	struct isolation *iso;
	char full[PATH_MAX];
	struct stat st;

	(void)state;
	make_dirty(&tree);
	iso = open_ok(&tree);
	tree_path(&tree, journal_path, full);
	assert_int_equal(stat(full, &st), 0);
	assert_int_equal(isolation_close(iso), 0);
	/* from 20, since the values themselves need as much */
	for (rlim_t size = 20; size < (rlim_t)st.st_size; size += 13) {
		int status;
		pid_t child;

		fflush(NULL);
		child = fork();
		assert_true(child >= 0);
		if (child == 0) {
			struct rlimit limit = {size, size};
			struct error why = {0};
			int err;

			iso = NULL;
			signal(SIGXFSZ, SIG_IGN);
			setrlimit(RLIMIT_FSIZE, &limit);
			err = isolation_open(tree.root, NULL, MEASURE, DRAIN, tree.log, &iso, &why);
			_exit(err == -EFBIG && strstr(why.text, "isolate.journal") && !iso ? 0 : 1);
		}
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
		all_before(&tree);
		assert_false(tree_has(&tree, journal_path));
	}
	tree_remove(&tree);
}

static void an_open_folder_is_refused(void **state)
{
	struct tree tree;
	struct isolation *iso = NULL;
	char full[PATH_MAX];
	struct error why = {0};

	(void)state;
	make_dirty(&tree);
	tree_path(&tree, "/run/bpftoll", full);
	assert_int_equal(mkdir(full, 0700), 0);
	assert_int_equal(chmod(full, 0777), 0);
	assert_int_equal(isolation_open(tree.root, NULL, MEASURE, DRAIN, tree.log, &iso, &why),
			 -EPERM);
	assert_non_null(strstr(why.text, "only its owner can write"));
	assert_int_equal(rmdir(full), 0);
	assert_int_equal(symlink("/tmp", full), 0);
	assert_int_equal(isolation_open(tree.root, NULL, MEASURE, DRAIN, tree.log, &iso, &why),
			 -EPERM);
	all_before(&tree);
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dirty_state_comes_back),
		cmocka_unit_test(what_is_missing_is_told),
		cmocka_unit_test(thp_brackets),
		cmocka_unit_test(latency_is_held),
		cmocka_unit_test(killed_then_recovered),
		cmocka_unit_test(third_values_are_left_alone),
		cmocka_unit_test(refused_values_are_told),
		cmocka_unit_test(one_cpu_has_nowhere_to_send_interrupts),
		cmocka_unit_test(a_running_owner_is_respected),
		cmocka_unit_test(an_earlier_boot_has_reset_it),
		cmocka_unit_test(a_failed_restore_can_be_repeated),
		cmocka_unit_test(a_full_disk_changes_nothing),
		cmocka_unit_test(an_open_folder_is_refused),
	};

	return cmocka_run_group_tests_name("cpuset/isolate", tests, NULL, NULL);
}
