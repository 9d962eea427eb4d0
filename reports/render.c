/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/cell_notes.h"
#include "reports/cell_tables.h"
#include "reports/columns.h"
#include "reports/conditions.h"
#include "reports/counter_table.h"
#include "reports/data_table.h"
#include "reports/event_cost.h"
#include "reports/figure.h"
#include "reports/null_test.h"
#include "reports/page.h"
#include "reports/quote.h"
#include "reports/record_rows.h"
#include "reports/render.h"
#include "reports/rows.h"
#include "reports/rows_csv.h"
#include "reports/unmeasured.h"
#include "reports/waterfall_table.h"
#include "reports/withdrawn.h"

/* The measured cells of one trigger, cache state and unit. */
struct group {
	const struct record_cell **arm, **baseline, **aa, **bb;
	size_t arms, baselines, aas, bbs;
};

#define PARTS 4 /* arm, baseline, aa, bb */

/* Room for all cells in each part; free arm. 0 or -ENOMEM. */
static int group_open(struct group *g, const struct record *rec)
{
	size_t room = rec->n_cells + 1;

	*g = (struct group){.arms = 0};
	g->arm = (const struct record_cell **)calloc(PARTS * room, sizeof(struct record_cell *));
	if (!g->arm)
		return -ENOMEM;
	g->baseline = g->arm + room;
	g->aa = g->arm + 2 * room;
	g->bb = g->arm + 3 * room;
	return 0;
}

/* Arms without a probe: "baseline" and "aa" head the table, any other ("floor") is no row of it. */
static bool is_bare(const struct record_cell *cell)
{
	return strcmp(cell->hook, "none") == 0;
}

static bool same_group(const struct record_cell *a, const struct record_cell *b)
{
	return strcmp(a->trigger, b->trigger) == 0 && strcmp(a->cache, b->cache) == 0 &&
	       a->unit == b->unit;
}

static void print_baseline(struct page *p, const struct record_cell *cell)
{
	/* A record that keeps a baseline's own lengths as those it was compared with is as good. */
	const struct distribution *d = isnan(cell->arm.typical) ? &cell->baseline : &cell->arm;
	FILE *line = page_line(p);

	if (strcmp(cell->drain, "-") != 0)
		fprintf(line, "%s: ", page_quote(p, cell->drain));
	figure_lengths(line, d, cell->unit);
	fputs(", n = ", line);
	figure_count(line, cell->n);
	fprintf(line, " over %u rounds", cell->rounds);
	page_fact(p, "baseline");
}

/*
 * Gated calls (one at a time, the consumer asleep again before each) start from other caches than a loop's, so their
 * baseline is another one: told from the first such arm.
 */
static void print_gated_baseline(struct page *p, const struct group *g)
{
	for (size_t i = 0; i < g->arms; i++) {
		const struct record_cell *cell = g->arm[i];
		FILE *line = page_line(p);

		if (strcmp(cell->drain, "caught_up") != 0 || isnan(cell->baseline.typical))
			continue;
		fputs("of caught_up rows, whose calls wait for the consumer: ", line);
		figure_lengths(line, &cell->baseline, cell->unit);
		page_fact(p, "baseline");
		return;
	}
}

/* label: "A/A", or "B/B" for one probe as two arms. */
static void print_null(struct page *p, const struct record_cell *cell, const char *label)
{
	FILE *line = page_line(p);
	char text[8];

	if (strcmp(cell->drain, "-") != 0)
		fprintf(line, "%s: ", page_quote(p, cell->drain));
	null_test_say(line, cell);
	snprintf(text, sizeof(text), "%s%s", label, p->format == RENDER_TEXT ? ":" : "");
	page_fact(p, text);
}

static void print_heading(struct page *p, const struct group *g, const struct record_cell *head)
{
	page_head(p, "%s, %s cache, in %s over the baseline", page_quote(p, head->trigger),
		  page_quote(p, head->cache), unit_name(head->unit));
	for (size_t i = 0; i < g->baselines; i++)
		print_baseline(p, g->baseline[i]);
	if (g->baselines == 0)
		page_tell(p, "baseline", "none in this record");
	print_gated_baseline(p, g);
	for (size_t i = 0; i < g->aas; i++)
		print_null(p, g->aa[i], "A/A");
	if (g->aas == 0)
		page_tell(p, p->format == RENDER_TEXT ? "A/A:" : "A/A",
			  "not measured: nothing shows that this table's zero is zero");
	for (size_t i = 0; i < g->bbs; i++)
		print_null(p, g->bb[i], "B/B");
	conditions_meanwhile(p, head->trigger, head->cache);
	neighbour_print_fact(p, g->arm, g->arms);
}

