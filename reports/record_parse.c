/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record.h"
#include "reports/record_fields.h"

/* The first fault sticks: every read after it does nothing, so callers need not check each one. */
struct reader {
	const char *name;
	char *why;
	size_t why_len;
	char place[160]; /* "cells[3].overhead.mean" */
	int err;
};

static void fault(struct reader *rd, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void fault(struct reader *rd, int err, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (rd->err)
		return;
	rd->err = err;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (!rd->why_len)
		return;
	snprintf(rd->why, rd->why_len, "%s: %s%s%s", rd->name, rd->place, *rd->place ? ": " : "",
		 text);
	/* The words may quote the file, and the file may hold terminal escapes. */
	for (char *c = rd->why; *c; c++) {
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			*c = '?';
	}
}

/* Appends to the place; the returned mark takes it off again (leave). */
static size_t enter(struct reader *rd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static size_t enter(struct reader *rd, const char *fmt, ...)
{
	size_t mark = strlen(rd->place);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(rd->place + mark, sizeof(rd->place) - mark, fmt, ap);
	va_end(ap);
	return mark;
}

static size_t enter_member(struct reader *rd, const char *key)
{
	return enter(rd, "%s%s", *rd->place ? "." : "", key);
}

static void leave(struct reader *rd, size_t mark)
{
	rd->place[mark] = '\0';
}

static void read_string(struct reader *rd, const json_t *value, bool nullable, char **out)
{
	if (json_is_null(value) && nullable)
		return;
	if (!json_is_string(value)) {
		fault(rd, -EINVAL, "not a string");
		return;
	}
	*out = strdup(json_string_value(value));
	if (!*out)
		fault(rd, -ENOMEM, "out of memory");
}

static void read_strings(struct reader *rd, const json_t *value, char ***out, size_t *n)
{
	size_t len = json_array_size(value);

	if (!json_is_array(value)) {
		fault(rd, -EINVAL, "not an array");
		return;
	}
	if (len > RECORD_MAX_STRINGS) {
		fault(rd, -EINVAL, "%zu entries, more than the %u allowed", len,
		      RECORD_MAX_STRINGS);
		return;
	}
	if (len == 0)
		return;
	*out = (char **)calloc(len, sizeof(**out));
	if (!*out) {
		fault(rd, -ENOMEM, "out of memory");
		return;
	}
	*n = len;
	for (size_t i = 0; i < len && !rd->err; i++) {
		size_t mark = enter(rd, "[%zu]", i);

		read_string(rd, json_array_get(value, i), false, &(*out)[i]);
		leave(rd, mark);
	}
}

static void read_double(struct reader *rd, const json_t *value, double *out)
{
	*out = NAN;
	if (json_is_null(value))
		return;
	if (json_is_number(value))
		*out = json_number_value(value);
	else
		fault(rd, -EINVAL, "not a number");
}

/* A whole number in 0..max, or a decimal string of one (see u64_json). */
static uint64_t read_unsigned(struct reader *rd, const json_t *value, uint64_t max)
{
	uint64_t number = 0;

	if (json_is_string(value)) {
		const char *text = json_string_value(value);
		char *end;

		errno = 0;
		number = strtoull(text, &end, 10);
		if (*text < '0' || *text > '9' || *end || errno) {
			fault(rd, -EINVAL, "not a whole number");
			return 0;
		}
	} else if (json_is_integer(value)) {
		if (json_integer_value(value) < 0) {
			fault(rd, -EINVAL, "negative");
			return 0;
		}
		number = (uint64_t)json_integer_value(value);
	} else {
		fault(rd, -EINVAL, "not a whole number");
		return 0;
	}
	if (number > max) {
		fault(rd, -EINVAL, "%llu is out of range", (unsigned long long)number);
		return 0;
	}
	return number;
}

static void read_int(struct reader *rd, const json_t *value, int *out)
{
	json_int_t number = json_integer_value(value);

	if (!json_is_integer(value))
		fault(rd, -EINVAL, "not a whole number");
	else if (number < INT_MIN || number > INT_MAX)
		fault(rd, -EINVAL, "%lld is out of range", (long long)number);
	else
		*out = (int)number;
}

static void read_bool(struct reader *rd, const json_t *value, bool *out)
{
	if (!json_is_boolean(value))
		fault(rd, -EINVAL, "neither true nor false");
	*out = json_is_true(value);
}

static void read_status(struct reader *rd, const json_t *value, enum cell_status *out)
{
	const char *text = json_string_value(value);

	for (int s = CELL_MEASURED; text && s <= CELL_INVALID; s++) {
		if (strcmp(text, cell_status_name((enum cell_status)s)) == 0) {
			*out = (enum cell_status)s;
			return;
		}
	}
	fault(rd, -EINVAL, "not one of measured, skipped, invalid");
}

static void read_unit(struct reader *rd, const json_t *value, enum unit *out)
{
	const char *text = json_string_value(value);

	for (int u = UNIT_NS; text && u <= UNIT_INSTRUCTIONS; u++) {
		if (strcmp(text, unit_name((enum unit)u)) == 0) {
			*out = (enum unit)u;
			return;
		}
	}
	fault(rd, -EINVAL, "not one of ns, instructions");
}

static void read_object(struct reader *rd, const json_t *object, const struct field *fields,
			void *base);

static void read_effect(struct reader *rd, const json_t *value, struct effect *out)
{
	read_object(rd, value, record_effect_fields, out);
	if (isnan(out->lo) != isnan(out->hi))
		fault(rd, -EINVAL, "an interval with one end");
	if (out->lo > out->hi)
		fault(rd, -EINVAL, "lo is greater than hi");
}

static void read_rows(struct reader *rd, const json_t *value, const struct field *field, char *base)
{
	void **array = (void **)(base + field->offset);
	size_t *n = (size_t *)(void *)(base + field->count), len = json_array_size(value);

	if (!json_is_array(value))
		fault(rd, -EINVAL, "not an array");
	else if (len > RECORD_MAX_ROWS)
		fault(rd, -EINVAL, "%zu entries, more than the %u allowed", len, RECORD_MAX_ROWS);
	for (size_t i = 0; i < len && !rd->err; i++) {
		void *row = record_append_row(array, n, field);
		size_t mark = enter(rd, "[%zu]", i);

		if (row)
			read_object(rd, json_array_get(value, i), field->sub, row);
		else
			fault(rd, -ENOMEM, "out of memory");
		leave(rd, mark);
	}
}

static void read_field(struct reader *rd, const json_t *value, const struct field *field,
		       char *base)
{
	void *at = base + field->offset;

	switch (field->type) {
	case FIELD_NAME:
	case FIELD_STRING:
		read_string(rd, value, field->type == FIELD_STRING, at);
		break;
	case FIELD_STRINGS:
		read_strings(rd, value, at, (size_t *)(void *)(base + field->count));
		break;
	case FIELD_U64:
		*(uint64_t *)at = read_unsigned(rd, value, UINT64_MAX);
		break;
	case FIELD_SIZE:
		*(size_t *)at = read_unsigned(rd, value, SIZE_MAX);
		break;
	case FIELD_UINT:
		*(unsigned int *)at = (unsigned int)read_unsigned(rd, value, UINT_MAX);
		break;
	case FIELD_INT:
		read_int(rd, value, at);
		break;
	case FIELD_BOOL:
		read_bool(rd, value, at);
		break;
	case FIELD_DOUBLE:
		read_double(rd, value, at);
		break;
	case FIELD_STATUS:
		read_status(rd, value, at);
		break;
	case FIELD_UNIT:
		read_unit(rd, value, at);
		break;
	case FIELD_EFFECT:
		read_effect(rd, value, at);
		break;
	case FIELD_OBJECT:
		read_object(rd, value, field->sub, at);
		break;
	case FIELD_ROWS:
		read_rows(rd, value, field, base);
		break;
	}
}

static void read_object(struct reader *rd, const json_t *object, const struct field *fields,
			void *base)
{
	if (!json_is_object(object)) {
		fault(rd, -EINVAL, "not an object");
		return;
	}
	for (; fields->key && !rd->err; fields++) {
		const json_t *value = json_object_get(object, fields->key);
		size_t mark = enter_member(rd, fields->key);

		if (value)
			read_field(rd, value, fields, base);
		else if (fields->type != FIELD_ROWS && !fields->optional)
			fault(rd, -EINVAL, "missing");
		leave(rd, mark);
	}
}

/* An array member of at most max entries; NULL after a fault. */
static const json_t *get_array(struct reader *rd, const json_t *object, const char *key, size_t max)
{
	const json_t *array = json_object_get(object, key);

	if (!array)
		fault(rd, -EINVAL, "missing");
	else if (!json_is_array(array))
		fault(rd, -EINVAL, "not an array");
	else if (json_array_size(array) > max)
		fault(rd, -EINVAL, "%zu entries, more than the %zu allowed", json_array_size(array),
		      max);
	return rd->err ? NULL : array;
}

static void read_counters(struct reader *rd, const json_t *object, struct record_cell *cell)
{
	size_t mark = enter_member(rd, "counters");
	const json_t *array = get_array(rd, object, "counters", RECORD_MAX_COUNTERS);
	size_t n = json_array_size(array);

	if (n && !rd->err) {
		cell->counters = calloc(n, sizeof(*cell->counters));
		if (cell->counters)
			cell->n_counters = n;
		else
			fault(rd, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < cell->n_counters && !rd->err; i++) {
		size_t entry = enter(rd, "[%zu]", i);

		record_empty_fields(&cell->counters[i], record_counter_fields);
		read_object(rd, json_array_get(array, i), record_counter_fields,
			    &cell->counters[i]);
		leave(rd, entry);
	}
	leave(rd, mark);
}

static void read_events(struct reader *rd, const json_t *object, struct record_cell *cell)
{
	const json_t *events = json_object_get(object, "events");
	size_t mark = enter_member(rd, "events");

	if (!events) {
		fault(rd, -EINVAL, "missing");
	} else if (!json_is_null(events)) {
		cell->events.present = true;
		read_object(rd, events, record_events_fields, &cell->events);
		/* The sum may wrap in a forged file: compare by subtraction. */
		if (!rd->err &&
		    (cell->events.received > cell->events.produced ||
		     cell->events.produced - cell->events.received != cell->events.lost) &&
		    cell->status == CELL_MEASURED)
			fault(rd, -EINVAL, "produced is not received + lost");
	}
	leave(rd, mark);
}

/* Records before it have none, and neither has a cell without a program. */
static void read_program(struct reader *rd, const json_t *object, struct record_cell *cell)
{
	const json_t *program = json_object_get(object, "program");
	size_t mark = enter_member(rd, "program");

	if (program && !json_is_null(program)) {
		cell->program.present = true;
		read_object(rd, program, record_program_fields, &cell->program);
	}
	leave(rd, mark);
}

/* The arm's maximum a second time, for readers of the JSON itself: it must be the same. */
static void check_max(struct reader *rd, const json_t *object, const struct record_cell *cell)
{
	const json_t *value = json_object_get(object, "max");
	size_t mark = enter_member(rd, "max");
	double max = NAN;

	if (value)
		read_double(rd, value, &max);
	else
		fault(rd, -EINVAL, "missing");
	if (isnan(max) != isnan(cell->arm.max) || max < cell->arm.max || max > cell->arm.max)
		fault(rd, -EINVAL, "differs from arm.max");
	leave(rd, mark);
}

static void check_file_name(struct reader *rd, const char *what, const char *name)
{
	if (name && (strchr(name, '/') || name[0] == '.' || !*name))
		fault(rd, -EINVAL, "%s \"%s\" is not a plain file name", what, name);
}

/* What no single member shows. */
static void check_cell(struct reader *rd, const struct record_cell *cell)
{
	char *id;

	if (rd->err)
		return;
	if (asprintf(&id, "%s/%s/%s/%s", cell->variant, cell->trigger, cell->drain, cell->cache) <
	    0) {
		fault(rd, -ENOMEM, "out of memory");
		return;
	}
	if (strcmp(id, cell->id) != 0)
		fault(rd, -EINVAL, "id \"%s\" is not variant/trigger/drain/cache", cell->id);
	free(id);
	check_file_name(rd, "samples", cell->samples);
	check_file_name(rd, "baseline_samples", cell->baseline_samples);
}

static void read_cells(struct reader *rd, const json_t *top, struct record *rec)
{
	size_t mark = enter_member(rd, "cells");
	const json_t *array = get_array(rd, top, "cells", RECORD_MAX_CELLS);
	size_t n = json_array_size(array);

	for (size_t i = 0; i < n && !rd->err; i++) {
		const json_t *object = json_array_get(array, i);
		struct record_cell *cell = record_append_cell(rec);
		size_t entry = enter(rd, "[%zu]", i);

		if (cell) {
			read_object(rd, object, record_cell_fields, cell);
			read_counters(rd, object, cell);
			read_events(rd, object, cell);
			read_program(rd, object, cell);
			check_max(rd, object, cell);
			check_cell(rd, cell);
		} else {
			fault(rd, -ENOMEM, "out of memory");
		}
		leave(rd, entry);
	}
	leave(rd, mark);
}

static void check_schema(struct reader *rd, const json_t *top)
{
	const json_t *schema = json_object_get(top, "schema");

	if (!json_is_object(top))
		fault(rd, -EINVAL, "not a record: the top level is not an object");
	else if (!schema)
		fault(rd, -EINVAL, "schema: missing; not a bpftoll record");
	else if (!json_is_string(schema))
		fault(rd, -EINVAL, "schema: not a string");
	else if (strcmp(json_string_value(schema), RECORD_SCHEMA) != 0)
		fault(rd, -EINVAL, "schema: \"%.64s\" is unknown; this build reads \"%s\"",
		      json_string_value(schema), RECORD_SCHEMA);
}

int record_parse(const char *text, size_t len, const char *name, struct record **out, char *why,
		 size_t why_len)
{
	struct reader rd = {.name = name, .why = why, .why_len = why_len};
	struct record *rec = NULL;
	json_error_t error;
	json_t *top;

	*out = NULL;
	top = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	if (!top) {
		fault(&rd, -EINVAL, "line %d, column %d: %s", error.line, error.column, error.text);
		return rd.err;
	}
	check_schema(&rd, top);
	if (!rd.err) {
		rec = record_new();
		if (!rec)
			fault(&rd, -ENOMEM, "out of memory");
	}
	if (rec) {
		free(rec->created);
		rec->created = NULL;
		read_object(&rd, top, record_top_fields, rec);
		read_cells(&rd, top, rec);
	}
	json_decref(top);
	if (rd.err)
		record_free(rec);
	else
		*out = rec;
	return rd.err;
}
