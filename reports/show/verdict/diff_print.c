/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/judge/record_set.h"
#include "reports/show/page.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"
#include "reports/show/listing.h"
#include "reports/show/verdict/diff_print.h"

static void print_run(struct page *page, const struct record *rec, const char *name)
{
	FILE *line = page_line(page);

	fprintf(line, "%s, suite %s, kernel %s", page_quote(page, rec->created),
		page_quote(page, rec->suite), page_quote(page, rec->host.kernel));
	if (rec->partial)
		fputs(", PARTIAL", line);
	if (rec->n_warnings)
		fprintf(line, ", %zu warning%s", rec->n_warnings, rec->n_warnings == 1 ? "" : "s");
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
			page_tell(page, "hosts differ", "%s", page_quote(page, differs));
		}
	if (!any)
		page_tell(page, "hosts differ", "in nothing that the records hold");
}

/* A text of both sides: at is the member in the result. */
static void put_pair_text(FILE *out, const struct entry *e)
{
	put_text(out, &(struct entry){((const struct diff_pair *)e->row)->a, e->column, e->list});
}

static void put_pair_wakeup(FILE *out, const struct entry *e)
{
	put_wakeup_of(out, ((const struct diff_pair *)e->row)->a->wakeup, entry_format(e));
}

static void put_pair_effect(FILE *out, const struct entry *e)
{
	put_effect_of(out, entry_member(e), ((const struct diff_pair *)e->row)->a->unit);
}

static void put_exact(FILE *out, double percent)
{
	if (percent > 0 || percent < 0)
		fprintf(out, "%+.*f", fabs(percent) < 9.95 ? 1 : 0, percent);
	else
		fputc('0', out);
}

static void put_percent(FILE *out, const struct entry *e)
{
	const struct diff_pair *p = e->row;
	const struct effect r = p->ratio,
			    percent = {100 * (r.value - 1), 100 * (r.lo - 1), 100 * (r.hi - 1)};

	/* no percentage of what may be zero */
	if (isnan(r.lo))
		fputs(isnan(p->change.lo) || p->change.value > 0 || p->change.value < 0 ? "-" : "0",
		      out);
	else if (r.lo < r.hi)
		figure_effect(out, percent, UNIT_NS, FIGURE_PLUS_MINUS);
	else
		put_exact(out, percent.value);
}

static void put_p(FILE *out, const struct entry *e)
{
	const struct diff_pair *p = e->row;

	if (isnan(p->p_holm))
		fputs(p->change.lo < p->change.hi || isnan(p->change.lo) ? "-" : "exact", out);
	else
		fprintf(out, p->p_holm < 0.001 ? "< 0.001" : "%.3f", p->p_holm);
}

static void put_verdict(FILE *out, const struct entry *e)
{
	const struct diff *d = e->list->with;
	const struct diff_pair *p = e->row;

	fprintf(out, "%s%s", diff_verdict_name(p->verdict),
		p->past_gate && d->gated ? ", PAST THE GATE" : "");
}

static bool other_hook(const void *before, const void *row)
{
	const struct diff_pair *a = before, *b = row;

	return strcmp(a->a->hook, b->a->hook) != 0;
}

#define RESULT(member) offsetof(struct record_result, member)
#define PAIR(member)   offsetof(struct diff_pair, member)

static int print_table(struct page *page, const struct diff *d)
{
	static const struct column columns[] = {
		{"variant", put_pair_text, RESULT(variant), 0},
		{"syscall", put_pair_text, RESULT(workload), COLUMN_VARIES},
		{"wakeup", put_pair_wakeup, 0, 0},
		{"cache", put_pair_text, RESULT(cache), COLUMN_VARIES},
		{"A", put_pair_effect, PAIR(from), COLUMN_RIGHT},
		{"B", put_pair_effect, PAIR(to), COLUMN_RIGHT},
		{"B - A", put_pair_effect, PAIR(change), COLUMN_RIGHT},
		{"change, %", put_percent, 0, COLUMN_RIGHT},
		{"p, Holm", put_p, 0, COLUMN_RIGHT},
		{"verdict", put_verdict, 0, 0},
	};
	struct listing l = LISTING(page, columns);

	l.with = d;
	l.parts = other_hook;
	for (size_t i = 0; i < d->n; i++)
		listing_row(&l, &d->pairs[i]);
	return listing_print(&l);
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
		fputs(page_quote(page, result->id), line);
		if (other && other->reason)
			fprintf(line, " (there: %s)", page_quote(page, other->reason));
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
		"typical, ± 95 %%; verdicts at 5 %% over all pairs (Holm); same: within ±%g %% of "
		"A. ",
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
				? "; the side with one run is taken to scatter as the other does"
				: "");
	page_note(page);
}

static void print_sum(struct page *page, const struct diff *d)
{
	size_t count[4] = {0};
	FILE *line = page_line(page);

	for (size_t i = 0; i < d->n; i++)
		count[d->pairs[i].verdict]++;
	figure_things(line, d->n, "pair");
	fprintf(line, ": %zu same, %zu slower, %zu faster, %zu undecided", count[DIFF_SAME],
		count[DIFF_SLOWER], count[DIFF_FASTER], count[DIFF_UNDECIDED]);
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
	page_head(&page, "What changed from A to B, in %s a call", unit_name(d->pairs[0].a->unit));
	print_hosts(&page, d);
	page_gap(&page);
	err = print_table(&page, d);
	page_gap(&page);
	print_sum(&page, d);
	if (ns)
		print_cover(&page, d);
	/* ids, and many of them: behind what there is to say */
	page_gap(&page);
	print_lonely(&page, &d->side[0], &d->side[1], "only in A");
	print_lonely(&page, &d->side[1], &d->side[0], "only in B");
	page_close(&page);
	return err;
}

static void put_name(FILE *out, size_t run)
{
	char name[16];

	agree_name(name, sizeof(name), run);
	fputs(name, out);
}

/* The runs that the rows tell of: "run A and run B". */
static void put_names(FILE *out, const struct agreement *a)
{
	bool told[RECORD_SET_MOST] = {false};
	size_t n = 0, done = 0;

	for (size_t i = 0; i < a->n_apart; i++) {
		told[a->apart[i].low_run % RECORD_SET_MOST] = true;
		told[a->apart[i].high_run % RECORD_SET_MOST] = true;
	}
	for (size_t r = 0; r < RECORD_SET_MOST; r++)
		n += told[r];
	for (size_t r = 0; r < RECORD_SET_MOST; r++) {
		if (!told[r])
			continue;
		if (done)
			fputs(done + 1 == n ? " and " : ", ", out);
		put_name(out, r);
		done++;
	}
}

bool agree_say(FILE *out, const struct agreement *a, enum render_format format)
{
	const struct disagreement *d = a->apart;

	if (a->n_apart == 0)
		return false;
	put_names(out, a);
	fprintf(out,
		" disagree on %zu of %zu results beyond their intervals; largest: ", a->n_apart,
		a->results);
	escape_part(out, d->low->id, format);
	fputs(", ", out);
	figure_effect(out, agree_figure(d->low), d->low->unit, FIGURE_PLUS_MINUS);
	fputs(" in ", out);
	put_name(out, d->low_run);
	fputs(" and ", out);
	figure_effect(out, agree_figure(d->high), d->high->unit, FIGURE_PLUS_MINUS);
	fputs(" in ", out);
	put_name(out, d->high_run);
	fputs(". Figures of one run cover that run alone", out);
	return true;
}
