/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/show/events/sweeps.h"
#include "reports/show/table.h"

static void put_breakpoint(FILE *out, const struct breakpoint *k)
{
	if (!k->found) {
		fputs("no knee below ", out);
		figure_rate(out, k->rate.value);
		return;
	}
	figure_rate(out, k->rate.value);
	fputs(" (", out);
	figure_rate(out, k->rate.lo);
	fputs(" to ", out);
	figure_rate(out, k->rate.hi);
	fputc(')', out);
}

/* scenario/variant/workload/drain/policy without what every curve of a run shares. */
static void put_curve(FILE *out, const char *curve, enum render_format format)
{
	char part[5][64];

	if (sscanf(curve, "%63[^/]/%63[^/]/%63[^/]/%63[^/]/%63[^/]", part[0], part[1], part[2],
		   part[3], part[4]) != 5) {
		escape_part(out, curve, format);
		return;
	}
	escape_part(out, part[1], format);
	fputs(", ", out);
	escape_part(out, part[3], format);
	if (strcmp(part[4], "-") != 0) {
		fputs(", ", out);
		escape_part(out, part[4], format);
	}
	if (strcmp(part[0], "sweep") != 0) {
		fputs(", ", out);
		escape_part(out, part[0], format);
	}
}

/* What the quantity grows by for each 1,000 events/s more. */
static void put_growth(FILE *out, struct effect slope)
{
	figure_effect(out, (struct effect){slope.value * 1e3, slope.lo * 1e3, slope.hi * 1e3},
		      UNIT_NS, FIGURE_PLUS_MINUS);
}

size_t sweeps_breakpoints_tested(const struct record *rec, size_t *found)
{
	size_t tested = 0;

	*found = 0;
	for (size_t i = 0; i < rec->n_breakpoints; i++) {
		tested += !isnan(rec->breakpoints[i].highest);
		*found += !isnan(rec->breakpoints[i].highest) && rec->breakpoints[i].found;
	}
	return tested;
}

int sweeps_print_breakpoints(struct page *page)
{
	static const char *const names[] = {"curve",	      "quantity",	"knee, events/s",
					    "below, per K/s", "above, per K/s", "p"};
	const struct record *rec = page->rec;
	size_t tested, found;
	struct table *t;
	int err;

	tested = sweeps_breakpoints_tested(rec, &found);
	/* of an older record they are withdrawn (withdrawn.h) */
	if (!tested)
		return 0;
	t = table_open(6);
	if (!t)
		return -ENOMEM;
	for (size_t c = 0; c < 6; c++) {
		fputs(names[c], table_cell(t));
		if (c >= 2)
			table_align_right(t, c);
	}
	for (size_t i = 0; i < rec->n_breakpoints; i++) {
		const struct breakpoint *k = &rec->breakpoints[i];

		if (isnan(k->highest))
			continue;
		put_curve(table_cell(t), k->curve, page->format);
		escape_part(table_cell(t), k->quantity, page->format);
		put_breakpoint(table_cell(t), k);
		put_growth(table_cell(t), k->slope_below);
		put_growth(table_cell(t), k->slope_above);
		if (isnan(k->p))
			fputc('-', table_cell(t));
		else
			fprintf(table_cell(t), "%.2g", k->p);
	}
	fputs("Knees: where a curve over the rate bends for the worse", page_line(page));
	page_heading(page);
	fprintf(page_line(page),
		"%zu of %zu curves tested. Two lines that meet against one, the second steeper and "
		"rising; saturated rates left out; by a test that knows the place was searched "
		"for, "
		"at 1 %% for all curves together (Holm); in brackets the bootstrap's 95 %%. Below "
		"and "
		"above: what the quantity gains for each 1,000 events/s more.",
		found, tested);
	page_note(page);
	page_gap(page);
	err = table_print(t, page->format, page->out);
	table_close(t);
	return err;
}
