/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What hooks would cost that were not measured: a row a hook; in full each program, and the prices.
 */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/sentence.h"
#include "reports/answer/suites/answer_prediction.h"

#define HOOK_ALONE "empty" /* the program that does nothing */
#define COLUMNS	   3

/* The programs that a row of the hooks has, and their wakeup policy. */
static const char *const programs[COLUMNS][2] = {
	{HOOK_ALONE, "-"}, {"ringbuf", "idle"}, {"perf", "idle"}};

static const struct prediction_row *find(const struct prediction *p, const char *hook,
					 size_t column)
{
	for (size_t i = 0; i < p->n_rows; i++)
		if (!strcmp(p->rows[i].lab->hook, hook) &&
		    !strcmp(p->rows[i].lab->body, programs[column][0]) &&
		    !strcmp(p->rows[i].lab->wakeup, programs[column][1]))
			return &p->rows[i];
	return NULL;
}

/* Is it a hook alone, of those asked for, that was not measured and has a range? */
static bool is_answer(const struct prediction *p, const struct prediction_row *row,
		      const char *hook)
{
	return !strcmp(row->lab->body, HOOK_ALONE) && !*row->withheld &&
	       (!hook || !strcmp(hook, row->lab->hook)) &&
	       !prediction_has_measured(p, row->lab->hook);
}

static int put_head(struct answer *a, const struct prediction *p, const char *hook)
{
	bool other = p->lab != p->fit_lab;
	const char *comma = "";
	struct sentence s;

	answer_head(a, "Question", "what would %s add to one %s (%s)%s%s?",
		    hook    ? hook
		    : other ? "each hook"
			    : "unmeasured hooks",
		    PREDICTION_WORKLOAD, p->cache, other ? " on kernel " : "",
		    other ? p->lab->host.kernel : "");
	if (sentence_open(&s))
		return -ENOMEM;
	for (size_t i = 0; i < p->n_rows; i++)
		if (is_answer(p, &p->rows[i], hook)) {
			fprintf(s.out, "%s%s ", comma, p->rows[i].lab->hook);
			answer_put_predicted(s.out, p->rows[i].ns.lo, p->rows[i].ns.hi);
			comma = ", ";
		}
	fputs(" for the hook alone; predicted, not measured", s.out);
	fflush(s.out);
	if (*comma)
		answer_head(a, "Answer", "%s", s.text);
	else if (hook && prediction_has_measured(p, hook))
		answer_head(a, "Answer",
			    "nothing: %s was measured, and is not predicted; --validate shows what "
			    "its mechanism's absence would predict",
			    hook);
	else
		answer_head(a, "Answer", "no range is narrow enough to be told: see Withheld");
	answer_mark(a, ANSWER_UNSURE);
	sentence_drop(&s);
	return 0;
}

static void put_nearest(struct answer *a, const struct model_row *near)
{
	answer_text(a, "%s", near ? near->variant : "-");
	answer_effect(a,
		      near ? (struct effect){near->ns, near->ns - near->half, near->ns + near->half}
			   : (struct effect){NAN, NAN, NAN});
}

static void put_cell(struct answer *a, const struct prediction_row *row)
{
	if (!row)
		answer_absent(a, "not counted");
	else if (*row->withheld)
		answer_absent(a, "withheld");
	else
		answer_predict(a, row->ns.lo, row->ns.hi);
}

static void put_hooks(struct answer *a, const struct prediction *p, const char *hook)
{
	static const struct answer_column columns[] = {
		{"hook", "hook", ANSWER_WORDS, false},
		{"empty", "empty", ANSWER_NS, false},
		{"ringbuf_none", "ring buffer", ANSWER_NS, false},
		{"perf_none", "perf buffer", ANSWER_NS, false},
		{"instructions", "instructions", ANSWER_COUNT, false},
		{"nearest", "most alike", ANSWER_WORDS, true},
		{"nearest_ns", "measured", ANSWER_NS, true},
	};

	answer_table(a, "hooks", NULL, columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < p->n_rows; i++) {
		const struct prediction_row *row = &p->rows[i];

		if (!is_answer(p, row, hook))
			continue;
		answer_row(a);
		answer_text(a, "%s", row->lab->hook);
		for (size_t c = 0; c < COLUMNS; c++)
			put_cell(a, find(p, row->lab->hook, c));
		answer_number(a, row->lab->features.instructions);
		put_nearest(a, row->nearest);
	}
	answer_note(
		a,
		"≈, in ns: predicted; typical, 95 %% range; empty: does nothing (its instructions "
		"are counted); buffers: an event, nobody woken");
}

