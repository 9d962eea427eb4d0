/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answer.h"
#include "reports/answer/answer_parts.h"
#include "reports/show/escape.h"

#define INDENT	    2
#define GAP	    2
#define LABEL	    12 /* columns of "Summary     " */
#define COLUMNS_MAX 48 /* the lab has one a kernel */
#define ROWS_LEAST  2
#define WORDS_LEAST 8 /* columns of words that are cut */

/* A table laid out: the text of its cells, the headers first, and the columns' widths. */
struct layout {
	const struct answer_part_table *table;
	char **text; /* (rows + 1) * columns */
	size_t rows, width[COLUMNS_MAX];
	bool hidden[COLUMNS_MAX];
	size_t shown_rows;
};

/* Text made safe for the terminal; NULL: no memory. */
static char *safe_text(const char *text)
{
	char *safe = NULL;
	size_t length;
	FILE *to = open_memstream(&safe, &length);

	if (!to)
		return NULL;
	escape_print(to, text ? text : "", RENDER_TEXT);
	if (!fclose(to))
		return safe;
	free(safe);
	return NULL;
}

static void layout_close(struct layout *l)
{
	for (size_t i = 0; l->text && i < (l->rows + 1) * l->table->n_columns; i++)
		free(l->text[i]);
	free((void *)l->text);
}

static size_t layout_width(const struct layout *l)
{
	size_t width = INDENT;

	for (size_t c = 0; c < l->table->n_columns; c++)
		width += l->hidden[c] ? 0 : l->width[c] + (c ? GAP : 0);
	return width;
}

/* Widths by the rows that are shown, and what is left out for them to fit. */
static void layout_measure(struct layout *l, size_t width)
{
	const struct answer_part_table *table = l->table;
	size_t n = table->n_columns, widest = n;

	for (size_t c = 0; c < n; c++) {
		l->hidden[c] = false;
		l->width[c] = 0;
		for (size_t r = 0; r <= l->shown_rows; r++)
			if (escape_width(l->text[r * n + c]) > l->width[c])
				l->width[c] = escape_width(l->text[r * n + c]);
	}
	for (size_t c = n; c-- > 0 && layout_width(l) > width;)
		l->hidden[c] = table->columns[c].if_wide;
	/* names may be of any length: the longest words are cut */
	for (size_t c = 0; c < n; c++)
		if (!l->hidden[c] && table->columns[c].unit == ANSWER_WORDS &&
		    (widest == n || l->width[c] > l->width[widest]))
			widest = c;
	if (widest < n && layout_width(l) > width) {
		size_t over = layout_width(l) - width;

		l->width[widest] = l->width[widest] > over + WORDS_LEAST ? l->width[widest] - over
									 : WORDS_LEAST;
	}
}

static size_t hidden_columns(const struct layout *l)
{
	size_t n = 0;

	for (size_t c = 0; c < l->table->n_columns; c++)
		n += l->hidden[c];
	return n;
}

static int layout_open(struct layout *l, const struct answer_part_table *table, size_t width)
{
	size_t n = table->n_columns;

	*l = (struct layout){.table = table, .rows = answer_rows(table)};
	l->shown_rows = l->rows;
	l->text = n && n <= COLUMNS_MAX ? (char **)calloc((l->rows + 1) * n, sizeof(char *)) : NULL;
	if (!l->text)
		return -ENOMEM;
	for (size_t c = 0; c < n; c++) {
		for (size_t r = 0; r <= l->rows; r++) {
			char *text = r ? answer_cell_text(table, (r - 1) * n + c)
				       : safe_text(table->columns[c].header);

			l->text[r * n + c] = text;
			if (!text)
				return -ENOMEM;
		}
	}
	layout_measure(l, width);
	return 0;
}

static const char *color_of(enum answer_mark mark)
{
	switch (mark) {
	case ANSWER_GOOD:
		return "\033[32m";
	case ANSWER_BAD:
		return "\033[31m";
	case ANSWER_UNSURE:
		return "\033[33m";
	case ANSWER_DIM:
		return "\033[2m";
	case ANSWER_PLAIN:
		break;
	}
	return "";
}

