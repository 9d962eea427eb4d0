/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/error.h"
#include "kit/system/place.h"
#include "kit/timing/timing.h"

static struct error why;

/* Starts on the first CPU that this process may use; false: no timing process here. */
static bool start(struct timing **timing)
{
	cpu_set_t may;
	int cpu = 0;

	assert_int_equal(sched_getaffinity(0, sizeof(may), &may), 0);
	while (!CPU_ISSET(cpu, &may))
		cpu++;
	place_adopt(&cpu, 1);
	return !timing_open(cpu, timing, &why);
}

struct seen {
	pid_t pid;
	int number, fd;
	char text[8];
};

static void look_around(void *context)
{
	struct seen *seen = context;

	seen->pid = getpid();
	seen->number++;
	if (seen->fd >= 0)
		seen->number += (int)pread(seen->fd, seen->text, 4, 0);
}

static void jobs_run_in_a_process_of_their_own(void **state)
{
	struct seen seen = {.fd = -1};
	struct timing *timing;

	(void)state;
	timing_do(NULL, look_around, &seen, sizeof(seen));
	assert_int_equal(seen.pid, getpid());
	assert_true(start(&timing));
	for (int i = 0; i < 100; i++)
		timing_do(timing, look_around, &seen, sizeof(seen));
	assert_int_equal(seen.number, 101);
	assert_int_not_equal(seen.pid, getpid());
	assert_int_equal(seen.pid, timing_pid(timing));
	/* a descriptor that was opened after the start exists there too */
	seen = (struct seen){.fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)};
	timing_do(timing, look_around, &seen, sizeof(seen));
	assert_int_equal(seen.number, 5);
	close(seen.fd);
	timing_close(timing);
	timing_close(NULL);
}

static void store(void *context)
{
	**(int **)context = 42;
}

static void memory_is_shared_where_it_says(void **state)
{
	int *shared = timing_memory(sizeof(*shared)), own = 0, *at;
	struct timing *timing;

	(void)state;
	assert_true(start(&timing));
	at = shared;
	timing_do(timing, store, &at, sizeof(at));
	assert_int_equal(*shared, 42);
	at = &own;
	timing_do(timing, store, &at, sizeof(at));
	assert_int_equal(own, 0);
	timing_close(timing);
	timing_memory_free(shared, sizeof(*shared));
}

static void die(void *context)
{
	(void)context;
	raise(SIGKILL);
}

static void its_death_is_seen(void **state)
{
	struct seen seen = {.fd = -1};
	struct timing *timing;

	(void)state;
	assert_true(start(&timing));
	assert_null(timing_died(timing));
	timing_do(timing, die, &seen, sizeof(seen));
	assert_non_null(timing_died(timing));
	assert_non_null(strstr(timing_died(timing), "signal 9"));
	timing_do(timing, look_around, &seen, sizeof(seen));
	assert_int_equal(seen.number, 0);
	timing_close(timing);
}

struct large {
	int number;
	char text[TIMING_CONTEXT_MOST - sizeof(int)];
};

static void fill(void *context)
{
	struct large *large = context;

	large->number++;
	memset(large->text, 'x', sizeof(large->text));
}

/* A job that cannot be handed over is an error, and not silently dropped. */
static void a_job_that_is_too_large_is_told(void **state)
{
	static struct {
		struct large large;
		char beyond;
	} more;
	static struct large large;
	struct timing *timing;

	(void)state;
	assert_true(sizeof(struct error) < TIMING_CONTEXT_MOST);
	assert_true(start(&timing));
	timing_do(timing, fill, &large, sizeof(large));
	assert_int_equal(large.number, 1);
	assert_int_equal(large.text[sizeof(large.text) - 1], 'x');
	assert_null(timing_died(timing));
	timing_do(timing, fill, &more, sizeof(more));
	assert_int_equal(more.large.number, 0);
	assert_non_null(timing_died(timing));
	assert_non_null(strstr(timing_died(timing), "bytes"));
	timing_close(timing);
}

static void it_ends_with_its_parent(void **state)
{
	int ends[2];
	pid_t parent;
	char byte;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	parent = fork();
	if (!parent) {
		struct timing *timing;

		close(ends[0]);
		/*
		 * the other process has that end of the pipe too: it is closed when both have ended
		 */
		if (!start(&timing))
			_exit(1);
		raise(SIGKILL);
	}
	close(ends[1]);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	assert_int_equal(read(ends[0], &byte, 1), 0);
	close(ends[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(jobs_run_in_a_process_of_their_own),
		cmocka_unit_test(memory_is_shared_where_it_says),
		cmocka_unit_test(its_death_is_seen),
		cmocka_unit_test(a_job_that_is_too_large_is_told),
		cmocka_unit_test(it_ends_with_its_parent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
