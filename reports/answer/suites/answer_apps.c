/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What probes change in whole programs: a row a program and probe. */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/missing.h"
#include "reports/judge/app_answer.h"
#include "reports/record/record_rows.h"
#include "reports/stats/abba.h"
#include "reports/record/text_stream.h"

#define COUNTING   "counting"
#define ALL_PROBES "all_probes"

/* The first of the three that a program has is what it is judged by. */
static const char *const judged[] = {"throughput", "wall_time", "program_cpu"};

static bool same_program(const struct app_result *a, const struct app_result *b)
{
	return !strcmp(a->app, b->app) && !strcmp(a->scale, b->scale);
}

/* monitored NULL: any. */
static const struct app_result *find(const struct record *rec, const struct app_result *program,
				     const char *variant, const char *monitored,
				     const char *quantity)
{
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *row = &rec->app_results[i];

		if (row->status == RESULT_MEASURED && same_program(row, program) &&
		    !strcmp(row->variant, variant) && !strcmp(row->quantity, quantity) &&
		    (!monitored || !strcmp(row->monitored, monitored)))
			return row;
	}
	return NULL;
}

static const char *judged_by(const struct record *rec, const struct app_result *program)
{
	for (size_t i = 0; i < sizeof(judged) / sizeof(*judged); i++)
		if (find(rec, program, APP_ALONE, NULL, judged[i]))
			return judged[i];
	return NULL;
}

static bool is_first(const struct record *rec, size_t at)
{
	for (size_t i = 0; i < at; i++)
		if (same_program(&rec->app_results[i], &rec->app_results[at]))
			return false;
	return true;
}

/* munmap and madvise calls a second while the probe was attached, else while calls were counted;
 * value NAN: not counted. */
static struct effect calls_of(const struct record *rec, const struct app_result *row)
{
	const struct app_result *munmap =
		find(rec, row, row->variant, row->monitored, "munmap_per_s");
	const struct app_result *madvise =
		find(rec, row, row->variant, row->monitored, "madvise_per_s");

	if (!munmap || !madvise) {
		munmap = find(rec, row, COUNTING, NULL, "munmap_per_s");
		madvise = find(rec, row, COUNTING, NULL, "madvise_per_s");
	}
	if (!munmap || !madvise)
		return (struct effect){NAN, NAN, NAN};
	return (struct effect){munmap->value.value + madvise->value.value,
			       munmap->value.lo + madvise->value.lo,
			       munmap->value.hi + madvise->value.hi};
}

struct finding {
	const char *words;
	enum answer_mark mark;
};

static struct finding finding_of(const struct record *rec, const struct app_result *row)
{
	static const struct finding findings[] = {
		[APP_NEVER] = {"never fires", ANSWER_DIM},
		[APP_BELOW] = {"not visible", ANSWER_UNSURE},
		[APP_ALIKE] = {"agrees", ANSWER_GOOD},
		[APP_MORE] = {"more", ANSWER_BAD},
		[APP_LESS] = {"less", ANSWER_PLAIN},
	};
	enum app_answer answer = app_answer(rec, row);

	if (app_never_fires(rec, row))
		return findings[APP_NEVER];
	if (answer != APP_UNKNOWN)
		return findings[answer];
	if (isnan(abba_visible(row->change)))
		return (struct finding){"no interval", ANSWER_UNSURE};
	return effect_holds_zero(row->change) ? (struct finding){"none seen", ANSWER_PLAIN}
					      : (struct finding){"seen", ANSWER_BAD};
}

static const struct answer_column columns[] = {
	{"program", "program", ANSWER_WORDS, false},
	{"probe", "probe", ANSWER_WORDS, false},
	{"change", "change", ANSWER_PERCENT, false},
	{"predicted", "predicted", ANSWER_PERCENT, false},
	{"visible", "visible", ANSWER_PERCENT, false},
	{"finding", "finding", ANSWER_WORDS, false},
	{"quantity", "of", ANSWER_WORDS, true},
	{"calls", "calls", ANSWER_RATE, true},
	{"cpu_per_operation", "CPU/operation", ANSWER_PERCENT, true},
	{"latency_p99", "p99 latency", ANSWER_PERCENT, true},
};

