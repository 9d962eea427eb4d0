/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answer.h"
#include "reports/answer/answer_parts.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"

#define INDENT	    2
#define GAP	    2
#define LABEL	    10 /* columns of "Summary   " */
#define COLUMNS_MAX 16
#define ROWS_LEAST  3

/* A unit's sizes: the largest that a column's figures reach is shown. */
static const struct scale {
	double divisor;
	const char *name;
} times[] = {{1, " ns"}, {1e3, " us"}, {1e6, " ms"}, {1e9, " s"}};

/* Below ten thousand the smaller unit is read more easily: 9,800 ns, but 14.0 us. */
#define SCALE_FROM 1e4

static double size_of(const struct cell *cell)
{
	double value = cell->kind == CELL_AT_MOST ? cell->value.hi : cell->value.value;

	return isfinite(value) ? fabs(value) : 0;
}

static const struct scale *scale_of(const struct answer_part_table *table, size_t column)
{
	const struct scale *scale = times;
	double largest = 0;

	for (size_t i = column; i < table->n_cells; i += table->n_columns)
		largest = fmax(largest, size_of(&table->cells[i]));
	while (scale + 1 < times + sizeof(times) / sizeof(*times) &&
	       largest >= scale->divisor * SCALE_FROM)
		scale++;
	return scale;
}

static void put_value(FILE *out, double value, int decimals, enum answer_unit unit)
{
	double place = pow(10, -decimals), rounded = round(value / place) * place;

	if (unit == ANSWER_RATE)
		figure_rate(out, value);
	else if (unit == ANSWER_COUNT || (unit == ANSWER_INSTRUCTIONS && decimals <= 0)) {
		if (rounded < 0)
			fputc('-', out);
		figure_count(out, (uint64_t)fabs(rounded));
	} else
		/* never "-0" */
		fprintf(out, "%.*f", decimals > 0 ? decimals : 0,
			fabs(rounded) < place / 2 ? 0.0 : rounded);
}

/* Decimals of a value without an interval: three digits. */
static int digits(double value)
{
	double size = fabs(value);

	return !(size < 100) || size == round(size) ? 0 : size < 10 ? 2 : 1;
}

static void put_effect_in(FILE *out, struct effect e, enum answer_unit unit)
{
	double half = fmax(e.value - e.lo, e.hi - e.value);
	int decimals = half > 0 ? figure_decimals(half) : digits(e.value);

	if (half > fabs(e.value) || (half > 0 && effect_holds_zero(e))) {
		fputs("not resolved", out);
		return;
	}
	put_value(out, e.value, decimals, unit);
	if (half > 0)
		fprintf(out, " ±%.*f", decimals > 0 ? decimals : 0,
			ceil(half * pow(10, decimals) - 0.5) * pow(10, -decimals));
}

static const char *unit_text(enum answer_unit unit, const struct scale *scale)
{
	return unit == ANSWER_NS	? scale->name
	       : unit == ANSWER_PERCENT ? " %"
	       : unit == ANSWER_RATIO	? "x"
					: "";
}

static void put_cell(FILE *out, const struct cell *cell, enum answer_unit unit,
		     const struct scale *scale)
{
	double divisor = unit == ANSWER_NS ? scale->divisor : 1;
	struct effect e = {cell->value.value / divisor, cell->value.lo / divisor,
			   cell->value.hi / divisor};
	bool shown = cell->kind == CELL_AT_MOST ? isfinite(e.hi) : isfinite(e.value);

	if (cell->kind == CELL_TEXT || cell->kind == CELL_ABSENT) {
		if (cell->text)
			escape_print(out, cell->text, RENDER_TEXT);
		return;
	}
	if (!shown) {
		fputc('-', out);
		return;
	}
	if (cell->kind == CELL_AT_MOST) {
		fputs("< ", out);
		put_value(out, e.hi, e.hi < 0.1 ? 3 : digits(e.hi), unit);
	} else if (isfinite(e.lo) && isfinite(e.hi)) {
		bool resolved = !(fmax(e.value - e.lo, e.hi - e.value) > fabs(e.value)) &&
				(!effect_holds_zero(e) || !(e.lo < e.hi));

		put_effect_in(out, e, unit);
		if (!resolved)
			return;
	} else {
		put_value(out, e.value, digits(e.value), unit);
	}
	fputs(unit_text(unit, scale), out);
}

