/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Real groups of software events, which count exactly what the test does; no PMU is needed. */
#define _GNU_SOURCE
#include "tests/unit/calib/real_counters.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

static char *fresh_pages(size_t n)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *p = mmap(NULL, n * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	/* Fails where the kernel has no huge pages, which is fine too. */
	(void)madvise(p, n * page, MADV_NOHUGEPAGE);
	return p;
}

static void NOT_INSTRUMENTED touch(volatile char *p, size_t n, size_t page)
{
	for (size_t i = 0; i < n; i++)
		p[i * page] = 1;
}

/* ---- software events ---- */

static void counts_every_page_fault(void **state)
{
	static const size_t touched[] = {0, 1, 7, 300};
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct counters *c = open_or_skip("perf::page-faults:u, perf::minor-faults:u");

	(void)state;
	assert_int_equal(counters_count(c), 2);
	assert_int_equal(counters_passes(c), 1);
	assert_string_equal(counters_at(c, 1)->name, "perf::minor-faults:u");
	/* The first round touches what the code has not touched yet. */
	for (size_t round = 0; round < 2; round++)
		for (size_t i = 0; i < sizeof(touched) / sizeof(*touched); i++) {
			char *p = fresh_pages(touched[i] + 1);

			assert_int_equal(counters_begin(c, 0), 0);
			touch(p, touched[i], page);
			assert_int_equal(counters_end(c, 0), 0);
			munmap(p, (touched[i] + 1) * page);
			if (round == 0)
				continue;
			assert_counted(c, 0, touched[i]);
			assert_counted(c, 1, touched[i]);
			assert_false(counters_at(c, 0)->rdpmc);
		}
	counters_close(c);
}

static void tells_user_from_kernel(void **state)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct counters *c = open_or_skip("page-faults:u,page-faults:k,page-faults");
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);

	(void)state;
	assert_true(zero >= 0);
	for (int round = 0; round < 2; round++) {
		char *p = fresh_pages(12);

		assert_int_equal(counters_begin(c, 0), 0);
		touch(p, 7, page);
		/* The kernel makes the other five stores. */
		assert_int_equal(read(zero, p + 7 * page, 5 * page), 5 * page);
		assert_int_equal(counters_end(c, 0), 0);
		munmap(p, 12 * page);
	}
	assert_counted(c, 0, 7);
	assert_counted(c, 1, 5);
	assert_counted(c, 2, 12);
	close(zero);
	counters_close(c);
}

struct ping {
	int there[2];
	int back[2];
	int cpu;
};

static void *answer_pings(void *arg)
{
	struct ping *ping = arg;
	char byte;

	pin_to(ping->cpu);
	while (read(ping->there[0], &byte, 1) == 1)
		if (write(ping->back[1], &byte, 1) != 1)
			break;
	return NULL;
}

static long switches_now(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_THREAD, &usage), 0);
	return usage.ru_nvcsw + usage.ru_nivcsw;
}

/*
 * Both threads are on one CPU, so each answer needs a switch. getrusage's figures inside and around
 * the block are bounds for the count, and the counters of a thread that is switched out lose
 * nothing.
 */
static void counts_context_switches(void **state)
{
	enum { PINGS = 200 };
	struct counters *c = open_or_skip("context-switches,page-faults:k");
	struct ping ping = {.cpu = allowed_cpu(0)};
	long outer, inner, count;
	pthread_t thread;
	char byte = 0;

	(void)state;
	assert_int_equal(pipe(ping.there), 0);
	assert_int_equal(pipe(ping.back), 0);
	assert_int_equal(pthread_create(&thread, NULL, answer_pings, &ping), 0);
	outer = switches_now();
	assert_int_equal(counters_begin(c, 0), 0);
	inner = switches_now();
	for (int i = 0; i < PINGS; i++) {
		assert_int_equal(write(ping.there[1], &byte, 1), 1);
		assert_int_equal(read(ping.back[0], &byte, 1), 1);
	}
	inner = switches_now() - inner;
	assert_int_equal(counters_end(c, 0), 0);
	outer = switches_now() - outer;
	count = (long)counters_at(c, 0)->count;
	if (!counters_at(c, 0)->valid)
		fail_msg("%s", counters_at(c, 0)->reason);
	assert_true(count >= PINGS);
	assert_in_range(count, inner, outer);
	close(ping.there[1]);
	pthread_join(thread, NULL);
	close(ping.there[0]);
	close(ping.back[0]);
	close(ping.back[1]);
	counters_close(c);
}

