/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/show/escape.h"
#include "reports/show/listing.h"
#include "reports/show/page.h"
#include "reports/show/predict/prediction_print.h"

#define LAB(e) (((const struct prediction_row *)(e)->row)->lab)

static void put_hook(FILE *out, const struct entry *e)
{
	escape_print(out, LAB(e)->hook, entry_format(e));
}

static void put_body(FILE *out, const struct entry *e)
{
	escape_print(out, LAB(e)->body, entry_format(e));
}

static void put_policy(FILE *out, const struct entry *e)
{
	put_wakeup_of(out, LAB(e)->wakeup, entry_format(e));
}

/* Two digits of a range's ends are all that it knows. */
static void put_ends(FILE *out, double lo, double hi)
{
	fputs("≈ ", out);
	figure_plain(out, lo, 2);
	fputs("..", out);
	figure_plain(out, hi, 2);
	fputs(" ns", out);
}

static void put_range(FILE *out, const struct entry *e)
{
	const struct prediction_row *row = e->row;

	put_ends(out, row->ns.lo, row->ns.hi);
}

static void put_instructions(FILE *out, const struct entry *e)
{
	fprintf(out, "%.0f", LAB(e)->features.instructions);
}

static void put_nearest(FILE *out, const struct entry *e)
{
	const struct model_row *near = ((const struct prediction_row *)e->row)->nearest;

	if (!near) {
		fputc('-', out);
		return;
	}
	escape_print(out, near->variant, entry_format(e));
	fprintf(out, " %.0f ns", near->ns);
}

static const struct column columns[] = {
	{"hook", put_hook, 0, 0},
	{"program", put_body, 0, 0},
	{"wakeup policy", put_policy, 0, COLUMN_NOT_DASH},
	{"predicted", put_range, 0, COLUMN_RIGHT},
	{"instructions", put_instructions, 0, COLUMN_RIGHT},
	{"nearest measured", put_nearest, 0, 0},
};

static bool is_shown(const struct prediction_row *row, const char *hook)
{
	return !hook || !strcmp(row->lab->hook, hook);
}

/* Is the row's reason told by one of its hook before it? */
static bool is_told(const struct prediction *p, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!strcmp(p->rows[k].lab->hook, p->rows[i].lab->hook) &&
		    !strcmp(p->rows[k].withheld, p->rows[i].withheld))
			return true;
	return false;
}

static void print_withheld(struct page *page, const struct prediction *p, const char *hook)
{
	const char *label = "Withheld";

	for (size_t i = 0; i < p->n_rows; i++) {
		const struct prediction_row *row = &p->rows[i];
		size_t same = 0;

		if (!*row->withheld || !is_shown(row, hook) || is_told(p, i))
			continue;
		for (size_t k = i; k < p->n_rows; k++)
			same += !strcmp(p->rows[k].lab->hook, row->lab->hook) &&
				!strcmp(p->rows[k].withheld, row->withheld);
		page_tell(page, label, "%s, %zu program%s: %s", page_quote(page, row->lab->hook),
			  same, same == 1 ? "" : "s", row->withheld);
		label = "";
	}
}

static void print_prices(struct page *page, const struct prediction *p)
{
	for (size_t k = 0; k < p->model.n_prices; k++) {
		const struct model_price *price = &p->model.prices[k];
		char name[256];

		model_name(price, name, sizeof(name));
		page_tell(page, k ? "" : "Prices", "%.2g ns each: %s%s", price->ns, name,
			  price->inflation > 10 ? " (hard to tell from the others)" : "");
	}
}

/* "of 331 instructions: 22 returns, indirect branches 180 ns, …", of one row. */
static void print_waterfall(struct page *page, const struct prediction *p,
			    const struct prediction_row *row)
{
	FILE *line = page_line(page);

	fprintf(line, "%s ", page_quote(page, row->lab->variant));
	put_ends(line, row->ns.lo, row->ns.hi);
	fprintf(line, ", of %.0f instructions", row->lab->features.instructions);
	if (row->lab->features.thunk > 0)
		fprintf(line, " (%.0f inside thunks)", row->lab->features.thunk);
	for (size_t k = 0; k < p->model.n_prices; k++) {
		const struct model_price *price = &p->model.prices[k];
		double count = model_count(price, row->counts);
		char name[256];

		model_name(price, name, sizeof(name));
		/* the first of its classes stands for all: Prices names them */
		fprintf(line, "%s %.0f %.*s%s × %.2g = %.0f ns", k ? "," : ":", count,
			(int)strcspn(name, ","), name, strchr(name, ',') ? "…" : "", price->ns,
			count * price->ns);
	}
	page_fact(page, "Waterfall");
}

