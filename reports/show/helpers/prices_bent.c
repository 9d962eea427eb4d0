/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/show/helpers/prices.h"
#include "reports/show/helpers/prices_bent.h"
#include "reports/show/escape.h"
#include "reports/stats/slope.h"
#include "reports/show/table.h"

static bool belongs(const struct slope *row, const struct slope *head)
{
	return row->status == RESULT_MEASURED && row->nonlinear && row->unit == head->unit &&
	       strcmp(row->workload, head->workload) == 0;
}

/* "+0.3 ±0.1 at 8"; rounding's crumbs in exact counts are no residual. */
static void put_residual(FILE *out, const struct slope *row)
{
	const struct slope_point *worst = slope_worst(row);

	if (!worst) {
		fputc('-', out);
		return;
	}
	if (fabs(worst->residual.value) < 1e-9) {
		fputc('0', out);
		return;
	}
	figure_effect(out, worst->residual, row->unit, FIGURE_PLUS_MINUS);
	fprintf(out, " at %u", worst->repeats);
}

static void put_nonlinear(struct table *t, const struct slope *row, enum render_format format)
{
	struct effect range = slope_marginal_range(row);
	FILE *out;

	escape_part(table_cell(t), row->helper, format);
	escape_part(table_cell(t), row->size, format);
	escape_part(table_cell(t), row->wakeup, format);
	escape_part(table_cell(t), row->host_program, format);
	figure_effect(table_cell(t), prices_first_call(row), row->unit, FIGURE_PLUS_MINUS);
	put_residual(table_cell(t), row);
	out = table_cell(t);
	figure_length(out, range.lo, row->unit);
	fputs("..", out);
	figure_length(out, range.hi, row->unit);
}

/* Once for a helper in a wakeup policy: the sizes' reasons differ in a figure at most. */
static void put_why(struct page *p, const struct slope *head, size_t at)
{
	const struct slope *rows = p->rec->slopes, *row = &rows[at];
	FILE *line;

	for (size_t i = 0; i < at; i++) {
		if (belongs(&rows[i], head) && rows[i].note &&
		    strcmp(rows[i].helper, row->helper) == 0 &&
		    strcmp(rows[i].wakeup, row->wakeup) == 0)
			return;
	}
	line = page_line(p);
	escape_part(line, row->helper, p->format);
	if (strcmp(row->wakeup, "-") != 0) {
		fputs(", ", line);
		escape_part(line, row->wakeup, p->format);
	}
	fputs(": ", line);
	escape_part(line, row->note, p->format);
	page_fact(p, "why");
}

int prices_bent_print(struct page *p, const struct slope *head)
{
	static const char *const headers[] = {"helper",
					      "size",
					      "drain",
					      "on",
					      "first call",
					      "largest residual",
					      "between neighbours"};
	const size_t columns = sizeof(headers) / sizeof(*headers);
	struct table *t = table_open(columns);
	int err = 0;

	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < columns; i++)
		fputs(headers[i], table_cell(t));
	for (size_t i = 4; i < columns; i++)
		table_align_right(t, i);
	for (size_t i = 0; i < p->rec->n_slopes; i++) {
		const struct slope *row = &p->rec->slopes[i];

		if (belongs(row, head))
			put_nonlinear(t, row, p->format);
	}
	if (table_rows(t) > 1) {
		page_gap(p);
		fprintf(page_line(p),
			"! nonlinear: one more call costs more or less with how many went before; "
			"what the first one adds, what fits the line of the further ones worst, "
			"and the least and the greatest difference between neighbouring points, "
			"in %s a call.",
			unit_name(head->unit));
		page_note(p);
		page_gap(p);
		err = table_print(t, p->format, p->out);
	}
	table_close(t);
	for (size_t i = 0; i < p->rec->n_slopes; i++) {
		const struct slope *row = &p->rec->slopes[i];

		if (belongs(row, head) && row->note)
			put_why(p, head, i);
	}
	return err;
}
