/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "reports/export/csv.h"
#include "reports/export/export.h"
#include "reports/record/open_regular.h"
#include "reports/record/record_rows.h"
#include "reports/show/escape.h"
#include "reports/record/text_stream.h"

#define NAME_MOST   128
#define FOLDED_MOST (64U << 20)

static bool is_number(const struct field *f)
{
	return f->type == FIELD_U64 || f->type == FIELD_SIZE || f->type == FIELD_UINT ||
	       f->type == FIELD_INT || f->type == FIELD_BOOL || f->type == FIELD_DOUBLE;
}

static double number_of(const void *row, const struct field *f)
{
	const void *at = (const char *)row + f->offset;

	switch (f->type) {
	case FIELD_U64:
		return (double)*(const uint64_t *)at;
	case FIELD_SIZE:
		return (double)*(const size_t *)at;
	case FIELD_UINT:
		return *(const unsigned int *)at;
	case FIELD_INT:
		return *(const int *)at;
	case FIELD_BOOL:
		return *(const bool *)at;
	default:
		return *(const double *)at;
	}
}

size_t export_rows(const struct record *rec, const char *kind)
{
	const struct field *rows = field_find(record_top_fields, kind);

	return rows->type == FIELD_ROWS ? field_rows(rec, rows) : 0;
}

int export_csv(const struct record *rec, const char *kind, FILE *out)
{
	const struct field *rows = field_find(record_top_fields, kind);
	struct csv csv = {.out = out, .digits = 15, .shown = true};

	if (rows->type != FIELD_ROWS)
		return -ENOENT;
	csv_names(&csv, "", rows->sub);
	csv_end(&csv);
	for (size_t i = 0; i < field_rows(rec, rows); i++) {
		csv_values(&csv, field_row(rec, rows, i), rows->sub);
		csv_end(&csv);
	}
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* Within quotation marks: what controls a terminal as \xNN, then the format's own three escapes. */
static void put_label(FILE *out, const char *key, const char *value, bool first)
{
	char *text = NULL;
	size_t len;
	FILE *shown = text_stream(&text, &len);

	if (!shown)
		return;
	escape_part(shown, value, RENDER_TEXT);
	fclose(shown);
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
		const void *at = row + f->offset;

		if (f->type == FIELD_UNIT)
			put_label(out, f->key, unit_name(*(const enum unit *)at), first);
		else if (f->type == FIELD_NAME && *(const char *const *)at)
			put_label(out, f->key, *(const char *const *)at, first);
		else
			continue;
		first = false;
	}
	if (bound)
		put_label(out, "bound", bound, first);
	fprintf(out, "} %.15g\n", value);
}

/* One family: a member of all rows. offset: of the object that holds it. */
static void put_family(FILE *out, const struct record *rec, const struct field *rows,
		       const struct field *f, const char *prefix, size_t offset)
{
	char metric[NAME_MOST];

	snprintf(metric, sizeof(metric), "bpftoll_%.*s%s%s_%s", (int)strlen(rows->key) - 1,
		 rows->key, *prefix ? "_" : "", prefix, f->key);
	fprintf(out, "# HELP %s %s%s%s of a row of %s: bpftoll-record(5)\n# TYPE %s gauge\n",
		metric, prefix, *prefix ? "." : "", f->key, rows->key, metric);
	for (size_t i = 0; i < field_rows(rec, rows); i++) {
		const char *row = field_row(rec, rows, i), *at = row + offset;
		const enum result_status *status = record_row_status(row, rows->sub);

		if (status && *status != RESULT_MEASURED)
			continue;
		if (f->type == FIELD_EFFECT) {
			const struct effect *e = (const void *)(at + f->offset);

			put_sample(out, metric, row, rows->sub, "value", e->value);
			put_sample(out, metric, row, rows->sub, "lo", e->lo);
			put_sample(out, metric, row, rows->sub, "hi", e->hi);
		} else {
			put_sample(out, metric, row, rows->sub, NULL, number_of(at, f));
		}
	}
}

static void put_families(FILE *out, const struct record *rec, const struct field *rows,
			 const struct field *fields, const char *prefix, size_t offset)
{
	for (const struct field *f = fields; f->key; f++) {
		if (f->type == FIELD_OBJECT)
			put_families(out, rec, rows, f->sub, f->key, offset + f->offset);
		else if (f->type == FIELD_EFFECT || is_number(f))
			put_family(out, rec, rows, f, prefix, offset);
	}
}

int export_openmetrics(const struct record *rec, FILE *out)
{
	const struct field *results = field_find(record_top_fields, "cells");

	put_families(out, rec, results, results->sub, "", 0);
	for (const struct field *rows = record_top_fields; rows->key; rows++)
		if (rows->type == FIELD_ROWS && rows != results && field_rows(rec, rows))
			put_families(out, rec, rows, rows->sub, "", 0);
	/* a gauge, and not an "info": what reads Prometheus' older text format does not know that
	 */
	fputs("# HELP bpftoll_host_info where and when it was measured\n"
	      "# TYPE bpftoll_host_info gauge\nbpftoll_host_info{",
	      out);
	put_label(out, "kernel", rec->host.kernel, true);
	put_label(out, "cpu", rec->host.cpu, false);
	put_label(out, "virtualization", rec->host.virtualization, false);
	put_label(out, "created", rec->created, false);
	fprintf(out,
		"} 1\n# HELP bpftoll_degraded warnings of the record\n# TYPE bpftoll_degraded "
		"gauge\n"
		"bpftoll_degraded %zu\n# HELP bpftoll_partial 1: stopped before its plan was done\n"
		"# TYPE bpftoll_partial gauge\nbpftoll_partial %d\n# EOF\n",
		rec->n_warnings, rec->partial);
	return fflush(out) || ferror(out) ? -EIO : 0;
}

/* "a;b c;d 12\n": printable, and a number after the last space, which a double holds to the digit.
 */
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
	return digits && digits <= 15 && space + 1 + digits == line + len - 1;
}

int export_folded(const char *dir, FILE *out, struct error *why)
{
	char *path = NULL, *line = NULL;
	size_t room = 0, number = 0;
	FILE *file;
	ssize_t len;
	int err = 0;

	if (asprintf(&path, "%s/hit.folded", dir) < 0)
		return -ENOMEM;
	file = open_regular_stream(path, 0, FOLDED_MOST, &err, why);
	if (!file) {
		error_add(why, "; folded stacks come from an X-ray: bpftoll lab --xray VARIANT -o "
			       "DIR");
		goto out;
	}
	while (!err && (len = getline(&line, &room, file)) > 0) {
		number++;
		if (folded_line(line, (size_t)len)) {
			fwrite(line, 1, (size_t)len, out);
			continue;
		}
		err = error_set(why, -EINVAL, "%s: line %zu is not \"frame;frame count\"", path,
				number);
	}
	fclose(file);
	if (!err && (fflush(out) || ferror(out)))
		err = error_set(why, -EIO, "cannot write: %s", strerror(errno));
out:
	free(line);
	free(path);
	return err;
}
