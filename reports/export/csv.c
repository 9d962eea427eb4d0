/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/export/csv.h"
#include "reports/record/record.h"
#include "reports/show/escape.h"

FILE *csv_field(struct csv *csv)
{
	if (csv->begun++)
		fputc(',', csv->out);
	return csv->out;
}

void csv_text(struct csv *csv, const char *text)
{
	escape_print(csv_field(csv), text, RENDER_CSV);
}

void csv_word(struct csv *csv, const char *word)
{
	fputs(word, csv_field(csv));
}

static void put_digits(FILE *out, int digits, double value)
{
	if (!isnan(value))
		fprintf(out, "%.*g", digits, value);
}

void csv_digits(FILE *out, double value)
{
	put_digits(out, CSV_DIGITS, value);
}

void csv_number(struct csv *csv, double value)
{
	put_digits(csv_field(csv), csv->digits, value);
}

void csv_count(struct csv *csv, uint64_t value)
{
	fprintf(csv_field(csv), "%llu", (unsigned long long)value);
}

void csv_end(struct csv *csv)
{
	fputc('\n', csv->out);
	csv->begun = 0;
}

/* A copy of another member, and rows of their own, are no columns; what a result's program is is
 * left out. */
static bool has_columns(const struct field *field)
{
	return field->type != FIELD_ROWS && field->type != FIELD_STRINGS &&
	       field->type != FIELD_MAX && !(field->type == FIELD_PART && field->unwritten);
}

void csv_name(struct csv *csv, const char *prefix, const char *name, const struct field *field)
{
	char within[64];

	if (!has_columns(field))
		return;
	if (field->sub) {
		snprintf(within, sizeof(within), "%s%s%s", prefix, name, *name ? "_" : "");
		csv_names(csv, within, field->sub);
		return;
	}
	fprintf(csv_field(csv), "%s%s", prefix, name);
	if (field->type == FIELD_EFFECT) {
		fprintf(csv_field(csv), "%s%s_lo", prefix, name);
		fprintf(csv_field(csv), "%s%s_hi", prefix, name);
	}
}

void csv_names(struct csv *csv, const char *prefix, const struct field *fields)
{
	for (; fields->key; fields++)
		csv_name(csv, prefix, fields->key, fields);
}

static void put_effect(struct csv *csv, const struct effect *e)
{
	csv_number(csv, e->value);
	csv_number(csv, e->lo);
	csv_number(csv, e->hi);
}

static void put_word(struct csv *csv, const char *word)
{
	if (csv->shown)
		csv_text(csv, word);
	else
		csv_word(csv, word);
}

static void put_bool(struct csv *csv, bool value)
{
	if (csv->shown)
		csv_count(csv, value);
	else
		csv_word(csv, value ? "true" : "false");
}

static void put_part(struct csv *csv, const char *row, const struct field *part)
{
	if (*(const bool *)(row + part->count))
		csv_values(csv, row + part->offset, part->sub);
	else
		for (const struct field *f = part->sub; f->key; f++)
			csv_word(csv, "");
}

void csv_value(struct csv *csv, const void *row, const struct field *field)
{
	const void *at = (const char *)row + field->offset;

	if (!has_columns(field))
		return;
	switch (field->type) {
	case FIELD_NAME:
	case FIELD_STRING:
		csv_text(csv, *(char *const *)at);
		break;
	case FIELD_U64:
		csv_count(csv, *(const uint64_t *)at);
		break;
	case FIELD_SIZE:
		csv_count(csv, *(const size_t *)at);
		break;
	case FIELD_UINT:
		csv_count(csv, *(const unsigned int *)at);
		break;
	case FIELD_INT:
		csv_number(csv, *(const int *)at);
		break;
	case FIELD_BOOL:
		put_bool(csv, *(const bool *)at);
		break;
	case FIELD_DOUBLE:
		csv_number(csv, *(const double *)at);
		break;
	case FIELD_STATUS:
		put_word(csv, result_status_name(*(const enum result_status *)at));
		break;
	case FIELD_UNIT:
		put_word(csv, unit_name(*(const enum unit *)at));
		break;
	case FIELD_EFFECT:
		put_effect(csv, at);
		break;
	case FIELD_OBJECT:
		csv_values(csv, at, field->sub);
		break;
	case FIELD_PART:
		put_part(csv, row, field);
		break;
	default:
		break;
	}
}

void csv_values(struct csv *csv, const void *row, const struct field *fields)
{
	for (; fields->key; fields++)
		csv_value(csv, row, fields);
}
