/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/show/conditions.h"
#include "reports/show/figure.h"
#include "reports/judge/null_test.h"
#include "reports/show/escape.h"
#include "reports/show/render.h"
#include "reports/document/report_parts.h"
#include "reports/show/rows.h"
#include "reports/show/listing.h"
#include "reports/show/unmeasured.h"

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
	fprintf(line, "In this run: %zu configurations, up to %u rounds, ", configs, rounds);
	figure_count(line, calls);
	fprintf(line, " timed calls, order and bootstrap from seed %llu, ",
		(unsigned long long)rec->seed);
	fprintf(line, "measured on CPU %d, read on CPU %d: ", rec->placement.measure_cpu,
		rec->placement.reader_cpu);
	escape_print(line, rec->placement.reason, RENDER_MARKDOWN);
	fprintf(line,
		". The clock steps by %.0f tick(s) of %.3f GHz; an empty timed region reads %.1f "
		"ns (typical): that timer overhead is taken off lengths.",
		rec->host.tsc_quantum, rec->host.tsc_hz / 1e9, rec->floor.typical);
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
		report_text(r, "No null test was made: the smallest difference that these records "
			       "can show is not known.");
		return 0;
	}
	report_text(
		r,
		"Null tests: the difference of two configurations that are the same, with nothing "
		"attached or with one probe. The largest difference that its interval allows is "
		"the "
		"detection limit: smaller ones cannot be seen. The test passes where the whole "
		"interval is below what the narrower rows of the syscall claim to show (1.43 "
		"half-widths, at the rows' lower quartile, at least 1 ns), and fails where all of "
		"it is above, widened for 40 tests.");
	page_gap(&r->page);
	return listing_print(&l);
}

int report_method(struct report *r)
{
	report_section(r, "Method");
	report_text(
		r,
		"A call is timed alone: fence, clock, the syscall instruction with its arguments "
		"in registers, clock, fence, store. A **round** visits each **configuration** "
		"once, in random order: its program is loaded and attached, N calls must give N "
		"runs of the program, and a block of calls is timed. Its **baseline** is a block "
		"of the same round with nothing attached. The effect of a round is configuration "
		"minus baseline. Every interval is 95 %% over the worker processes that timed the "
		"rounds (over rounds where one process timed all), never over calls.");
	report_text(
		r,
		"**Typical** is the interquartile mean of a block, trimmed over rounds: the usual "
		"call. **Mean** trims nothing: what a million calls cost. **Shifts** at p50, p90, "
		"p99 and p99.9 are differences of quantiles. Deltas are signed, a negative one is "
		"printed as it is, and `~` marks an interval that includes zero.");
	report_text(r,
		    "The **wakeup policy** belongs to every figure of a probe that sends events: "
		    "*per-event*, the reader sleeps and each event wakes it; *every-N*, one event "
		    "in N wakes it; *busy-poll*, the reader spins; *none*, nobody is woken, the "
		    "caller reads between blocks of calls; *polled-1ms*, nobody is woken, the "
		    "reader looks every 1 ms; *spin*, nobody is woken, the reader spins; "
		    "*buffer-full*, nobody reads and all is lost. Event accounting: all events are "
		    "accounted for (produced = received + lost), or the result is invalid.");
	put_run_facts(r);
	return put_null_tests(r);
}

static void put_commands(struct report *r)
{
	report_heading(r, "Commands that reproduce this");
	for (size_t i = 0; i < r->e->n_runs + r->e->n_labs; i++) {
		const struct record *rec = i < r->e->n_runs ? r->e->runs[i].record
							    : r->e->labs[i - r->e->n_runs].record;
		FILE *line = page_line(&r->page);

		for (size_t k = 0; k < rec->n_argv; k++) {
			fputs(k ? " " : "", line);
			escape_part(line, rec->argv[k], RENDER_MARKDOWN);
		}
		if (rec->n_argv == 0)
			fputs("a command that was not kept", line);
		fprintf(line, " (seed %llu)", (unsigned long long)rec->seed);
		page_fact(&r->page, i < r->e->n_runs ? "run" : "in a guest of the lab");
	}
	report_text(r, "The order of configurations follows from the seed; figures in ns will "
		       "differ within their intervals, counts of instructions will not.");
}

static int put_raw(struct report *r, const struct record *rec)
{
	int err;

	r->page.rec = rec;
	err = render_groups(&r->page);
	/* the sections on helpers and on rates have printed theirs */
	if (!err && !rec->n_event_points && !rec->n_slopes)
		err = rows_print(&r->page);
	if (!err)
		err = unmeasured_print(&r->page);
	r->page.rec = r->rec;
	return err;
}

int report_appendix(struct report *r)
{
	int err = 0;

	report_section(r, "Appendix: system, raw tables, reproduction");
	for (size_t i = 0; i < r->e->n_runs; i++) {
		report_heading(r, i ? "System, another run" : "System");
		r->page.rec = r->e->runs[i].record;
		conditions_facts(&r->page);
		r->page.rec = r->rec;
	}
	put_commands(r);
	for (size_t i = 0; i < r->e->n_runs && !err; i++)
		err = put_raw(r, r->e->runs[i].record);
	if (!err)
		render_legend(&r->page);
	return err;
}
