/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/show/costs/result_notes.h"
#include "reports/effects/censor.h"
#include "reports/judge/null_test.h"
#include "reports/show/figure.h"
#include "reports/record/treatment.h"

static FILE *begin(struct page *page, const struct record_result *result, uint64_t calls)
{
	FILE *line = page_line(page);

	fprintf(line, "%s: ", page_quote(page, result->id));
	figure_things(line, calls, "call");
	return line;
}

static void print_withheld(const struct record_result *result, FILE *line)
{
	bool p99 = censor_withheld(result, CENSOR_P99_MOST);

	if (!censor_withheld(result, CENSOR_P999_MOST))
		return;
	/* older records kept the figures */
	fprintf(line, "; they are %.2g %% of its calls, %s %s %s", 100 * censor_share(result),
		treatment_known(&result->reader) ? "so" : "too many for",
		p99 ? "p99 and p99.9" : "p99.9",
		!treatment_known(&result->reader) ? "to mean much"
		: p99				  ? "are withheld"
						  : "is withheld");
}

static void print_left_out(struct page *page, const struct record_result *result)
{
	FILE *line;

	if (result->migrated) {
		line = begin(page, result, result->migrated);
		/* one mark stood for both then */
		fputs(strcmp(result->wakeup, "caught_up") == 0 && !treatment_known(&result->reader)
			      ? ": the reader was still awake after 2 ms, or "
				"they changed CPU inside the timed region (this record does not "
				"tell)"
			      : ": they changed CPU inside the timed region",
		      line);
		if (!result->censored)
			print_withheld(result, line);
		page_fact(page, "left out");
	}
	if (result->censored) {
		line = begin(page, result, result->censored);
		fputs(": the reader was still awake after 2 ms", line);
		print_withheld(result, line);
		page_fact(page, "left out");
	}
}

static void print_realised(struct page *page, const struct record_result *result)
{
	double realised;

	if (!result->events.present || treatment_realised(&result->reader, result->events.wakeups,
							  result->events.received, &realised))
		return;
	page_tell(page, "wakeups",
		  "%s: woken %.4f times an event, where 1 in %u is %.4f: not the wakeup policy "
		  "that its name says (the reader was awake when it was called)",
		  page_quote(page, result->id), realised, result->reader.every,
		  1.0 / result->reader.every);
}

void result_notes_sampled(struct page *page, unsigned int every)
{
	if (every < 2)
		return;
	fprintf(page_line(page),
		every < 100 ? "1 call in %u wakes the reader, more than one in a hundred: the p99 "
			      "of these rows is the price of a wakeup. With --wake-every above 100 "
			      "p99 would not show the wakeups, which would cost as much."
			    : "1 call in %u wakes the reader, fewer than one in a hundred: the p99 "
			      "of these rows does not show the price of a wakeup. With "
			      "--wake-every below 100 it would be that price.",
		every);
	page_fact(page, "every-N");
}

void result_notes_print(struct page *page, const struct record_result *const *results, size_t n)
{
	unsigned int every = 0;

	for (size_t i = 0; i < n; i++) {
		print_left_out(page, results[i]);
		print_realised(page, results[i]);
		if (results[i]->reader.every)
			every = results[i]->reader.every;
		else if (!every && !treatment_known(&results[i]->reader) &&
			 strcmp(results[i]->wakeup, "sampled") == 0)
			every = 64; /* a constant then */
	}
	result_notes_sampled(page, every);
}

static void say_figures(FILE *out, const struct null_test *test, enum unit unit)
{
	size_t told = 0;

	for (size_t i = 0; i < NULL_TEST_FIGURES; i++) {
		if (isnan(test->figure[i].e.value))
			continue;
		fprintf(out, "%s%s ", told++ ? ", " : "", test->figure[i].name);
		figure_effect(out, test->figure[i].e, unit, FIGURE_UNMARKED);
	}
	fprintf(out, " %s", unit_name(unit));
}

/* A length that decides: "4.2 ns", "43 ns". */
static void say_bound(FILE *out, double bound, enum unit unit)
{
	fprintf(out, "%.*f %s", bound < 10 ? 1 : 0, bound, unit_name(unit));
}

static void say_limit(FILE *out, const struct null_test *test, enum unit unit)
{
	const struct null_figure *typical = &test->figure[0];
	double limit = null_test_limit(typical->e);

	if (isnan(limit)) {
		fputs("; no interval, so no detection limit", out);
		return;
	}
	if (!(limit > 0)) {
		fputs("; the two are the same", out);
		return;
	}
	fputs(". Differences under ", out);
	say_bound(out, limit, unit);
	fputs(" cannot be seen here", out);
	if (test->verdict == NULL_FAILS)
		return;
	if (isnan(typical->bound)) {
		fputs("; no row has an interval to hold that against", out);
		return;
	}
	fprintf(out, "%s the narrower rows claim to show ",
		test->verdict == NULL_PASSES ? ";" : ", but");
	say_bound(out, typical->bound, unit);
}

static void say_failed(FILE *out, const struct null_test *test, enum unit unit)
{
	size_t told = 0;

	fputs(". Two configurations that are the same differ by more than the narrower rows claim "
	      "to show (",
	      out);
	for (size_t i = 0; i < NULL_TEST_FIGURES; i++) {
		if (test->figure[i].verdict != NULL_FAILS)
			continue;
		fprintf(out, "%s%s: ", told++ ? ", " : "", test->figure[i].name);
		say_bound(out, test->figure[i].bound, unit);
	}
	fputs("): distrust this table", out);
}

void null_test_say(FILE *out, const struct record *rec, const struct record_result *result)
{
	struct null_test test;

	if (null_test_of(rec, result, &test)) {
		fputs("out of memory", out);
		return;
	}
	fprintf(out, "%s: ", null_verdict_name(test.verdict));
	say_figures(out, &test, result->unit);
	say_limit(out, &test, result->unit);
	if (test.verdict == NULL_FAILS)
		say_failed(out, &test, result->unit);
}
