/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/costs/addup.h"
#include "reports/show/figure.h"
#include "reports/show/listing.h"
#include "reports/show/escape.h"
#include "reports/judge/costs/waterfall.h"
#include "reports/show/costs/waterfall_table.h"
#include "reports/record/wakeup_name.h"

#define HOOKS_A_TABLE 7
#define LABEL_WIDTH   36
#define BAR_WIDTH     60

/* Hooks with incremental programs, and the kinds of output (a result stands for its body and
 * wakeup policy). */
struct block {
	struct page *page;
	const struct record_result *const *results;
	size_t n;
	struct waterfall increments[AXIS_MOST];
	size_t hooks;
	const struct record_result *output[AXIS_MOST];
	size_t outputs;
};

static void collect(struct block *b)
{
	struct axis hooks = {.n = 0};

	for (size_t i = 0; i < b->n; i++)
		axis_add(&hooks, b->results[i]->hook, AXIS_MOST);
	for (size_t h = 0; h < hooks.n; h++) {
		waterfall_of(b->results, b->n, hooks.name[h], &b->increments[b->hooks]);
		if (b->increments[b->hooks].programs >= WATERFALL_PROGRAMS_LEAST)
			b->hooks++;
	}
	for (size_t i = 0; i < b->n; i++) {
		const struct record_result *result = b->results[i];
		size_t k = 0;

		while (k < b->outputs && (strcmp(b->output[k]->body, result->body) != 0 ||
					  strcmp(b->output[k]->wakeup, result->wakeup) != 0))
			k++;
		if (k == b->outputs && k < AXIS_MOST && waterfall_sends(result) &&
		    !data_as_written(result))
			b->output[b->outputs++] = result;
	}
}

/* ---- the table: steps downwards, hooks across ---- */

struct step_row {
	enum increments_step step;
	const struct record_result *output; /* STEP_OUTPUT: which */
	bool whole;			    /* the complete probe, not what the output adds */
};

static void put_step(FILE *out, const struct entry *e)
{
	const struct step_row *row = e->row;

	if (row->step < STEP_OUTPUT) {
		fputs(waterfall_step_name(row->step), out);
		return;
	}
	fputs(row->whole ? "complete probe: " : "output: ", out);
	escape_part(out, row->output->body, entry_format(e));
	fputs(", ", out);
	put_wakeup_of(out, row->output->wakeup, entry_format(e));
}

static void put_on_hook(FILE *out, const struct entry *e)
{
	const struct block *b = e->list->with;
	const struct step_row *row = e->row;
	const struct waterfall *w = &b->increments[e->column->at];
	const struct record_result *result;
	struct effect added;

	if (row->step < STEP_OUTPUT) {
		put_effect_of(out, &w->step[row->step], e->list->unit);
		return;
	}
	result = waterfall_find(b->results, b->n, w->hook, row->output->body, row->output->wakeup);
	if (result && !row->whole)
		added = waterfall_output(w, result);
	put_effect_of(out,
		      !result	   ? NULL
		      : row->whole ? &result->overhead.typical
				   : &added,
		      e->list->unit);
}

static int print_hooks(struct block *b, size_t first, size_t end)
{
	struct column columns[HOOKS_A_TABLE + 1] = {{"step", put_step, 0, 0}};
	struct listing l = {.page = b->page, .columns = columns, .n = 1, .with = b};

	l.unit = b->results[0]->unit;
	for (size_t h = first; h < end; h++)
		columns[l.n++] = (struct column){b->increments[h].hook, put_on_hook, h,
						 COLUMN_RIGHT | COLUMN_QUOTED};
	for (enum increments_step s = STEP_DISPATCH; s < STEP_OUTPUT; s++)
		listing_row(&l, &(struct step_row){s, NULL, false});
	for (size_t o = 0; o < 2 * b->outputs; o++)
		listing_row(&l, &(struct step_row){STEP_OUTPUT, b->output[o % b->outputs],
						   o >= b->outputs});
	page_gap(b->page);
	return listing_print(&l);
}

/* ---- the bars ---- */

static const char letters[] = "DplacO"; /* of the steps */

