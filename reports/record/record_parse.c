/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "reports/record/record.h"
#include "reports/record/field.h"
#include "reports/record/tree/json_tree.h"

/* A step to what is being read; of a chain on the stack, put into words when there is a fault. */
struct place {
	const struct place *outer;
	const char *key; /* NULL: the index'th entry */
	size_t index;
};

/* The first fault sticks: every read after it does nothing, so callers need not check each one. */
struct reader {
	const char *name;
	struct error *why;
	const struct place *place;
	int err;
};

/* "results[3].overhead.mean" */
static void say_place(const struct place *place, char *text, size_t room)
{
	size_t len;

	if (!place)
		return;
	say_place(place->outer, text, room);
	len = strlen(text);
	if (place->key)
		snprintf(text + len, room - len, "%s%s", len ? "." : "", place->key);
	else
		snprintf(text + len, room - len, "[%zu]", place->index);
}

static void fault(struct reader *rd, int err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void fault(struct reader *rd, int err, const char *fmt, ...)
{
	char text[256], place[160] = "";
	va_list ap;

	if (rd->err)
		return;
	rd->err = err;
	say_place(rd->place, place, sizeof(place));
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_say(rd->why, "%s: %s%s%s", rd->name, place, *place ? ": " : "", text);
	/* The words may quote the file, and the file may hold terminal escapes. */
	for (char *c = rd->why->text; *c; c++) {
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			*c = '?';
	}
}

static void read_string(struct reader *rd, const struct json_value *value, bool nullable,
			char **out)
{
	if (value->kind == JSON_TREE_NULL && nullable)
		return;
	if (value->kind != JSON_TREE_STRING) {
		fault(rd, -EINVAL, "not a string");
		return;
	}
	*out = strdup(value->text);
	if (!*out)
		fault(rd, -ENOMEM, "out of memory");
}

static void read_strings(struct reader *rd, const struct json_value *value, char ***out, size_t *n)
{
	size_t len = value->n;
	struct place place = {.outer = rd->place};

	if (value->kind != JSON_TREE_ARRAY) {
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
	rd->place = &place;
	for (const struct json_value *entry = value->first; entry && !rd->err;
	     entry = entry->next) {
		read_string(rd, entry, false, &(*out)[place.index]);
		place.index++;
	}
	rd->place = place.outer;
}

static void read_double(struct reader *rd, const struct json_value *value, double *out)
{
	*out = NAN;
	if (value->kind == JSON_TREE_NULL)
		return;
	if (value->kind == JSON_TREE_REAL)
		*out = value->real;
	else if (value->kind == JSON_TREE_INTEGER)
		*out = (double)value->integer;
	else
		fault(rd, -EINVAL, "not a number");
}

/* A whole number in 0..max, or a decimal string of one (see u64_json). */
static uint64_t read_unsigned(struct reader *rd, const struct json_value *value, uint64_t max)
{
	uint64_t number = 0;

	if (value->kind == JSON_TREE_STRING) {
		const char *text = value->text;
		char *end;

		errno = 0;
		number = strtoull(text, &end, 10);
		if (*text < '0' || *text > '9' || *end || errno) {
			fault(rd, -EINVAL, "not a whole number");
			return 0;
		}
	} else if (value->kind == JSON_TREE_INTEGER) {
		if (value->integer < 0) {
			fault(rd, -EINVAL, "negative");
			return 0;
		}
		number = (uint64_t)value->integer;
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

static void read_int(struct reader *rd, const struct json_value *value, int *out)
{
	if (value->kind != JSON_TREE_INTEGER)
		fault(rd, -EINVAL, "not a whole number");
	else if (value->integer < INT_MIN || value->integer > INT_MAX)
		fault(rd, -EINVAL, "%lld is out of range", (long long)value->integer);
	else
		*out = (int)value->integer;
}

static void read_bool(struct reader *rd, const struct json_value *value, bool *out)
{
	if (value->kind != JSON_TREE_BOOL)
		fault(rd, -EINVAL, "neither true nor false");
	else
		*out = value->truth;
}

/* The place of a word among others; two or three of them, NULL at the end. */
static unsigned int read_word(struct reader *rd, const struct json_value *value,
			      const char *const *words)
{
	const char *text = value->kind == JSON_TREE_STRING ? value->text : NULL;

	for (unsigned int i = 0; text && words[i]; i++)
		if (strcmp(text, words[i]) == 0)
			return i;
	fault(rd, -EINVAL, "not one of %s, %s%s%s", words[0], words[1], words[2] ? ", " : "",
	      words[2] ? words[2] : "");
	return 0;
}

static void read_object(struct reader *rd, const struct json_value *object,
			const struct field *fields, void *base);

static void read_effect(struct reader *rd, const struct json_value *value, struct effect *out)
{
	read_object(rd, value, record_effect_fields, out);
	if (isnan(out->lo) != isnan(out->hi))
		fault(rd, -EINVAL, "an interval with one end");
	if (out->lo > out->hi)
		fault(rd, -EINVAL, "lo is greater than hi");
}

static void check_result(struct reader *rd, const struct record_result *result);

static void read_rows(struct reader *rd, const struct json_value *value, const struct field *field,
		      void *base)
{
	struct place place = {.outer = rd->place};

	if (value->kind != JSON_TREE_ARRAY) {
		fault(rd, -EINVAL, "not an array");
		return;
	}
	if (value->n > field->most)
		fault(rd, -EINVAL, "%u entries, more than the %zu allowed", value->n, field->most);
	rd->place = &place;
	for (const struct json_value *entry = value->first; entry && !rd->err;
	     entry = entry->next, place.index++) {
		void *row = field_add_row(base, field);

		if (row)
			read_object(rd, entry, field->sub, row);
		else
			fault(rd, -ENOMEM, "out of memory");
		if (row && field->sub == record_result_fields && !rd->err)
			check_result(rd, row);
	}
	rd->place = place.outer;
}

static void check_max(struct reader *rd, const struct json_value *value, double seen)
{
	double max;

	read_double(rd, value, &max);
	if (isnan(max) != isnan(seen) || max < seen || max > seen)
		fault(rd, -EINVAL, "differs from arm.max");
}

static void read_field(struct reader *rd, const struct json_value *value, const struct field *field,
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
		*(bool *)(base + field->count) = value->kind != JSON_TREE_NULL;
		if (value->kind != JSON_TREE_NULL)
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

static void read_object(struct reader *rd, const struct json_value *object,
			const struct field *fields, void *base)
{
	struct place place = {.outer = rd->place};
	const struct json_value *next;

	if (object->kind != JSON_TREE_OBJECT) {
		fault(rd, -EINVAL, "not an object");
		return;
	}
	next = object->first;
	rd->place = &place;
	for (; fields->key && !rd->err; fields++) {
		const struct json_value *value = json_tree_member(object, fields->key, &next);

		place.key = fields->key;
		if (value)
			read_field(rd, value, fields, base);
		else if (!fields->optional)
			fault(rd, -EINVAL, "missing");
	}
	rd->place = place.outer;
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
	const struct place events = {.outer = rd->place, .key = "events"};
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
		rd->place = &events;
		fault(rd, -EINVAL, "produced is not received + lost");
		rd->place = events.outer;
	}
}

static void check_schema(struct reader *rd, const struct json_value *top)
{
	const struct json_value *from = NULL, *schema = NULL;

	if (top->kind == JSON_TREE_OBJECT)
		schema = json_tree_member(top, "schema", &from);
	if (top->kind != JSON_TREE_OBJECT)
		fault(rd, -EINVAL, "not a record: the top level is not an object");
	else if (!schema)
		fault(rd, -EINVAL, "schema: missing; not a bpftoll record");
	else if (schema->kind != JSON_TREE_STRING)
		fault(rd, -EINVAL, "schema: not a string");
	else if (strcmp(schema->text, RECORD_SCHEMA) != 0)
		fault(rd, -EINVAL, "schema: \"%.64s\" is unknown; this build reads \"%s\"",
		      schema->text, RECORD_SCHEMA);
}

int record_parse(const char *text, size_t len, const char *name, struct record **out,
		 struct error *why)
{
	struct reader rd = {.name = name, .why = why};
	struct record *rec = NULL;
	struct error said = {""};
	struct json_tree tree;
	int err = json_tree_read(text, len, &tree, &said);

	*out = NULL;
	if (err) {
		fault(&rd, err, "%s", said.text);
		return rd.err;
	}
	check_schema(&rd, tree.top);
	if (!rd.err) {
		rec = record_new();
		if (!rec)
			fault(&rd, -ENOMEM, "out of memory");
	}
	if (rec) {
		free(rec->created);
		rec->created = NULL;
		read_object(&rd, tree.top, record_top_fields, rec);
	}
	json_tree_free(&tree);
	if (rd.err)
		record_free(rec);
	else
		*out = rec;
	return rd.err;
}
