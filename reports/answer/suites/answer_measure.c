/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What programs of others add to the operation that runs them: a row a program and operation. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/record/record_rows.h"
#include "reports/record/wakeup_name.h"

#define COLUMNS_IN(unit, adds)                                                                    \
	{                                                                                         \
		{"program", "program", ANSWER_WORDS, false},                                      \
			{"trigger", "operation", ANSWER_WORDS, false},                            \
			{"typical", adds, unit, false},                                           \
			{"events", "events/call", ANSWER_COUNT, true},                            \
			{"runs", "runs/call", ANSWER_COUNT, true},                                \
			{"p99", "p99 shift", unit, true}, {"call", "the call alone", unit, true}, \
			{"wakeup", "wakeup policy", ANSWER_WORDS, true},                          \
			{"section", "section", ANSWER_WORDS, true},                               \
	}

static const struct answer_column in_ns[] = COLUMNS_IN(ANSWER_NS, "adds, 95 % CI");
static const struct answer_column in_instructions[] =
	COLUMNS_IN(ANSWER_INSTRUCTIONS, "adds instructions");
#define COLUMNS (sizeof(in_ns) / sizeof(in_ns[0]))

static bool counts_instructions(const struct record *rec)
{
	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i]->status == RESULT_MEASURED)
			return rec->results[i]->unit == UNIT_INSTRUCTIONS;
	return false;
}

static bool is_measured(const struct record_result *result)
{
	return result->foreign.present && result->status == RESULT_MEASURED;
}

static bool is_together(const struct record_result *result)
{
	return !strcmp(result->hook, "together");
}

static void add_row(struct answer *a, const struct record_result *result)
{
	answer_row(a);
	answer_text(a, "%s", is_together(result) ? "all together" : result->variant);
	answer_text(a, "%s", result->workload);
	answer_effect(a, result->overhead.typical);
	answer_number(a, result->foreign.events);
	answer_number(a, result->foreign.runs);
	answer_effect(a, result->overhead.p99);
	answer_number(a, result->baseline.typical);
	answer_text(a, "%s", wakeup_name(result->wakeup).text);
	answer_text(a, "%s", result->foreign.section ? result->foreign.section : "-");
}

/* Programs alone do less than beside those that they work with. */
static void say_alone(struct answer *a, const struct record *rec)
{
	size_t alone = 0, together = 0;

	for (size_t i = 0; i < rec->n_results; i++) {
		if (!is_measured(rec->results[i]))
			continue;
		together += is_together(rec->results[i]);
		alone +=
			!is_together(rec->results[i]) && strcmp(rec->results[i]->hook, "tool") != 0;
	}
	if (alone > 1 && !together)
		answer_line(a, "Alone",
			    "each program was attached alone, and may do less than beside the "
			    "others of its tool: --all measures them together");
}

/* Where a tool has attached programs, once for all of its rows. */
static void say_attached(struct answer *a, const struct record *rec)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (!is_measured(result) || strcmp(result->hook, "tool") != 0)
			continue;
		answer_line(a, "Attached", "%s: %s",
			    result->mechanism ? result->mechanism : "unknown",
			    result->foreign.section && *result->foreign.section
				    ? result->foreign.section
				    : "the kernel does not say where");
		return;
	}
}

static void say_lost(struct answer *a, const struct record *rec)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (is_measured(result) && result->events.present && result->events.lost)
			answer_line(a, "Lost",
				    "%s: %llu of %llu events found no room in the buffer, and cost "
				    "less than others",
				    result->variant, (unsigned long long)result->events.lost,
				    (unsigned long long)result->events.produced);
	}
}

static bool same_reason(const struct record_result *x, const struct record_result *y)
{
	return x->foreign.present && y->foreign.present && x->status != RESULT_MEASURED &&
	       y->status != RESULT_MEASURED && x->reason && y->reason &&
	       !strcmp(x->reason, y->reason);
}

/* A line a reason, with the names of those that have it. */
#define REASONS_MOST 3
static void say_unmeasured(struct answer *a, const struct record *rec)
{
	size_t reasons = 0;

	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];
		size_t same = 0, before = 0;

		if (!result->foreign.present || result->status == RESULT_MEASURED)
			continue;
		for (size_t k = 0; k < rec->n_results; k++)
			if (same_reason(result, rec->results[k])) {
				same++;
				before += k < i;
			}
		if (before)
			continue;
		/* each may take several lines of the screen */
		if (++reasons > REASONS_MOST) {
			answer_line(a, "", "and more reasons: --full");
			return;
		}
		if (same > 1)
			answer_line(a, "No figure", "%s and %zu more: %s", result->variant,
				    same - 1, result->reason);
		else
			answer_line(a, "No figure", "%s: %s", result->variant,
				    result->reason ? result->reason : "unknown");
	}
}

/* ---- a command with and without the programs ---- */

static const struct answer_column of_command[] = {
	{"program", "program", ANSWER_WORDS, false},
	{"quantity", "the command's", ANSWER_WORDS, false},
	{"change", "change", ANSWER_PERCENT, false},
	{"visible", "least visible", ANSWER_PERCENT, false},
	{"windows", "pairs of runs", ANSWER_COUNT, true},
};

/* The quantities shown, by their names in the record. */
static const struct {
	const char *name, *words;
} quantities[] = {{"cpu_time", "CPU time"}, {"wall_time", "wall time"}};

static void add_change(struct answer *a, const struct app_result *row, const char *words)
{
	bool nothing = !strcmp(row->variant, "none_again");

	answer_row(a);
	answer_text(a, "%s", nothing ? "nothing, twice" : row->variant);
	answer_text(a, "%s", words);
	answer_effect(a, row->change);
	answer_number(a, row->visible);
	answer_number(a, row->windows);
}

static void put_command(struct answer *a, const struct record *rec)
{
	answer_table(a, "command", NULL, of_command, sizeof(of_command) / sizeof(*of_command));
	for (size_t q = 0; q < sizeof(quantities) / sizeof(*quantities); q++)
		for (size_t i = 0; i < rec->n_app_results; i++) {
			const struct app_result *row = &rec->app_results[i];

			if (row->status == RESULT_MEASURED && strcmp(row->variant, "none") != 0 &&
			    !strcmp(row->quantity, quantities[q].name))
				add_change(a, row, quantities[q].words);
		}
	for (size_t i = 0; i < rec->n_app_results; i++)
		if (rec->app_results[i].status != RESULT_MEASURED)
			answer_line(a, "No figure", "%s: %s", rec->app_results[i].variant,
				    rec->app_results[i].reason ? rec->app_results[i].reason
							       : "unknown");
}

static void put_programs(struct answer *a, const struct record *rec)
{
	size_t rows = 0;

	answer_table(a, "programs", NULL, counts_instructions(rec) ? in_instructions : in_ns,
		     COLUMNS);
	/* those of a whole tool first */
	for (int together = 1; together >= 0; together--)
		for (size_t i = 0; i < rec->n_results; i++)
			if (is_measured(rec->results[i]) &&
			    is_together(rec->results[i]) == together) {
				add_row(a, rec->results[i]);
				rows++;
			}
	if (!rows)
		answer_note(a, "No program was measured.");
	say_alone(a, rec);
	say_attached(a, rec);
	say_lost(a, rec);
}

bool answer_is_measure(const struct record *rec)
{
	return rec->suite && !strcmp(rec->suite, "measure");
}

void answer_measure(struct answer *a, const struct record *rec)
{
	if (rec->n_app_results)
		put_command(a, rec);
	else
		put_programs(a, rec);
	say_unmeasured(a, rec);
	answer_quality(a, rec);
}
