/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * real_counters: what the tests of real counters share: their CPU, opening or skipping, assertions.
 */
#ifndef BPFTOLL_TESTS_UNIT_CALIB_REAL_COUNTERS_H
#define BPFTOLL_TESTS_UNIT_CALIB_REAL_COUNTERS_H

#include "calib/counters.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* For stores whose faults and hits are counted: a sanitizer would add its own. */
#if defined(__clang__)
#define NOT_INSTRUMENTED __attribute__((no_sanitize("address"), noinline))
#else
#define NOT_INSTRUMENTED __attribute__((no_sanitize_address, noinline))
#endif

/* libpfm4 leaks a few bytes for every name that it refuses. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libpfm";
}

static cpu_set_t allowed; /* when the test started */

static inline void pin_to(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

static inline int allowed_cpu(int skip)
{
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
		if (CPU_ISSET(cpu, &allowed) && skip-- == 0)
			return cpu;
	return -1;
}

static inline int set_up(void **state)
{
	(void)state;
	if (sched_getaffinity(0, sizeof(allowed), &allowed))
		return -1;
	pin_to(allowed_cpu(0));
	return 0;
}

static inline int tear_down(void **state)
{
	(void)state;
	return sched_setaffinity(0, sizeof(allowed), &allowed);
}

/* Opens, or skips the test where the kernel does not let this user count. */
static inline struct counters *open_or_skip(const char *events)
{
	struct counters *c = NULL;
	struct error why = {0};
	int err = counters_open(events, allowed_cpu(0), &c, &why);

	if (err == -EACCES || err == -EPERM) {
		print_message("skipped: %s\n", why.text);
		skip();
	}
	if (err)
		fail_msg("%s: %d, %s", events, err, why.text);
	assert_non_null(c);
	return c;
}

static inline void assert_counted(const struct counters *c, size_t i, uint64_t expected)
{
	const struct counter *counter = counters_at(c, i);

	if (!counter->valid)
		fail_msg("%s: %s", counter->name, counter->reason);
	assert_null(counter->reason);
	assert_int_equal(counter->count, expected);
}

static inline void assert_refused(const char *events, int err, const char *in_why)
{
	struct counters *c = (struct counters *)&allowed;
	struct error why = {0};
	int got = counters_open(events, allowed_cpu(0), &c, &why);

	if (got != err || !strstr(why.text, in_why))
		fail_msg("\"%s\": %d (%s), expected %d (%s)", events, got, why.text, err, in_why);
	assert_null(c);
}

#endif
