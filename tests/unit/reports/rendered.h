/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Renders a report to text, for the tests of the rendering. */
#ifndef BPFTOLL_TESTS_UNIT_REPORTS_RENDERED_H
#define BPFTOLL_TESTS_UNIT_REPORTS_RENDERED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/escape.h"
#include "reports/show/render.h"

/*
 * The caller frees it. Not inlined, since gcc 12 then takes the result for a pointer into the
 * stack.
 */
__attribute__((noinline, unused)) static char *rendered(const struct record *rec,
							enum render_format format)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	assert_int_equal(render_record(rec, format, out), 0);
	fclose(out);
	return text;
}

static inline void says(const char *text, const char *words)
{
	if (!strstr(text, words))
		fail_msg("\"%s\" is not in:\n%s", words, text);
}

static inline void says_not(const char *text, const char *words)
{
	if (strstr(text, words))
		fail_msg("\"%s\" is in:\n%s", words, text);
}

/* No line is longer than 120 columns, none ends in a blank. */
static inline void fits(char *text)
{
	char *save = NULL;

	for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (escape_width(line) > 120)
			fail_msg("%zu columns: %s", escape_width(line), line);
		assert_false(line[strlen(line) - 1] == ' ');
	}
}

#endif