/* Nobody is woken, if such was measured: a wakeup costs far more than every step. */
static const struct record_result *quiet_output(const struct block *b, const char *hook,
						const char *body)
{
	static const char *const quiet[] = {"idle", "polled_1ms", "spin",
					    "none", "busy",	  "sampled"};
	const struct record_result *result = NULL;

	for (size_t i = 0; i < sizeof(quiet) / sizeof(*quiet) && !result; i++)
		result = waterfall_find(b->results, b->n, hook, body, quiet[i]);
	return result;
}

/*
 * Each step ends where the sum up to it ends, so rounding never adds up. A step below zero cannot
 * be drawn: the bar waits until the sum has passed where it was.
 */
static void put_bar(struct block *b, const struct waterfall *w, const struct record_result *whole,
		    double scale)
{
	FILE *out = b->page->out;
	struct wakeup_name wakeup = wakeup_name(whole->wakeup);
	size_t label = escape_width(whole->variant) + escape_width(wakeup.text) + 2;
	double sum = 0;
	int drawn = 0;

	fputs("  ", out);
	escape_part(out, whole->variant, RENDER_TEXT);
	fputs(", ", out);
	escape_part(out, wakeup.text, RENDER_TEXT);
	fprintf(out, "%*s", label < LABEL_WIDTH ? (int)(LABEL_WIDTH - label) : 1, "");
	for (size_t s = 0; s <= STEP_OUTPUT; s++) {
		double step = s < STEP_OUTPUT ? w->step[s].value : waterfall_output(w, whole).value;
		int until;

		if (isnan(step))
			continue;
		sum += step;
		until = (int)lround(fmin(fmax(sum / scale, 0), 1) * BAR_WIDTH);
		for (; drawn < until; drawn++)
			fputc(letters[s], out);
	}
	fputc(' ', out);
	figure_effect(out, whole->overhead.typical, whole->unit, FIGURE_PLUS_MINUS);
	fputc('\n', out);
}

static void print_bars(struct block *b)
{
	static const char *const bodies[] = {"perf", "ringbuf", "ringbuf_output"};
	const struct record_result *whole[AXIS_MOST][sizeof(bodies) / sizeof(*bodies)];
	double greatest = 0;
	FILE *out = b->page->out;

	for (size_t h = 0; h < b->hooks; h++) {
		for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
			whole[h][i] = quiet_output(b, b->increments[h].hook, bodies[i]);
			if (whole[h][i])
				greatest = fmax(greatest, whole[h][i]->overhead.typical.value);
		}
	}
	if (!(greatest > 0))
		return;
	page_gap(b->page);
	fputs(b->page->format == RENDER_MARKDOWN ? "```\n  " : "  ", out);
	for (size_t s = 0; s <= STEP_OUTPUT; s++)
		fprintf(out, "%s%c %s", s ? ", " : "", letters[s],
			waterfall_step_name((enum increments_step)s));
	fprintf(out, "; one letter is %.2g %s\n", greatest / BAR_WIDTH,
		unit_name(b->results[0]->unit));
	for (size_t h = 0; h < b->hooks; h++) {
		for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
			if (whole[h][i])
				put_bar(b, &b->increments[h], whole[h][i], greatest);
		}
	}
	if (b->page->format == RENDER_MARKDOWN)
		fputs("```\n", out);
}

int waterfall_print(struct page *page, const struct record_result *const *results, size_t n)
{
	struct block b = {.page = page, .results = results, .n = n};
	int err = 0;

	collect(&b);
	if (b.hooks == 0)
		return 0;
	page_gap(page);
	page_say(page,
		 "Where the cost comes from, typical %s: the dispatch is the empty program; each "
		 "further step is the difference of two incremental programs.",
		 unit_name(results[0]->unit));
	for (size_t h = 0; h < b.hooks && !err; h += HOOKS_A_TABLE)
		err = print_hooks(&b, h, h + HOOKS_A_TABLE < b.hooks ? h + HOOKS_A_TABLE : b.hooks);
	if (!err)
		print_bars(&b);
	return err;
}

/* ---- do the parts add up? ---- */

