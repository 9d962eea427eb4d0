/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A name means the same everywhere: what each policy of the table is, and that cost runs and event
 * runs open the same reader.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/read/wakeup_policy.h"
#include "bpf/programs/shared.h"

static void names_are_found_and_no_two_are_alike(void **state)
{
	enum wakeup_policy found;

	(void)state;
	for (int i = 0; i < WAKEUP_COUNT; i++) {
		const struct wakeup_policy_row *one = wakeup_policy_row((enum wakeup_policy)i);

		assert_int_equal(wakeup_policy_find(one->name, &found), i < WAKEUP_NAMED_COUNT);
		if (i < WAKEUP_NAMED_COUNT)
			assert_int_equal(found, i);
		for (int j = WAKEUP_NONE; j < i && i > WAKEUP_NONE; j++) {
			const struct wakeup_policy_row *other =
				wakeup_policy_row((enum wakeup_policy)j);

			assert_string_not_equal(one->name, other->name);
			/*
			 * in both nobody is woken; WAKEUP_IDLE and WAKEUP_NONE differ in who reads
			 */
			assert_false(one->wake == other->wake && one->every == other->every &&
				     one->every_bytes == other->every_bytes &&
				     one->wait == other->wait &&
				     one->interval_ms == other->interval_ms);
		}
	}
}

/*
 * WAKEUP_BUSY and WAKEUP_SPIN both spin, and only the former is woken; WAKEUP_IDLE and the polled
 * ones are not woken.
 */
static void each_policy_is_who_wakes_and_who_looks(void **state)
{
	static const struct {
		enum wakeup_policy policy;
		enum ring_wake wake;
		enum consumer_wait wait;
		int interval_ms;
		unsigned int perf_watermark;
		bool needs_cpu;
	} rows[] = {
		{WAKEUP_BUSY, WAKE_DEFAULT, WAIT_SPIN, -1, 0, true},
		{WAKEUP_SPIN, WAKE_NEVER, WAIT_SPIN, -1, UINT32_MAX, true},
		{WAKEUP_IDLE, WAKE_NEVER, WAIT_CALLER, -1, UINT32_MAX, false},
		{WAKEUP_POLLED_1MS, WAKE_NEVER, WAIT_EDGE, 1, UINT32_MAX, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct consumer_options options = reader_options(rows[i].policy, 0, 1);

		assert_int_equal(wakeup_ring_wake(rows[i].policy), rows[i].wake);
		assert_int_equal(options.wait, rows[i].wait);
		assert_int_equal(options.timeout_ms, rows[i].interval_ms);
		assert_int_equal(options.perf_wakeup_events, 1);
		assert_int_equal(options.perf_watermark, rows[i].perf_watermark);
		assert_int_equal(wakeup_policy_needs_cpu(rows[i].policy), rows[i].needs_cpu);
	}
	/* without a CPU the caller reads, whatever the policy */
	assert_int_equal(reader_options(WAKEUP_SAMPLED, -1, 1).wait, WAIT_CALLER);
}

static void sampled_takes_its_n(void **state)
{
	enum wakeup_policy found;

	(void)state;
	assert_string_equal(wakeup_policy_name(WAKEUP_SAMPLED), "sampled");
	assert_int_equal(wakeup_policy_row(WAKEUP_SAMPLED)->every, WAKE_SAMPLE_EVERY);
	assert_int_equal(reader_sampled_every(128), 0);
	assert_string_equal(wakeup_policy_name(WAKEUP_SAMPLED), "sampled_128");
	assert_non_null(strstr(wakeup_policy_summary(WAKEUP_SAMPLED), "128"));
	assert_int_equal(reader_options(WAKEUP_SAMPLED, 0, 1).perf_wakeup_events, 128);
	assert_true(wakeup_policy_find("sampled", &found) && found == WAKEUP_SAMPLED);
	assert_true(wakeup_policy_find("sampled_128", &found) && found == WAKEUP_SAMPLED);
	assert_false(wakeup_policy_find("sampled_64", &found));
	assert_int_equal(reader_sampled_every(100), -EINVAL);
	assert_int_equal(reader_sampled_every(1), -EINVAL);
	assert_int_equal(reader_sampled_every(2 * READER_EVERY_MOST), -EINVAL);
	assert_int_equal(reader_sampled_every(WAKE_SAMPLE_EVERY), 0);
	assert_string_equal(wakeup_policy_name(WAKEUP_SAMPLED), "sampled");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_and_no_two_are_alike),
		cmocka_unit_test(each_policy_is_who_wakes_and_who_looks),
		cmocka_unit_test(sampled_takes_its_n),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
