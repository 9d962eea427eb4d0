/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/judge/diff.h"
#include "reports/judge/record_set.h"
#include "reports/show/figure.h"
#include "reports/show/page.h"
#include "reports/show/escape.h"
#include "reports/show/table.h"

static void print_run(struct page *page, const struct record *rec, const char *name)
{
	FILE *line = page_line(page);

	escape_print(line, rec->created, page->format);
	fputs(", suite ", line);
	escape_print(line, rec->suite, page->format);
	fputs(", kernel ", line);
	escape_print(line, rec->host.kernel, page->format);
	if (rec->partial)
		fputs(", PARTIAL", line);
	if (rec->n_warnings)
		fprintf(line, ", degraded for %zu reason%s", rec->n_warnings,
			rec->n_warnings == 1 ? "" : "s");
	page_fact(page, name);
}

static void print_hosts(struct page *page, const struct diff *d)
{
	const struct record *first = d->side[0].records[0];
	char differs[2048];
	bool any = false;

	for (size_t s = 0; s < 2; s++)
		for (size_t r = 0; r < d->side[s].n; r++)
			print_run(page, d->side[s].records[r], s ? "B" : "A");
	for (size_t s = 0; s < 2; s++)
		for (size_t r = 0; r < d->side[s].n; r++) {
			const struct record *rec = d->side[s].records[r];

			if (rec == first ||
			    !record_set_hosts_differ(first, rec, differs, sizeof(differs)))
				continue;
			any = true;
			escape_part(page_line(page), differs, page->format);
			page_fact(page, "hosts differ");
		}
	if (!any) {
		fputs("in nothing that the records hold", page_line(page));
		page_fact(page, "hosts differ");
	}
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
		escape_part(table_cell(t), p->a->variant, page->format);
		escape_part(table_cell(t), p->a->workload, page->format);
		escape_part(table_cell(t), p->a->wakeup, page->format);
		escape_part(table_cell(t), p->a->cache, page->format);
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

/* The side's result, measured if one of its runs measured it; NULL: none has it. */
static const struct record_result *find(const struct diff_side *side, const char *id)
{
	const struct record_result *found = NULL;

	for (size_t r = 0; r < side->n; r++) {
		const struct record_result *result = record_find_result(side->records[r], id);

		if (result && (!found || result->status == RESULT_MEASURED))
			found = result;
	}
	return found;
}

/* Results of one that the other did not measure. */
static void print_lonely(struct page *page, const struct diff_side *here,
			 const struct diff_side *there, const char *name)
{
	const struct record *rec = here->records[0];
	FILE *line = page_line(page);
	size_t n = 0;

	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i], *other;

		if (result->status != RESULT_MEASURED || strcmp(result->hook, "none") == 0)
			continue;
		other = find(there, result->id);
		if (other && other->status == RESULT_MEASURED)
			continue;
		fputs(n ? "; " : "", line);
		if (n++ == 40) {
			fputs("…", line);
			break;
		}
		escape_part(line, result->id, page->format);
		if (other && other->reason) {
			fputs(" (there: ", line);
			escape_part(line, other->reason, page->format);
			fputs(")", line);
		}
	}
	if (n)
		page_fact(page, name);
}

/* What the intervals and the gate cover. */
static void print_cover(struct page *page, const struct diff *d)
{
	size_t a = d->side[0].n, b = d->side[1].n;
	FILE *line = page_line(page);

	fprintf(line,
		"typical, ± 95 %%; verdicts at 5 %% over all pairs (Holm); same: within ±%g %% "
		"of A. ",
		100 * d->margin);
	if (a == 1 && b == 1)
		fprintf(line,
			"%s these two runs only: another run of the same thing may differ by more. "
			"To cover the next run give several a side: compare A1,A2,A3 B1,B2,B3.",
			d->gated ? "The gate covers" : "This covers");
	else
		fprintf(line,
			"%s the next run of each side: from the scatter of %zu and %zu runs%s.",
			d->gated ? "The gate covers" : "This covers", a, b,
			a == 1 || b == 1
				? "; the side with one run is taken to scatter as the other "
				  "does"
				: "");
	page_note(page);
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
	int err = page_open(&page, d->side[0].records[0], format, out);

	if (err)
		return err;
	fprintf(page_line(&page), "What changed from A to B, in %s a call",
		unit_name(d->pairs[0].a->unit));
	page_heading(&page);
	print_hosts(&page, d);
	print_lonely(&page, &d->side[0], &d->side[1], "only in A");
	print_lonely(&page, &d->side[1], &d->side[0], "only in B");
	page_gap(&page);
	err = print_table(&page, d);
	page_gap(&page);
	print_sum(&page, d);
	if (ns)
		print_cover(&page, d);
	page_close(&page);
	return err;
}
