/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/costs/result_notes.h"
#include "reports/show/costs/result_tables.h"
#include "reports/show/costs/columns.h"
#include "reports/show/conditions.h"
#include "reports/show/costs/counter_table.h"
#include "reports/show/costs/data_table.h"
#include "reports/show/events/event_cost.h"
#include "reports/show/figure.h"
#include "reports/show/page.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/show/render.h"
#include "reports/show/rows.h"
#include "reports/export/record_csv.h"
#include "reports/show/unmeasured.h"
#include "reports/show/costs/waterfall_table.h"
#include "reports/show/withdrawn.h"
#include "reports/record/wakeup_name.h"

/* The measured results of one workload, cache state and unit. */
struct group {
	const struct record_result **config, **baseline, **aa, **bb;
	size_t configs, baselines, aas, bbs;
};

#define PARTS 4 /* configuration, baseline, aa, bb */

/* Room for all results in each part; free configuration. 0 or -ENOMEM. */
static int group_open(struct group *g, const struct record *rec)
{
	size_t room = rec->n_results + 1;

	*g = (struct group){.configs = 0};
	g->config =
		(const struct record_result **)calloc(PARTS * room, sizeof(struct record_result *));
	if (!g->config)
		return -ENOMEM;
	g->baseline = g->config + room;
	g->aa = g->config + 2 * room;
	g->bb = g->config + 3 * room;
	return 0;
}

/* Configurations without a probe: "baseline" and "aa" stand above the table, any other ("floor") is
 * no row of it. */
static bool is_bare(const struct record_result *result)
{
	return strcmp(result->hook, "none") == 0;
}

static bool same_group(const struct record_result *a, const struct record_result *b)
{
	return strcmp(a->workload, b->workload) == 0 && strcmp(a->cache, b->cache) == 0 &&
	       a->unit == b->unit;
}

/* A quantile beyond which fewer calls lie than this is the luck of those. */
#define TAIL_LEAST 10

static void put_lengths(FILE *line, const struct distribution *d,
			const struct record_result *result)
{
	struct distribution shown = *d;

	if ((double)result->n * 0.001 < TAIL_LEAST)
		shown.p999 = NAN;
	figure_lengths(line, &shown, result->unit);
}

static void print_baseline(struct page *p, const struct record_result *result)
{
	/* A record that keeps a baseline's own lengths as those it was compared with is as good. */
	const struct distribution *d =
		isnan(result->config.typical) ? &result->baseline : &result->config;
	FILE *line = page_line(p);

	if (strcmp(result->wakeup, "-") != 0)
		fprintf(line, "%s: ", page_quote(p, wakeup_name(result->wakeup).text));
	put_lengths(line, d, result);
	fputs(", n = ", line);
	figure_count(line, result->n);
	fputs(" over ", line);
	figure_things(line, result->rounds, "round");
	page_fact(p, "baseline");
}

/*
 * Calls that wait until the reader sleeps again start from other caches than those of a loop, so
 * their baseline is another one: told from the first such configuration.
 */
static void print_gated_baseline(struct page *p, const struct group *g)
{
	for (size_t i = 0; i < g->configs; i++) {
		const struct record_result *result = g->config[i];
		FILE *line = page_line(p);

		if (strcmp(result->wakeup, "caught_up") != 0 || isnan(result->baseline.typical))
			continue;
		fputs("of per-event rows, whose calls wait until the reader sleeps: ", line);
		put_lengths(line, &result->baseline, result);
		page_fact(p, "baseline");
		return;
	}
}

/* pair: which two configurations that do not differ. */
static void print_null(struct page *p, const struct record_result *result, const char *pair)
{
	FILE *line = page_line(p);

	fprintf(line, "%s: ", pair);
	if (strcmp(result->wakeup, "-") != 0)
		fprintf(line, "%s: ", page_quote(p, wakeup_name(result->wakeup).text));
	null_test_say(line, p->rec, result);
	page_fact(p, "null test");
}

static void print_heading(struct page *p, const struct group *g, const struct record_result *head)
{
	page_head(p, "%s, %s cache, in %s over the baseline", page_quote(p, head->workload),
		  page_quote(p, head->cache), unit_name(head->unit));
	for (size_t i = 0; i < g->baselines; i++)
		print_baseline(p, g->baseline[i]);
	if (g->baselines == 0)
		page_tell(p, "baseline", "none in this record");
	print_gated_baseline(p, g);
	for (size_t i = 0; i < g->aas; i++)
		print_null(p, g->aa[i], "nothing attached, twice");
	if (g->aas == 0)
		page_tell(p, "null test",
			  "not measured: the smallest difference that can be seen is not known");
	for (size_t i = 0; i < g->bbs; i++)
		print_null(p, g->bb[i], "one probe, twice");
	conditions_during_run(p, head->workload, head->cache);
	neighbour_print_fact(p, g->config, g->configs);
}

