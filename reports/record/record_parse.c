/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "reports/record/record.h"
#include "reports/record/field.h"

/* The first fault sticks: every read after it does nothing, so callers need not check each one. */
struct reader {
	const char *name;
	struct error *why;
	char place[160]; /* "results[3].overhead.mean" */
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
	error_say(rd->why, "%s: %s%s%s", rd->name, rd->place, *rd->place ? ": " : "", text);
	/* The words may quote the file, and the file may hold terminal escapes. */
	for (char *c = rd->why->text; *c; c++) {
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

/* The place of a word among others; two or three of them, NULL at the end. */
static unsigned int read_word(struct reader *rd, const json_t *value, const char *const *words)
{
	const char *text = json_string_value(value);

	for (unsigned int i = 0; text && words[i]; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	fault(rd, -EINVAL, "not one of %s, %s%s%s", words[0], words[1], words[2] ? ", " : "",
	      words[2] ? words[2] : "");
	return 0;
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

static void check_result(struct reader *rd, const struct record_result *result);

static void read_rows(struct reader *rd, const json_t *value, const struct field *field, void *base)
{
	size_t len = json_array_size(value);

	if (!json_is_array(value))
		fault(rd, -EINVAL, "not an array");
	else if (len > field->most)
		fault(rd, -EINVAL, "%zu entries, more than the %zu allowed", len, field->most);
	for (size_t i = 0; i < len && !rd->err; i++) {
		void *row = field_add_row(base, field);
		size_t mark = enter(rd, "[%zu]", i);

		if (row)
			read_object(rd, json_array_get(value, i), field->sub, row);
		else
			fault(rd, -ENOMEM, "out of memory");
		if (row && field->sub == record_result_fields && !rd->err)
			check_result(rd, row);
		leave(rd, mark);
	}
}

static void check_max(struct reader *rd, const json_t *value, double seen)
{
	double max;

	read_double(rd, value, &max);
	if (isnan(max) != isnan(seen) || max < seen || max > seen)
		fault(rd, -EINVAL, "differs from arm.max");
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
		*(enum result_status *)at =
			(enum result_status)read_word(rd, value, record_statuses);
		break;
	case FIELD_UNIT:
		*(enum unit *)at = (enum unit)read_word(rd, value, record_units);
		break;
	case FIELD_EFFECT:
		read_effect(rd, value, at);
		break;
	case FIELD_OBJECT:
		read_object(rd, value, field->sub, at);
		break;
	case FIELD_PART:
		*(bool *)(base + field->count) = !json_is_null(value);
		if (!json_is_null(value))
			read_object(rd, value, field->sub, at);
		break;
	case FIELD_ROWS:
		read_rows(rd, value, field, base);
		break;
	case FIELD_MAX:
		check_max(rd, value, *(const double *)at);
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
		else if (!fields->optional)
			fault(rd, -EINVAL, "missing");
		leave(rd, mark);
	}
}

static void check_file_name(struct reader *rd, const char *what, const char *name)
{
	if (name && (strchr(name, '/') || name[0] == '.' || !*name))
		fault(rd, -EINVAL, "%s \"%s\" is not a plain file name", what, name);
}

/* The sum may wrap in a forged file: compare by subtraction. */
static bool adds_up(const struct result_events *events)
{
	return events->received <= events->produced &&
	       events->produced - events->received == events->lost;
}

/* What no single member shows. */
static void check_result(struct reader *rd, const struct record_result *result)
{
	char *id;

	if (asprintf(&id, "%s/%s/%s/%s", result->variant, result->workload, result->wakeup,
		     result->cache) < 0) {
		fault(rd, -ENOMEM, "out of memory");
		return;
	}
	if (strcmp(id, result->id) != 0)
		fault(rd, -EINVAL, "id \"%s\" is not variant/trigger/drain/cache", result->id);
	free(id);
	check_file_name(rd, "samples", result->samples);
	check_file_name(rd, "baseline_samples", result->baseline_samples);
	if (result->events.present && result->status == RESULT_MEASURED &&
	    !adds_up(&result->events)) {
		enter_member(rd, "events");
		fault(rd, -EINVAL, "produced is not received + lost");
	}
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

int record_parse(const char *text, size_t len, const char *name, struct record **out,
		 struct error *why)
{
	struct reader rd = {.name = name, .why = why};
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
	}
	json_decref(top);
	if (rd.err)
		record_free(rec);
	else
		*out = rec;
	return rd.err;
}
