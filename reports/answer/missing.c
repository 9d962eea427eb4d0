/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/missing.h"
#include "reports/record/text_stream.h"

#define NAMES_SHOWN   4
#define OTHERS_SHOWN  2	 /* of each further reason */
#define REASON_LENGTH 90 /* bytes */

static bool is_open(const struct missing *row)
{
	return row->status != RESULT_MEASURED;
}

static bool same_reason(const struct missing *a, const struct missing *b)
{
	return is_open(a) && is_open(b) && a->status == b->status &&
	       (a->reason && b->reason ? !strcmp(a->reason, b->reason) : a->reason == b->reason);
}

static bool same_row(const struct missing *a, const struct missing *b)
{
	return same_reason(a, b) && !strcmp(a->name, b->name);
}

static bool is_first(const struct missing *rows, size_t at,
		     bool (*same)(const struct missing *, const struct missing *))
{
	for (size_t i = 0; i < at; i++)
		if (same(&rows[i], &rows[at]))
			return false;
	return true;
}

static bool was_measured(const struct missing *rows, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!is_open(&rows[i]) && !strcmp(rows[i].name, name))
			return true;
	return false;
}

/* Where a reason was found is of no use in one line. */
static void put_reason(FILE *out, const struct missing *row)
{
	const char *reason = row->reason ? row->reason : "no reason was recorded";
	const char *where = strstr(reason, " (/proc/config.gz)");
	size_t length = where ? (size_t)(where - reason) : strlen(reason);
	bool cut = length > REASON_LENGTH;

	if (cut)
		length = REASON_LENGTH;
	/* not within a character of several bytes */
	while (cut && length && ((unsigned char)reason[length] & 0xc0) == 0x80)
		length--;
	fprintf(out, ": %s%.*s%s", row->status == RESULT_INVALID ? "invalid: " : "", (int)length,
		reason, cut ? "…" : "");
}

static void put_names(FILE *out, const struct missing *rows, size_t n, size_t first, size_t most)
{
	size_t names = 0;

	for (size_t i = first; i < n; i++) {
		size_t count = 0;

		if (!same_reason(&rows[i], &rows[first]) || !is_first(rows, i, same_row))
			continue;
		if (names++ >= most)
			continue;
		fprintf(out, "%s%s", names > 1 ? ", " : "",
			strcmp(rows[i].name, "none") ? rows[i].name : "baseline");
		for (size_t k = i; k < n; k++)
			count += same_row(&rows[k], &rows[i]);
		if (was_measured(rows, n, rows[i].name))
			fprintf(out, " (%zu)", count);
	}
	if (names > most)
		fprintf(out, " and %zu more", names - most);
}

void missing_say(struct answer *a, const struct missing *rows, size_t n)
{
	size_t reasons = 0, length;
	char *text = NULL;
	FILE *out = text_stream(&text, &length);

	if (!out)
		return;
	for (size_t i = 0; i < n; i++) {
		if (!is_open(&rows[i]) || !is_first(rows, i, same_reason))
			continue;
		fputs(!reasons ? "" : reasons == 1 ? "; " : ", ", out);
		put_names(out, rows, n, i, reasons ? OTHERS_SHOWN : NAMES_SHOWN);
		if (!reasons++)
			put_reason(out, &rows[i]);
	}
	if (reasons > 1)
		fputs(" (why: --full)", out);
	if (!fclose(out) && reasons)
		answer_line(a, "Missing", "%s", text);
	free(text);
}