/* Rows differ where a run with --precision had enough of some before the others. */
static void put_range(FILE *line, unsigned int least, unsigned int most)
{
	if (least != most)
		fprintf(line, "%u to ", least);
	fprintf(line, "%u", most);
}

/* What the table leaves to the heading. */
static void print_shared(struct page *p, const struct group *g)
{
	FILE *line = page_line(p);
	const struct record_result *few = g->config[0], *many = few;
	uint64_t least = g->config[0]->n, most = least;

	for (size_t i = 1; i < g->configs; i++) {
		if (g->config[i]->n < least)
			least = g->config[i]->n;
		if (g->config[i]->n > most)
			most = g->config[i]->n;
		if (g->config[i]->rounds < few->rounds)
			few = g->config[i];
		if (g->config[i]->rounds > many->rounds)
			many = g->config[i];
	}
	fputs("n = ", line);
	figure_count(line, least);
	if (most > least) {
		fputs(" to ", line);
		figure_count(line, most);
	}
	fputs(" calls over ", line);
	if (few->rounds == many->rounds)
		figure_things(line, many->rounds, "round");
	else
		fprintf(line, "%u to %u rounds", few->rounds, many->rounds);
	if (many->workers > 1) {
		fputs(" of ", line);
		put_range(line, few->workers, many->workers);
		fputs(" worker processes", line);
	}
	page_fact(p, "each row");
}

static void print_mechanisms(struct page *p, const struct group *g)
{
	FILE *line = page_line(p);
	size_t told = 0;

	for (size_t i = 0; i < g->configs; i++) {
		const char *mechanism =
			g->config[i]->mechanism ? g->config[i]->mechanism : "unknown";
		bool seen = false;

		for (size_t k = 0; k < i && !seen; k++) {
			const char *other =
				g->config[k]->mechanism ? g->config[k]->mechanism : "unknown";

			seen = strcmp(g->config[k]->hook, g->config[i]->hook) == 0 &&
			       strcmp(other, mechanism) == 0;
		}
		if (seen)
			continue;
		fprintf(line, "%s%s: %s", told++ ? "; " : "", page_quote(p, g->config[i]->hook),
			page_quote(p, mechanism));
	}
	page_fact(p, "mechanism");
}

static int print_costs(struct page *p, const struct group *g)
{
	struct listing l;

	columns_fill(&l, p, g->config, g->configs, SECTION_COST);
	listing_fold(&l);
	print_shared(p, g);
	if (l.hidden_for_width)
		print_mechanisms(p, g);
	page_gap(p);
	return listing_print(&l);
}

static int print_group(struct page *p, const struct group *g, const struct record_result *head)
{
	static int (*const parts[])(struct page *, const struct record_result *const *, size_t) = {
		loads_table_print, neighbour_print,  event_cost_print,	  waterfall_print,
		addup_print,	   accounting_print, counter_table_print,
	};
	int err;

	print_heading(p, g, head);
	if (g->configs == 0)
		return 0;
	err = print_costs(p, g);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && !err; i++)
		err = parts[i](p, g->config, g->configs);
	if (!err)
		result_notes_print(p, g->config, g->configs);
	return err;
}

/* Where the first result of the group with the same hook (and program) stands. */
static size_t rank(const struct group *g, size_t result, bool body_too)
{
	size_t i = 0;

	while (i < result &&
	       (strcmp(g->config[i]->hook, g->config[result]->hook) != 0 ||
		(body_too && strcmp(g->config[i]->body, g->config[result]->body) != 0)))
		i++;
	return i;
}