static void put_painted(FILE *out, const char *text, const char *color, bool paint)
{
	if (paint && *color)
		fprintf(out, "%s%s\033[0m", color, text);
	else
		fputs(text, out);
}

static void put_spaces(FILE *out, size_t n)
{
	fprintf(out, "%*s", (int)n, "");
}

/* Cuts the text to that many columns, the last of them "…". Returns it. */
static char *cut_text(char *text, size_t width)
{
	size_t columns = 0;

	if (escape_width(text) <= width)
		return text;
	for (char *at = text; *at; at++) {
		/* a UTF-8 sequence begins */
		if (((unsigned char)*at & 0xc0) != 0x80 && columns++ == width - 1) {
			/* what is cut is at least two columns, but may be two bytes */
			memcpy(at, strlen(at) >= 3 ? "…" : ".", strlen(at) >= 3 ? 4 : 2);
			return text;
		}
	}
	return text;
}

static void print_row(const struct layout *l, size_t row, bool color, FILE *out)
{
	const struct answer_part_table *table = l->table;
	size_t pending = INDENT;

	for (size_t c = 0; c < table->n_columns; c++) {
		size_t at = row * table->n_columns + c;
		size_t wide = escape_width(l->text[at]);
		size_t pad = wide < l->width[c] ? l->width[c] - wide : 0;
		bool right = table->columns[c].unit != ANSWER_WORDS;
		const struct cell *cell = row && at - table->n_columns < table->n_cells
						  ? &table->cells[at - table->n_columns]
						  : NULL;

		if (l->hidden[c])
			continue;
		pending += right ? pad : 0;
		if (*l->text[at]) {
			put_spaces(out, pending);
			pending = 0;
			put_painted(out, cut_text(l->text[at], l->width[c]),
				    cell  ? color_of(cell->mark)
				    : row ? ""
					  : "\033[1m",
				    color);
		} else {
			pending += l->width[c] - pad;
		}
		pending += GAP + (right ? 0 : pad);
	}
	fputc('\n', out);
}

/*
 * Text wrapped at spaces, all but its first line indented. Returns its lines; out NULL: counts them
 * alone. first: columns that the first line has already.
 */
static size_t wrap(const char *text, size_t first, size_t indent, size_t width, FILE *out)
{
	size_t at = first, lines = 1;

	for (const char *word = text; *word;) {
		size_t length = strcspn(word, " ");
		char piece[256];
		size_t columns;

		snprintf(piece, sizeof(piece), "%.*s", (int)length, word);
		columns = escape_width(piece);
		if (word != text && at + 1 + columns > width) {
			lines++;
			at = indent;
			if (out)
				fprintf(out, "\n%*s", (int)indent, "");
		} else if (word != text) {
			at++;
			if (out)
				fputc(' ', out);
		}
		if (out)
			fwrite(word, 1, length, out);
		at += columns;
		word += length;
		word += strspn(word, " ");
	}
	if (out)
		fputc('\n', out);
	return lines;
}

/* The same of text that is to be made safe first. */
static size_t wrap_safe(const char *text, size_t first, size_t indent, size_t width, FILE *out)
{
	char *safe = safe_text(text);
	size_t lines = safe ? wrap(safe, first, indent, width, out) : 0;

	free(safe);
	return lines;
}

static size_t put_titles(const struct answer *a, size_t width, FILE *out)
{
	size_t lines = 0;

	for (size_t i = 0; i < a->n_titles; i++)
		lines += wrap_safe(a->titles[i], 0, INDENT, width, out);
	return lines;
}

/* Everything of the table but its rows. */
static size_t put_notes(const struct answer_part_table *table, size_t width, FILE *out)
{
	size_t lines = 0;

	for (size_t i = 0; i < table->n_notes; i++) {
		if (out)
			put_spaces(out, INDENT);
		lines += wrap_safe(table->notes[i], INDENT, INDENT + GAP, width, out);
	}
	return lines;
}