static void put_change(struct answer *a, const struct app_result *row)
{
	if (row)
		answer_effect(a, row->change);
	else
		answer_text(a, "%s", "");
}

/* A prediction that is not resolved still says how large the change is at most. */
static void put_predicted(struct answer *a, struct effect e)
{
	double half = fmax(e.value - e.lo, e.hi - e.value);

	if (isfinite(half) && (half > fabs(e.value) || effect_holds_zero(e)) && half > 0)
		answer_at_most(a, fmax(fabs(e.lo), fabs(e.hi)));
	else
		answer_effect(a, e);
}

static void put_row(struct answer *a, const struct record *rec, const struct app_result *row)
{
	struct finding finding = finding_of(rec, row);

	answer_row(a);
	answer_text(a, "%s", row->app);
	answer_text(a, "%s%s", row->variant, strcmp(row->monitored, "miss") ? "" : ", miss");
	answer_effect(a, row->change);
	put_predicted(a, row->predicted);
	answer_number(a, abba_visible(row->change));
	answer_text(a, "%s", finding.words);
	answer_mark(a, finding.mark);
	answer_text(a, "%s", row->quantity);
	answer_number(a, calls_of(rec, row).value);
	put_change(a, find(rec, row, row->variant, row->monitored, "cpu_per_operation"));
	put_change(a, find(rec, row, row->variant, row->monitored, "latency_p99"));
}

/*
 * First each program's first probe that monitors it (a kprobe's, where there is one: the list of
 * hooks begins with it), then all its probes together, then the others: 0, 1, 2.
 */
#define RANKS 3

static int rank_of(const struct record *rec, const struct app_result *row, const char *by)
{
	if (!strcmp(row->variant, ALL_PROBES))
		return 1;
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *other = &rec->app_results[i];

		if (other->status == RESULT_MEASURED && same_program(other, row) &&
		    !strcmp(other->monitored, "hit") && !strcmp(other->quantity, by) &&
		    strcmp(other->variant, ALL_PROBES) != 0)
			return other == row ? 0 : 2;
	}
	return 2;
}

static bool is_probe(const struct app_result *row, const char *by)
{
	return row->status == RESULT_MEASURED && by && !strcmp(row->quantity, by) &&
	       strcmp(row->variant, APP_ALONE) != 0 && strcmp(row->variant, APP_AGAIN) != 0 &&
	       strcmp(row->variant, COUNTING) != 0;
}

static size_t put_table(struct answer *a, const struct record *rec)
{
	size_t rows = 0;

	answer_table(a, "programs", NULL, columns, sizeof(columns) / sizeof(*columns));
	for (int rank = 0; rank < RANKS; rank++)
		for (size_t i = 0; i < rec->n_app_results; i++) {
			const struct app_result *row = &rec->app_results[i];
			const char *by = judged_by(rec, row);

			if (!is_probe(row, by) || rank_of(rec, row, by) != rank)
				continue;
			put_row(a, rec, row);
			rows++;
		}
	if (rows)
		answer_note(a, "predicted: by its calls, and by what its hook adds to every other "
			       "syscall; finding: against that; visible: least change 4 runs in 5 "
			       "would show");
	return rows;
}

/* ---- the lines ---- */

/* What is known of the programs, of all probes together: the most windows, so the sharpest figure.
 */
struct known {
	size_t seen, unseen, never;
	const char *widest; /* of those unseen */
	double most;	    /* its change, at most */
};

/* One program; out takes those in which a change is seen. */
static void add_known(FILE *out, const struct record *rec, const struct app_result *all,
		      struct known *known)
{
	double allowed = abba_allowed(all->change);

	if (app_never_fires(rec, all)) {
		known->never++;
	} else if (effect_holds_zero(all->change)) {
		known->unseen++;
		if (known->most >= allowed)
			return;
		known->most = allowed;
		known->widest = all->app;
	} else {
		fputs(known->seen++ ? ", " : "all probes together change ", out);
		fprintf(out, "%s ", all->app);
		answer_put(out, all->change, ANSWER_PERCENT);
	}
}

static void say_known(FILE *out, const struct known *known)
{
	if (known->unseen)
		fprintf(out, "%sno change is seen in %zu program%s: it is at most %.1f %% (%s)",
			known->seen ? "; " : "", known->unseen, known->unseen == 1 ? "" : "s",
			known->most, known->widest);
	if (known->never)
		fprintf(out, "%sin %zu the probes never fire",
			known->seen + known->unseen ? "; " : "", known->never);
}

