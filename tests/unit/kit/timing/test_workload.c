/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/timer_overhead.h"
#include "kit/timing/workload.h"
#include "reports/record/samples.h"

#define CALLS 200

static long minor_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/*
 * Every workload fills every reading and does its work: a page that was given back must be faulted
 * in again.
 */
static void every_workload_does_what_it_says(void **state)
{
	static uint32_t ticks[CALLS];
	struct error why;

	(void)state;
	for (size_t t = 0; t < workloads_count; t++) {
		const struct workload *workload = &workloads[t];
		long pages = (long)workload->bytes / 4096, before, faults;
		char *area;

		assert_int_equal(workload_open(workload, &area, &why), 0);
		memset(ticks, 0, sizeof(ticks));
		before = minor_faults();
		workload_block(workload, area, ticks, CALLS, NULL);
		faults = minor_faults() - before;
		for (size_t i = 0; i < CALLS; i++)
			assert_true(ticks[i] > 0);
		if (strstr(workload->name, "dontneed"))
			assert_true(faults >= pages * (CALLS - 1));
		if (!strcmp(workload->name, "munmap_4k"))
			assert_true(faults >= CALLS);
		if (!strcmp(workload->name, "munmap_einval") || !strcmp(workload->name, "getppid"))
			assert_true(faults < CALLS / 2);
		workload_close(workload, area);
	}
}

static int opens(const struct workload *workload)
{
	struct error why;
	char *area;
	int err = workload_open(workload, &area, &why);

	if (!err)
		workload_close(workload, area);
	return err;
}

/* The first process of a container has no parent that it can see: getppid returns 0. */
static void control_works_without_a_parent(void **state)
{
	pid_t pid = fork();
	int status;

	(void)state;
	if (!pid) {
		pid = unshare(CLONE_NEWPID) ? -1 : fork();
		if (!pid)
			_exit(getppid() != 0 || opens(workload_find("getppid")));
		if (pid > 0)
			waitpid(pid, &status, 0);
		_exit(pid > 0 ? WEXITSTATUS(status) : 77);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

/* Where no process and no thread can be made the operation is refused, and not timed. */
static void a_refused_process_or_thread_is_seen(void **state)
{
	const struct rlimit none = {0, 0};
	const uid_t nobody = 65534;
	pid_t pid = fork();
	int status;

	(void)state;
	if (!pid) {
		if (setrlimit(RLIMIT_NPROC, &none) || setgid(nobody) || setuid(nobody))
			_exit(77);
		_exit(opens(workload_find("fork_exit")) != -ECHILD ||
		      opens(workload_find("clone3_thread")) != -ECHILD);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void names_are_unique_and_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < workloads_count; i++) {
		assert_ptr_equal(workload_find(workloads[i].name), &workloads[i]);
	}
	assert_null(workload_find("munmap"));
}

/* A call whose reader does not fall asleep is not marked as migrated: it has a mark of its own. */
static void calls_behind_a_waking_consumer_are_censored(void **state)
{
	static uint32_t ticks[CALLS];
	const struct workload *workload = workload_find("munmap_einval");
	/* reads nothing, as if the reader never slept */
	struct gate gate = {.idle_fd = open("/dev/null", O_RDONLY), .patience_ticks = 1000};

	(void)state;
	assert_true(gate.idle_fd >= 0);
	workload_block(workload, NULL, ticks, CALLS, &gate);
	close(gate.idle_fd);
	assert_int_equal(gate.missed, CALLS);
	for (size_t i = 0; i < CALLS; i++) {
		assert_int_equal(ticks[i], TIMER_OVERHEAD_CENSORED);
		assert_int_equal(ticks[i], SAMPLE_CENSORED);
		assert_false(sample_kept(ticks[i]));
	}
	assert_true(sample_kept(SAMPLE_MAX) && sample_kept(0) && !sample_kept(SAMPLE_MIGRATED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_workload_does_what_it_says),
		cmocka_unit_test(calls_behind_a_waking_consumer_are_censored),
		cmocka_unit_test(a_refused_process_or_thread_is_seen),
		cmocka_unit_test(names_are_unique_and_found),
		cmocka_unit_test(control_works_without_a_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
