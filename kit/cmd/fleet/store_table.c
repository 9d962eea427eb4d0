/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/fleet/store_table.h"
#include "reports/record/record.h"
#include "reports/record/wakeup_name.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"
#include "reports/show/table.h"

/* Columns: day, machine, kernel, the parts of the name, effects, the last one. */
enum { DAY, MACHINE, KERNEL, PARTS };
#define PART_LEAST 8 /* columns of a word that is cut */

struct store_table {
	const struct store_list *list;
	struct table *table;
	size_t parts, effects, columns, rows;
};

struct store_table *store_table_open(const struct store_list *list)
{
	static const char *const first[] = {"day", "machine", "kernel"};
	struct store_table *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->list = list;
	while (t->parts < STORE_PARTS_MOST && list->parts[t->parts])
		t->parts++;
	t->effects = list->effects[1].column ? 2 : 1;
	t->columns = PARTS + t->parts + t->effects + (list->last != NULL);
	t->table = table_open(t->columns);
	if (!t->table) {
		free(t);
		return NULL;
	}
	for (size_t i = 0; i < PARTS; i++)
		fputs(first[i], table_cell(t->table));
	for (size_t i = 0; i < t->parts; i++)
		fputs(list->parts[i], table_cell(t->table));
	for (size_t i = 0; i < t->effects; i++) {
		fputs(list->effects[i].header, table_cell(t->table));
		table_align_right(t->table, PARTS + t->parts + i);
	}
	if (list->last)
		fputs(list->last, table_cell(t->table));
	return t;
}

void store_table_close(struct store_table *t)
{
	if (!t)
		return;
	table_close(t->table);
	free(t);
}

/* The last part has all that is left. */
static void put_parts(struct store_table *t, const char *name)
{
	for (size_t i = 0; i < t->parts; i++) {
		size_t length = i + 1 < t->parts ? strcspn(name, "/") : strlen(name);
		char part[256];

		snprintf(part, sizeof(part), "%.*s", (int)length, name);
		escape_print(table_cell(t->table),
			     !*part				    ? "-"
			     : !strcmp(t->list->parts[i], "wakeup") ? wakeup_name(part).text
								    : part,
			     RENDER_TEXT);
		name += length + (name[length] == '/');
	}
}

/* Three values from there on. */
static void put_effect(FILE *cell, const char *const *values, enum unit unit)
{
	if (!values[0] || !values[1] || !values[2])
		fputc('-', cell);
	else
		figure_effect(cell,
			      (struct effect){strtod(values[0], NULL), strtod(values[1], NULL),
					      strtod(values[2], NULL)},
			      unit, FIGURE_PLUS_MINUS);
}

static void put_lost(FILE *cell, const char *lost, const char *sent)
{
	if (lost && sent && strcmp(sent, "0") != 0)
		fprintf(cell, "%s of %s", lost, sent);
	else
		fputc('-', cell);
}

#define VALUE(name) values[store_column_of(t->list, name)]

void store_table_add(struct store_table *t, const char *const *values)
{
	const char *status = VALUE("status"), *last = t->list->last, *of_row = NULL;
	bool measured = status && !strcmp(status, result_status_name(RESULT_MEASURED));
	enum unit unit = UNIT_NS;
	char day[sizeof("2026-01-31")];

	if (last && !strcmp(last, "unit"))
		of_row = VALUE("unit");
	if (of_row && strcmp(of_row, unit_name(UNIT_NS)) != 0)
		unit = UNIT_INSTRUCTIONS;
	snprintf(day, sizeof(day), "%s", VALUE("created") ? VALUE("created") : "-");
	escape_print(table_cell(t->table), day, RENDER_TEXT);
	escape_print(table_cell(t->table), VALUE("machine"), RENDER_TEXT);
	escape_print(table_cell(t->table), VALUE("kernel"), RENDER_TEXT);
	put_parts(t, VALUE(t->list->name) ? VALUE(t->list->name) : "");
	for (size_t i = 0; i < t->effects; i++) {
		FILE *cell = table_cell(t->table);

		if (measured)
			put_effect(cell, &VALUE(t->list->effects[i].column), unit);
		else
			escape_print(cell, i || !status ? "-" : status, RENDER_TEXT);
	}
	if (of_row)
		escape_print(table_cell(t->table), of_row, RENDER_TEXT);
	else if (last)
		put_lost(table_cell(t->table), VALUE("exposure_lost"), VALUE("exposure_produced"));
	t->rows++;
}

/* Is it a figure? The others are said once where all rows have the same. */
static bool is_figure(const struct store_table *t, size_t column)
{
	size_t first = PARTS + t->parts;

	return column >= first &&
	       (column < first + t->effects || strcmp(t->list->last, "unit") != 0);
}

/* What all rows have in common; a dash says nothing. */
static void say_common(struct store_table *t, size_t width)
{
	size_t at = 0;

	for (size_t i = 0; i < t->columns; i++) {
		const char *name = table_at(t->table, 0, i), *value = table_at(t->table, 1, i);
		size_t len = strlen(name) + 1 + escape_width(value);

		if (is_figure(t, i) || !table_uniform(t->table, i))
			continue;
		table_hide(t->table, i);
		if (!strcmp(value, "-"))
			continue;
		if (!at)
			at = (size_t)printf("all rows: ");
		else if (at + len + 3 > width)
			at = (size_t)printf(",\n          ") - 2;
		else
			at += (size_t)printf(", ");
		printf("%s %s", name, value);
		at += len;
	}
	if (at)
		printf("\n\n");
}

/* The part that takes most columns gives one up. */
static bool cut_widest(struct store_table *t)
{
	size_t widest = t->columns, most = PART_LEAST;

	for (size_t i = MACHINE; i < PARTS + t->parts; i++) {
		size_t width = table_column_width(t->table, i);

		if (width > most) {
			widest = i;
			most = width;
		}
	}
	if (widest == t->columns)
		return false;
	table_most_width(t->table, widest, most - 1);
	return true;
}

int store_table_print(struct store_table *t, size_t width)
{
	static const size_t least_first[] = {DAY, KERNEL};
	char left_out[64] = "";
	bool cut = false;
	int err;

	if (t->rows > 1)
		say_common(t, width);
	for (size_t i = 0; i < sizeof(least_first) / sizeof(*least_first); i++) {
		size_t column = least_first[i], before = table_width(t->table);

		if (before <= width)
			break;
		table_hide(t->table, column);
		if (table_width(t->table) < before)
			snprintf(left_out + strlen(left_out), sizeof(left_out) - strlen(left_out),
				 "%s%s", *left_out ? ", " : "", table_at(t->table, 0, column));
	}
	while (table_width(t->table) > width && cut_widest(t))
		cut = true;
	err = table_print(t->table, RENDER_TEXT, stdout);
	if (!err && *left_out)
		cli_say("no room in %zu columns for: %s (--csv has all)", width, left_out);
	else if (!err && cut)
		cli_say("no room in %zu columns for all of the names (--csv has them)", width);
	return err;
}
