/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/document/page/page_json.h"
#include "reports/record/record.h"
#include "reports/record/wakeup_name.h"
#include "reports/show/escape.h"
#include "reports/record/text_stream.h"

#define DIGITS 7 /* of ticks in ns: finer than any clock step */

/* The record's keys are those of its first version. */
static const char *shown_key(const char *key)
{
	static const struct {
		const char *kept, *shown;
	} names[] = {
		{"trigger", "syscall"},
		{"drain", "wakeup"},
		{"body", "program"},
		{"program", "program_info"},
		{"carrier", "host_program"},
		{"arm", "config"},
		{"lag_p50", "start_delay_p50"},
		{"lag_p99", "start_delay_p99"},
		{"lag_max", "start_delay_max"},
		{"drain_cpu", "reader_cpu"},
		{"drain_idle", "reader_idle"},
		{"lo", "low"},
		{"hi", "high"},
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(key, names[i].kept) == 0)
			return names[i].shown;
	return key;
}

json_t *page_json_text(const char *text)
{
	char *escaped = NULL;
	json_t *value = NULL;
	size_t len = 0;
	FILE *out;

	if (!text)
		return json_null();
	out = text_stream(&escaped, &len);
	if (!out)
		return NULL;
	escape_part(out, text, RENDER_TEXT);
	if (fclose(out) == 0)
		value = json_stringn(escaped, len);
	free(escaped);
	return value;
}

json_t *page_json_said(void (*say)(FILE *out, const void *ctx), const void *ctx)
{
	char *said = NULL;
	json_t *value = NULL;
	size_t len = 0;
	FILE *out = text_stream(&said, &len);

	if (!out)
		return NULL;
	say(out, ctx);
	/* what was cut within a character is no UTF-8 */
	if (fclose(out) == 0) {
		value = json_stringn(said, len);
		value = value ? value : page_json_text(said);
	}
	free(said);
	return value;
}

json_t *page_json_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *page_json_effect(struct effect e)
{
	if (!isfinite(e.value))
		return json_null();
	return json_pack("{s:f, s:o, s:o}", "value", e.value, "low", page_json_number(e.lo), "high",
			 page_json_number(e.hi));
}

static json_t *shown(const char *key, const json_t *kept);

static json_t *shown_object(const json_t *kept)
{
	json_t *object = json_object(), *member;
	const char *key;
	void *at;

	for (at = json_object_iter((json_t *)kept); at;
	     at = json_object_iter_next((json_t *)kept, at)) {
		key = json_object_iter_key(at);
		member = shown(key, json_object_iter_value(at));
		if (json_is_null(member) || (json_is_object(member) && !json_object_size(member))) {
			json_decref(member);
			continue;
		}
		if (json_object_set_new(object, shown_key(key), member)) {
			json_decref(object);
			return NULL;
		}
	}
	return object;
}

static json_t *shown_array(const json_t *kept)
{
	json_t *array = json_array();

	for (size_t i = 0; i < json_array_size(kept); i++)
		if (json_array_append_new(array, shown("", json_array_get(kept, i)))) {
			json_decref(array);
			return NULL;
		}
	return array;
}

static json_t *shown(const char *key, const json_t *kept)
{
	const char *text = json_string_value(kept);

	if (json_is_object(kept))
		return shown_object(kept);
	if (json_is_array(kept))
		return shown_array(kept);
	if (text)
		return page_json_text(strcmp(key, "drain") == 0 ? wakeup_name(text).text : text);
	return json_deep_copy(kept);
}

static json_t *shown_row(const void *base, const struct field *fields)
{
	json_t *kept = record_row_to_json(base, fields), *row = kept ? shown_object(kept) : NULL;

	json_decref(kept);
	return row;
}

json_t *page_json_row(const void *row, const char *kind)
{
	return shown_row(row, field_find(record_top_fields, kind)->sub);
}

json_t *page_json_part(const void *record, const char *key)
{
	const struct field *part = field_find(record_top_fields, key);

	return shown_row((const char *)record + part->offset, part->sub);
}

/* "<" alone could end the script element or open a comment in it; it occurs in strings only. */
static int put(const char *text, size_t len, void *ctx)
{
	FILE *out = ctx;

	for (const char *end = text + len, *next; text < end; text = next) {
		next = memchr(text, '<', (size_t)(end - text));
		next = next ? next : end;
		if (next > text && fwrite(text, 1, (size_t)(next - text), out) == 0)
			return -1;
		if (next < end) {
			if (fputs("\\u003c", out) == EOF)
				return -1;
			next++;
		}
	}
	return 0;
}

int page_json_write(const json_t *document, FILE *out)
{
	if (json_dump_callback(document, put, out,
			       JSON_COMPACT | JSON_ENSURE_ASCII | JSON_REAL_PRECISION(DIGITS)))
		return ferror(out) ? -EIO : -ENOMEM;
	return 0;
}
