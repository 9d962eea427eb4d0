/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What became of the run's CPUs. What is lost stays so: each case is a process of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpuset/affinity.h"
#include "kit/system/place.h"

#define NO_SUCH_CPU 1048000

static int first_cpu(void)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int cpu;

	assert_non_null(set);
	assert_int_equal(affinity_get(set), 0);
	cpu = hwloc_bitmap_first(set);
	hwloc_bitmap_free(set);
	return cpu;
}

static void holds(bool (*how)(void))
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (!child)
		_exit(how() ? 0 : 1);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static bool says(const char *words)
{
	const char *lost = place_lost();

	return lost && strstr(lost, words);
}

static bool nothing_is_watched(void)
{
	return !place_lost();
}

static bool all_is_well(void)
{
	place_watch(first_cpu(), first_cpu());
	if (place_lost() || affinity_pin(first_cpu()))
		return false;
	place_timed_by(getpid());
	return !place_lost();
}

static bool measuring_is_named(void)
{
	place_watch(NO_SUCH_CPU, first_cpu());
	return says("CPU 1048000, where the calls are timed, went offline");
}

static bool reader_is_named(void)
{
	place_watch(first_cpu(), NO_SUCH_CPU);
	return says("CPU 1048000, where events are read, went offline");
}

static bool another_process_told(void)
{
	place_lose("CPU 7 went");
	place_lose("CPU 8 went");
	return says("CPU 7 went");
}

/* As after a CPU was offline: what was pinned to it may run where it could not before. */
static bool moved(void)
{
	place_watch(first_cpu(), -1);
	place_timed_by(getpid());
	return says("was offline for a while, or another program");
}

/* And for good, though the process is pinned again. */
static bool moved_back(void)
{
	return moved() && !affinity_pin(first_cpu()) &&
	       says("was offline for a while, or another program");
}

static void cpus_that_are_there(void **state)
{
	(void)state;
	holds(nothing_is_watched);
	holds(all_is_well);
}

static void cpus_that_went(void **state)
{
	(void)state;
	holds(measuring_is_named);
	holds(reader_is_named);
	holds(another_process_told);
}

static void a_process_that_was_moved(void **state)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	int n;

	(void)state;
	assert_int_equal(affinity_get(set), 0);
	n = hwloc_bitmap_weight(set);
	hwloc_bitmap_free(set);
	if (n < 2)
		skip();
	holds(moved);
	holds(moved_back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cpus_that_are_there),
		cmocka_unit_test(cpus_that_went),
		cmocka_unit_test(a_process_that_was_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