static void print_seen(struct page *page, const struct prediction *p)
{
	const struct holdout *h = &p->holdout;

	page_tell(page, "Seen",
		  "%zu of %zu measured costs lie in their range when their hook is left out: %zu "
		  "hooks, %zu mechanisms; off by %.0f %% (median), %.0f %% at most; the range is "
		  "scaled by %s",
		  h->inside, h->scored, h->hooks, h->mechanisms, 100 * (exp(h->median) - 1),
		  100 * (exp(h->largest) - 1),
		  !h->own     ? "errors on other machines alone"
		  : h->others ? "these and other machines' errors"
			      : "these same errors");
	page_tell(page, "Range",
		  "from %.2f to %.2f times; 95 %% if the errors of mechanisms are normal (%zu of "
		  "them, on %zu machine%s); without that they assure %zu of %zu",
		  exp(-h->spread), exp(h->spread), h->freedom, h->others + h->own,
		  h->others + h->own == 1 ? "" : "s", h->freedom, h->freedom + 1);
}

static void print_notes(struct page *page, const struct prediction *p)
{
	for (size_t i = 0; i < p->n_notes; i++)
		page_tell(page, i ? "" : "Note", "%s", page_quote(page, p->notes[i]));
}

static void print_kernel(struct page *page, const struct prediction *p)
{
	if (p->lab != p->fit_lab)
		page_tell(page, "Kernel",
			  "%s, counted; that errors there are no larger than on the run's own "
			  "kernel is assumed",
			  page_quote(page, p->lab->host.kernel));
}

static void print_head(struct page *page, const struct prediction *p, const char *what)
{
	page_head(page, "%s, on this machine's prices", what);
	page_tell(page, "Machine", "%s, kernel %s", page_quote(page, p->run->host.cpu),
		  page_quote(page, p->run->host.kernel));
	page_tell(page, "Fitted to", "%zu results on %s (%s), with instructions of kernel %s",
		  p->n_measured, PREDICTION_WORKLOAD, page_quote(page, p->cache),
		  page_quote(page, p->fit_lab->host.kernel));
	print_kernel(page, p);
}

int prediction_print(const struct prediction *p, const char *hook, FILE *out)
{
	struct page page;
	struct listing l = LISTING(&page, columns);
	const struct prediction_row *first = NULL;
	int err = page_open(&page, p->run, RENDER_TEXT, out);

	if (err)
		return err;
	print_head(&page, p, "Predicted, not measured");
	for (size_t i = 0; i < p->n_rows; i++)
		if (is_shown(&p->rows[i], hook) && !*p->rows[i].withheld) {
			listing_row(&l, &p->rows[i]);
			first = first ? first : &p->rows[i];
		}
	page_gap(&page);
	err = listing_print(&l);
	if (first)
		page_gap(&page);
	print_withheld(&page, p, hook);
	print_prices(&page, p);
	if (first)
		print_waterfall(&page, p, first);
	print_seen(&page, p);
	print_notes(&page, p);
	page_close(&page);
	return err;
}

/* ---- validation: the only place where measured and predicted stand side by side ---- */

struct pair {
	const struct record_result *result;
	const struct model_row *row;
	double says, lo, hi;
};

static void put_pair_hook(FILE *out, const struct entry *e)
{
	escape_print(out, ((const struct pair *)e->row)->result->hook, entry_format(e));
}

static void put_pair_body(FILE *out, const struct entry *e)
{
	escape_print(out, ((const struct pair *)e->row)->result->body, entry_format(e));
}

static void put_pair_policy(FILE *out, const struct entry *e)
{
	put_wakeup_of(out, ((const struct pair *)e->row)->result->wakeup, entry_format(e));
}

static void put_pair_measured(FILE *out, const struct entry *e)
{
	put_effect_of(out, &((const struct pair *)e->row)->result->overhead.typical, UNIT_NS);
}

static void put_pair_range(FILE *out, const struct entry *e)
{
	const struct pair *pair = e->row;

	if (isnan(pair->says))
		fputs("not scored", out);
	else
		put_ends(out, pair->lo, pair->hi);
}

static void put_pair_error(FILE *out, const struct entry *e)
{
	const struct pair *pair = e->row;

	if (isnan(pair->says))
		fputc('-', out);
	else
		fprintf(out, "%+.0f %%", 100 * (pair->row->ns / pair->says - 1));
}

static const struct column pair_columns[] = {
	{"hook", put_pair_hook, 0, 0},
	{"program", put_pair_body, 0, 0},
	{"wakeup policy", put_pair_policy, 0, COLUMN_NOT_DASH},
	{"measured ns", put_pair_measured, 0, COLUMN_RIGHT},
	{"hook left out", put_pair_range, 0, COLUMN_RIGHT},
	{"measured is off by", put_pair_error, 0, COLUMN_RIGHT},
};

int prediction_print_validation(const struct prediction *p, FILE *out)
{
	struct page page;
	struct listing l = LISTING(&page, pair_columns);
	int err = page_open(&page, p->run, RENDER_TEXT, out);

	if (err)
		return err;
	print_head(&page, p, "Validation: each hook left out in turn");
	for (size_t i = 0; i < p->n_measured; i++) {
		double says = p->holdout.rows[i].says;
		const struct pair pair = {p->results[i], &p->measured[i], says,
					  says * exp(-p->holdout.spread),
					  says * exp(p->holdout.spread)};

		listing_row(&l, &pair);
	}
	page_gap(&page);
	err = listing_print(&l);
	page_gap(&page);
	print_prices(&page, p);
	print_seen(&page, p);
	print_notes(&page, p);
	page_close(&page);
	return err;
}
