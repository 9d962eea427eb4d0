/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* vasprintf */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answer.h"
#include "reports/answer/answer_private.h"

/* A new element at the end of a list of n; NULL and a->failed: no memory. */
static void *more(struct answer *a, void *list, size_t *n, size_t size)
{
	void **at = list;
	char *grown = a->failed ? NULL : reallocarray(*at, *n + 1, size);

	if (!grown) {
		a->failed = true;
		return NULL;
	}
	*at = grown;
	memset(grown + *n * size, 0, size);
	return grown + (*n)++ * size;
}

__attribute__((format(printf, 2, 0))) static char *text_of(struct answer *a, const char *fmt,
							   va_list args)
{
	char *text;

	if (vasprintf(&text, fmt, args) >= 0)
		return text;
	a->failed = true;
	return NULL;
}

static char *copy(struct answer *a, const char *text)
{
	char *kept = text ? strdup(text) : NULL;

	if (text && !kept)
		a->failed = true;
	return kept;
}

struct answer *answer_open(const char *kind, const char *record)
{
	struct answer *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	a->kind = copy(a, kind);
	a->record = copy(a, record);
	return a;
}

static void free_texts(char **texts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(texts[i]);
	free((void *)texts);
}

static void free_labelled(struct labelled *lines, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(lines[i].label);
		free(lines[i].text);
	}
	free(lines);
}

void answer_drop_lines(struct answer *a)
{
	free_labelled(a->lines, a->n_lines);
	free_labelled(a->heads, a->n_heads);
	a->lines = a->heads = NULL;
	a->n_lines = a->n_heads = 0;
	a->in_line = false;
}

static void free_table(struct answer_part_table *table)
{
	for (size_t i = 0; i < table->n_cells; i++)
		free(table->cells[i].text);
	for (size_t c = 0; c < table->n_columns; c++) {
		free((char *)table->columns[c].key);
		free((char *)table->columns[c].header);
	}
	free(table->columns);
	free(table->cells);
	free(table->heading);
	free_texts(table->notes, table->n_notes);
}

void answer_close(struct answer *a)
{
	if (!a)
		return;
	for (size_t t = 0; t < a->n_tables; t++)
		free_table(&a->tables[t]);
	answer_drop_lines(a);
	free_texts(a->titles, a->n_titles);
	free(a->tables);
	free(a->kind);
	free(a->record);
	free(a);
}

void answer_title(struct answer *a, const char *fmt, ...)
{
	char **title = more(a, &a->titles, &a->n_titles, sizeof(*title));
	va_list args;

	va_start(args, fmt);
	if (title)
		*title = text_of(a, fmt, args);
	va_end(args);
}

void answer_table(struct answer *a, const char *key, const char *heading,
		  const struct answer_column *columns, size_t n)
{
	struct answer_part_table *table = more(a, &a->tables, &a->n_tables, sizeof(*table));

	if (!table)
		return;
	table->key = key;
	table->heading = copy(a, heading);
	for (size_t i = 0; i < n; i++) {
		struct answer_column *column =
			more(a, &table->columns, &table->n_columns, sizeof(*column));

		if (!column)
			return;
		*column = columns[i];
		column->key = copy(a, columns[i].key);
		column->header = copy(a, columns[i].header);
	}
}

static struct answer_part_table *last_table(struct answer *a)
{
	return a->n_tables && !a->failed ? &a->tables[a->n_tables - 1] : NULL;
}

size_t answer_rows(const struct answer_part_table *table)
{
	return (table->n_cells + table->n_columns - 1) / table->n_columns;
}

static struct cell *next(struct answer *a, enum cell_kind kind, struct effect value)
{
	struct answer_part_table *table = last_table(a);
	struct cell *cell = table ? more(a, &table->cells, &table->n_cells, sizeof(*cell)) : NULL;

	if (cell)
		*cell = (struct cell){
			.kind = kind,
			.value = value,
			.unit = table->columns[(table->n_cells - 1) % table->n_columns].unit};
	a->in_line = a->in_head = false;
	return cell;
}

static const struct effect unknown = {NAN, NAN, NAN};

/* A row that was not filled is filled with empty cells. */
void answer_row(struct answer *a)
{
	struct answer_part_table *table = last_table(a);

	while (table && !a->failed && table->n_cells % table->n_columns)
		next(a, CELL_TEXT, unknown);
}

void answer_text(struct answer *a, const char *fmt, ...)
{
	struct cell *cell = next(a, CELL_TEXT, unknown);
	va_list args;

	va_start(args, fmt);
	if (cell)
		cell->text = text_of(a, fmt, args);
	va_end(args);
}

void answer_number(struct answer *a, double value)
{
	next(a, CELL_NUMBER, (struct effect){value, NAN, NAN});
}

void answer_at_most(struct answer *a, double bound)
{
	next(a, CELL_AT_MOST, (struct effect){NAN, NAN, bound});
}

void answer_range(struct answer *a, double lo, double hi)
{
	next(a, CELL_RANGE, (struct effect){NAN, lo, hi});
}

void answer_predict(struct answer *a, double lo, double hi)
{
	struct cell *cell = next(a, CELL_PREDICTED, (struct effect){NAN, lo, hi});

	if (cell)
		cell->mark = ANSWER_DIM;
}

void answer_predict_change(struct answer *a, double lo, double hi)
{
	struct cell *cell = next(a, CELL_PREDICTED, (struct effect){NAN, lo, hi});

	if (cell) {
		cell->mark = ANSWER_DIM;
		cell->plus = true;
	}
}

void answer_in(struct answer *a, enum answer_unit unit)
{
	struct answer_part_table *table = last_table(a);

	if (table && table->n_cells)
		table->cells[table->n_cells - 1].unit = unit;
}

void answer_effect(struct answer *a, struct effect e)
{
	next(a, CELL_EFFECT, e);
}

void answer_change(struct answer *a, struct effect e)
{
	struct cell *cell = next(a, CELL_EFFECT, e);

	if (cell)
		cell->plus = true;
}

void answer_absent(struct answer *a, const char *reason)
{
	struct cell *cell = next(a, CELL_ABSENT, unknown);

	if (cell)
		cell->text = copy(a, reason);
}

void answer_mark(struct answer *a, enum answer_mark mark)
{
	struct answer_part_table *table = last_table(a);

	if (a->failed)
		return;
	if (a->in_head)
		a->heads[a->n_heads - 1].mark = mark;
	else if (a->in_line)
		a->lines[a->n_lines - 1].mark = mark;
	else if (table && table->n_cells)
		table->cells[table->n_cells - 1].mark = mark;
}

void answer_note(struct answer *a, const char *fmt, ...)
{
	struct answer_part_table *table = last_table(a);
	char **note = table ? more(a, &table->notes, &table->n_notes, sizeof(*note)) : NULL;
	va_list args;

	va_start(args, fmt);
	if (note)
		*note = text_of(a, fmt, args);
	va_end(args);
}

__attribute__((format(printf, 4, 0))) static void
fill_line(struct answer *a, struct labelled *line, const char *label, const char *fmt, va_list args)
{
	if (line) {
		line->label = copy(a, label);
		line->text = text_of(a, fmt, args);
	}
}

void answer_line(struct answer *a, const char *label, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fill_line(a, more(a, &a->lines, &a->n_lines, sizeof(*a->lines)), label, fmt, args);
	va_end(args);
	a->in_line = true;
	a->in_head = false;
}

void answer_head(struct answer *a, const char *label, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fill_line(a, more(a, &a->heads, &a->n_heads, sizeof(*a->heads)), label, fmt, args);
	va_end(args);
	a->in_head = true;
}
