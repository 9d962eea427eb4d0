/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "cpuset/affinity.h"
#include "kit/timing/neighbours.h"
#include "kit/selfcheck/selfcheck.h"

static const struct tsc_rate tsc = {.hz = 2.6e9, .quantum = 26, .invariant = true};

static void a_proof_needs_the_load_to_be_seen_and_its_absence_too(void **state)
{
	(void)state;
	assert_true(neighbours_proved(0, 1));
	assert_true(neighbours_proved(0.3, 0.95));
	assert_false(neighbours_proved(0, 0.6)); /* a load that is often missed */
	assert_false(neighbours_proved(0, 0));
	assert_false(neighbours_proved(0.9, 1)); /* another tenant: seen without the load */
	assert_false(neighbours_proved(1, 1));
}

static void words(const struct neighbours_sample *sample, const char *want)
{
	char text[512];

	neighbours_say(sample, text, sizeof(text));
	if (!strstr(text, want))
		fail_msg("\"%s\" is not in: %s", want, text);
}

static void a_sample_says_what_it_saw(void **state)
{
	struct neighbours_sample s = {
		.readings = 1000,
		.level = {.alone = 1.03, .threshold = 1.15, .seen = 0, .told = true},
		.beside = NAN,
		.hz = 3.41e9,
		.hz_low = 3.40e9,
		.hz_high = 3.42e9,
	};

	(void)state;
	words(&s, "none in 1000 readings (four additions took 1.03 core cycles); the core ran at "
		  "3.41 GHz (3.40 to 3.42)");
	s.level.seen = 0.106;
	s.beside = 1.43;
	words(&s, "seen in 10.6 % of 1000 readings (four additions took 1.03 core cycles, 1.43 "
		  "beside one)");
	s.level.told = false;
	snprintf(s.level.reason, sizeof(s.level.reason), "a neighbour all the time, or");
	words(&s, "cannot be told: a neighbour all the time, or");
}

static void readings_are_taken_here(void **state)
{
	struct neighbours_sample sample;

	(void)state;
	assert_int_equal(neighbours_sample(&tsc, 20, &sample), 0);
	assert_int_equal(sample.readings, 20);
	assert_true(sample.hz_low <= sample.hz && sample.hz <= sample.hz_high);
	assert_true(sample.hz > 0);
}

/* On any two CPUs it ends with shares; whether the check passes depends on the machine. */
static void the_load_comes_and_goes(void **state)
{
	struct neighbours_proof proof;

	(void)state;
	if (sysconf(_SC_NPROCESSORS_ONLN) < 2) {
		print_message("one CPU: no load can run beside it\n");
		skip();
	}
	assert_int_equal(affinity_pin(0), 0);
	assert_int_equal(neighbours_prove(1, tsc.quantum, &proof), 0);
	assert_true(proof.idle >= 0 && proof.idle <= 1);
	assert_true(proof.loaded >= 0 && proof.loaded <= 1);
	assert_int_equal(neighbours_prove(65000, tsc.quantum, &proof), -EINVAL);
	assert_false(proof.holds);
}

static void no_progress(double share, const char *what)
{
	(void)share;
	(void)what;
}

/*
 * Where no CPU is known to be the sibling, the figure is skipped and the topic is listed as not
 * examined.
 */
static void without_a_sibling_it_is_not_examined(void **state)
{
	static const volatile sig_atomic_t go_on = 0;
	struct placement placement = {.cpu = 3, .sibling = -1};
	char *text = NULL;
	size_t len = 0;
	struct selfcheck check = {.placement = &placement,
				  .tsc = &tsc,
				  .out = open_memstream(&text, &len),
				  .width = 200,
				  .stop = &go_on,
				  .progress = no_progress};

	(void)state;
	assert_int_equal(selfcheck_neighbour(&check, (struct selfcheck_share){0, 1}), 0);
	assert_int_equal(selfcheck_conclude(&check), SELFCHECK_SKIPPED);
	fclose(check.out);
	assert_non_null(strstr(text, "no CPU here is known to be the other hardware thread of CPU "
				     "3's core"));
	assert_non_null(strstr(strstr(text, "Not examined:"), "neighbours"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_proof_needs_the_load_to_be_seen_and_its_absence_too),
		cmocka_unit_test(a_sample_says_what_it_saw),
		cmocka_unit_test(readings_are_taken_here),
		cmocka_unit_test(the_load_comes_and_goes),
		cmocka_unit_test(without_a_sibling_it_is_not_examined),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
