/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/judge/app_answer.h"
#include "reports/stats/abba.h"
#include "reports/show/events/app_table.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/show/listing.h"
#include "reports/record/record_rows.h"

#define ASKED_PERCENT 2
#define ALONE	      APP_ALONE
#define ALL_PROBES    "all_probes"

/* The first of the three that a program has is what it is judged by. */
static const char *const judged[] = {"throughput", "wall_time", "program_cpu"};

/* Columns of other quantities, in the table if the program has any of them. */
static const struct quantity {
	const char *name, *header;
	bool change; /* in % of the program alone; else the value with the probe */
} quantities[] = {
	{"cpu_per_operation", "CPU/op %", true}, {"cpu_time", "CPU time %", true},
	{"latency_p50", "p50 %", true},		 {"latency_p99", "p99 %", true},
	{"latency_p999", "p99.9 %", true},	 {"pause_p50", "pause p50 %", true},
	{"pause_p99", "pause p99 %", true},	 {"events_per_s", "events/s", false},
	{"events_lost", "lost %", false},	 {"consumer_cpu", "reader CPU %", false},
};
#define QUANTITIES (sizeof(quantities) / sizeof(quantities[0]))

/* What is told of the program alone, and in which row it is. */
static const struct {
	const char *variant, *quantity, *what;
} facts[] = {
	{ALONE, "throughput", "operations/s"},
	{ALONE, "wall_time", "s a run"},
	{ALONE, "cpu_time", "s of CPU a run"},
	{ALONE, "cpu_per_operation", "us of CPU each"},
	{ALONE, "program_cpu", "% of a CPU"},
	{"counting", "syscalls_per_s", "syscalls/s"},
	{"counting", "munmap_per_s", "munmap/s"},
	{"counting", "madvise_dontneed_per_s", "madvise DONTNEED/s"},
	{"counting", "madvise_free_per_s", "madvise FREE/s"},
	{"counting", "madvise_other_per_s", "other madvise/s"},
	{ALONE, "evictions_per_s", "evictions/s"},
	{ALONE, "buffer_evictions_per_s", "buffers evicted/s"},
	{ALONE, "fragmentation_ratio", "fragmentation ratio"},
	{ALONE, "heap_used", "MiB of heap"},
	{ALONE, "paused", "% of the time paused"},
	{ALONE, "harness_cpu", "% of a CPU taken by bpftoll itself"},
	{ALONE, "machine_cpu", "% of the machine busy"},
	{ALONE, "steal", "% of the machine stolen"},
};
#define FACTS (sizeof(facts) / sizeof(facts[0]))

static bool same_program(const struct app_result *a, const struct app_result *b)
{
	return strcmp(a->app, b->app) == 0 && strcmp(a->scale, b->scale) == 0;
}

static bool same_probe(const struct app_result *a, const struct app_result *b)
{
	return same_program(a, b) && strcmp(a->variant, b->variant) == 0 &&
	       strcmp(a->monitored, b->monitored) == 0;
}

static const struct app_result *of_variant(const struct record *rec, const struct app_result *head,
					   const char *variant, const char *quantity)
{
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *row = &rec->app_results[i];

		if (row->status == RESULT_MEASURED && same_program(row, head) &&
		    strcmp(row->variant, variant) == 0 && strcmp(row->quantity, quantity) == 0)
			return row;
	}
	return NULL;
}

static const struct app_result *of_probe(const struct record *rec, const struct app_result *probe,
					 const char *quantity)
{
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *row = &rec->app_results[i];

		if (row->status == RESULT_MEASURED && same_probe(row, probe) &&
		    strcmp(row->quantity, quantity) == 0)
			return row;
	}
	return NULL;
}

/* What the program is judged by; NULL: nothing of it was measured. */
static const char *judged_by(const struct record *rec, const struct app_result *head)
{
	for (size_t i = 0; i < sizeof(judged) / sizeof(judged[0]); i++)
		if (of_variant(rec, head, ALONE, judged[i]))
			return judged[i];
	return NULL;
}

