/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A record's answer as text, for tests: every answer that is asked for is held to one screen, and
 * to what must be in none. golden_is compares it with a kept file; GOLDEN=write writes these anew,
 * and git shows what has changed.
 */
#ifndef BPFTOLL_TESTS_UNIT_REPORTS_ANSWER_ANSWERED_H
#define BPFTOLL_TESTS_UNIT_REPORTS_ANSWER_ANSWERED_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/show/escape.h"
#include "tests/unit/reports/example_rows.h"
#include "tests/unit/reports/rendered.h"

#define GOLDEN_FOLDER "tests/unit/reports/answer/golden/"

static inline void one_screen(const char *text, size_t width)
{
	char *copy = strdup(text), *save = NULL;
	size_t lines = 0;

	assert_non_null(copy);
	for (const char *at = text; *at; at++)
		lines += *at == '\n';
	if (lines > ANSWER_LINES)
		fail_msg("%zu lines:\n%s", lines, text);
	for (char *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (escape_width(line) > width)
			fail_msg("%zu columns: %s", escape_width(line), line);
		assert_false(line[strlen(line) - 1] == ' ');
	}
	free(copy);
	says_not(text, "nan");
	says_not(text, "(null)");
	says_not(text, "\033");
}

/* The caller frees it. */
__attribute__((noinline, unused)) static char *answered_at(const struct record *rec,
							   const char *where, size_t width)
{
	const struct answer_style style = {.width = width};
	struct answer *a = NULL;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	assert_int_equal(answer_of_record(rec, where, &a), 0);
	assert_int_equal(answer_print(a, &style, out), 0);
	answer_close(a);
	fclose(out);
	one_screen(text, width);
	return text;
}

static inline char *answered(const struct record *rec)
{
	return answered_at(rec, "RUN", ANSWER_NARROW);
}

/* The same answer as JSON; the caller gives it back. */
__attribute__((noinline, unused)) static json_t *answered_json(const struct record *rec)
{
	struct answer *a = NULL;
	char *text = NULL;
	size_t length = 0;
	FILE *out = open_memstream(&text, &length);
	json_t *json;

	assert_non_null(out);
	assert_int_equal(answer_of_record(rec, NULL, &a), 0);
	assert_int_equal(answer_json(a, out), 0);
	answer_close(a);
	fclose(out);
	json = json_loads(text, 0, NULL);
	assert_non_null(json);
	free(text);
	return json;
}

static inline char *file_text(const char *path)
{
	char *text = NULL;
	size_t length = 0;
	FILE *in = fopen(path, "r"), *out = open_memstream(&text, &length);
	int c;

	assert_non_null(out);
	while (in && (c = fgetc(in)) != EOF)
		fputc(c, out);
	fclose(out);
	if (in)
		fclose(in);
	return text;
}

static inline void golden_is(const char *name, const char *text)
{
	const char *write = getenv("GOLDEN");
	char path[256], *kept;

	snprintf(path, sizeof(path), GOLDEN_FOLDER "%s.txt", name);
	if (write && !strcmp(write, "write")) {
		FILE *out = fopen(path, "w");

		assert_non_null(out);
		fputs(text, out);
		assert_int_equal(fclose(out), 0);
	}
	kept = file_text(path);
	if (strcmp(kept, text) != 0)
		fail_msg("%s has\n%s\nand the answer is\n%s", path, kept, text);
	free(kept);
}

/* The words in this order, whatever the columns' widths. */
__attribute__((noinline, unused)) static void says_words(const char *text, const char *words)
{
	char *narrow = strdup(text), *to = narrow;

	assert_non_null(narrow);
	for (const char *at = text; *at; at++)
		if (*at != ' ' || (to > narrow && to[-1] != ' '))
			*to++ = *at == '\n' ? ' ' : *at;
	*to = '\0';
	if (!strstr(narrow, words))
		fail_msg("\"%s\" is not in:\n%s", words, text);
	free(narrow);
}

/* Every row of its kinds was skipped, for this reason. */
static inline void skip_all(struct record *rec, const char *reason)
{
#define SKIP(row)                              \
	do {                                   \
		free((row).reason);            \
		(row).status = RESULT_SKIPPED; \
		(row).reason = strdup(reason); \
	} while (0)
	for (size_t i = 0; i < rec->n_results; i++)
		SKIP(*rec->results[i]);
	for (size_t i = 0; i < rec->n_slopes; i++)
		SKIP(rec->slopes[i]);
	for (size_t i = 0; i < rec->n_event_points; i++)
		SKIP(rec->event_points[i]);
	for (size_t i = 0; i < rec->n_app_results; i++)
		SKIP(rec->app_results[i]);
	for (size_t i = 0; i < rec->n_crosschecks; i++)
		SKIP(rec->crosschecks[i]);
#undef SKIP
}

#endif