static void disowns_a_block_on_another_cpu(void **state)
{
	struct counters *c;

	(void)state;
	if (allowed_cpu(1) < 0) {
		print_message("skipped: one CPU only, nowhere to migrate to\n");
		skip();
	}
	c = open_or_skip("page-faults:u,cpu-migrations");
	assert_int_equal(counters_begin(c, 0), 0);
	pin_to(allowed_cpu(1));
	pin_to(allowed_cpu(0));
	assert_int_equal(counters_end(c, 0), 0);
	for (size_t i = 0; i < 2; i++) {
		assert_false(counters_at(c, i)->valid);
		assert_non_null(strstr(counters_at(c, i)->reason, "migration"));
	}
	/* Nothing of it persists. */
	assert_int_equal(counters_begin(c, 0), 0);
	assert_int_equal(counters_end(c, 0), 0);
	assert_true(counters_at(c, 0)->valid);
	counters_close(c);
}

/* ---- refusals ---- */

static void refuses_bad_lists(void **state)
{
	(void)state;
	assert_refused("", -EINVAL, "event 1 of the list has no name");
	assert_refused("page-faults:u,,cs", -EINVAL, "event 2");
	assert_refused("page-faults:u, ", -EINVAL, "event 2");
	assert_refused("page-faults:u,contxt-switches", -ENOENT, "CONTEXT-SWITCHES");
	assert_refused("page-faults:u:period=9", -EINVAL, "not sampled");
}

static void refuses_a_cpu_that_is_not_there(void **state)
{
	struct counters *c;
	struct error why = {0};

	(void)state;
	assert_int_equal(counters_open("page-faults:u", 1 << 20, &c, &why), -ENODEV);
	assert_string_equal(why.text, "there is no CPU 1048576");
	assert_null(c);
}

static void holds_begin_and_end_together(void **state)
{
	struct counters *c = open_or_skip("page-faults:u");

	(void)state;
	assert_int_equal(counters_end(c, 0), -EINVAL);
	assert_int_equal(counters_begin(c, 1), -EINVAL);
	assert_int_equal(counters_begin(c, 0), 0);
	assert_false(counters_at(c, 0)->valid);
	assert_int_equal(counters_begin(c, 0), -EINVAL);
	assert_int_equal(counters_end(c, 1), -EINVAL);
	assert_int_equal(counters_end(c, 0), 0);
	assert_true(counters_at(c, 0)->valid);
	assert_null(counters_at(c, 1));
	counters_close(c);
}

static void takes_null(void **state)
{
	(void)state;
	counters_close(NULL);
	assert_int_equal(counters_passes(NULL), 0);
	assert_int_equal(counters_count(NULL), 0);
	assert_null(counters_at(NULL, 0));
	assert_int_equal(counters_begin(NULL, 0), -EINVAL);
	assert_int_equal(counters_end(NULL, 0), -EINVAL);
}

/* What is said about this machine must be true: with a PMU, the defaults count. */
static void knows_whether_there_is_a_pmu(void **state)
{
	char name[256] = "";
	const char *events = counters_default_events();
	struct counters *c;

	(void)state;
	assert_int_equal(counters_pmu_present(name, sizeof(name)), events != NULL);
	assert_true(*name);
	if (!events) {
		print_message("skipped: %s\n", name);
		skip();
	}
	c = open_or_skip(events);
	for (unsigned int pass = 0; pass < counters_passes(c); pass++) {
		assert_int_equal(counters_begin(c, pass), 0);
		assert_int_equal(counters_end(c, pass), 0);
	}
	for (size_t i = 0; i < counters_count(c); i++)
		assert_true(counters_at(c, i)->valid);
	counters_close(c);
}

int main(void)
{
#define T(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(counts_every_page_fault),
		T(tells_user_from_kernel),
		T(counts_context_switches),
		T(disowns_a_block_on_another_cpu),
		T(refuses_bad_lists),
		T(refuses_a_cpu_that_is_not_there),
		T(holds_begin_and_end_together),
		T(takes_null),
		T(knows_whether_there_is_a_pmu),
	};

	return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
