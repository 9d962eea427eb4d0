/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What events report, on made-up calls and with the real probes of this kernel. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/error.h"
#include "bpf/read/reported.h"
#include "kit/system/mounts.h"

#define PID  102
#define TGID 100

static struct error why;

/* Calls of 4 to 16 KiB, one per us, and the events that a correct probe sends for them. */
static struct reported_truth make_truth(struct entropy_event events[REPORTED_CALLS])
{
	struct reported_truth truth = {.pid = PID, .tgid = TGID, .target = TARGET_MUNMAP};

	for (unsigned int i = 0; i < REPORTED_CALLS; i++) {
		uint64_t at = 1000000 + 1000 * i;

		truth.calls[i] = (struct reported_call){4096 * (1 + i % 4), at, at + 500};
		events[i] = (struct entropy_event){.pid = PID,
						   .tgid = TGID,
						   .bytes_freed = truth.calls[i].bytes,
						   .timestamp_ns = at + 100,
						   .event_type = ENTROPY_MUNMAP};
	}
	return truth;
}

static void right_events_are_right(void **state)
{
	struct entropy_event events[REPORTED_CALLS];
	struct reported_truth truth = make_truth(events);
	struct reported got;

	(void)state;
	reported_judge(&truth, events, REPORTED_CALLS, &got);
	assert_int_equal(got.length, REPORTED_RIGHT);
	assert_int_equal(got.pid, REPORTED_RIGHT);
	assert_int_equal(got.tgid, REPORTED_RIGHT);
	assert_int_equal(got.order, REPORTED_RIGHT);
	assert_string_equal(got.note, "");
}

static void the_syscalls_number_is_found_out(void **state)
{
	struct entropy_event events[REPORTED_CALLS];
	struct reported_truth truth = make_truth(events);
	struct reported got;
	char words[64];

	(void)state;
	for (size_t i = 0; i < REPORTED_CALLS; i++)
		events[i].bytes_freed = (uint64_t)probe_target_nr(TARGET_MUNMAP);
	reported_judge(&truth, events, REPORTED_CALLS, &got);
	assert_int_equal(got.length, REPORTED_WRONG);
	assert_int_equal(got.pid, REPORTED_RIGHT);
	snprintf(words, sizeof(words), "bytes_freed = %ld for a munmap of 4096 to 16384 bytes",
		 probe_target_nr(TARGET_MUNMAP));
	assert_non_null(strstr(got.note, words));
	assert_non_null(strstr(got.note, "the syscall's number"));
	/*
	 * a value that is right for a quarter of the calls is neither a length nor a syscall's
	 * number
	 */
	for (size_t i = 0; i < REPORTED_CALLS; i++)
		events[i].bytes_freed = 4096;
	reported_judge(&truth, events, REPORTED_CALLS, &got);
	assert_int_equal(got.length, REPORTED_WRONG);
	assert_null(strstr(got.note, "the syscall's number"));
}

static void exchanged_ids_are_found_out(void **state)
{
	struct entropy_event events[REPORTED_CALLS];
	struct reported_truth truth = make_truth(events);
	struct reported got;

	(void)state;
	for (size_t i = 0; i < REPORTED_CALLS; i++) {
		events[i].pid = TGID;
		events[i].tgid = PID;
	}
	reported_judge(&truth, events, REPORTED_CALLS, &got);
	assert_int_equal(got.pid, REPORTED_WRONG);
	assert_int_equal(got.tgid, REPORTED_WRONG);
	assert_int_equal(got.length, REPORTED_RIGHT);
	assert_string_equal(got.note, "pid holds the process's id and tgid the thread's");
	for (size_t i = 0; i < REPORTED_CALLS; i++)
		events[i].tgid = TGID;
	reported_judge(&truth, events, REPORTED_CALLS, &got);
	assert_int_equal(got.pid, REPORTED_WRONG);
	assert_int_equal(got.tgid, REPORTED_RIGHT);
	assert_string_equal(got.note, "pid 100 and tgid 100 for thread 102 of process 100");
}

static void another_order_is_found_out(void **state)
{
	struct entropy_event events[REPORTED_CALLS], swap;
	struct reported_truth truth = make_truth(events);
	struct reported got;

	(void)state;
	/* four calls apart, so that their lengths are the same */
	swap = events[3];
	events[3] = events[7];
	events[7] = swap;
	reported_judge(&truth, events, REPORTED_CALLS, &got);
	assert_int_equal(got.length, REPORTED_RIGHT);
	assert_int_equal(got.order, REPORTED_WRONG);
	assert_non_null(strstr(got.note, "event 4 lies 3600 ns behind the call"));
}

static void a_missing_event_leaves_the_rest_open(void **state)
{
	struct entropy_event events[REPORTED_CALLS];
	struct reported_truth truth = make_truth(events);
	struct reported got;

	(void)state;
	reported_judge(&truth, events, REPORTED_CALLS - 1, &got);
	assert_int_equal(got.order, REPORTED_WRONG);
	assert_int_equal(got.length, REPORTED_UNKNOWN);
	assert_string_equal(got.note, "16 calls gave 15 events");
}

static void this_kernels_probes_say_what_they_should(void **state)
{
	unsigned int worked = 0;

	(void)state;
	for (size_t i = 0; i < variants_count; i++)
		for (int target = 0; target < TARGET_COUNT; target++) {
			const struct variant *v = &variants[i];
			struct reported got;

			if (body_output(v->body) == OUTPUT_NONE ||
			    reported_check(v, (enum probe_target)target, &got, &why))
				continue;
			worked++;
			if (got.length !=
			    (body_as_written(v->body) ? REPORTED_WRONG : REPORTED_RIGHT))
				fail_msg("%s: %s", v->name, got.note);
			assert_int_equal(got.pid, got.length);
			assert_int_equal(got.tgid, got.length);
			assert_int_equal(got.order, REPORTED_RIGHT);
		}
	if (!worked) {
		printf("# skip: %s\n", why.text);
		skip();
	}
}

static void a_probe_without_events_cannot_be_checked(void **state)
{
	struct reported got;

	(void)state;
	assert_true(reported_check(variant_find("raw_tp_empty"), TARGET_MUNMAP, &got, &why) < 0);
	assert_non_null(strstr(why.text, "sends no events"));
	assert_int_equal(got.length, REPORTED_UNKNOWN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(right_events_are_right),
		cmocka_unit_test(the_syscalls_number_is_found_out),
		cmocka_unit_test(exchanged_ids_are_found_out),
		cmocka_unit_test(another_order_is_found_out),
		cmocka_unit_test(a_missing_event_leaves_the_rest_open),
		cmocka_unit_test(this_kernels_probes_say_what_they_should),
		cmocka_unit_test(a_probe_without_events_cannot_be_checked),
	};

	mounts_complete();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
