/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answer.h"
#include "reports/answer/answer_parts.h"
#include "reports/answer/wrap.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"

#define INDENT	    2
#define GAP	    2
#define LABEL	    10 /* columns of "Summary   " */
#define COLUMNS_MAX 16
#define CELL_MOST   48 /* columns */
#define WORDS_LEAST 10
#define TEXT_LINES  4 /* of one title, note or line at most */
#define ROWS_LEAST  3 /* of the first table; of others one */

/* A unit's sizes: the largest that a column's figures reach is shown. */
static const struct scale {
	double divisor;
	const char *name;
} times[] = {{1, " ns"}, {1e3, " us"}, {1e6, " ms"}, {1e9, " s"}};

/* Below ten thousand the smaller unit is read more easily: 9,800 ns, but 14.0 us. */
#define SCALE_FROM 1e4

/* Is there a figure to show, and not the words "not resolved"? */
static bool resolved(struct effect e)
{
	double half = fmax(e.value - e.lo, e.hi - e.value);

	return !(half > 0) || (half <= fabs(e.value) && !effect_holds_zero(e));
}

static double size_of(const struct cell *cell)
{
	double value = cell->kind == CELL_AT_MOST ? cell->value.hi : cell->value.value;

	if (cell->kind == CELL_EFFECT && !resolved(cell->value))
		return 0;
	return isfinite(value) ? fabs(value) : 0;
}

/* The smallest figure still has a digit in the unit: 6 ns beside 12,000 ns, not 0.006 us. */
static const struct scale *scale_of(const struct answer_part_table *table, size_t column)
{
	const struct scale *scale = times;
	double largest = 0, smallest = INFINITY;

	for (size_t i = column; i < table->n_cells; i += table->n_columns) {
		double size = size_of(&table->cells[i]);

		largest = fmax(largest, size);
		if (size > 0)
			smallest = fmin(smallest, size);
	}
	while (scale + 1 < times + sizeof(times) / sizeof(*times) &&
	       largest >= scale->divisor * SCALE_FROM && smallest >= scale[1].divisor / 10)
		scale++;
	return scale;
}

/* Whole figures in groups of three. */
static bool is_grouped(enum answer_unit unit, int decimals)
{
	return unit == ANSWER_COUNT ||
	       ((unit == ANSWER_INSTRUCTIONS || unit == ANSWER_NS) && decimals <= 0);
}

static void put_value(FILE *out, double value, int decimals, enum answer_unit unit)
{
	double place = pow(10, -decimals), rounded = round(value / place) * place;

	if (unit == ANSWER_RATE)
		figure_rate(out, value);
	else if (is_grouped(unit, decimals)) {
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

/* Of a bound, which may be tiny: two digits, or one where the second is a zero. */
static int bound_digits(double bound)
{
	int decimals;

	if (!(bound > 0) || bound >= 0.1)
		return digits(bound);
	decimals = 1 - (int)floor(log10(bound));
	return fmod(round(bound * pow(10, decimals)), 10) ? decimals : decimals - 1;
}

static void put_effect_in(FILE *out, struct effect e, enum answer_unit unit)
{
	double half = fmax(e.value - e.lo, e.hi - e.value);
	int decimals = half > 0 ? figure_decimals(half) : digits(e.value);

	put_value(out, e.value, decimals, unit);
	if (!(half > 0))
		return;
	half = ceil(half * pow(10, decimals) - 0.5) * pow(10, -decimals);
	fputs(" ±", out);
	if (is_grouped(unit, decimals))
		figure_count(out, (uint64_t)half);
	else
		fprintf(out, "%.*f", decimals > 0 ? decimals : 0, half);
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
		put_value(out, e.hi, bound_digits(e.hi), unit);
	} else if (isfinite(e.lo) && isfinite(e.hi)) {
		if (!resolved(cell->value)) {
			fputs("not resolved", out);
			return;
		}
		put_effect_in(out, e, unit);
	} else {
		put_value(out, e.value, digits(e.value), unit);
	}
	fputs(unit_text(unit, scale), out);
}

void answer_put(FILE *out, struct effect e, enum answer_unit unit)
{
	struct cell cell = {.kind = CELL_EFFECT, .value = e};
	const struct scale *scale = times;

	while (scale + 1 < times + sizeof(times) / sizeof(*times) &&
	       size_of(&cell) >= scale->divisor * SCALE_FROM)
		scale++;
	put_cell(out, &cell, unit, scale);
}

/* A table laid out: the text of its cells, the headers first, and the columns' widths. */
struct layout {
	const struct answer_part_table *table;
	char **text; /* (rows + 1) * columns */
	size_t rows, width[COLUMNS_MAX];
	bool hidden[COLUMNS_MAX];
	size_t shown_rows;
};

/* Takes text, and returns it no wider than so many columns; NULL: no memory. */
static char *clipped(char *text, size_t columns)
{
	char *shorter = NULL;
	size_t length;
	FILE *out;

	if (escape_width(text) <= columns)
		return text;
	out = open_memstream(&shorter, &length);
	if (out)
		wrap_clip(out, text, columns);
	free(text);
	if (out && !fclose(out))
		return shorter;
	free(shorter);
	return NULL;
}

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
		return clipped(text, CELL_MOST);
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

static int layout_open(struct layout *l, const struct answer_part_table *table)
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
		}
	}
	return 0;
}