/* A table laid out: the text of its cells, the headers first, and the columns' widths. */
struct layout {
	const struct answer_part_table *table;
	char **text; /* (rows + 1) * columns */
	size_t rows, width[COLUMNS_MAX];
	bool hidden[COLUMNS_MAX];
	size_t shown_rows;
};

static char *cell_text(const struct answer_part_table *table, size_t at, const struct scale *scale)
{
	const struct answer_column *column = &table->columns[at % table->n_columns];
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	if (!out)
		return NULL;
	if (at < table->n_cells)
		put_cell(out, &table->cells[at], column->unit, scale);
	if (!fclose(out))
		return text;
	free(text);
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

static int layout_open(struct layout *l, const struct answer_part_table *table, size_t width)
{
	size_t n = table->n_columns;

	*l = (struct layout){.table = table, .rows = answer_rows(table)};
	l->shown_rows = l->rows;
	l->text = n && n <= COLUMNS_MAX ? (char **)calloc((l->rows + 1) * n, sizeof(char *)) : NULL;
	if (!l->text)
		return -ENOMEM;
	for (size_t c = 0; c < n; c++) {
		const struct scale *scale = scale_of(table, c);

		for (size_t r = 0; r <= l->rows; r++) {
			char *text = r ? cell_text(table, (r - 1) * n + c, scale)
				       : strdup(table->columns[c].header);

			l->text[r * n + c] = text;
			if (!text)
				return -ENOMEM;
			if (escape_width(text) > l->width[c])
				l->width[c] = escape_width(text);
		}
	}
	for (size_t c = n; c-- > 0 && layout_width(l) > width;)
		l->hidden[c] = table->columns[c].if_wide;
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

static void print_row(const struct layout *l, size_t row, bool color, FILE *out)
{
	const struct answer_part_table *table = l->table;
	size_t pending = INDENT;

	for (size_t c = 0; c < table->n_columns; c++) {
		size_t at = row * table->n_columns + c;
		size_t pad = l->width[c] - escape_width(l->text[at]);
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
			put_painted(out, l->text[at],
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
	char *safe = NULL;
	size_t length, lines;
	FILE *to = open_memstream(&safe, &length);

	if (!to)
		return 0;
	escape_print(to, text ? text : "", RENDER_TEXT);
	lines = fclose(to) ? 0 : wrap(safe, first, indent, width, out);
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

static size_t put_lines(const struct answer *a, const struct answer_style *style, FILE *out)
{
	const char *before = "";
	size_t lines = 0;

	for (size_t i = 0; i < a->n_lines; i++) {
		const struct labelled *line = &a->lines[i];
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
	return lines + (l->shown_rows < l->rows);
}

/* Takes rows from the longest table until all fits into a screen. */
static void fit(const struct answer *a, struct layout *layouts, const struct answer_style *style)
{
	size_t other = put_titles(a, style->width, NULL) + 1 + put_lines(a, style, NULL);

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
	}
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
	if (l->shown_rows < l->rows)
		fprintf(out, "%*s… %zu more rows: --full\n", INDENT, "", l->rows - l->shown_rows);
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
		put_titles(a, style->width, out);
		for (size_t i = 0; i < a->n_tables; i++)
			print_table(&layouts[i], style, out);
		if (a->n_lines)
			fputc('\n', out);
		put_lines(a, style, out);
	}
	for (size_t i = 0; layouts && i < a->n_tables; i++)
		layout_close(&layouts[i]);
	free(layouts);
	return err;
}
