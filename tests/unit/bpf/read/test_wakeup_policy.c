/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One name, one meaning: what each state of the table is, and that results and event runs open the
 * same. */
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
			/* nobody reads and nobody is woken: idle and none differ by who reads */
			assert_false(one->wake == other->wake && one->every == other->every &&
				     one->every_bytes == other->every_bytes &&
				     one->wait == other->wait &&
				     one->interval_ms == other->interval_ms);
		}
	}
}

/* What had two meanings: the reader spins in both, and only one is woken. */
static void busy_is_woken_and_spin_is_not(void **state)
{
	struct consumer_options busy = reader_options(WAKEUP_BUSY, 0, 1);
	struct consumer_options spin = reader_options(WAKEUP_SPIN, 0, 1);

	(void)state;
	assert_int_equal(wakeup_wake_policy(WAKEUP_BUSY), WAKE_DEFAULT);
	assert_int_equal(wakeup_wake_policy(WAKEUP_SPIN), WAKE_NEVER);
	assert_int_equal(busy.wait, WAIT_SPIN);
	assert_int_equal(spin.wait, WAIT_SPIN);
	assert_int_equal(busy.perf_wakeup_events, 1);
	assert_int_equal(busy.perf_watermark, 0);
	assert_int_equal(spin.perf_watermark, UINT32_MAX);
}

static void idle_and_polled_are_not_woken(void **state)
{
	struct consumer_options idle = reader_options(WAKEUP_IDLE, 0, 1);
	struct consumer_options polled = reader_options(WAKEUP_POLLED_1MS, 0, 1);

	(void)state;
	assert_int_equal(wakeup_wake_policy(WAKEUP_IDLE), WAKE_NEVER);
	assert_int_equal(wakeup_wake_policy(WAKEUP_POLLED_1MS), WAKE_NEVER);
	assert_int_equal(idle.wait, WAIT_CALLER);
	assert_int_equal(polled.wait, WAIT_EDGE);
	assert_int_equal(polled.timeout_ms, 1);
	assert_int_equal(idle.perf_watermark, UINT32_MAX);
	assert_int_equal(polled.perf_watermark, UINT32_MAX);
	assert_false(wakeup_policy_needs_cpu(WAKEUP_IDLE));
	assert_true(wakeup_policy_needs_cpu(WAKEUP_POLLED_1MS));
	/* without a CPU the caller reads, whatever the state */
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
		cmocka_unit_test(busy_is_woken_and_spin_is_not),
		cmocka_unit_test(idle_and_polled_are_not_woken),
		cmocka_unit_test(sampled_takes_its_n),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
