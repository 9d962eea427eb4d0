/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/quote.h"
#include "reports/record_fields.h"
#include "reports/rows_csv.h"

static size_t count_of(const void *base, const struct field *rows)
{
	return *(const size_t *)(const void *)((const char *)base + rows->count);
}

static const char *row_of(const void *base, const struct field *rows, size_t i)
{
	return *(const char *const *)(const void *)((const char *)base + rows->offset) +
	       i * rows->size;
}

static void put_number(FILE *out, double value)
{
	if (!isnan(value))
		fprintf(out, "%.10g", value);
}

/* prefix: of an object's members, which are columns of their own */
static void put_keys(FILE *out, const char *prefix, const struct field *fields)
{
	char name[64];

	for (; fields->key; fields++) {
		if (fields->type == FIELD_ROWS)
			continue;
		if (fields->type == FIELD_OBJECT) {
			snprintf(name, sizeof(name), "%s%s_", prefix, fields->key);
			put_keys(out, name, fields->sub);
			continue;
		}
		fprintf(out, ",%s%s", prefix, fields->key);
		if (fields->type == FIELD_EFFECT)
			fprintf(out, ",%s%s_lo,%s%s_hi", prefix, fields->key, prefix, fields->key);
	}
}

static void put_header(FILE *out, const struct field *fields)
{
	put_keys(out, "", fields);
	fputc('\n', out);
}

static void put_effect(FILE *out, const struct effect *e)
{
	put_number(out, e->value);
	fputc(',', out);
	put_number(out, e->lo);
	fputc(',', out);
	put_number(out, e->hi);
}

static void put_field(FILE *out, const struct field *field, const void *at)
{
	switch (field->type) {
	case FIELD_NAME:
	case FIELD_STRING:
		quote_print(out, *(char *const *)at, RENDER_CSV);
		break;
	case FIELD_U64:
		fprintf(out, "%llu", (unsigned long long)*(const uint64_t *)at);
		break;
	case FIELD_SIZE:
		fprintf(out, "%zu", *(const size_t *)at);
		break;
	case FIELD_UINT:
		fprintf(out, "%u", *(const unsigned int *)at);
		break;
	case FIELD_INT:
		fprintf(out, "%d", *(const int *)at);
		break;
	case FIELD_BOOL:
		fputs(*(const bool *)at ? "true" : "false", out);
		break;
	case FIELD_DOUBLE:
		put_number(out, *(const double *)at);
		break;
	case FIELD_STATUS:
		fputs(cell_status_name(*(const enum cell_status *)at), out);
		break;
	case FIELD_UNIT:
		fputs(unit_name(*(const enum unit *)at), out);
		break;
	case FIELD_EFFECT:
		put_effect(out, at);
		break;
	case FIELD_STRINGS:
	case FIELD_OBJECT:
	case FIELD_ROWS:
		break; /* no row has the former; an object is its members */
	}
}

static void put_members(FILE *out, const struct field *fields, const char *row)
{
	for (; fields->key; fields++) {
		if (fields->type == FIELD_ROWS)
			continue;
		if (fields->type == FIELD_OBJECT) {
			put_members(out, fields->sub, row + fields->offset);
			continue;
		}
		fputc(',', out);
		put_field(out, fields, row + fields->offset);
	}
}

static void put_row(FILE *out, const struct field *fields, const char *row)
{
	put_members(out, fields, row);
	fputc('\n', out);
}

static void put_table(FILE *out, const void *base, const struct field *rows)
{
	fputs("table", out);
	put_header(out, rows->sub);
	for (size_t i = 0; i < count_of(base, rows); i++) {
		fputs(rows->key, out);
		put_row(out, rows->sub, row_of(base, rows, i));
	}
}

/* Rows within the rows, all in one table; every kind of row begins with its id. */
static void put_inner(FILE *out, const void *base, const struct field *rows,
		      const struct field *inner)
{
	fputs("\ntable,id", out);
	put_header(out, inner->sub);
	for (size_t i = 0; i < count_of(base, rows); i++) {
		const char *row = row_of(base, rows, i);

		for (size_t k = 0; k < count_of(row, inner); k++) {
			fprintf(out, "%s.%s,", rows->key, inner->key);
			put_field(out, rows->sub, row + rows->sub->offset);
			put_row(out, inner->sub, row_of(row, inner, k));
		}
	}
}

void rows_csv_print(const struct record *rec, bool before, FILE *out)
{
	for (const struct field *rows = record_top_fields; rows->key; rows++) {
		if (rows->type != FIELD_ROWS || count_of(rec, rows) == 0)
			continue;
		if (before)
			fputc('\n', out);
		before = true;
		put_table(out, rec, rows);
		for (const struct field *inner = rows->sub; inner->key; inner++) {
			if (inner->type == FIELD_ROWS)
				put_inner(out, rec, rows, inner);
		}
	}
}
