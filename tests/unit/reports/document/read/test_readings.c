/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Raw readings against the sorted readings themselves: ranks, quantiles, the longest ones; and an
 * X-ray's stacks.
 */
#define _GNU_SOURCE
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

#include "reports/document/read/readings.h"
#include "reports/document/read/stacks.h"
#include "reports/record/samples.h"

static void test_ranks(void **state)
{
	struct readings *h = readings_open();
	uint32_t ticks[5] = {100, SAMPLE_MIGRATED, 5, 3000000000U, SAMPLE_CENSORED};

	(void)state;
	assert_int_equal(readings_take(h, ticks, 5), 0);
	assert_int_equal(readings_count(h), 3);
	assert_int_equal(readings_left_out(h), 2);
	assert_true(readings_at(h, 0) == 5 && readings_at(h, 1) == 100);
	assert_true(readings_at(h, 2) > 2.999e9 && readings_at(h, 2) < 3.001e9);
	for (uint32_t length = 1; length < 4000000000U; length += length / 3 + 1) {
		struct readings *one = readings_open();
		double back;

		readings_take(one, &length, 1);
		back = readings_at(one, 0);
		assert_true(fabs(back - length) <= 1.3e-4 * length);
		assert_true(length >= READINGS_EXACT || back == length);
		readings_close(one);
	}
	readings_close(h);
}

static int ascending(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Lengths as calls have them: a body, a tail over six decades, many equal ones. */
static void draw(uint32_t *ticks, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double u = (double)(rand() + 1) / ((double)RAND_MAX + 2);

		ticks[i] = (uint32_t)(400 + (rand() % 60) +
				      (rand() % 50 ? 0 : fmin(exp(-log(u) * 2) * 100, 4e9)));
	}
}

static void check_sorted(const struct readings *h, const uint32_t *sorted, size_t n)
{
	double levels[] = {0, 0.001, 0.25, 0.5, 0.75, 0.99, 0.999, 0.9999, 1}, out[9], tail[100];
	size_t longest = readings_longest(h, tail, 100);

	readings_quantiles(h, levels, 9, out);
	for (size_t i = 0; i < 9; i++) {
		double rank = fmax(ceil(levels[i] * (double)n) - 1, 0), want;

		want = sorted[(size_t)fmin(rank, (double)n - 1)];
		assert_true(fabs(out[i] - want) <= 1.3e-4 * want);
		assert_true(want >= READINGS_EXACT || out[i] == want);
	}
	assert_int_equal(longest, n < READINGS_LONGEST ? n : READINGS_LONGEST);
	for (size_t i = 0; i < longest; i++)
		assert_true(tail[i] == sorted[n - 1 - i]);
	assert_int_equal(readings_longest(h, tail, 3), n < 3 ? n : 3);
}

static void test_sorted(void **state)
{
	static const size_t sizes[] = {1, 2, 63, 64, 65, 1000, 200000};
	uint32_t *ticks = calloc(200000, sizeof(*ticks));

	(void)state;
	srand(7);
	for (size_t s = 0; s < sizeof(sizes) / sizeof(*sizes); s++)
		for (int order = 0; order < 3; order++) {
			struct readings *h = readings_open();

			draw(ticks, sizes[s]);
			if (order)
				qsort(ticks, sizes[s], sizeof(*ticks), ascending);
			for (size_t i = 0; order == 2 && i < sizes[s] / 2; i++) {
				uint32_t kept = ticks[i];

				ticks[i] = ticks[sizes[s] - 1 - i];
				ticks[sizes[s] - 1 - i] = kept;
			}
			readings_take(h, ticks, sizes[s]);
			qsort(ticks, sizes[s], sizeof(*ticks), ascending);
			check_sorted(h, ticks, sizes[s]);
			readings_close(h);
		}
	free(ticks);
}

static void test_nothing(void **state)
{
	struct readings *h = readings_open();
	double level = 0.5, out = 1;

	(void)state;
	readings_quantiles(h, &level, 1, &out);
	assert_true(out == 0);
	assert_int_equal(readings_longest(h, &out, 1), 0);
	readings_close(h);
}

static int load(const char *text, struct stacks *f)
{
	char dir[] = "/tmp/bpftoll-stacks-XXXXXX", path[64];
	struct error why;
	FILE *out;
	int err;

	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/hit.folded", dir);
	out = fopen(path, "we");
	assert_non_null(out);
	fputs(text, out);
	fclose(out);
	err = stacks_load(dir, f, &why);
	unlink(path);
	rmdir(dir);
	return err;
}

static void test_stacks(void **state)
{
	struct stacks f;

	(void)state;
	assert_int_equal(load("a 2\na;b 3\na;b;c 5\na;d 7\n", &f), 0);
	assert_int_equal(f.n, 5);
	assert_true(f.frames[0].total == 17 && f.frames[1].total == 17);
	assert_string_equal(f.frames[2].name, "b");
	assert_true(f.frames[2].total == 8 && f.frames[2].parent == 1 && f.frames[2].depth == 2);
	assert_true(f.frames[3].parent == 2 && f.frames[4].parent == 1 && f.deepest == 3);
	stacks_free(&f);
	assert_int_equal(load("a 0\n", &f), -ENODATA);
	stacks_free(&f);
	assert_int_equal(load("no count\n", &f), -EINVAL);
	stacks_free(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ranks),
		cmocka_unit_test(test_sorted),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_stacks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