static void put_programs(struct answer *a, const struct prediction *p, const char *hook)
{
	static const struct answer_column columns[] = {
		{"variant", "program", ANSWER_WORDS, false},
		{"predicted", "predicted", ANSWER_NS, false},
		{"instructions", "instr.", ANSWER_COUNT, false},
		{"nearest", "most alike", ANSWER_WORDS, false},
		{"nearest_ns", "measured", ANSWER_NS, true},
		{"why", "withheld because", ANSWER_WORDS, true},
	};

	answer_table(a, "programs", "Each program", columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < p->n_rows; i++) {
		const struct prediction_row *row = &p->rows[i];

		if (hook && strcmp(hook, row->lab->hook) != 0)
			continue;
		answer_row(a);
		answer_text(a, "%s", row->lab->variant);
		put_cell(a, row);
		answer_number(a, row->lab->features.instructions);
		put_nearest(a, row->nearest);
		answer_text(a, "%s", row->withheld);
	}
}

/* "of 331 instructions: 10 returns × 8.2 = 82 ns, …", of one row. */
static int put_waterfall(struct answer *a, const struct prediction *p,
			 const struct prediction_row *row)
{
	const char *separator = ":";
	struct sentence s;

	if (sentence_open(&s))
		return -ENOMEM;
	fprintf(s.out, "%s, %.0f instructions", row->lab->variant, row->lab->features.instructions);
	if (row->lab->features.thunk > 0)
		fprintf(s.out, " (%.0f inside thunks)", row->lab->features.thunk);
	for (size_t k = 0; k < p->model.n_prices; k++) {
		const struct model_price *price = &p->model.prices[k];
		double count = model_count(price, row->counts);
		char name[256];

		if (!(count * price->ns > 0))
			continue;
		model_name(price, name, sizeof(name));
		/* the first of its classes stands for all: the table of prices names them */
		fprintf(s.out, "%s %.0f %.*s%s × %.2g = %.0f ns", separator, count,
			(int)strcspn(name, ","), name, strchr(name, ',') ? "…" : "", price->ns,
			count * price->ns);
		separator = ",";
	}
	sentence_line(&s, a, "Waterfall");
	return 0;
}

static void put_next(struct answer *a, const struct prediction *p)
{
	if (!holdout_too_wide(p->holdout.spread))
		return;
	if (!p->n_known)
		answer_line(a, "Next",
			    "bpftoll run --suite calibrate -o PRICES; bpftoll predict RUN "
			    "PRICES --lab LAB");
	if (!p->holdout.others)
		answer_line(a, "Next",
			    "bpftoll predict RUN OTHER-RUN --lab LAB: a run of another kind of "
			    "machine adds mechanisms to these %zu",
			    p->holdout.freedom);
}

int answer_of_prediction(const struct prediction *p, const char *hook, bool whole,
			 struct answer **out)
{
	struct answer *a = answer_open("predict", NULL);
	const struct prediction_row *first = NULL;
	int err;

	*out = a;
	if (!a)
		return -ENOMEM;
	err = put_head(a, p, hook);
	prediction_titles(a, p);
	for (size_t i = p->n_rows; i-- > 0;)
		if (is_answer(p, &p->rows[i], hook))
			first = &p->rows[i];
	if (first)
		put_hooks(a, p, hook);
	if (whole) {
		put_programs(a, p, hook);
		prediction_prices(a, p);
	}
	if (!err)
		err = prediction_say_withheld(a, p, hook, false);
	if (!err && first && whole)
		err = put_waterfall(a, p, first);
	prediction_say_seen(a, p);
	prediction_say_notes(a, p);
	put_next(a, p);
	if (err)
		answer_close(a);
	return err;
}
