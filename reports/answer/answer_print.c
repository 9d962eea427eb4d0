/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answer.h"
#include "reports/answer/answer_private.h"
#include "reports/answer/wrap.h"
#include "reports/show/escape.h"
#include "reports/record/text_stream.h"

#define INDENT	      2
#define GAP	      2
#define LABEL_LEAST   10 /* columns of "Summary   " */
#define COLUMNS_MAX   48 /* the lab has one a kernel */
#define ROWS_KEPT     6	 /* before texts are cut */
#define ROWS_LEAST    2
#define WORDS_LEAST   8	 /* columns of words that are cut */
#define WRAPPED_LEAST 24 /* of words that are wrapped */
#define TEXT_LINES    4	 /* of one title, note or line at most */

/* A table laid out: the text of its cells, the headers first, and the columns' widths. */
struct layout {
	const struct answer_part_table *table;
	char **text; /* (rows + 1) * columns */
	size_t rows, width[COLUMNS_MAX];
	bool hidden[COLUMNS_MAX];
	size_t shown_rows;
	size_t wraps; /* the column whose words are wrapped and not cut; table->n_columns: none */
};

/* Text made safe for the terminal; NULL: no memory. */
static char *safe_text(const char *text)
{
	char *safe = NULL;
	size_t length;
	FILE *to = text_stream(&safe, &length);

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

/* Names may be of any length: the widest column of words that can be cut; n: none. */
static size_t shrinkable(const struct layout *l)
{
	size_t n = l->table->n_columns, widest = n;

	for (size_t c = 0; c < n; c++)
		if (!l->hidden[c] && l->table->columns[c].unit == ANSWER_WORDS &&
		    l->width[c] > WORDS_LEAST && (widest == n || l->width[c] > l->width[widest]))
			widest = c;
	return widest;
}

/* Widths by the rows that are shown, and what is left out for them to fit. */
static void layout_measure(struct layout *l, size_t width)
{
	const struct answer_part_table *table = l->table;
	size_t n = table->n_columns;

	for (size_t c = 0; c < n; c++) {
		l->hidden[c] = false;
		l->width[c] = 0;
		for (size_t r = 0; r <= l->shown_rows; r++)
			if (escape_width(l->text[r * n + c]) > l->width[c])
				l->width[c] = escape_width(l->text[r * n + c]);
	}
	for (size_t c = n; c-- > 0 && layout_width(l) > width;)
		l->hidden[c] = table->columns[c].if_wide;
	while (l->wraps < n && layout_width(l) > width && l->width[l->wraps] > WRAPPED_LEAST)
		l->width[l->wraps]--;
	while (layout_width(l) > width && shrinkable(l) < n)
		l->width[shrinkable(l)]--;
}

/* The last column's words are wrapped, where the screen has the lines. */
static size_t wrapping(const struct answer_part_table *table)
{
	size_t n = table->n_columns;

	return n && table->columns[n - 1].unit == ANSWER_WORDS ? n - 1 : n;
}

static int layout_open(struct layout *l, const struct answer_part_table *table, size_t width)
{
	size_t n = table->n_columns;

	*l = (struct layout){.table = table, .rows = answer_rows(table), .wraps = wrapping(table)};
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

static void put_painted(FILE *out, const char *text, size_t columns, const char *color, bool paint)
{
	bool painted = paint && *color;

	fputs(painted ? color : "", out);
	escape_clip(out, text, columns);
	fputs(painted ? "\033[0m" : "", out);
}

static void put_spaces(FILE *out, size_t n)
{
	fprintf(out, "%*s", (int)n, "");
}

/* The last cell of a row, on as many lines as it takes. */
static void put_wrapped(const struct layout *l, size_t at, const char *color, FILE *out)
{
	size_t begin = layout_width(l) - l->width[l->wraps];

	fputs(color, out);
	wrap_text(l->text[at], begin, &(struct wrap){begin, begin + l->width[l->wraps], SIZE_MAX},
		  out);
	fputs(*color ? "\033[0m" : "", out);
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
		if (cell && c == l->wraps && wide > l->width[c]) {
			put_spaces(out, pending);
			put_wrapped(l, at, color ? color_of(cell->mark) : "", out);
			return;
		}
		if (*l->text[at]) {
			put_spaces(out, pending);
			pending = 0;
			put_painted(out, l->text[at], l->width[c],
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

struct screen {
	size_t width;
	bool color;
	size_t label; /* columns before the text of a line */
	size_t most;  /* lines of one text */
};

static size_t label_width(const struct answer *a)
{
	size_t width = LABEL_LEAST;

	for (size_t i = 0; i < a->n_heads + a->n_lines; i++) {
		const struct labelled *line =
			i < a->n_heads ? &a->heads[i] : &a->lines[i - a->n_heads];

		if (escape_width(line->label) + 1 > width)
			width = escape_width(line->label) + 1;
	}
	return width;
}

static size_t put_titles(const struct answer *a, const struct screen *s, FILE *out)
{
	size_t lines = 0;

	for (size_t i = 0; i < a->n_titles; i++)
		lines += wrap_text(a->titles[i], 0, &(struct wrap){INDENT, s->width, s->most}, out);
	return lines;
}

/* Everything of the table but its rows. */
static size_t put_notes(const struct answer_part_table *table, const struct screen *s, FILE *out)
{
	size_t lines = 0;

	for (size_t i = 0; i < table->n_notes; i++) {
		if (out)
			put_spaces(out, INDENT);
		lines += wrap_text(table->notes[i], INDENT,
				   &(struct wrap){INDENT + GAP, s->width, s->most}, out);
	}
	return lines;
}

static size_t put_lines(const struct labelled *list, size_t n, const struct screen *s, FILE *out)
{
	const char *before = "";
	size_t lines = 0;

	for (size_t i = 0; i < n; i++) {
		const struct labelled *line = &list[i];
		const char *label = strcmp(before, line->label) != 0 ? line->label : "";
		size_t wide = s->label;

		before = line->label;
		if (out) {
			bool paint = s->color;
			const char *color =
				*color_of(line->mark) ? color_of(line->mark) : "\033[1m";

			put_painted(out, label, wide, *label ? color : "", paint);
			put_spaces(out, wide - escape_width(label));
		}
		lines += wrap_text(line->text, wide, &(struct wrap){s->label, s->width, s->most},
				   out);
	}
	return lines;
}

/* Lines beyond one a row, where words are wrapped. */
static size_t wrapped_lines(const struct layout *l)
{
	size_t n = l->table->n_columns, lines = 0, begin;

	if (l->wraps == n)
		return 0;
	begin = layout_width(l) - l->width[l->wraps];
	for (size_t r = 1; r <= l->shown_rows; r++) {
		size_t of = wrap_text(l->text[r * n + l->wraps], begin,
				      &(struct wrap){begin, begin + l->width[l->wraps], SIZE_MAX},
				      NULL);

		lines += of ? of - 1 : 0;
	}
	return lines;
}

/* Lines of a table as it is shown: an empty line, heading, header, rows, notes. */
static size_t table_lines(const struct layout *l, const struct screen *s)
{
	const struct answer_part_table *table = l->table;
	size_t lines = 2 + l->shown_rows + put_notes(table, s, NULL);

	if (!l->rows)
		return table->heading || table->n_notes ? lines - 1 : 0;
	if (table->heading)
		lines += wrap_text(table->heading, 0, &(struct wrap){INDENT, s->width, s->most},
				   NULL);
	return lines + wrapped_lines(l) + (l->shown_rows < l->rows);
}

/* The last table that has more rows than it may lose. */
static struct layout *longest(const struct answer *a, struct layout *layouts, size_t least)
{
	struct layout *last = NULL;

	for (size_t i = 0; i < a->n_tables; i++)
		if (layouts[i].shown_rows > (i ? 1 : least))
			last = &layouts[i];
	return last;
}

static size_t screen_lines(const struct answer *a, const struct layout *layouts,
			   const struct screen *s)
{
	size_t lines = put_lines(a->heads, a->n_heads, s, NULL) + put_titles(a, s, NULL) + 1 +
		       put_lines(a->lines, a->n_lines, s, NULL);

	for (size_t i = 0; i < a->n_tables; i++)
		lines += table_lines(&layouts[i], s);
	return lines;
}

/* Takes from a screen that is too long, in this order: the wrapping of rows, rows beyond ROWS_KEPT,
 * text beyond two lines, rows beyond ROWS_LEAST, text beyond one line. */
static void fit(const struct answer *a, struct layout *layouts, struct screen *s)
{
	bool wraps = screen_lines(a, layouts, s) <= ANSWER_LINES;

	for (size_t i = 0; i < a->n_tables && !wraps; i++) {
		layouts[i].wraps = layouts[i].table->n_columns;
		layout_measure(&layouts[i], s->width);
	}
	while (screen_lines(a, layouts, s) > ANSWER_LINES) {
		struct layout *last = longest(a, layouts, s->most > 2 ? ROWS_KEPT : ROWS_LEAST);

		if (!last && s->most == 1)
			return;
		if (!last) {
			s->most = s->most > 3 ? 3 : s->most - 1;
			continue;
		}
		/* the line that counts the rows left out takes the place of one */
		last->shown_rows -= last->shown_rows == last->rows && last->rows > 2 ? 2 : 1;
		layout_measure(last, s->width);
	}
}

static void print_left_out(const struct layout *l, FILE *out)
{
	size_t rows = l->rows - l->shown_rows;

	if (rows)
		fprintf(out, "%*s… %zu more row%s: --full\n", INDENT, "", rows,
			rows == 1 ? "" : "s");
}

static void print_table(const struct layout *l, const struct screen *s, FILE *out)
{
	const struct answer_part_table *table = l->table;

	if (!l->rows && !table->n_notes)
		return;
	fputc('\n', out);
	if (table->heading)
		wrap_text(table->heading, 0, &(struct wrap){INDENT, s->width, s->most}, out);
	for (size_t r = 0; l->rows && r <= l->shown_rows; r++)
		print_row(l, r, s->color, out);
	print_left_out(l, out);
	put_notes(table, s, out);
}

int answer_print(const struct answer *a, const struct answer_style *style, FILE *out)
{
	struct layout *layouts = a->failed ? NULL : calloc(a->n_tables + 1, sizeof(*layouts));
	struct screen s = {style->width, style->color, layouts ? label_width(a) : 0,
			   style->whole ? SIZE_MAX : TEXT_LINES};
	int err = layouts ? 0 : -ENOMEM;

	for (size_t i = 0; i < a->n_tables && !err; i++)
		err = layout_open(&layouts[i], &a->tables[i], style->width);
	if (!err) {
		if (!style->whole)
			fit(a, layouts, &s);
		put_lines(a->heads, a->n_heads, &s, out);
		put_titles(a, &s, out);
		for (size_t i = 0; i < a->n_tables; i++)
			print_table(&layouts[i], &s, out);
		if (a->n_lines)
			fputc('\n', out);
		put_lines(a->lines, a->n_lines, &s, out);
	}
	for (size_t i = 0; layouts && i < a->n_tables; i++)
		layout_close(&layouts[i]);
	free(layouts);
	return err;
}
