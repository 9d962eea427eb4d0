/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Isolates the machine that runs the test, and compares every file that is changed before and
 * after.
 */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <glob.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "cpuset/affinity.h"
#include "cpuset/isolate/isolate.h"
#include "tests/unit/cpuset/tree.h"

static const char *const patterns[] = {
	"/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor",
	"/sys/devices/system/cpu/intel_pstate/no_turbo",
	"/sys/devices/system/cpu/cpufreq/boost",
	"/sys/devices/system/cpu/cpu*/power/pm_qos_resume_latency_us",
	"/proc/sys/kernel/numa_balancing",
	"/sys/kernel/mm/transparent_hugepage/enabled",
	"/proc/sys/vm/min_free_kbytes",
	"/proc/sys/kernel/nmi_watchdog",
	"/proc/sys/kernel/soft_watchdog",
	"/proc/sys/kernel/watchdog",
	"/proc/irq/*/smp_affinity",
	"/proc/irq/default_smp_affinity",
	"/proc/self/cgroup",
	"/sys/fs/cgroup/cgroup.subtree_control",
	"/sys/fs/cgroup/*/cgroup.subtree_control",
	"/sys/fs/cgroup/cpuset.cpus.isolated",
	"/sys/devices/system/cpu/isolated",
};

/* The text of all files, with their names. */
static char *snapshot(void)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	glob_t files = {0};
	int flags = 0;

	assert_non_null(out);
	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++) {
		int err = glob(patterns[i], flags, NULL, &files);

		assert_true(err == 0 || err == GLOB_NOMATCH);
		flags = GLOB_APPEND;
	}
	for (size_t i = 0; i < files.gl_pathc; i++) {
		char line[TREE_TEXT];
		FILE *file = fopen(files.gl_pathv[i], "re");

		/* an interrupt may be freed between the listing and this read */
		while (file && fgets(line, sizeof(line), file))
			fprintf(out, "%s: %s", files.gl_pathv[i], line);
		if (file)
			fclose(file);
	}
	globfree(&files);
	assert_int_equal(fclose(out), 0);
	return text;
}

static void choose(int *measure, int *reader)
{
	hwloc_bitmap_t mine = hwloc_bitmap_alloc();

	assert_non_null(mine);
	assert_int_equal(affinity_get(mine), 0);
	*measure = hwloc_bitmap_last(mine);
	*reader = hwloc_bitmap_weight(mine) > 1 ? hwloc_bitmap_first(mine) : -1;
	hwloc_bitmap_free(mine);
}

static void needs_root(void)
{
	if (geteuid() == 0)
		return;
	print_message("  skipped: only root can change the settings of this machine\n");
	skip();
}

static void this_machine_is_put_back(void **state)
{
	struct isolation *iso = NULL;
	struct tree tree;
	char path[PATH_MAX];
	struct error why = {0};
	char *before;
	char *during;
	char *after;
	int measure;
	int reader;
	int closed;

	(void)state;
	needs_root();
	choose(&measure, &reader);
	tree_make(&tree);
	tree_path(&tree, "/journal", path);
	before = snapshot();
	if (isolation_open("", path, measure, reader, tree.log, &iso, &why))
		fail_msg("%s", why.text);
	during = snapshot();
	closed = isolation_close(iso);
	after = snapshot();
	fflush(tree.log);
	print_message("%s", tree.log_text);
	assert_int_equal(closed, 0);
	assert_string_equal(before, after);
	/* A line "X -> Y" or "moved off" on the log was true. */
	if (strstr(tree.log_text, " -> ") || strstr(tree.log_text, "moved off"))
		assert_string_not_equal(before, during);
	else
		print_message("  nothing could be changed here: only that was tried\n");
	assert_false(tree_has(&tree, "/journal"));
	free(after);
	free(during);
	free(before);
	tree_remove(&tree);
}

static void this_machine_recovers_from_a_kill(void **state)
{
	struct tree tree;
	char path[PATH_MAX];
	struct error why = {0};
	char byte = 0;
	size_t restored = 0;
	char *before;
	char *after;
	int ready[2];
	pid_t child;

	(void)state;
	needs_root();
	tree_make(&tree);
	tree_path(&tree, "/journal", path);
	before = snapshot();
	assert_int_equal(pipe(ready), 0);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct isolation *iso = NULL;
		int measure;
		int reader;

		close(ready[0]);
		choose(&measure, &reader);
		if (isolation_open("", path, measure, reader, tree.log, &iso, &why) ||
		    write(ready[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	assert_int_equal(kill(child, SIGKILL), 0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	if (isolation_recover("", path, tree.log, &restored, &why))
		fail_msg("%s", why.text);
	after = snapshot();
	print_message("  %zu settings put back\n", restored);
	assert_string_equal(before, after);
	assert_false(tree_has(&tree, "/journal"));
	free(after);
	free(before);
	tree_remove(&tree);
}

/* A system whose /run only root can write, as usual. */
static void without_root_it_says_so(void **state)
{
	struct tree tree;
	char path[PATH_MAX];
	int status;
	pid_t child;

	(void)state;
	tree_make(&tree);
	tree_put(&tree, "/run/.keep", "");
	tree_path(&tree, "/run", path);
	assert_int_equal(chmod(path, 0555), 0);
	assert_int_equal(chmod(tree.root, 0755), 0);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct isolation *iso = NULL;
		struct error why = {0};
		int err;

		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		err = isolation_open(tree.root, NULL, 0, -1, stderr, &iso, &why);
		_exit(err == -EACCES && strstr(why.text, "--isolate needs root") && !iso ? 0 : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(path, 0755), 0);
	tree_remove(&tree);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 2) {
		print_message("  skipped: this root may not become another user\n");
		skip();
	}
	assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(this_machine_is_put_back),
		cmocka_unit_test(this_machine_recovers_from_a_kill),
		cmocka_unit_test(without_root_it_says_so),
	};

	return cmocka_run_group_tests_name("cpuset/isolate on this machine", tests, NULL, NULL);
}
