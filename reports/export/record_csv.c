/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "reports/export/csv.h"
#include "reports/export/record_csv.h"
#include "reports/record/record_rows.h"
#include "reports/show/escape.h"

/* What a column says that is no member, or one of several in a field. */
static void put_wakeups_per_event(FILE *out, const struct record_result *result)
{
	double per_event = (double)result->events.wakeups / (double)result->events.produced;

	if (result->events.present && result->events.produced)
		fprintf(out, result->events.wakeups && per_event < 0.001 ? "%.1e" : "%.3f",
			per_event);
}

/* "instructions=12 cycles=30" */
static void put_counters(FILE *out, const struct record_result *result)
{
	fputs(result->n_counters ? "\"" : "", out);
	for (size_t i = 0; i < result->n_counters; i++) {
		fputs(i ? " " : "", out);
		escape_part(out, result->counters[i].name, RENDER_CSV);
		fputc('=', out);
		csv_digits(out, result->counters[i].per_call.value);
	}
	fputs(result->n_counters ? "\"" : "", out);
}

/* "60=0.4 150=0.25": value and share of each. */
static void put_modes(FILE *out, const struct record_result *result)
{
	for (size_t i = 0; i < result->n_modes; i++) {
		fputs(i ? " " : "", out);
		csv_digits(out, result->modes[i].value);
		fputc('=', out);
		csv_digits(out, result->modes[i].share);
	}
}

static void put_target(FILE *out, const struct record_result *result)
{
	if (result->precision.present)
		csv_digits(out, result->precision.target);
}

static void put_reached(FILE *out, const struct record_result *result)
{
	if (result->precision.present)
		fputs(result->precision.reached ? "yes" : "no", out);
}

struct column {
	const char *name;
	const char *member; /* of the result, "overhead.p50"; NULL: its name, or what put writes */
	void (*put)(FILE *out, const struct record_result *result);
};

static const struct column columns[] = {
	{.name = "trigger"},
	{.name = "cache"},
	{.name = "hook"},
	{.name = "body"},
	{.name = "variant"},
	{.name = "drain"},
	{.name = "status"},
	{.name = "reason"},
	{.name = "mechanism"},
	{.name = "unit"},
	{"typical", "overhead.typical", NULL},
	{"mean", "overhead.mean", NULL},
	{"p50_shift", "overhead.p50", NULL},
	{"p90_shift", "overhead.p90", NULL},
	{"p99_shift", "overhead.p99", NULL},
	{"p999_shift", "overhead.p999", NULL},
	{.name = "p99_bound"},
	{.name = "p99_least"},
	{.name = "n"},
	{.name = "rounds"},
	{.name = "migrated"},
	{.name = "censored"},
	{.name = "hits"},
	{.name = "arm"},
	{.name = "baseline"},
	{.name = "baseline_id"},
	{.name = "data"},
	{"", "events", NULL},
	{"wakeups_per_event", NULL, put_wakeups_per_event},
	{.name = "contended_share"},
	{.name = "uncontended"},
	{.name = "contended"},
	{.name = "cycles"},
	{.name = "stratum"},
	{"counters", NULL, put_counters},
	{"load_p10", "spread.p10", NULL},
	{"load_p90", "spread.p90", NULL},
	{"loads", "spread.loads", NULL},
	{"modes", NULL, put_modes},
	{.name = "workers"},
	{.name = "interval_over"},
	{"precision_target", NULL, put_target},
	{"precision_reached", NULL, put_reached},
};
#define COLUMNS (sizeof(columns) / sizeof(*columns))

/* The member of that path, its offset from the result's start in it. */
static struct field member_of(const struct column *column)
{
	const char *path = column->member ? column->member : column->name, *dot;
	const struct field *fields = record_result_fields;
	size_t within = 0;
	struct field found;

	while ((dot = strchr(path, '.'))) {
		char name[32];

		snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
		within += field_find(fields, name)->offset;
		fields = field_find(fields, name)->sub;
		path = dot + 1;
	}
	found = *field_find(fields, path);
	found.offset += within;
	return found;
}

static void put_result(struct csv *csv, const struct record *rec,
		       const struct record_result *result)
{
	csv_text(csv, rec->created);
	csv_text(csv, rec->host.kernel);
	csv_text(csv, rec->host.cpu);
	csv_count(csv, rec->n_warnings);
	csv_word(csv, rec->partial ? "yes" : "no");
	for (size_t c = 0; c < COLUMNS; c++) {
		const struct field member = member_of(&columns[c]);

		if (columns[c].put)
			columns[c].put(csv_field(csv), result);
		else
			csv_value(csv, result, &member);
	}
	csv_end(csv);
}

static void put_results(struct csv *csv, const struct record *rec)
{
	fputs("created,kernel,cpu,degraded,partial", csv_field(csv));
	for (size_t c = 0; c < COLUMNS; c++) {
		const struct field member = member_of(&columns[c]);

		if (columns[c].put)
			csv_word(csv, columns[c].name);
		else
			csv_name(csv, "", columns[c].name, &member);
	}
	csv_end(csv);
	for (size_t i = 0; i < rec->n_results; i++)
		put_result(csv, rec, rec->results[i]);
}

static void put_table(struct csv *csv, const void *base, const struct field *rows)
{
	csv_word(csv, "table");
	csv_names(csv, "", rows->sub);
	csv_end(csv);
	for (size_t i = 0; i < field_rows(base, rows); i++) {
		csv_word(csv, rows->key);
		csv_values(csv, field_row(base, rows, i), rows->sub);
		csv_end(csv);
	}
}

/* Rows within the rows, all in one table; every kind of row begins with its id. */
static void put_inner(struct csv *csv, const void *base, const struct field *rows,
		      const struct field *inner)
{
	fputc('\n', csv->out);
	csv_word(csv, "table");
	csv_word(csv, "id");
	csv_names(csv, "", inner->sub);
	csv_end(csv);
	for (size_t i = 0; i < field_rows(base, rows); i++) {
		const void *row = field_row(base, rows, i);

		for (size_t k = 0; k < field_rows(row, inner); k++) {
			char table[64];

			snprintf(table, sizeof(table), "%s.%s", rows->key, inner->key);
			csv_word(csv, table);
			csv_value(csv, row, rows->sub);
			csv_values(csv, field_row(row, inner, k), inner->sub);
			csv_end(csv);
		}
	}
}

void record_csv_print(const struct record *rec, FILE *out)
{
	struct csv csv = {.out = out, .digits = CSV_DIGITS};
	/* a record of rows alone needs no header of results */
	bool before = rec->n_results || !record_rows_measured(rec);

	if (before)
		put_results(&csv, rec);
	for (const struct field *rows = record_top_fields; rows->key; rows++) {
		if (rows->type != FIELD_ROWS || rows->pointers || !field_rows(rec, rows))
			continue;
		if (before)
			fputc('\n', out);
		before = true;
		put_table(&csv, rec, rows);
		for (const struct field *inner = rows->sub; inner->key; inner++)
			if (inner->type == FIELD_ROWS)
				put_inner(&csv, rec, rows, inner);
	}
}