static void put_summary(struct answer *a, const struct record *rec)
{
	struct known known = {.most = -1};
	size_t length;
	char *text = NULL;
	FILE *out = text_stream(&text, &length);

	if (!out)
		return;
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *program = &rec->app_results[i], *all;
		const char *by = judged_by(rec, program);

		if (!is_first(rec, i) || !by)
			continue;
		all = find(rec, program, ALL_PROBES, NULL, by);
		if (all && !isnan(abba_allowed(all->change)))
			add_known(out, rec, all, &known);
	}
	say_known(out, &known);
	if (!fclose(out) && *text)
		answer_line(a, "Summary", "%s", text);
	free(text);
}

/* How often each program makes the calls that the probes are about. */
static void put_calls(struct answer *a, const struct record *rec)
{
	size_t told = 0, length;
	char *text = NULL;
	FILE *out = text_stream(&text, &length);

	if (!out)
		return;
	for (size_t i = 0; i < rec->n_app_results; i++) {
		struct app_result counted = rec->app_results[i];
		struct effect calls;

		if (!is_first(rec, i))
			continue;
		counted.variant = (char *)COUNTING;
		counted.monitored = (char *)"-";
		calls = calls_of(rec, &counted);
		if (isnan(calls.value))
			continue;
		fprintf(out, calls.value < 10 ? "%s%s %.2g" : "%s%s %.0f", told++ ? ", " : "",
			counted.app, calls.value);
	}
	if (!fclose(out) && told)
		answer_line(a, "Calls/s", "munmap and madvise: %s", text);
	free(text);
}

static void put_null_test(struct answer *a, const struct record *rec)
{
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *program = &rec->app_results[i], *again;
		const char *by = judged_by(rec, program);
		enum null_verdict verdict;
		double bound;

		if (!is_first(rec, i) || !by)
			continue;
		again = find(rec, program, APP_AGAIN, NULL, by);
		if (!again || app_null_test(rec, again, &verdict, &bound) || verdict != NULL_FAILS)
			continue;
		answer_line(a, "Null test",
			    "FAILS for %s: two kinds of windows without a probe differ by %+.1f %% "
			    "[%+.1f, %+.1f]; distrust its rows",
			    program->app, again->change.value, again->change.lo, again->change.hi);
		answer_mark(a, ANSWER_BAD);
	}
}

/* The hook of a variant that sends events; the app of a row that is about no probe. */
static void name_of(const struct app_result *row, char name[64])
{
	static const char *const outputs[] = {"_perf", "_ringbuf"};
	char *output = NULL;

	snprintf(name, 64, "%s", strcmp(row->variant, APP_ALONE) ? row->variant : row->app);
	for (size_t i = 0; i < sizeof(outputs) / sizeof(*outputs) && !output; i++)
		output = strstr(name, outputs[i]);
	if (output)
		*output = '\0';
}

static void put_missing(struct answer *a, const struct record *rec)
{
	size_t n = rec->n_app_results;
	struct missing *rows = calloc(n + 1, sizeof(*rows));
	char(*names)[64] = calloc(n + 1, sizeof(*names));

	for (size_t i = 0; rows && names && i < n; i++) {
		const struct app_result *row = &rec->app_results[i];

		name_of(row, names[i]);
		rows[i] = (struct missing){names[i], row->reason, row->status};
	}
	if (rows && names)
		missing_say(a, rows, n);
	free(rows);
	free(names);
}

void answer_apps(struct answer *a, const struct record *rec)
{
	size_t rows;

	answer_title(a, "What the complete probe on munmap and madvise changes in programs");
	rows = put_table(a, rec);
	if (!rows)
		answer_line(a, "Summary", "No program was measured with a probe and without");
	put_summary(a, rec);
	put_calls(a, rec);
	put_null_test(a, rec);
	put_missing(a, rec);
	answer_quality(a, rec);
	answer_line(a, "Next",
		    rows ? "bpftoll run --suite apps --scale full (smaller changes are seen)"
			 : "bpftoll doctor (what can be measured here)");
}