static void put_variant(FILE *out, const struct entry *e)
{
	escape_part(out, ((const struct addup *)e->row)->result->variant, entry_format(e));
}

static void put_wakeup(FILE *out, const struct entry *e)
{
	put_wakeup_of(out, ((const struct addup *)e->row)->result->wakeup, entry_format(e));
}

static void put_whole(FILE *out, const struct entry *e)
{
	put_effect_of(out, &((const struct addup *)e->row)->result->overhead.typical,
		      e->list->unit);
}

static void put_share(FILE *out, const struct entry *e)
{
	const struct addup *a = e->row;
	double whole = a->result->overhead.typical.value;

	if (a->verdict != ADDUP_NO_PRICE && whole > 0)
		fprintf(out, "%ld %%", lround(100 * a->unexplained.value / whole));
	else
		fputc('-', out);
}

static void put_verdict(FILE *out, const struct entry *e)
{
	const struct addup *a = e->row;

	fprintf(out, "%s%s", addup_verdict_name(a->verdict), a->bent ? " *" : "");
	if (a->missing) {
		fputs(": ", out);
		escape_part(out, a->missing, entry_format(e));
	}
}

static void put_counts(struct page *page, const struct addup *sums, size_t n, enum unit unit)
{
	size_t count[ADDUP_NO_PRICE + 1] = {0}, all;
	FILE *line = page_line(page);
	bool bent = false;

	for (size_t i = 0; i < n; i++) {
		count[sums[i].verdict]++;
		bent |= sums[i].bent;
	}
	all = count[ADDUP_YES] + count[ADDUP_NO] + count[ADDUP_TOO_WIDE];
	fprintf(line, "%zu of %zu variants add up", count[ADDUP_YES], all);
	if (unit == UNIT_NS)
		fprintf(line,
			" (what is unexplained surely lies within ±%.0f %% of the whole, %zu "
			"judged together)",
			100 * ADDUP_WIDEST, all);
	if (count[ADDUP_NO])
		fprintf(line, ", %zu %s not", count[ADDUP_NO], count[ADDUP_NO] > 1 ? "do" : "does");
	if (count[ADDUP_TOO_WIDE])
		fprintf(line, ", %zu %s too wide to tell", count[ADDUP_TOO_WIDE],
			count[ADDUP_TOO_WIDE] > 1 ? "are" : "is");
	if (count[ADDUP_NO_PRICE])
		fprintf(line, "; %zu more %s a part that has no price", count[ADDUP_NO_PRICE],
			count[ADDUP_NO_PRICE] > 1 ? "have" : "has");
	fputs(bent ? ". *: one price is of a row that is no line, and its first call was taken."
		   : ".",
	      line);
	page_note(page);
}

#define SUM(member) offsetof(struct addup, member)

int addup_print(struct page *page, const struct record_result *const *results, size_t n)
{
	static const struct column columns[] = {
		{"variant", put_variant, 0, 0},
		{"wakeup", put_wakeup, 0, 0},
		{"parts", put_effect, SUM(parts), COLUMN_RIGHT},
		{"whole", put_whole, 0, COLUMN_RIGHT},
		{"unexplained", put_effect, SUM(unexplained), COLUMN_RIGHT},
		{"of the whole", put_share, 0, COLUMN_RIGHT},
		{"do they add up?", put_verdict, 0, 0},
	};
	struct listing l = LISTING(page, columns);
	struct addup *sums;
	size_t count;
	int err;

	if (n == 0 || !addup_priced(page->rec, results[0]))
		return 0;
	sums = addup_all(page->rec, results, n, &count);
	if (!sums)
		return -ENOMEM;
	l.unit = results[0]->unit;
	listing_open(&l);
	for (size_t i = 0; i < count; i++)
		listing_row(&l, &sums[i]);
	page_gap(page);
	page_say(page,
		 "Do the parts add up to the complete probe? Parts: the hook's dispatch and the "
		 "prices of what the program calls, in %s.",
		 unit_name(l.unit));
	page_gap(page);
	err = listing_print(&l);
	put_counts(page, sums, count, l.unit);
	free(sums);
	return err;
}
