/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/judge/null_test.h"
#include "reports/show/escape.h"
#include "reports/document/report_parts.h"
#include "reports/document/report_words.h"
#include "reports/export/tables.h"
#include "reports/record/record_rows.h"
#include "reports/show/listing.h"

static size_t measured_of(const struct record *rec)
{
	size_t n = record_rows_measured(rec);

	for (size_t i = 0; i < rec->n_results; i++)
		n += rec->results[i]->status == RESULT_MEASURED;
	return n;
}

/* What each record is, so that a letter says it everywhere else. */
static void put_records(struct report *r)
{
	FILE *out = r->page.out;

	fputs("\n| record | suite | taken | kernel | results and rows | warnings |\n"
	      "| --- | --- | --- | --- | ---: | ---: |\n",
	      out);
	for (size_t i = 0; i < r->e->n_runs + r->e->n_labs; i++) {
		bool lab = i >= r->e->n_runs;
		const struct record *rec =
			lab ? r->e->labs[i - r->e->n_runs].record : r->e->runs[i].record;

		fprintf(out, "| %s | ", tables_letter(lab ? i - r->e->n_runs : i, lab).text);
		escape_print(out, rec->suite, RENDER_MARKDOWN);
		fputs(" | ", out);
		escape_print(out, rec->created, RENDER_MARKDOWN);
		fputs(" | ", out);
		escape_print(out, rec->host.kernel, RENDER_MARKDOWN);
		fprintf(out, " | %zu | %zu |\n", measured_of(rec), rec->n_warnings);
	}
}

static void put_run_facts(struct report *r)
{
	const struct record *rec = r->rec;
	unsigned int rounds = 0;
	uint64_t calls = 0;
	size_t configs = 0;
	FILE *line = page_line(&r->page);

	for (size_t i = 0; i < rec->n_results; i++) {
		if (rec->results[i]->status != RESULT_MEASURED)
			continue;
		configs++;
		calls += rec->results[i]->n;
		if (rec->results[i]->rounds > rounds)
			rounds = rec->results[i]->rounds;
	}
	if (configs == 0)
		return;
	fputs("The costs of calls are those of ", line);
	words_record(line, r->e, rec);
	fprintf(line, ": %zu configurations, up to %u rounds, ", configs, rounds);
	figure_count(line, calls);
	fputs(" timed calls.", line);
	if (!isnan(rec->host.tsc_quantum))
		fprintf(line, " Its clock steps by %.1f ns.",
			rec->host.tsc_quantum / rec->host.tsc_hz * 1e9);
	if (!isnan(rec->floor.typical))
		fprintf(line, " An empty timed region reads %.1f ns, which is taken off lengths.",
			rec->floor.typical);
	page_note(&r->page);
}

static bool is_bb(const struct record_result *result)
{
	return strcmp(result->body, "bb") == 0;
}

static void put_pair(FILE *out, const struct entry *e)
{
	fputs(is_bb(e->row) ? "one probe" : "nothing attached", out);
}

static void put_unmarked(FILE *out, const struct entry *e)
{
	figure_effect(out, *(const struct effect *)entry_member(e),
		      ((const struct record_result *)e->row)->unit, FIGURE_UNMARKED);
}

static void put_limit(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;
	double limit = null_test_limit(result->overhead.typical);

	if (isnan(limit))
		fputc('-', out);
	else
		fprintf(out, "%.*f", limit < 10 ? 1 : 0, limit);
}

static void put_outcome(FILE *out, const struct entry *e)
{
	struct null_test test;

	if (null_test_of(e->list->page->rec, e->row, &test)) {
		fputs("out of memory", out);
		return;
	}
	fputs(null_verdict_name(test.verdict), out);
	if (test.verdict == NULL_FAILS)
		fputs(": distrust the results of this syscall", out);
}

#define RESULT(member) offsetof(struct record_result, member)

