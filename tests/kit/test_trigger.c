/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "calib/floor.h"
#include "kit/trigger.h"

#define CALLS 200

static long minor_faults(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_minflt;
}

/* Every trigger fills every reading, and does its work: a page given back must be faulted in again. */
static void every_trigger_does_what_it_says(void **state)
{
	static uint32_t ticks[CALLS];
	char why[256];

	(void)state;
	for (size_t t = 0; t < triggers_count; t++) {
		const struct trigger *trigger = &triggers[t];
		long pages = (long)trigger->bytes / 4096, before, faults;
		char *area;

		assert_int_equal(trigger_open(trigger, &area, why, sizeof(why)), 0);
		memset(ticks, 0, sizeof(ticks));
		before = minor_faults();
		trigger_block(trigger, area, ticks, CALLS, NULL);
		faults = minor_faults() - before;
		for (size_t i = 0; i < CALLS; i++)
			assert_true(ticks[i] > 0);
		if (strstr(trigger->name, "dontneed"))
			assert_true(faults >= pages * (CALLS - 1));
		if (!strcmp(trigger->name, "munmap_4k"))
			assert_true(faults >= CALLS);
		if (!strcmp(trigger->name, "munmap_einval") || !strcmp(trigger->name, "getppid"))
			assert_true(faults < CALLS / 2);
		trigger_close(trigger, area);
	}
}

static void names_are_unique_and_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < triggers_count; i++) {
		assert_ptr_equal(trigger_find(triggers[i].name), &triggers[i]);
		assert_true(trigger_match(&triggers[i], triggers[i].name));
		assert_true(trigger_match(&triggers[i], "*"));
	}
	assert_null(trigger_find("munmap"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_trigger_does_what_it_says),
		cmocka_unit_test(names_are_unique_and_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
