/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>

#include "reports/show/figure.h"
#include "reports/show/costs/loads_table.h"
#include "reports/show/escape.h"
#include "reports/show/table.h"

static const char *const headers[] = {"variant", "drain", "mean", "one load", "loads", "modes"};

#define COLUMNS (sizeof(headers) / sizeof(*headers))

static void put_modes(FILE *out, const struct record_result *result)
{
	if (result->n_modes < 2)
		fputs(result->n_modes ? "one" : "-", out);
	for (size_t i = 0; result->n_modes > 1 && i < result->n_modes; i++)
		fprintf(out, "%s%+.0f in %.0f %%", i ? ", " : "", result->modes[i].value,
			100 * result->modes[i].share);
}

static void put_row(struct table *t, const struct record_result *result, enum render_format format)
{
	escape_part(table_cell(t), result->variant, format);
	escape_part(table_cell(t), result->wakeup, format);
	figure_effect(table_cell(t), result->overhead.mean, result->unit, FIGURE_PLUS_MINUS);
	fprintf(table_cell(t), "%+.0f..%+.0f", result->spread.p10, result->spread.p90);
	fprintf(table_cell(t), "%zu", result->spread.loads);
	put_modes(table_cell(t), result);
}

int loads_table_print(struct page *page, const struct record_result *const *results, size_t n)
{
	struct table *t = table_open(COLUMNS);
	int err = 0;

	if (!t)
		return -ENOMEM;
	for (size_t c = 0; c < COLUMNS; c++) {
		fputs(headers[c], table_cell(t));
		if (c >= 2 && c <= 4)
			table_align_right(t, c);
	}
	for (size_t i = 0; i < n; i++) {
		if (!isnan(results[i]->spread.p10))
			put_row(t, results[i], page->format);
	}
	if (table_rows(t) > 1) {
		page_gap(page);
		fprintf(page_line(page),
			"From load to load: a program's cost follows where it is loaded and what "
			"state "
			"that finds. Eight loads in ten cost what \"one load\" says, a block's own "
			"noise taken off; mean: of all loads; in %s.",
			unit_name(results[0]->unit));
		page_note(page);
		page_gap(page);
		err = table_print(t, page->format, page->out);
	}
	table_close(t);
	return err;
}