/* Each workload's null tests. */
static int put_null_tests(struct report *r)
{
	static const struct column columns[] = {
		{"syscall", put_text, RESULT(workload), 0},
		{"cache", put_text, RESULT(cache), 0},
		{"twice", put_pair, 0, 0},
		{"typical, ns", put_unmarked, RESULT(overhead.typical), COLUMN_RIGHT},
		{"mean, ns", put_unmarked, RESULT(overhead.mean), COLUMN_RIGHT},
		{"p99, ns", put_unmarked, RESULT(overhead.p99), COLUMN_RIGHT},
		{"p99.9, ns", put_unmarked, RESULT(overhead.p999), COLUMN_RIGHT},
		{"detection limit, ns", put_limit, 0, COLUMN_RIGHT},
		{"outcome", put_outcome, 0, 0},
	};
	struct listing l = LISTING(&r->page, columns);

	for (size_t i = 0; i < r->rec->n_results; i++) {
		const struct record_result *result = r->rec->results[i];

		if (null_test_is_one(result))
			listing_row(&l, result);
	}
	if (!l.rows) {
		report_text(r, "No null test was made: the detection limit is not known.");
		return 0;
	}
	report_heading(r, "Null tests");
	report_text(r, "Two configurations that are the same: their difference should be zero. The "
		       "largest difference that its interval allows is the detection limit. "
		       "Smaller ones cannot be seen.");
	report_text(r, "A test passes where the whole interval is below what the narrower rows of "
		       "that syscall claim to show. It fails where all of it is above, widened for "
		       "40 tests. bpftoll-method(7) has the rule.");
	page_gap(&r->page);
	return listing_print(&l);
}

/* One line for all that there is no section for. */
static void put_absent(struct report *r)
{
	bool slopes = false, points = false, apps = false, tools = false;
	FILE *line = page_line(&r->page);
	size_t told = 0;

	for (size_t i = 0; i < r->e->n_runs; i++) {
		const struct record *rec = r->e->runs[i].record;

		slopes |= rec->n_slopes > 0;
		points |= rec->n_event_points > 0;
		apps |= rec->n_app_results > 0;
		tools |= rec->n_crosschecks > 0;
	}
	const struct {
		bool there;
		const char *what;
	} kinds[] = {
		{r->n_configs > 0, "costs of calls (`bpftoll run`)"},
		{slopes, "prices of helpers (`bpftoll run --suite helpers`)"},
		{points, "rates and losses (`bpftoll run --suite events`)"},
		{tools, "other tools (`bpftoll run --suite crosscheck`)"},
		{apps, "applications (`bpftoll run --suite apps`)"},
		{r->e->n_labs > 0, "exact instruction counts (`bpftoll lab`)"},
		{r->e->n_xrays > 0, "a flame graph of one hit (`bpftoll lab --xray VARIANT`)"},
	};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!kinds[i].there)
			fprintf(line, "%s%s", told++ ? ", " : "**Not in these records:** ",
				kinds[i].what);
	if (!told)
		return;
	fputs(".", line);
	page_note(&r->page);
}

int report_method(struct report *r)
{
	report_section(r, "Methodology");
	put_records(r);
	put_absent(r);
	put_run_facts(r);
	report_text(
		r, "A call is timed alone, between two readings of the CPU's clock. A **round** "
		   "visits each **configuration** once, in random order. Its program is loaded and "
		   "attached, N calls must give N runs of it, and a block of calls is timed. Its "
		   "**baseline** is a block of the same round with nothing attached.");
	report_text(
		r, "The effect of a round is configuration minus baseline. Every interval is 95 %% "
		   "over the worker processes that timed the rounds, never over calls. One process "
		   "alone: over rounds.");
	report_text(r,
		    "**Typical** is the interquartile mean of a block: the usual call. **Mean** "
		    "trims nothing: what a million calls cost. **Shifts** are differences of "
		    "quantiles. A negative figure is printed as it is, and `~` marks an interval "
		    "that includes zero.");
	report_text(
		r, "The **p99 of the cost** lies between two bounds, however the cost depends on "
		   "the call. At most it is the p99 with the probe less the shortest call without. "
		   "A shift of p99s bounds nothing.");
	report_text(
		r, "The **wakeup policy** belongs to every figure of a probe that sends events. "
		   "*per-event*: each event wakes the reader. *every-N*: one in N does. *none*: "
		   "nobody is woken, and the caller reads between blocks. *polled-1ms*: the reader "
		   "looks every 1 ms. *spin*, *busy-poll*: the reader never sleeps. *buffer-full*: "
		   "nobody reads, and all is lost.");
	report_text(r, "All events are accounted for: produced = received + lost, or the result is "
		       "invalid.");
	return put_null_tests(r);
}
