/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/diff.h"
#include "reports/evidence.h"
#include "reports/figure.h"
#include "reports/page.h"
#include "reports/quote.h"
#include "reports/table.h"

static void print_hosts(struct page *page, const struct diff *d)
{
	char differs[2048];
	const struct record *both[] = {d->a, d->b};

	for (size_t i = 0; i < 2; i++) {
		FILE *line = page_line(page);

		quote_print(line, both[i]->created, page->format);
		fputs(", suite ", line);
		quote_print(line, both[i]->suite, page->format);
		fputs(", kernel ", line);
		quote_print(line, both[i]->host.kernel, page->format);
		if (both[i]->partial)
			fputs(", PARTIAL", line);
		if (both[i]->n_degraded)
			fprintf(line, ", degraded for %zu reason%s", both[i]->n_degraded,
				both[i]->n_degraded == 1 ? "" : "s");
		page_fact(page, i ? "B" : "A");
	}
	if (evidence_hosts_differ(d->a, d->b, differs, sizeof(differs)))
		quote_part(page_line(page), differs, page->format);
	else
		fputs("in nothing that the records hold", page_line(page));
	page_fact(page, "hosts differ");
}

static void put_percent(FILE *out, const struct diff_pair *p)
{
	double percent = 100 * p->change.value / p->from.value;

	/* a share of what cannot be told from zero is no share */
	if (!(p->from.lo > 0))
		fputs(p->change.value > 0 || p->change.value < 0 ? "-" : "0 %", out);
	else
		fprintf(out, "%+.*f %%", fabs(percent) < 9.95 ? 1 : 0, percent);
}

static int print_table(struct page *page, const struct diff *d)
{
	static const char *const headers[] = {"variant", "trigger", "drain",  "cache",	 "A",
					      "B",	 "B - A",   "change", "p, Holm", "verdict"};
	struct table *t = table_open(10);
	int err;

	if (!t)
		return -ENOMEM;
	for (size_t c = 0; c < 10; c++) {
		if (c >= 4 && c <= 8)
			table_align_right(t, c);
		fputs(headers[c], table_cell(t));
	}
	for (size_t i = 0; i < d->n; i++) {
		const struct diff_pair *p = &d->pairs[i];
		enum unit unit = p->a->unit;
		FILE *out;

		if (page->format == RENDER_TEXT && i &&
		    strcmp(p->a->hook, d->pairs[i - 1].a->hook) != 0)
			table_gap(t);
		quote_part(table_cell(t), p->a->variant, page->format);
		quote_part(table_cell(t), p->a->trigger, page->format);
		quote_part(table_cell(t), p->a->drain, page->format);
		quote_part(table_cell(t), p->a->cache, page->format);
		figure_effect(table_cell(t), p->from, unit, FIGURE_PLUS_MINUS);
		figure_effect(table_cell(t), p->to, unit, FIGURE_PLUS_MINUS);
		figure_effect(table_cell(t), p->change, unit, FIGURE_PLUS_MINUS);
		put_percent(table_cell(t), p);
		out = table_cell(t);
		if (isnan(p->p_holm))
			fputs(p->change.lo < p->change.hi || isnan(p->change.lo) ? "-" : "exact",
			      out);
		else
			fprintf(out, p->p_holm < 0.001 ? "%.0e" : "%.3f", p->p_holm);
		fprintf(table_cell(t), "%s%s", diff_verdict_name(p->verdict),
			p->past_gate && d->gated ? ", PAST THE GATE" : "");
	}
	for (size_t c = 1; c < 4; c++)
		if (table_uniform(t, c) && (c == 1 || c == 3))
			table_hide(t, c);
	err = table_print(t, page->format, page->out);
	table_close(t);
	return err;
}

/* Cells of one that the other did not measure. */
static void print_lonely(struct page *page, const struct record *here, const struct record *there,
			 const char *name)
{
	FILE *line = page_line(page);
	size_t n = 0;

	for (size_t i = 0; i < here->n_cells; i++) {
		const struct record_cell *cell = here->cells[i], *other;

		if (cell->status != CELL_MEASURED || strcmp(cell->hook, "none") == 0)
			continue;
		other = record_find_cell(there, cell->id);
		if (other && other->status == CELL_MEASURED)
			continue;
		fputs(n ? "; " : "", line);
		if (n++ == 40) {
			fputs("…", line);
			break;
		}
		quote_part(line, cell->id, page->format);
		if (other && other->reason) {
			fputs(" (there: ", line);
			quote_part(line, other->reason, page->format);
			fputs(")", line);
		}
	}
	if (n)
		page_fact(page, name);
}

static void print_sum(struct page *page, const struct diff *d)
{
	size_t count[4] = {0};
	FILE *line = page_line(page);

	for (size_t i = 0; i < d->n; i++)
		count[d->pairs[i].verdict]++;
	fprintf(line, "%zu pairs: %zu same, %zu slower, %zu faster, %zu undecided", d->n,
		count[DIFF_SAME], count[DIFF_SLOWER], count[DIFF_FASTER], count[DIFF_UNDECIDED]);
	if (d->gated && d->past_gate)
		fprintf(line, "; %zu proven more than %g %% dearer: past the gate", d->past_gate,
			100 * d->margin);
	else if (d->gated)
		fprintf(line, "; none is proven more than %g %% dearer", 100 * d->margin);
	page_note(page);
}

int diff_print(const struct diff *d, enum render_format format, FILE *out)
{
	bool ns = d->pairs[0].a->unit == UNIT_NS;
	struct page page;
	int err = page_open(&page, d->a, format, out);

	if (err)
		return err;
	fprintf(page_line(&page), "What changed from A to B, in %s a call",
		unit_name(d->pairs[0].a->unit));
	page_heading(&page);
	print_hosts(&page, d);
	print_lonely(&page, d->a, d->b, "only in A");
	print_lonely(&page, d->b, d->a, "only in B");
	page_gap(&page);
	err = print_table(&page, d);
	page_gap(&page);
	print_sum(&page, d);
	if (ns) {
		fprintf(page_line(&page),
			"typical, ± 95 %%; verdicts at 5 %% over all pairs (Holm); same: within "
			"±%g %% "
			"of A. An interval "
			"covers the rounds of its run, not another boot or placement: two runs of "
			"one "
			"thing may "
			"differ by more.",
			100 * d->margin);
		page_note(&page);
	}
	page_close(&page);
	return err;
}
