/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/export/csv.h"
#include "reports/show/escape.h"
#include "reports/show/table.h"
#include "reports/record/text_stream.h"

#define INDENT 2
#define GAP    2

struct table {
	size_t columns, cells, room;
	char **cell;
	/* One stream for all cells, rewound for each: a cell is copied out when the next one
	 * begins. */
	FILE *stream;
	char *written;
	size_t written_len;
	bool writing, failed;
	struct {
		bool right, hidden;
		size_t least, most; /* most 0: as wide as it is */
	} column[];
};

struct table *table_open(size_t columns)
{
	struct table *t = calloc(1, sizeof(*t) + columns * sizeof(t->column[0]));

	if (!t)
		return NULL;
	t->columns = columns;
	t->stream = text_stream(&t->written, &t->written_len);
	if (!t->stream) {
		free(t);
		return NULL;
	}
	return t;
}

static bool make_room(struct table *t)
{
	size_t room = t->room ? 2 * t->room : 64;
	void *grown;

	if (t->cells < t->room)
		return true;
	grown = reallocarray((void *)t->cell, room, sizeof(*t->cell));
	if (!grown)
		return false;
	t->cell = (char **)grown;
	t->room = room;
	return true;
}

/* Keeps the cell being written. */
static void finish(struct table *t)
{
	char *text = NULL;

	if (!t->writing)
		return;
	t->writing = false;
	if (fflush(t->stream) == 0 && make_room(t))
		text = strndup(t->written, t->written_len);
	if (text)
		t->cell[t->cells++] = text;
	else
		t->failed = true;
	rewind(t->stream);
}

void table_close(struct table *t)
{
	if (!t)
		return;
	fclose(t->stream);
	free(t->written);
	for (size_t i = 0; i < t->cells; i++)
		free(t->cell[i]);
	free((void *)t->cell);
	free(t);
}

FILE *table_cell(struct table *t)
{
	finish(t);
	t->writing = true;
	return t->stream;
}

void table_gap(struct table *t)
{
	for (size_t c = 0; c < t->columns; c++)
		table_cell(t);
}

void table_align_right(struct table *t, size_t column)
{
	t->column[column].right = true;
}

void table_least_width(struct table *t, size_t column, size_t width)
{
	t->column[column].least = width;
}

void table_most_width(struct table *t, size_t column, size_t width)
{
	t->column[column].most = width;
}

void table_hide(struct table *t, size_t column)
{
	t->column[column].hidden = true;
}

/* With the header. */
static size_t table_rows(struct table *t)
{
	finish(t);
	return t->cells / t->columns;
}

const char *table_at(struct table *t, size_t row, size_t column)
{
	finish(t);
	return t->cell[row * t->columns + column];
}

bool table_uniform(struct table *t, size_t column)
{
	for (size_t row = 2; row < table_rows(t); row++) {
		const char *text = table_at(t, row, column);

		if (*text && strcmp(text, table_at(t, 1, column)) != 0)
			return false;
	}
	return true;
}

static size_t column_width(struct table *t, size_t column)
{
	size_t width = t->column[column].least;

	for (size_t row = 0; row < table_rows(t); row++) {
		size_t here = escape_width(table_at(t, row, column));

		if (here > width)
			width = here;
	}
	return t->column[column].most && width > t->column[column].most ? t->column[column].most
									: width;
}

size_t table_column_width(struct table *t, size_t column)
{
	return t->column[column].hidden ? 0 : column_width(t, column);
}

size_t table_width(struct table *t)
{
	size_t width = INDENT;

	for (size_t c = 0; c < t->columns; c++) {
		if (!t->column[c].hidden)
			width += column_width(t, c) + GAP;
	}
	return width - GAP;
}

static void print_text(struct table *t, FILE *out, const size_t *widths)
{
	for (size_t row = 0; row < table_rows(t); row++) {
		/* Spaces wait until something follows them: no line ends in blanks. */
		size_t owed = INDENT;

		for (size_t c = 0; c < t->columns; c++) {
			const char *text = table_at(t, row, c);
			size_t wide = escape_width(text);
			size_t pad = wide < widths[c] ? widths[c] - wide : 0;

			if (t->column[c].hidden)
				continue;
			if (*text) {
				fprintf(out, "%*s", (int)(owed + (t->column[c].right ? pad : 0)),
					"");
				escape_clip(out, text, widths[c]);
				owed = t->column[c].right ? GAP : pad + GAP;
			} else {
				owed += widths[c] + GAP;
			}
		}
		fputc('\n', out);
	}
}

static void print_markdown(struct table *t, FILE *out)
{
	for (size_t row = 0; row < table_rows(t); row++) {
		for (size_t c = 0; c < t->columns; c++) {
			if (!t->column[c].hidden)
				fprintf(out, "| %s ", table_at(t, row, c));
		}
		fputs("|\n", out);
		for (size_t c = 0; row == 0 && c < t->columns; c++) {
			if (!t->column[c].hidden)
				fputs(t->column[c].right ? "| ---: " : "| --- ", out);
		}
		if (row == 0)
			fputs("|\n", out);
	}
}

static void print_csv(struct table *t, FILE *out)
{
	struct csv csv = {.out = out};

	for (size_t row = 0; row < table_rows(t); row++) {
		for (size_t c = 0; c < t->columns; c++) {
			if (!t->column[c].hidden)
				csv_word(&csv, table_at(t, row, c));
		}
		csv_end(&csv);
	}
}

int table_print(struct table *t, enum render_format format, FILE *out)
{
	size_t *widths;

	finish(t);
	if (t->failed)
		return -ENOMEM;
	if (format == RENDER_MARKDOWN) {
		print_markdown(t, out);
		return 0;
	}
	if (format == RENDER_CSV) {
		print_csv(t, out);
		return 0;
	}
	widths = calloc(t->columns, sizeof(*widths));
	if (!widths)
		return -ENOMEM;
	for (size_t c = 0; c < t->columns; c++)
		widths[c] = column_width(t, c);
	print_text(t, out, widths);
	free(widths);
	return 0;
}
