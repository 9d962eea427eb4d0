/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record/record.h"
#include "reports/record/field.h"

static json_t *string_json(const char *text)
{
	json_t *value;
	char *ascii;

	if (!text)
		return json_null();
	value = json_string(text);
	if (value)
		return value;
	/* Not UTF-8: a kernel command line may hold any byte, and must not cost the record. */
	ascii = strdup(text);
	if (!ascii)
		return NULL;
	for (char *c = ascii; *c; c++) {
		if ((unsigned char)*c >= 0x80)
			*c = '?';
	}
	value = json_string(ascii);
	free(ascii);
	return value;
}

static json_t *double_json(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

/* JSON's integers end at 2^63 in jansson: what is above goes as a decimal string. */
static json_t *u64_json(uint64_t value)
{
	if (value <= INT64_MAX)
		return json_integer((json_int_t)value);
	return json_sprintf("%llu", (unsigned long long)value);
}

static json_t *object_json(const void *base, const struct field *fields);

/* The entries of FIELD_STRINGS or FIELD_ROWS. */
static json_t *array_json(const void *base, const struct field *field)
{
	size_t n = field_rows(base, field);
	json_t *array = json_array();

	for (size_t i = 0; i < n; i++) {
		json_t *entry =
			field->type == FIELD_ROWS
				? object_json(field_row(base, field, i), field->sub)
				: string_json((*(char **const *)(const void *)((const char *)base +
									       field->offset))[i]);

		if (json_array_append_new(array, entry)) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* Of a string or a part. */
static bool is_known(const char *base, const struct field *field)
{
	return field->type == FIELD_PART
		       ? *(const bool *)(base + field->count)
		       : *(char *const *)(const void *)(base + field->offset) != NULL;
}

static json_t *field_json(const char *base, const struct field *field)
{
	const void *at = base + field->offset;

	switch (field->type) {
	case FIELD_NAME:
	case FIELD_STRING:
		return string_json(*(char *const *)at);
	case FIELD_U64:
		return u64_json(*(const uint64_t *)at);
	case FIELD_SIZE:
		return u64_json(*(const size_t *)at);
	case FIELD_UINT:
		return json_integer(*(const unsigned int *)at);
	case FIELD_INT:
		return json_integer(*(const int *)at);
	case FIELD_BOOL:
		return json_boolean(*(const bool *)at);
	case FIELD_DOUBLE:
	case FIELD_MAX:
		return double_json(*(const double *)at);
	case FIELD_STATUS:
		return json_string(result_status_name(*(const enum result_status *)at));
	case FIELD_UNIT:
		return json_string(unit_name(*(const enum unit *)at));
	case FIELD_EFFECT:
		return object_json(at, record_effect_fields);
	case FIELD_OBJECT:
		return object_json(at, field->sub);
	case FIELD_PART:
		return is_known(base, field) ? object_json(at, field->sub) : json_null();
	case FIELD_STRINGS:
	case FIELD_ROWS:
		return array_json(base, field);
	}
	return NULL;
}

static json_t *object_json(const void *base, const struct field *fields)
{
	json_t *object = json_object();

	for (; fields->key; fields++) {
		if (fields->unwritten && !is_known(base, fields))
			continue;
		/* json_object_set_new fails on a NULL value as well: one check for both. */
		if (json_object_set_new(object, fields->key, field_json(base, fields))) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

json_t *record_row_to_json(const void *row, const struct field *fields)
{
	return object_json(row, fields);
}

json_t *record_to_json(const struct record *rec)
{
	json_t *top = json_pack("{s:s}", "schema", RECORD_SCHEMA);
	json_t *members = object_json(rec, record_top_fields);
	int failed = json_object_update(top, members);

	json_decref(members);
	if (failed) {
		json_decref(top);
		return NULL;
	}
	return top;
}
