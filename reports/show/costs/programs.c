/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "reports/show/costs/programs.h"
#include "reports/show/escape.h"
#include "reports/show/table.h"

static const char *const headers[] = {"variant",      "drain",	     "verified insns",
				      "xlated bytes", "jited bytes", "stack bytes",
				      "verifier us",  "load us"};
#define COLUMNS (sizeof(headers) / sizeof(headers[0]))

static const char *const csv_headers[COLUMNS] = {"variant",	 "drain",	"verified_insns",
						 "xlated_bytes", "jited_bytes", "stack_bytes",
						 "verify_us",	 "load_us"};

static bool same_program(const struct record_result *a, const struct record_result *b)
{
	return strcmp(a->variant, b->variant) == 0 &&
	       a->program.verified_insns == b->program.verified_insns &&
	       a->program.xlated_bytes == b->program.xlated_bytes &&
	       a->program.jited_bytes == b->program.jited_bytes &&
	       a->program.stack_bytes == b->program.stack_bytes;
}

/* One like it stands before: another workload's, cache state's or wakeup policy's. */
static bool told(const struct record *rec, size_t result)
{
	for (size_t i = 0; i < result; i++)
		if (rec->results[i]->program.present &&
		    same_program(rec->results[i], rec->results[result]))
			return true;
	return false;
}

static void put(struct table *t, uint64_t value, enum render_format format)
{
	FILE *out = table_cell(t);

	if (value)
		fprintf(out, "%" PRIu64, value);
	else if (format != RENDER_CSV)
		fputc('-', out);
}

static void put_row(struct table *t, const struct record_result *result, enum render_format format)
{
	escape_print(table_cell(t), result->variant, format);
	escape_print(table_cell(t), result->wakeup, format);
	put(t, result->program.verified_insns, format);
	put(t, result->program.xlated_bytes, format);
	put(t, result->program.jited_bytes, format);
	/* a program that uses no stack is no program of which that is unknown: the time tells */
	if (result->program.verify_us && !result->program.stack_bytes)
		fputc('0', table_cell(t));
	else
		put(t, result->program.stack_bytes, format);
	put(t, result->program.verify_us, format);
	put(t, result->program.load_us, format);
}

int programs_print(const struct record *rec, enum render_format format, FILE *out)
{
	struct table *t = table_open(COLUMNS);
	size_t rows = 0;
	int err;

	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < COLUMNS; i++) {
		fputs(format == RENDER_CSV ? csv_headers[i] : headers[i], table_cell(t));
		if (i > 1)
			table_align_right(t, i);
	}
	for (size_t i = 0; i < rec->n_results; i++) {
		if (!rec->results[i]->program.present || told(rec, i))
			continue;
		put_row(t, rec->results[i], format);
		rows++;
	}
	err = rows ? table_print(t, format, out) : -ENOENT;
	table_close(t);
	return err;
}
