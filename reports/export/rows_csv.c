/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/export/csv.h"
#include "reports/export/rows_csv.h"

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

void rows_csv_print(const struct record *rec, bool before, FILE *out)
{
	struct csv csv = {.out = out, .digits = 10};

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
