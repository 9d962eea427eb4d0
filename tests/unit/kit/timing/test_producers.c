/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Producers make calls together, each on its CPU, and a dead one is noticed; all events of a
 * contention run are accounted for.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include <cmocka.h>

#include "calib/error.h"
#include "bpf/load/stream.h"
#include "calib/tsc.h"
#include "kit/events/scenario_list.h"
#include "kit/system/mounts.h"
#include "kit/system/place.h"
#include "kit/timing/producers.h"
#include "reports/record/record_rows.h"

#define PRODUCER_CPUS 8

static struct error why;
static struct placement placement;
static struct tsc_rate tsc;
static int cpus[PRODUCER_CPUS];
static size_t n_cpus;

static struct producers *open_all(void)
{
	struct producers *producers = NULL;

	if (producers_open(workload_find("munmap_einval"), cpus, n_cpus, &producers, &why))
		fail_msg("%s", why.text);
	return producers;
}

static void each_makes_calls_for_the_time(void **state)
{
	uint64_t ticks = (uint64_t)(tsc.hz * 0.005);
	struct producers *producers = open_all();

	(void)state;
	for (size_t n = 1; n <= n_cpus; n++) {
		struct producer_run runs[PRODUCER_CPUS] = {0};

		assert_int_equal(producers_run(producers, n, ticks, tsc.hz, runs), 0);
		for (size_t i = 0; i < n; i++) {
			assert_true(runs[i].calls > 0);
			assert_true(runs[i].ticks >= (double)ticks);
			assert_true(runs[i].cpu_ns > 0);
		}
		for (size_t i = n; i < n_cpus; i++)
			assert_int_equal(runs[i].calls, 0);
	}
	producers_close(producers);
}

static void each_runs_on_its_cpu(void **state)
{
	struct producers *producers = open_all();

	(void)state;
	for (size_t i = 0; i < n_cpus; i++) {
		cpu_set_t set;

		assert_int_equal(sched_getaffinity(producers_pid(producers, i), sizeof(set), &set),
				 0);
		assert_int_equal(CPU_COUNT(&set), 1);
		assert_true(CPU_ISSET(cpus[i], &set));
	}
	producers_close(producers);
}

static void a_dead_one_is_noticed(void **state)
{
	struct producers *producers = open_all();
	struct producer_run runs[PRODUCER_CPUS];

	(void)state;
	kill(producers_pid(producers, n_cpus - 1), SIGKILL);
	assert_int_equal(producers_run(producers, n_cpus, (uint64_t)(tsc.hz * 0.005), tsc.hz, runs),
			 -ECHILD);
	producers_close(producers);
	/* no process is left behind */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

static void what_cannot_loop_is_refused(void **state)
{
	struct producers *producers = NULL;

	(void)state;
	assert_int_equal(
		producers_open(workload_find("madvise_free_4k"), cpus, 1, &producers, &why),
		-EINVAL);
	assert_non_null(strstr(why.text, "madvise_free_4k"));
}

static void no_progress(double share, const char *what)
{
	(void)share, (void)what;
}

static const volatile sig_atomic_t never = 0, at_once = 1;

static struct harness_env environment(const volatile sig_atomic_t *stop)
{
	return (struct harness_env){.placement = &placement,
				    .tsc = &tsc,
				    .seed = 7,
				    .stop = stop,
				    .progress = no_progress};
}

static void check_rows(const struct record *record, const char *scenario)
{
	size_t measured = 0;

	assert_true(record->n_event_points > 0);
	for (size_t i = 0; i < record->n_event_points; i++) {
		const struct event_point *p = &record->event_points[i];

		assert_string_equal(p->scenario, scenario);
		if (p->status == RESULT_SKIPPED) {
			printf("# skip: %s: %s\n", p->id, p->reason);
			continue;
		}
		if (p->status != RESULT_MEASURED)
			fail_msg("%s: %s", p->id, p->reason);
		assert_true(p->lost_full + p->lost_missed == p->produced - p->received);
		/* a flood sends a burst of events per call */
		if (strcmp(p->variant, "none") != 0)
			assert_true(p->produced == p->calls * (p->burst ? p->burst : 1));
		measured++;
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(p->id, record->event_points[j].id);
	}
	if (!measured)
		skip();
}

static void contention_accounting_balance(void **state)
{
	struct harness_env env = environment(&never);
	struct record *record = record_new();

	(void)state;
	if (contention_run(&env, workload_find("munmap_einval"), HOOK_TRACEPOINT, 2, record, &why))
		fail_msg("%s", why.text);
	check_rows(record, "contention");
	record_free(record);
}

static void flood_accounting_balance(void **state)
{
	struct harness_env env = environment(&never);
	struct record *record = record_new();

	(void)state;
	if (flood_run(&env, 2, record, &why))
		fail_msg("%s", why.text);
	check_rows(record, "flood");
	record_free(record);
}

static void a_stop_is_heeded(void **state)
{
	struct harness_env env = environment(&at_once);
	struct record *record = record_new();

	(void)state;
	assert_int_equal(contention_run(&env, workload_find("munmap_einval"), HOOK_TRACEPOINT, 0,
					record, &why),
			 -EINTR);
	assert_int_equal(flood_run(&env, 0, record, &why), -EINTR);
	assert_int_equal(record->n_event_points, 0);
	record_free(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_makes_calls_for_the_time),
		cmocka_unit_test(each_runs_on_its_cpu),
		cmocka_unit_test(a_dead_one_is_noticed),
		cmocka_unit_test(what_cannot_loop_is_refused),
		cmocka_unit_test(contention_accounting_balance),
		cmocka_unit_test(flood_accounting_balance),
		cmocka_unit_test(a_stop_is_heeded),
	};

	mounts_complete();
	if (place_choose(-1, -1, &placement, &why) || place_pin(&placement, &why) ||
	    tsc_measure(20, &tsc, &why)) {
		printf("1..0 # SKIP %s\n", why.text);
		return 0;
	}
	n_cpus = place_cpus(cpus, PRODUCER_CPUS);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