/* What the table leaves to the heading. */
static void print_shared(struct page *p, const struct group *g)
{
	FILE *line = page_line(p);
	uint64_t least = g->arm[0]->n, most = least;

	for (size_t i = 1; i < g->arms; i++) {
		if (g->arm[i]->n < least)
			least = g->arm[i]->n;
		if (g->arm[i]->n > most)
			most = g->arm[i]->n;
	}
	fputs("n = ", line);
	figure_count(line, least);
	if (most > least) {
		fputs(" to ", line);
		figure_count(line, most);
	}
	fprintf(line, " calls over %u rounds", g->arm[0]->rounds);
	if (g->arm[0]->workers > 1)
		fprintf(line, " of %u worker processes", g->arm[0]->workers);
	page_fact(p, "each row");
}

static void print_mechanisms(struct page *p, const struct group *g)
{
	FILE *line = page_line(p);
	size_t told = 0;

	for (size_t i = 0; i < g->arms; i++) {
		const char *mechanism = g->arm[i]->mechanism ? g->arm[i]->mechanism : "unknown";
		bool seen = false;

		for (size_t k = 0; k < i && !seen; k++) {
			const char *other = g->arm[k]->mechanism ? g->arm[k]->mechanism : "unknown";

			seen = strcmp(g->arm[k]->hook, g->arm[i]->hook) == 0 &&
			       strcmp(other, mechanism) == 0;
		}
		if (seen)
			continue;
		fprintf(line, "%s%s: %s", told++ ? "; " : "", page_quote(p, g->arm[i]->hook),
			page_quote(p, mechanism));
	}
	page_fact(p, "mechanism");
}

static int print_costs(struct page *p, const struct group *g)
{
	struct column room[COLUMNS_MOST];
	struct listing l;

	columns_fill(&l, room, p, g->arm, g->arms, SECTION_COST);
	listing_fold(&l);
	print_shared(p, g);
	if (l.hidden_for_width)
		print_mechanisms(p, g);
	page_gap(p);
	return listing_print(&l);
}

static int print_group(struct page *p, const struct group *g, const struct record_cell *head)
{
	static int (*const parts[])(struct page *, const struct record_cell *const *, size_t) = {
		loads_table_print, neighbour_print, event_cost_print,	 waterfall_print,
		addup_print,	   books_print,	    counter_table_print,
	};
	int err;

	print_heading(p, g, head);
	if (g->arms == 0)
		return 0;
	err = print_costs(p, g);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && !err; i++)
		err = parts[i](p, g->arm, g->arms);
	if (!err)
		cell_notes_print(p, g->arm, g->arms);
	return err;
}

/* Where the first cell of the group with the same hook (and body) stands. */
static size_t rank(const struct group *g, size_t cell, bool body_too)
{
	size_t i = 0;

	while (i < cell && (strcmp(g->arm[i]->hook, g->arm[cell]->hook) != 0 ||
			    (body_too && strcmp(g->arm[i]->body, g->arm[cell]->body) != 0)))
		i++;
	return i;
}

struct place {
	size_t hook, body, index;
	const struct record_cell *cell;
};

static int by_place(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->hook != y->hook)
		return x->hook < y->hook ? -1 : 1;
	if (x->body != y->body)
		return x->body < y->body ? -1 : 1;
	return x->index < y->index ? -1 : x->index > y->index;
}

/* By hook, then body, then drain state, each in the order in which the record first has it. */
static int sort_arms(struct group *g)
{
	struct place *places = calloc(g->arms + 1, sizeof(*places));

	if (!places)
		return -ENOMEM;
	for (size_t i = 0; i < g->arms; i++)
		places[i] = (struct place){rank(g, i, false), rank(g, i, true), i, g->arm[i]};
	qsort(places, g->arms, sizeof(*places), by_place);
	for (size_t i = 0; i < g->arms; i++)
		g->arm[i] = places[i].cell;
	free(places);
	return 0;
}