struct place {
	size_t hook, body, index;
	const struct record_result *result;
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

/* By hook, then program, then wakeup policy, each in the order in which the record first has it. */
static int sort_configs(struct group *g)
{
	struct place *places = calloc(g->configs + 1, sizeof(*places));

	if (!places)
		return -ENOMEM;
	for (size_t i = 0; i < g->configs; i++)
		places[i] = (struct place){rank(g, i, false), rank(g, i, true), i, g->config[i]};
	qsort(places, g->configs, sizeof(*places), by_place);
	for (size_t i = 0; i < g->configs; i++)
		g->config[i] = places[i].result;
	free(places);
	return 0;
}

/* Collects the measured results that belong with head. */
static void collect(const struct record *rec, const struct record_result *head, struct group *g)
{
	g->configs = g->baselines = g->aas = g->bbs = 0;
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (result->status != RESULT_MEASURED || !same_group(result, head))
			continue;
		if (is_bare(result) && strcmp(result->body, "baseline") == 0)
			g->baseline[g->baselines++] = result;
		else if (is_bare(result) && strcmp(result->body, "aa") == 0)
			g->aa[g->aas++] = result;
		else if (strcmp(result->body, "bb") == 0)
			g->bb[g->bbs++] = result;
		else if (!is_bare(result))
			g->config[g->configs++] = result;
	}
}

static bool is_first(const struct record *rec, size_t result)
{
	for (size_t i = 0; i < result; i++) {
		if (rec->results[i]->status == RESULT_MEASURED &&
		    same_group(rec->results[i], rec->results[result]))
			return false;
	}
	return rec->results[result]->status == RESULT_MEASURED;
}

int render_groups(struct page *p)
{
	const struct record *rec = p->rec;
	struct group g;
	int err = group_open(&g, rec);

	for (size_t i = 0; i < rec->n_results && !err; i++) {
		if (!is_first(rec, i))
			continue;
		collect(rec, rec->results[i], &g);
		err = sort_configs(&g);
		if (!err)
			err = print_group(p, &g, rec->results[i]);
	}
	free((void *)g.config);
	return err;
}

int render_configs(const struct record *rec, const char *workload, const char *cache,
		   const struct record_result ***out, size_t *n)
{
	struct group g;
	int err = group_open(&g, rec);

	for (size_t i = 0; i < rec->n_results && !err && !g.configs; i++) {
		const struct record_result *result = rec->results[i];

		if (result->status == RESULT_MEASURED && strcmp(result->workload, workload) == 0 &&
		    strcmp(result->cache, cache) == 0)
			collect(rec, result, &g);
	}
	if (!err)
		err = sort_configs(&g);
	*out = g.config;
	*n = err ? 0 : g.configs;
	return err;
}

void render_legend(struct page *p)
{
	static const char *const notes[] = {
		"typical: interquartile mean with the probe, minus that of the same round's "
		"baseline; mean: the same, nothing trimmed. Negative values are printed as they "
		"are.",
		"[lo, hi], ± and lo..hi: 95 % over worker processes where a row has several, else "
		"over rounds. \"~\": the interval includes zero. \"?\": there is no interval. A "
		"mean "
		"whose interval includes zero is not resolved.",
		"shift: the quantile with the probe minus the baseline's. A difference of p99s is "
		"not the p99 of the cost. p99.9 needs 3,700 calls.",
		"max: the longest call with the probe. Baselines and max are lengths, everything "
		"else is a difference.",
		"wakeup, the wakeup policy: per-event: each event wakes the reader, which sleeps; "
		"busy-poll: the same, but the reader spins; every-N: one event in N wakes it; "
		"none: nobody is woken, the caller reads between blocks of calls; polled-1ms: "
		"nobody is woken, the reader looks every 1 ms; spin: nobody is woken, the reader "
		"spins; buffer-full: nobody reads, every event is lost. In ids these are "
		"caught_up, busy, sampled, idle, polled_1ms, spin and none.",
	};

	if (!p->rec->n_results && !rows_have_legend(p))
		return;
	page_head(p, "How to read this");
	for (size_t i = 0; i < sizeof(notes) / sizeof(*notes) && p->rec->n_results; i++)
		page_say(p, "%s", page_quote(p, notes[i]));
	rows_print_legend(p);
}

static int render_page(const struct record *rec, enum render_format format, FILE *out)
{
	static int (*const parts[])(struct page *) = {
		cold_print_proofs, render_groups, cold_print_against_hot,
		data_print,	   rows_print,	  unmeasured_print,
	};
	struct page p;
	int err;

	err = page_open(&p, rec, format, out);
	if (err)
		return err;
	conditions_print(&p);
	withdrawn_print(&p);
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts) && !err; i++)
		err = parts[i](&p);
	render_legend(&p);
	page_close(&p);
	return err;
}

int render_record(const struct record *rec, enum render_format format, FILE *out)
{
	int err = 0;

	if (format == RENDER_CSV)
		record_csv_print(rec, out);
	else
		err = render_page(rec, format, out);
	if (!err && (fflush(out) || ferror(out)))
		err = -EIO;
	return err;
}
