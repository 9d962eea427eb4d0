/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "reports/programs.h"
#include "reports/quote.h"
#include "reports/table.h"

static const char *const headers[] = {"variant",      "drain",	     "verified insns",
				      "xlated bytes", "jited bytes", "stack bytes",
				      "verifier us",  "load us"};
#define COLUMNS (sizeof(headers) / sizeof(headers[0]))

static const char *const csv_headers[COLUMNS] = {"variant",	 "drain",	"verified_insns",
						 "xlated_bytes", "jited_bytes", "stack_bytes",
						 "verify_us",	 "load_us"};

static bool same_program(const struct record_cell *a, const struct record_cell *b)
{
	return strcmp(a->variant, b->variant) == 0 &&
	       a->program.verified_insns == b->program.verified_insns &&
	       a->program.xlated_bytes == b->program.xlated_bytes &&
	       a->program.jited_bytes == b->program.jited_bytes &&
	       a->program.stack_bytes == b->program.stack_bytes;
}

/* One like it stands before: another trigger's, cache state's or drain state's. */
static bool told(const struct record *rec, size_t cell)
{
	for (size_t i = 0; i < cell; i++)
		if (rec->cells[i]->program.present && same_program(rec->cells[i], rec->cells[cell]))
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

static void put_row(struct table *t, const struct record_cell *cell, enum render_format format)
{
	quote_print(table_cell(t), cell->variant, format);
	quote_print(table_cell(t), cell->drain, format);
	put(t, cell->program.verified_insns, format);
	put(t, cell->program.xlated_bytes, format);
	put(t, cell->program.jited_bytes, format);
	/* a program that uses no stack is no program of which that is unknown: the time tells */
	if (cell->program.verify_us && !cell->program.stack_bytes)
		fputc('0', table_cell(t));
	else
		put(t, cell->program.stack_bytes, format);
	put(t, cell->program.verify_us, format);
	put(t, cell->program.load_us, format);
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
	for (size_t i = 0; i < rec->n_cells; i++) {
		if (!rec->cells[i]->program.present || told(rec, i))
			continue;
		put_row(t, rec->cells[i], format);
		rows++;
	}
	err = rows ? table_print(t, format, out) : -ENOENT;
	table_close(t);
	return err;
}