/* Collects the measured cells that belong with head. */
static void collect(const struct record *rec, const struct record_cell *head, struct group *g)
{
	g->arms = g->baselines = g->aas = g->bbs = 0;
	for (size_t i = 0; i < rec->n_cells; i++) {
		const struct record_cell *cell = rec->cells[i];

		if (cell->status != CELL_MEASURED || !same_group(cell, head))
			continue;
		if (is_bare(cell) && strcmp(cell->body, "baseline") == 0)
			g->baseline[g->baselines++] = cell;
		else if (is_bare(cell) && strcmp(cell->body, "aa") == 0)
			g->aa[g->aas++] = cell;
		else if (strcmp(cell->body, "bb") == 0)
			g->bb[g->bbs++] = cell;
		else if (!is_bare(cell))
			g->arm[g->arms++] = cell;
	}
}

static bool is_first(const struct record *rec, size_t cell)
{
	for (size_t i = 0; i < cell; i++) {
		if (rec->cells[i]->status == CELL_MEASURED &&
		    same_group(rec->cells[i], rec->cells[cell]))
			return false;
	}
	return rec->cells[cell]->status == CELL_MEASURED;
}

int render_groups(struct page *p)
{
	const struct record *rec = p->rec;
	struct group g;
	int err = group_open(&g, rec);

	for (size_t i = 0; i < rec->n_cells && !err; i++) {
		if (!is_first(rec, i))
			continue;
		collect(rec, rec->cells[i], &g);
		err = sort_arms(&g);
		if (!err)
			err = print_group(p, &g, rec->cells[i]);
	}
	free((void *)g.arm);
	return err;
}

int render_arms(const struct record *rec, const char *trigger, const char *cache,
		const struct record_cell ***out, size_t *n)
{
	struct group g;
	int err = group_open(&g, rec);

	for (size_t i = 0; i < rec->n_cells && !err && !g.arms; i++) {
		const struct record_cell *cell = rec->cells[i];

		if (cell->status == CELL_MEASURED && strcmp(cell->trigger, trigger) == 0 &&
		    strcmp(cell->cache, cache) == 0)
			collect(rec, cell, &g);
	}
	if (!err)
		err = sort_arms(&g);
	*out = g.arm;
	*n = err ? 0 : g.arms;
	return err;
}

void render_legend(struct page *p)
{
	static const char *const notes[] = {
		"typical: interquartile mean, arm minus baseline of the same round; mean: the "
		"same, nothing trimmed. Negative is printed as it is.",
		"[lo, hi], ± and lo..hi: 95 % over worker processes where a row has several, else "
		"over rounds. \"~\": the interval includes zero. \"?\": there is no interval.",
		"shift: the arm's quantile minus the baseline's. A difference of p99s is not the "
		"p99 of the cost. p99.9 needs 3,700 calls.",
		"max: the arm's longest window. Baselines and max are lengths, everything else is "
		"a difference.",
		"drain caught_up: each event may wake the reader, which sleeps; busy: the same, "
		"and it spins; sampled: one event in N wakes it; idle: nobody is woken, the caller "
		"reads between blocks; polled_1ms: nobody is woken, the reader looks every 1 ms; "
		"spin: nobody is woken, it spins; none: nobody reads, the event is lost.",
	};

	page_head(p, "How to read this");
	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes) && p->rec->n_cells; i++)
		page_say(p, "%s", page_quote(p, notes[i]));
	rows_print_legend(p);
}

static int print_csv(const struct record *rec, FILE *out)
{
	struct page page = {.out = out, .format = RENDER_CSV, .rec = rec};
	/* a record of rows alone needs no header of cells */
	bool cells = rec->n_cells || !record_rows_measured(rec);
	struct column room[COLUMNS_MOST];
	struct listing l;
	int err = 0;

	if (cells) {
		columns_fill(&l, room, &page, (const struct record_cell *const *)rec->cells,
			     rec->n_cells, SECTION_ALL);
		err = listing_print(&l);
	}
	rows_csv_print(rec, cells, out);
	return err;
}

int render_record(const struct record *rec, enum render_format format, FILE *out)
{
	static int (*const parts[])(struct page *) = {
		cold_print_proofs, render_groups, cold_print_against_hot,
		data_print,	   rows_print,	  unmeasured_print,
	};
	struct page p;
	int err;

	if (format == RENDER_CSV) {
		err = print_csv(rec, out);
	} else {
		err = page_open(&p, rec, format, out);
		if (err)
			return err;
		conditions_print(&p);
		withdrawn_print(&p);
		for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && !err; i++)
			err = parts[i](&p);
		render_legend(&p);
		page_close(&p);
	}
	if (!err && (fflush(out) || ferror(out)))
		err = -EIO;
	return err;
}