/* Without a sign: a rate, a share, a time. */
static void put_amount(FILE *out, struct effect e)
{
	double half = (e.hi - e.lo) / 2, place;
	int decimals = figure_decimals(half);

	if (isnan(e.value)) {
		fputc('-', out);
	} else if (!(half > 0)) {
		figure_plain(out, e.value, 4);
	} else {
		place = pow(10, -decimals);
		fprintf(out, "%.*f", decimals > 0 ? decimals : 0, round(e.value / place) * place);
		fprintf(out, " ±%.*f", decimals > 0 ? decimals : 0,
			ceil(half / place - 1e-9) * place);
	}
}

/* ---- above the table ---- */

static void put_facts(struct page *p, const struct app_result *head)
{
	FILE *line = page_line(p);
	size_t told = 0;

	for (size_t i = 0; i < FACTS; i++) {
		const struct app_result *row =
			of_variant(p->rec, head, facts[i].variant, facts[i].quantity);

		if (!row || isnan(row->value.value))
			continue;
		fputs(told++ ? "; " : "", line);
		put_amount(line, row->value);
		fprintf(line, " %s", facts[i].what);
	}
	page_fact(p, "alone");
}

static void put_note(struct page *p, const struct app_result *head)
{
	for (size_t i = 0; i < p->rec->n_app_results; i++) {
		const struct app_result *row = &p->rec->app_results[i];

		if (!row->note || !same_program(row, head) || strcmp(row->variant, ALONE) != 0)
			continue;
		page_tell(p, "how", "%s", page_quote(p, row->note));
		return;
	}
}

static void say_again(struct page *p, FILE *line, const struct app_result *row)
{
	enum null_verdict verdict;
	double bound;

	if (app_null_test(p->rec, row, &verdict, &bound)) {
		fputs("out of memory", line);
		return;
	}
	fprintf(line, "%s: %s %% over %u pairs of windows", null_verdict_name(verdict),
		page_effect(p, row->change, UNIT_NS, FIGURE_UNMARKED), row->windows);
	if (verdict == NULL_UNKNOWN) {
		fputs("; no interval, so no detection limit", line);
		return;
	}
	fputs(". Changes under ", line);
	figure_plain(line, null_test_limit(row->change), 2);
	fputs(" % cannot be seen here", line);
	if (verdict == NULL_FAILS)
		fputs(". Windows that are the same differ by more than the narrower rows claim to "
		      "show (",
		      line);
	else
		fprintf(line, "%s the narrower rows claim to show ",
			verdict == NULL_PASSES ? ";" : ", but");
	figure_plain(line, bound, 2);
	fputs(verdict == NULL_FAILS ? " %): distrust this program's rows" : " %", line);
}

static void put_again(struct page *p, const struct app_result *head, const char *by)
{
	const struct app_result *row = of_variant(p->rec, head, APP_AGAIN, by);
	FILE *line = page_line(p);

	if (row)
		say_again(p, line, row);
	else
		fputs("not measured: the smallest change that can be seen is not known", line);
	page_fact(p, "null test");
}

/* ---- the table ---- */

static void put_agreement(FILE *out, const struct entry *e)
{
	const struct app_result *row = e->row;
	enum app_answer answer = app_answer(e->list->page->rec, row);

	fputs(app_answer_name(answer), out);
	if (answer != APP_BELOW)
		return;
	fputs(" (", out);
	figure_plain(out, abba_visible(row->change), 2);
	fputs(" %)", out);
}

static void put_quantity(FILE *out, const struct entry *e)
{
	const struct quantity *q = &quantities[e->column->at];
	const struct app_result *at = of_probe(e->list->page->rec, e->row, q->name);

	if (!at || q->change)
		put_effect_of(out, at ? &at->change : NULL, UNIT_NS);
	else
		put_amount(out, at->value);
}

static bool is_row(const struct app_result *row, const struct app_result *head, const char *by)
{
	return row->status == RESULT_MEASURED && same_program(row, head) &&
	       strcmp(row->quantity, by) == 0 && strcmp(row->variant, ALONE) != 0;
}