/* The widest column of words that can be narrower; n: none. */
static size_t shrinkable(const struct layout *l)
{
	size_t n = l->table->n_columns, widest = n;

	for (size_t c = 0; c < n; c++)
		if (!l->hidden[c] && l->table->columns[c].unit == ANSWER_WORDS &&
		    l->width[c] > WORDS_LEAST && (widest == n || l->width[c] > l->width[widest]))
			widest = c;
	return widest;
}

/* By the rows that are shown. Where words are too wide they are cut. 0 or -ENOMEM. */
static int layout_measure(struct layout *l, size_t width)
{
	size_t n = l->table->n_columns, shown = (l->shown_rows + 1) * n;

	for (size_t i = 0; i < shown; i++)
		if (escape_width(l->text[i]) > l->width[i % n])
			l->width[i % n] = escape_width(l->text[i]);
	for (size_t c = n; c-- > 0 && layout_width(l) > width;)
		l->hidden[c] = l->table->columns[c].if_wide;
	while (layout_width(l) > width && shrinkable(l) < n)
		l->width[shrinkable(l)]--;
	for (size_t i = 0; i < shown; i++) {
		l->text[i] = clipped(l->text[i], l->hidden[i % n] ? CELL_MOST : l->width[i % n]);
		if (!l->text[i])
			return -ENOMEM;
	}
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

struct screen {
	size_t width;
	bool color;
	size_t most; /* lines of one text */
};

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

static size_t put_lines(const struct answer *a, const struct screen *s, FILE *out)
{
	const char *before = "";
	size_t lines = 0;

	for (size_t i = 0; i < a->n_lines; i++) {
		const struct labelled *line = &a->lines[i];
		const char *label = strcmp(before, line->label) != 0 ? line->label : "";
		size_t wide = escape_width(label) < LABEL ? LABEL : escape_width(label) + 1;

		before = line->label;
		if (out) {
			bool paint = s->color;
			const char *color =
				*color_of(line->mark) ? color_of(line->mark) : "\033[1m";

			put_painted(out, label, *label ? color : "", paint);
			put_spaces(out, wide - escape_width(label));
		}
		lines += wrap_text(line->text, wide, &(struct wrap){LABEL, s->width, s->most}, out);
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
	return lines + (l->shown_rows < l->rows);
}

/* Tables come in the order of their importance: the last ones give up rows first, then all texts
 * give up lines. */
static void fit(const struct answer *a, struct layout *layouts, struct screen *s)
{
	for (;;) {
		size_t lines = put_titles(a, s, NULL) + 1 + put_lines(a, s, NULL);
		struct layout *last = NULL;

		for (size_t i = 0; i < a->n_tables; i++) {
			lines += table_lines(&layouts[i], s);
			if (layouts[i].shown_rows > (i ? 1 : ROWS_LEAST))
				last = &layouts[i];
		}
		if (lines <= ANSWER_LINES || (!last && s->most == 1))
			return;
		if (!last)
			s->most--;
		else /* the line that counts the rows left out takes the place of one */
			last->shown_rows -= last->shown_rows == last->rows ? 2 : 1;
	}
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
	if (l->shown_rows < l->rows)
		fprintf(out, "%*s… %zu more rows: --full\n", INDENT, "", l->rows - l->shown_rows);
	put_notes(table, s, out);
}

int answer_print(const struct answer *a, const struct answer_style *style, FILE *out)
{
	struct layout *layouts = calloc(a->n_tables + 1, sizeof(*layouts));
	struct screen s = {style->width, style->color, TEXT_LINES};
	int err = a->failed || !layouts ? -ENOMEM : 0;

	for (size_t i = 0; i < a->n_tables && !err; i++)
		err = layout_open(&layouts[i], &a->tables[i]);
	if (!err)
		fit(a, layouts, &s);
	for (size_t i = 0; i < a->n_tables && !err; i++)
		err = layout_measure(&layouts[i], s.width);
	if (!err) {
		put_titles(a, &s, out);
		for (size_t i = 0; i < a->n_tables; i++)
			print_table(&layouts[i], &s, out);
		if (a->n_lines)
			fputc('\n', out);
		put_lines(a, &s, out);
	}
	for (size_t i = 0; layouts && i < a->n_tables; i++)
		layout_close(&layouts[i]);
	free(layouts);
	return err;
}
