/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Values read from a histogram are within the stated error of those put in, from 0 to the largest
 * number.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "bpf/read/histogram.h"

static struct histogram h;

static int start(void **state)
{
	(void)state;
	h = (struct histogram){0};
	return 0;
}

static void every_size_comes_back(void **state)
{
	(void)state;
	for (unsigned int bit = 0; bit < 64; bit++)
		for (int off = -1; off <= 1; off++) {
			uint64_t value = (1ull << bit) + (uint64_t)off;
			double got;

			h = (struct histogram){0};
			histogram_add(&h, value);
			histogram_add(&h, UINT64_MAX); /* so that max does not correct the value */
			got = histogram_quantile(&h, 0.5);
			assert_true(fabs(got - (double)value) <= (double)value * 0.008);
		}
}

static void buckets_are_in_order(void **state)
{
	unsigned int last = 0;

	(void)state;
	for (uint64_t value = 1; value < 1u << 20; value++) {
		unsigned int bucket = bucket_of(value, HISTOGRAM_BITS);

		assert_true(bucket == last || bucket == last + 1);
		last = bucket;
	}
	assert_int_equal(bucket_of(UINT64_MAX, HISTOGRAM_BITS), HISTOGRAM_BUCKETS - 1);
}

static void quantiles_are_those_of_the_values(void **state)
{
	(void)state;
	for (unsigned int i = 1; i <= 100000; i++)
		histogram_add(&h, i);
	assert_int_equal(h.n, 100000);
	assert_int_equal(h.max, 100000);
	for (double q = 0.01; q < 1; q += 0.01)
		assert_true(fabs(histogram_quantile(&h, q) / (q * 100000) - 1) < 0.01);
	assert_true(histogram_quantile(&h, 1) <= 100000);
}

static void empty_has_no_quantile(void **state)
{
	(void)state;
	assert_true(isnan(histogram_quantile(&h, 0.5)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_size_comes_back, start),
		cmocka_unit_test_setup(buckets_are_in_order, start),
		cmocka_unit_test_setup(quantiles_are_those_of_the_values, start),
		cmocka_unit_test_setup(empty_has_no_quantile, start),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