/* Has a row of the table that quantity? */
static bool has(const struct record *rec, const struct app_result *head, const char *by,
		const char *quantity)
{
	for (size_t i = 0; i < rec->n_app_results; i++)
		if (is_row(&rec->app_results[i], head, by) &&
		    of_probe(rec, &rec->app_results[i], quantity))
			return true;
	return false;
}

#define APP(member) offsetof(struct app_result, member)

static int put_table(struct page *p, const struct app_result *head, const char *by)
{
	char judged_header[64];
	struct column columns[5 + QUANTITIES] = {
		{"probe", put_text, APP(variant), 0},
		{"monitored", put_text, APP(monitored), 0},
		{judged_header, put_effect, APP(change), COLUMN_RIGHT},
		{"predicted %", put_effect, APP(predicted), COLUMN_RIGHT},
		{"measured and predicted", put_agreement, 0, 0},
	};
	struct listing l = {.page = p, .columns = columns, .n = 5};

	snprintf(judged_header, sizeof(judged_header), "%s %%", by);
	for (size_t q = 0; q < QUANTITIES; q++)
		if (has(p->rec, head, by, quantities[q].name))
			columns[l.n++] = (struct column){quantities[q].header, put_quantity, q,
							 COLUMN_RIGHT};
	listing_open(&l);
	for (size_t i = 0; i < p->rec->n_app_results; i++)
		if (is_row(&p->rec->app_results[i], head, by))
			listing_row(&l, &p->rec->app_results[i]);
	page_gap(p);
	return listing_print(&l);
}

/* ---- below it ---- */

static const char *answer(enum abba_answer what)
{
	switch (what) {
	case ABBA_SEEN:
		return "a change is seen";
	case ABBA_EXCLUDED:
		return "a change of 2 % is excluded";
	case ABBA_OPEN:
		break;
	}
	return "a change of 2 % is neither seen nor excluded";
}

static void put_answer(struct page *p, const struct app_result *head, const char *by)
{
	const struct app_result *row = of_variant(p->rec, head, ALL_PROBES, by);

	FILE *line;

	if (!row || isnan(row->change.lo))
		return;
	line = page_line(p);
	fprintf(line, "%s, all probes together: %s: %s %% over %u pairs, so no more than ", by,
		answer(abba_answer(row->change, ASKED_PERCENT)),
		page_effect(p, row->change, UNIT_NS, FIGURE_UNMARKED), row->windows);
	figure_plain(line, abba_allowed(row->change), 2);
	fputs(" % either way; a change from ", line);
	figure_plain(line, abba_visible(row->change), 2);
	fputs(" % on would be seen by four such runs in five", line);
	page_fact(p, "2 %");
}

static int print_program(struct page *p, const struct app_result *head)
{
	const char *by = judged_by(p->rec, head);
	int err;

	if (!by)
		return 0;
	page_head(p, "%s, scale %s: change in %% of the program alone", page_quote(p, head->app),
		  page_quote(p, head->scale));
	put_facts(p, head);
	put_note(p, head);
	put_again(p, head, by);
	err = put_table(p, head, by);
	if (!err) {
		page_gap(p);
		put_answer(p, head, by);
		/* what a probe takes is CPU time; it varies less than what a program achieves */
		put_answer(p, head,
			   of_variant(p->rec, head, ALL_PROBES, "cpu_per_operation")
				   ? "cpu_per_operation"
				   : "cpu_time");
	}
	return err;
}

static bool is_first(const struct record *rec, size_t row)
{
	for (size_t i = 0; i < row; i++)
		if (same_program(&rec->app_results[i], &rec->app_results[row]))
			return false;
	return true;
}

int app_table_print(struct page *page)
{
	int err = 0;

	for (size_t i = 0; i < page->rec->n_app_results && !err; i++)
		if (is_first(page->rec, i))
			err = print_program(page, &page->rec->app_results[i]);
	return err;
}