static size_t put_lines(const struct labelled *list, size_t n, const struct answer_style *style,
			FILE *out)
{
	const char *before = "";
	size_t lines = 0;

	for (size_t i = 0; i < n; i++) {
		const struct labelled *line = &list[i];
		const char *label = strcmp(before, line->label) != 0 ? line->label : "";
		size_t wide = escape_width(label) < LABEL ? LABEL : escape_width(label) + 1;

		before = line->label;
		if (out) {
			bool paint = style->color;
			const char *color =
				*color_of(line->mark) ? color_of(line->mark) : "\033[1m";

			put_painted(out, label, *label ? color : "", paint);
			put_spaces(out, wide - escape_width(label));
		}
		lines += wrap_safe(line->text, wide, LABEL, style->width, out);
	}
	return lines;
}

/* Lines of a table as it is shown: an empty line, heading, header, rows, notes. */
static size_t table_lines(const struct layout *l, size_t width)
{
	const struct answer_part_table *table = l->table;
	size_t lines = 2 + l->shown_rows + put_notes(table, width, NULL);

	if (!l->rows)
		return table->heading || table->n_notes ? lines - 1 : 0;
	if (table->heading)
		lines += wrap_safe(table->heading, 0, INDENT, width, NULL);
	return lines + (l->shown_rows < l->rows || hidden_columns(l));
}

/* Takes rows from the longest table until all fits into a screen. */
static void fit(const struct answer *a, struct layout *layouts, const struct answer_style *style)
{
	size_t other = put_lines(a->heads, a->n_heads, style, NULL) +
		       put_titles(a, style->width, NULL) + 1 +
		       put_lines(a->lines, a->n_lines, style, NULL);

	for (;;) {
		struct layout *longest = NULL;
		size_t lines = other;

		for (size_t i = 0; i < a->n_tables; i++) {
			lines += table_lines(&layouts[i], style->width);
			if (!longest || layouts[i].shown_rows > longest->shown_rows)
				longest = &layouts[i];
		}
		if (lines <= ANSWER_LINES || !longest || longest->shown_rows <= ROWS_LEAST)
			return;
		/* the line that counts the rows left out takes the place of one */
		longest->shown_rows -= longest->shown_rows == longest->rows ? 2 : 1;
		layout_measure(longest, style->width);
	}
}

/* "… 12 more rows, 2 more columns: --full" */
static void print_left_out(const struct layout *l, FILE *out)
{
	size_t rows = l->rows - l->shown_rows, columns = hidden_columns(l);

	if (!rows && !columns)
		return;
	fprintf(out, "%*s… ", INDENT, "");
	if (rows)
		fprintf(out, "%zu more row%s%s", rows, rows == 1 ? "" : "s", columns ? ", " : "");
	if (columns)
		fprintf(out, "%zu more column%s", columns, columns == 1 ? "" : "s");
	fputs(": --full\n", out);
}

static void print_table(const struct layout *l, const struct answer_style *style, FILE *out)
{
	const struct answer_part_table *table = l->table;

	if (!l->rows && !table->n_notes)
		return;
	fputc('\n', out);
	if (table->heading)
		wrap_safe(table->heading, 0, INDENT, style->width, out);
	for (size_t r = 0; l->rows && r <= l->shown_rows; r++)
		print_row(l, r, style->color, out);
	print_left_out(l, out);
	put_notes(table, style->width, out);
}

int answer_print(const struct answer *a, const struct answer_style *style, FILE *out)
{
	struct layout *layouts = calloc(a->n_tables + 1, sizeof(*layouts));
	int err = a->failed || !layouts ? -ENOMEM : 0;

	for (size_t i = 0; i < a->n_tables && !err; i++)
		err = layout_open(&layouts[i], &a->tables[i], style->width);
	if (!err) {
		fit(a, layouts, style);
		put_lines(a->heads, a->n_heads, style, out);
		put_titles(a, style->width, out);
		for (size_t i = 0; i < a->n_tables; i++)
			print_table(&layouts[i], style, out);
		if (a->n_lines)
			fputc('\n', out);
		put_lines(a->lines, a->n_lines, style, out);
	}
	for (size_t i = 0; layouts && i < a->n_tables; i++)
		layout_close(&layouts[i]);
	free(layouts);
	return err;
}
