/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/export.h"
#include "reports/quote.h"
#include "reports/record_fields.h"

#define NAME_MOST 128

/* One kind of rows: where they are, and what they hold. */
struct rows {
	const char *key; /* "event_points" */
	const struct field *fields;
	const char *first; /* NULL for cells, which are behind pointers */
	size_t n, size;
};

static bool find_rows(const struct record *rec, const char *key, struct rows *out)
{
	const struct field *f = record_top_fields;

	if (strcmp(key, "cells") == 0) {
		*out = (struct rows){"cells", record_cell_fields, NULL, rec->n_cells, 0};
		return true;
	}
	while (f->key && (f->type != FIELD_ROWS || strcmp(f->key, key) != 0))
		f++;
	if (!f->key)
		return false;
	*out = (struct rows){
		.key = f->key,
		.fields = f->sub,
		.first = *(const char *const *)(const void *)((const char *)rec + f->offset),
		.n = *(const size_t *)(const void *)((const char *)rec + f->count),
		.size = f->size,
	};
	return true;
}

static const char *row_at(const struct record *rec, const struct rows *rows, size_t i)
{
	return rows->size ? rows->first + i * rows->size : (const char *)rec->cells[i];
}

/* A member as a number; false: it is none, or has several. */
static bool number_of(const char *row, const struct field *f, double *out)
{
	const void *at = row + f->offset;

	switch (f->type) {
	case FIELD_U64:
		*out = (double)*(const uint64_t *)at;
		return true;
	case FIELD_SIZE:
		*out = (double)*(const size_t *)at;
		return true;
	case FIELD_UINT:
		*out = *(const unsigned int *)at;
		return true;
	case FIELD_INT:
		*out = *(const int *)at;
		return true;
	case FIELD_BOOL:
		*out = *(const bool *)at;
		return true;
	case FIELD_DOUBLE:
		*out = *(const double *)at;
		return true;
	default:
		return false;
	}
}

static const char *text_of(const char *row, const struct field *f)
{
	const void *at = row + f->offset;

	switch (f->type) {
	case FIELD_NAME:
	case FIELD_STRING:
		return *(const char *const *)at;
	case FIELD_STATUS:
		return cell_status_name(*(const enum cell_status *)at);
	case FIELD_UNIT:
		return unit_name(*(const enum unit *)at);
	default:
		return NULL;
	}
}

static bool is_text(const struct field *f)
{
	return f->type == FIELD_NAME || f->type == FIELD_STRING || f->type == FIELD_STATUS ||
	       f->type == FIELD_UNIT;
}

static void put_number(FILE *out, double value)
{
	if (!isnan(value))
		fprintf(out, "%.15g", value);
}

/* row NULL: the headers. */
static void put_csv_fields(FILE *out, const char *row, const struct field *f, const char *prefix,
			   size_t *column)
{
	for (; f->key; f++) {
		double value = NAN;

		if (f->type == FIELD_OBJECT) {
			put_csv_fields(out, row ? row + f->offset : NULL, f->sub, f->key, column);
			continue;
		}
		if (f->type == FIELD_ROWS || f->type == FIELD_STRINGS)
			continue;
		fputs((*column)++ ? "," : "", out);
		if (!row) {
			const char *dot = *prefix ? "_" : "";

			fprintf(out, "%s%s%s", prefix, dot, f->key);
			if (f->type == FIELD_EFFECT)
				fprintf(out, ",%s%s%s_lo,%s%s%s_hi", prefix, dot, f->key, prefix,
					dot, f->key);
		} else if (f->type == FIELD_EFFECT) {
			const struct effect *e =
				(const struct effect *)(const void *)(row + f->offset);

			put_number(out, e->value);
			fputc(',', out);
			put_number(out, e->lo);
			fputc(',', out);
			put_number(out, e->hi);
		} else if (is_text(f)) {
			quote_print(out, text_of(row, f), RENDER_CSV);
		} else if (number_of(row, f, &value)) {
			put_number(out, value);
		}
	}
}

/* The books that a cell may not have: empty then. */
static void put_csv_events(FILE *out, const struct record_cell *cell, size_t *column)
{
	if (!cell)
		return;
	if (cell->events.present)
		put_csv_fields(out, (const char *)&cell->events, record_events_fields, "", column);
	for (const struct field *f = record_events_fields; f->key && !cell->events.present; f++)
		fputc(',', out);
}

