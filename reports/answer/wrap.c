/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "reports/answer/wrap.h"
#include "reports/show/escape.h"
#include "reports/record/text_stream.h"

static size_t wrap(const char *text, size_t first, const struct wrap *by, FILE *out)
{
	size_t at = first, lines = 1;

	for (const char *word = text; *word;) {
		size_t length = strcspn(word, " "), columns;
		char piece[4096]; /* escape_print shows 1,000 characters */

		snprintf(piece, sizeof(piece), "%.*s", (int)length, word);
		columns = escape_width(piece);
		if (columns > by->width - by->indent)
			columns = by->width - by->indent;
		if (word != text && at + 1 + columns > by->width) {
			if (lines == by->most) {
				if (out)
					fputs(at + 2 <= by->width ? " …"
					      : at < by->width	  ? "…"
								  : "",
					      out);
				break;
			}
			lines++;
			at = by->indent;
			if (out)
				fprintf(out, "\n%*s", (int)by->indent, "");
		} else if (word != text) {
			at++;
			if (out)
				fputc(' ', out);
		}
		if (out)
			escape_clip(out, piece, columns);
		at += columns;
		word += length;
		word += strspn(word, " ");
	}
	if (out)
		fputc('\n', out);
	return lines;
}

size_t wrap_text(const char *text, size_t first, const struct wrap *by, FILE *out)
{
	char *safe = NULL;
	size_t length, lines;
	FILE *to = text_stream(&safe, &length);

	if (!to)
		return 0;
	escape_print(to, text ? text : "", RENDER_TEXT);
	lines = fclose(to) ? 0 : wrap(safe, first, by, out);
	free(safe);
	return lines;
}
