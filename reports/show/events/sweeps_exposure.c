/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>

#include "reports/show/figure.h"
#include "reports/judge/loss.h"
#include "reports/show/escape.h"
#include "reports/show/events/sweeps.h"
#include "reports/show/table.h"

static void put_stalls(FILE *out, const struct event_point *p)
{
	figure_count(out, p->stalls);
	if (p->stalls)
		fprintf(out, " (%.2g to %.2g)", p->stalls_per_s.lo, p->stalls_per_s.hi);
	else
		fprintf(out, " (below %.2g)", p->stalls_per_s.hi);
}

static void put_row(struct table *t, const struct event_point *p, enum render_format format)
{
	struct loss_bound bound;
	FILE *out;

	loss_bound(p, &bound);
	escape_part(table_cell(t), p->variant, format);
	escape_part(table_cell(t), p->wakeup, format);
	figure_rate(table_cell(t), p->rate_target);
	figure_count(table_cell(t), p->exposure_produced);
	fprintf(table_cell(t), "%.1f", p->exposure_s);
	fprintf(table_cell(t), "%.1f", p->buffer_fills);
	figure_count(table_cell(t), p->exposure_lost);
	out = table_cell(t);
	if (!bound.shown)
		fputs("not shown", out);
	else if (p->exposure_lost)
		fprintf(out, "%.2g to %.2g", bound.percent.lo, bound.percent.hi);
	else
		fprintf(out, "below %.2g", bound.percent.hi);
	put_stalls(table_cell(t), p);
	fprintf(table_cell(t), "%.3g ms", 1e3 * p->exposure_s / p->buffer_fills);
}

int sweeps_print_exposure(struct page *page)
{
	static const char *const names[] = {"variant",
					    "drain",
					    "rate",
					    "sent",
					    "s",
					    "fills",
					    "lost",
					    "loss, %",
					    "stalls (a second)",
					    "a stall loses from"};
	enum { COLUMNS = sizeof(names) / sizeof(*names) };
	const struct record *rec = page->rec;
	struct table *t = table_open(COLUMNS);
	int err = 0;

	if (!t)
		return -ENOMEM;
	for (size_t c = 0; c < COLUMNS; c++) {
		fputs(names[c], table_cell(t));
		if (c > 1)
			table_align_right(t, c);
	}
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (p->status == RESULT_MEASURED && p->exposure_s > 0 && p->buffer_fills > 0)
			put_row(t, p, page->format);
	}
	if (table_rows(t) > 1) {
		fputs("Loss, by exposure", page_line(page));
		page_heading(page);
		fprintf(page_line(page),
			"Events sent without a pause, the buffer neither settled nor emptied "
			"meanwhile; "
			"a loss is bounded from %.0f s and %.0f buffers on, at 95 %% each end. "
			"None lost "
			"among n is below 3/n if losses come one by one; they come in stalls of "
			"the "
			"reader, so their number a second is bounded too: a stall longer than the "
			"last "
			"column overflows the buffer.",
			LOSS_SECONDS_LEAST, LOSS_FILLS_LEAST);
		page_note(page);
		page_gap(page);
		err = table_print(t, page->format, page->out);
	}
	table_close(t);
	return err;
}