int export_csv(const struct record *rec, const char *rows, FILE *out)
{
	struct rows kind;
	size_t column = 0;

	if (!find_rows(rec, rows, &kind))
		return -ENOENT;
	put_csv_fields(out, NULL, kind.fields, "", &column);
	if (!kind.size)
		put_csv_fields(out, NULL, record_events_fields, "events", &column);
	fputc('\n', out);
	for (size_t i = 0; i < kind.n; i++) {
		column = 0;
		put_csv_fields(out, row_at(rec, &kind, i), kind.fields, "", &column);
		put_csv_events(out, kind.size ? NULL : rec->cells[i], &column);
		fputc('\n', out);
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* Within quotation marks: what controls a terminal as \xNN, then the format's own three escapes. */
static void put_label(FILE *out, const char *key, const char *value, bool first)
{
	char *text = NULL;
	size_t len;
	FILE *quoted = open_memstream(&text, &len);

	if (!quoted)
		return;
	quote_part(quoted, value, RENDER_TEXT);
	fclose(quoted);
	fprintf(out, "%s%s=\"", first ? "" : ",", key);
	for (const char *c = text ? text : ""; *c; c++) {
		if (*c == '"' || *c == '\\')
			fputc('\\', out);
		fputc(*c, out);
	}
	fputc('"', out);
	free(text);
}

static void put_sample(FILE *out, const char *metric, const char *row, const struct field *fields,
		       const char *bound, double value)
{
	bool first = true;

	if (isnan(value))
		return;
	fprintf(out, "%s{", metric);
	for (const struct field *f = fields; f->key; f++) {
		if ((f->type != FIELD_NAME && f->type != FIELD_UNIT) || !text_of(row, f))
			continue;
		put_label(out, f->key, text_of(row, f), first);
		first = false;
	}
	if (bound)
		put_label(out, "bound", bound, first);
	fprintf(out, "} %.15g\n", value);
}

static bool is_measured(const char *row, const struct field *f)
{
	for (; f->key; f++)
		if (f->type == FIELD_STATUS)
			return *(const enum cell_status *)(const void *)(row + f->offset) ==
			       CELL_MEASURED;
	return true;
}

/* One family: a member of all rows. offset: of the object that holds it. */
static void put_family(FILE *out, const struct record *rec, const struct rows *kind,
		       const struct field *f, const char *prefix, size_t offset)
{
	char metric[NAME_MOST];

	snprintf(metric, sizeof(metric), "bpftoll_%.*s%s%s_%s", (int)strlen(kind->key) - 1,
		 kind->key, *prefix ? "_" : "", prefix, f->key);
	fprintf(out, "# TYPE %s gauge\n", metric);
	for (size_t i = 0; i < kind->n; i++) {
		const char *row = row_at(rec, kind, i), *at = row + offset;
		double value;

		if (!is_measured(row, kind->fields))
			continue;
		if (f->type == FIELD_EFFECT) {
			const struct effect *e =
				(const struct effect *)(const void *)(at + f->offset);

			put_sample(out, metric, row, kind->fields, "value", e->value);
			put_sample(out, metric, row, kind->fields, "lo", e->lo);
			put_sample(out, metric, row, kind->fields, "hi", e->hi);
		} else if (number_of(at, f, &value)) {
			put_sample(out, metric, row, kind->fields, NULL, value);
		}
	}
}

static void put_families(FILE *out, const struct record *rec, const struct rows *kind,
			 const struct field *f, const char *prefix, size_t offset)
{
	for (; f->key; f++) {
		if (f->type == FIELD_OBJECT)
			put_families(out, rec, kind, f->sub, f->key, offset + f->offset);
		else if (!is_text(f) && f->type != FIELD_ROWS && f->type != FIELD_STRINGS)
			put_family(out, rec, kind, f, prefix, offset);
	}
}

int export_openmetrics(const struct record *rec, FILE *out)
{
	struct rows kind;

	find_rows(rec, "cells", &kind);
	put_families(out, rec, &kind, kind.fields, "", 0);
	for (const struct field *f = record_top_fields; f->key; f++)
		if (f->type == FIELD_ROWS && find_rows(rec, f->key, &kind) && kind.n)
			put_families(out, rec, &kind, kind.fields, "", 0);
	fputs("# TYPE bpftoll_host info\nbpftoll_host_info{", out);
	put_label(out, "kernel", rec->host.kernel, true);
	put_label(out, "cpu", rec->host.cpu, false);
	put_label(out, "virtualization", rec->host.virtualization, false);
	put_label(out, "created", rec->created, false);
	fprintf(out,
		"} 1\n# TYPE bpftoll_degraded gauge\nbpftoll_degraded %zu\n# TYPE bpftoll_partial "
		"gauge\n"
		"bpftoll_partial %d\n# EOF\n",
		rec->n_degraded, rec->partial);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* "a;b c;d 12\n": printable, and a number after the last space. */
static bool folded_line(const char *line, size_t len)
{
	const char *space = memrchr(line, ' ', len);
	size_t digits;

	if (!space || space == line || !len || line[len - 1] != '\n')
		return false;
	for (size_t i = 0; i + 1 < len; i++)
		if ((unsigned char)line[i] < 0x20 || (unsigned char)line[i] >= 0x7f)
			return false;
	digits = strspn(space + 1, "0123456789");
	return digits && space + 1 + digits == line + len - 1;
}

int export_folded(const char *dir, FILE *out, char *why, size_t why_len)
{
	char *path = NULL, *line = NULL;
	size_t room = 0, number = 0;
	FILE *file;
	ssize_t len;
	int err = 0;

	if (asprintf(&path, "%s/hit.folded", dir) < 0)
		return -ENOMEM;
	file = fopen(path, "re");
	if (!file) {
		snprintf(why, why_len,
			 "%s: %s; folded stacks come from an X-ray: bpftoll lab --xray VARIANT -o "
			 "DIR",
			 path, strerror(errno));
		err = -errno;
		goto out;
	}
	while (!err && (len = getline(&line, &room, file)) > 0) {
		number++;
		if (folded_line(line, (size_t)len)) {
			fwrite(line, 1, (size_t)len, out);
			continue;
		}
		snprintf(why, why_len, "%s: line %zu is not \"frame;frame count\"", path, number);
		err = -EINVAL;
	}
	fclose(file);
	if (!err && (fflush(out) || ferror(out))) {
		snprintf(why, why_len, "cannot write: %s", strerror(errno));
		err = -EIO;
	}
out:
	free(line);
	free(path);
	return err;
}
