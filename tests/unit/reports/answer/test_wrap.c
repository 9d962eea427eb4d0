/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Texts and tables of any size within a screen. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "reports/answer/missing.h"
#include "reports/answer/wrap.h"
#include "tests/unit/reports/answer/answered.h"

static char *wrapped(const char *text, size_t first, const struct wrap *by, size_t *lines)
{
	char *to = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&to, &length);

	assert_non_null(out);
	*lines = wrap_text(text, first, by, out);
	assert_int_equal(wrap_text(text, first, by, NULL), *lines);
	fclose(out);
	return to;
}

static void test_wrap(void **state)
{
	const struct wrap by = {2, 12, 3};
	size_t lines;
	char *text = wrapped("ab cdefgh ijkl mnopq", 0, &by, &lines);

	(void)state;
	assert_string_equal(text, "ab cdefgh\n  ijkl mnopq\n");
	assert_int_equal(lines, 2);
	free(text);
	text = wrapped("aaaa bbbb cccc dddd eeee ffff gggg hhhh", 8, &by, &lines);
	assert_string_equal(text, "aaaa\n  bbbb cccc\n  dddd eeee…\n");
	assert_int_equal(lines, 3);
	free(text);
	text = wrapped("a µµµµµµµµµµµµµµµµµµµµ b", 0, &by, &lines);
	assert_string_equal(text, "a µµµµµµµµµ…\n  b\n");
	free(text);
}

static const struct answer_column columns[] = {
	{"name", "name", ANSWER_WORDS, false},
	{"time", "time", ANSWER_NS, false},
	{"other", "other", ANSWER_PERCENT, true},
};

static char *printed(const struct answer *a)
{
	const struct answer_style style = {.width = ANSWER_NARROW};
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	assert_int_equal(answer_print(a, &style, out), 0);
	fclose(out);
	one_screen(text, ANSWER_NARROW);
	return text;
}

static void row(struct answer *a, const char *name, double value, double half)
{
	answer_row(a);
	answer_text(a, "%s", name);
	answer_effect(a, example_about(value, half));
	answer_number(a, 1);
}

/* One unit a column, in which the smallest figure still has a digit. */
static void test_unit(void **state)
{
	struct answer *a = answer_open("run", NULL);
	char *text;

	(void)state;
	assert_non_null(a);
	answer_table(a, "t", NULL, columns, 3);
	row(a, "small", 6, 0.4);
	row(a, "large", 13000, 2000);
	row(a, "unknown", 2e9, 3e9);
	answer_table(a, "u", NULL, columns, 3);
	row(a, "small", 600, 40);
	row(a, "large", 13000, 2000);
	text = printed(a);
	says_words(text, "small 6.0 ±0.4 ns");
	says_words(text, "large 13,000 ±2,000 ns");
	says_words(text, "unknown not resolved");
	says_words(text, "small 0.60 ±0.04 us");
	says_words(text, "large 13 ±2 us");
	free(text);
	answer_close(a);
}

/* The last tables give up rows first; columns are as wide as the rows shown need. */
static void test_fit(void **state)
{
	static const char wide[] = "a name that is longer than all the others are";
	struct answer *a = answer_open("run", NULL);
	char *text;

	(void)state;
	assert_non_null(a);
	answer_table(a, "first", NULL, columns, 3);
	for (int i = 0; i < 15; i++)
		row(a, "first", 600, 40);
	answer_table(a, "last", NULL, columns, 3);
	for (int i = 0; i < 15; i++)
		row(a, i < 4 ? "last" : wide, 600, 40);
	answer_line(a, "Summary", "something");
	text = printed(a);
	says_words(text, "first 600 ±40 ns");
	says(text, "… 12 more rows: --full");
	says_not(text, wide);
	free(text);
	answer_close(a);
}

/* Words of a record cannot push figures off the screen, nor lines. */
static void test_hostile(void **state)
{
	struct answer *a = answer_open("run", NULL);
	char word[1200];
	char *text;

	(void)state;
	memset(word, 'x', sizeof(word) - 1);
	word[sizeof(word) - 1] = '\0';
	assert_non_null(a);
	for (size_t i = 5; i < sizeof(word) - 1; i += 6)
		word[i] = ' ';
	for (int i = 0; i < 3; i++)
		answer_title(a, "%s", word);
	answer_table(a, "t", NULL, columns, 3);
	for (int i = 0; i < 40; i++)
		row(a, word, 600, 40);
	for (int i = 0; i < 6; i++)
		answer_line(a, i % 2 ? "Summary" : "Missing", "%s", word);
	text = printed(a);
	says(text, "600 ±40 ns");
	free(text);
	answer_close(a);
}

static void test_missing(void **state)
{
	static const struct missing rows[] = {
		{"tp_btf", NULL, RESULT_MEASURED},
		{"kprobe", "no CONFIG_KPROBES (/proc/config.gz)", RESULT_SKIPPED},
		{"kretprobe", "no CONFIG_KPROBES (/proc/config.gz)", RESULT_SKIPPED},
		{"kprobe", "no CONFIG_KPROBES (/proc/config.gz)", RESULT_SKIPPED},
		{"tp_btf", "events were lost", RESULT_INVALID},
	};
	struct answer *a = answer_open("run", NULL);
	char *text;

	(void)state;
	assert_non_null(a);
	missing_say(a, rows, 1);
	missing_say(a, rows, 5);
	text = printed(a);
	assert_string_equal(text,
			    "\nMissing   kprobe, kretprobe: no CONFIG_KPROBES; tp_btf (1) (why: "
			    "--full)\n");
	free(text);
	answer_close(a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wrap),	cmocka_unit_test(test_unit),
		cmocka_unit_test(test_fit),	cmocka_unit_test(test_hostile),
		cmocka_unit_test(test_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
