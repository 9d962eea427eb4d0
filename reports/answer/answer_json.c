/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>

#include "reports/answer/answer.h"
#include "reports/answer/answer_private.h"
#include "reports/show/escape.h"
#include "reports/record/text_stream.h"

static const char *const marks[] = {[ANSWER_GOOD] = "good",
				    [ANSWER_BAD] = "bad",
				    [ANSWER_UNSURE] = "unsure",
				    [ANSWER_DIM] = NULL};

static const char *const units[] = {
	[ANSWER_WORDS] = "text",  [ANSWER_NS] = "ns",	  [ANSWER_INSTRUCTIONS] = "instructions",
	[ANSWER_COUNT] = "count", [ANSWER_PERCENT] = "%", [ANSWER_RATE] = "1/s",
	[ANSWER_RATIO] = "ratio"};

/* Text as the terminal shows it: JSON takes valid UTF-8 alone. */
static json_t *json_text(const char *text)
{
	char *shown = NULL;
	size_t length;
	FILE *out = text_stream(&shown, &length);
	json_t *json;

	if (!out)
		return NULL;
	escape_print(out, text ? text : "", RENDER_TEXT);
	json = fclose(out) ? NULL : json_string(shown);
	free(shown);
	return json;
}

static json_t *json_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

static json_t *json_cell(const struct cell *cell)
{
	json_t *json;

	if (cell->kind == CELL_TEXT && cell->mark == ANSWER_PLAIN)
		return cell->text ? json_text(cell->text) : json_null();
	json = json_object();
	if (cell->kind == CELL_TEXT)
		json_object_set_new(json, "text", json_text(cell->text));
	if (cell->kind == CELL_ABSENT)
		json_object_set_new(json, "reason", json_text(cell->text));
	if (cell->kind != CELL_TEXT) {
		json_object_set_new(json, "value", json_number(cell->value.value));
		json_object_set_new(json, "low", json_number(cell->value.lo));
		json_object_set_new(json, "high", json_number(cell->value.hi));
		json_object_set_new(json, "unit", json_string(units[cell->unit]));
	}
	if (cell->kind == CELL_PREDICTED)
		json_object_set_new(json, "predicted", json_true());
	if (marks[cell->mark])
		json_object_set_new(json, "mark", json_string(marks[cell->mark]));
	return json;
}

static json_t *json_texts(char *const *texts, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, json_text(texts[i]));
	return list;
}

static json_t *json_table(const struct answer_part_table *table)
{
	json_t *json = json_object(), *rows = json_array(), *row = NULL;

	json_object_set_new(json, "key", json_string(table->key));
	if (table->heading)
		json_object_set_new(json, "heading", json_text(table->heading));
	for (size_t i = 0; i < table->n_cells; i++) {
		const struct answer_column *column = &table->columns[i % table->n_columns];

		if (column == table->columns) {
			row = json_object();
			json_array_append_new(rows, row);
		}
		json_object_set_new(row, column->key, json_cell(&table->cells[i]));
	}
	json_object_set_new(json, "rows", rows);
	json_object_set_new(json, "notes", json_texts(table->notes, table->n_notes));
	return json;
}

static json_t *json_lines(const struct labelled *lines, size_t n)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *line = json_object();

		json_object_set_new(line, "label", json_text(lines[i].label));
		json_object_set_new(line, "text", json_text(lines[i].text));
		if (marks[lines[i].mark])
			json_object_set_new(line, "mark", json_string(marks[lines[i].mark]));
		json_array_append_new(list, line);
	}
	return list;
}

int answer_json(const struct answer *a, FILE *out)
{
	json_t *top = json_object(), *tables = json_array();
	int err;

	json_object_set_new(top, "schema", json_string(ANSWER_SCHEMA));
	json_object_set_new(top, "kind", json_text(a->kind));
	json_object_set_new(top, "record", a->record ? json_text(a->record) : json_null());
	json_object_set_new(top, "head", json_lines(a->heads, a->n_heads));
	json_object_set_new(top, "title", json_texts(a->titles, a->n_titles));
	for (size_t i = 0; i < a->n_tables; i++)
		json_array_append_new(tables, json_table(&a->tables[i]));
	json_object_set_new(top, "tables", tables);
	json_object_set_new(top, "lines", json_lines(a->lines, a->n_lines));
	err = a->failed || json_dumpf(top, out, JSON_INDENT(1)) || fputc('\n', out) == EOF ? -EIO
											   : 0;
	json_decref(top);
	return a->failed ? -ENOMEM : err;
}
