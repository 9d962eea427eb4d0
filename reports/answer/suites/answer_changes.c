/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What other kernels and mitigations would change: a row a kernel and hook. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/suites/answer_prediction.h"
#include "reports/predict/change.h"

#define NOTHING_NS 0.5 /* below it a difference is none */

/* The programs that lab shows first: the hook alone, and a complete probe with either buffer. */
static const char *const programs[] = {"empty", "ringbuf", "perf"};
#define PROGRAMS (sizeof(programs) / sizeof(programs[0]))

static const struct answer_column columns[] = {
	{"kernel", "kernel", ANSWER_WORDS, false},
	{"hook", "hook", ANSWER_WORDS, false},
	{"empty_instructions", "empty", ANSWER_INSTRUCTIONS, false},
	{"empty", "ns", ANSWER_NS, false},
	{"ringbuf_instructions", "ringbuf", ANSWER_INSTRUCTIONS, false},
	{"ringbuf", "ns", ANSWER_NS, false},
	{"perf_instructions", "perf", ANSWER_INSTRUCTIONS, false},
	{"perf", "ns", ANSWER_NS, false},
};

#define NAME_MOST 40

/* "6.19", "6.18 off": mitigations=off. */
static const char *kernel_name(const struct change *change, char name[NAME_MOST])
{
	char series[32];

	prediction_series(change->lab->host.kernel, series, sizeof(series));
	snprintf(name, NAME_MOST, "%s%s", *series ? series : "unknown", change->off ? " off" : "");
	return name;
}

/* Which of the programs, by its number; PROGRAMS: another one, or of a hook that is not asked for.
 */
static size_t program_of(const struct change_row *row, const char *hook)
{
	size_t k = 0;

	if (hook && strcmp(row->to->hook, hook) != 0)
		return PROGRAMS;
	while (k < PROGRAMS && strcmp(programs[k], row->to->body) != 0)
		k++;
	return k;
}

static void put_program(struct answer *a, const struct change_row *row)
{
	if (!row) {
		answer_absent(a, "not counted");
		answer_absent(a, "not counted");
		return;
	}
	answer_change(a, (struct effect){row->instructions, NAN, NAN});
	if (*row->withheld)
		answer_absent(a, "withheld");
	else
		answer_predict_change(a, row->ns.lo, row->ns.hi);
}

/* A row for each hook that has one of the programs on both kernels. */
static void put_change(struct answer *a, const struct change *change, const char *hook)
{
	char name[NAME_MOST];

	for (size_t i = 0; i < change->n; i++) {
		const struct change_row *rows[PROGRAMS] = {NULL};
		size_t first = PROGRAMS;

		for (size_t k = 0; k < change->n; k++) {
			size_t program = program_of(&change->rows[k], hook);

			if (program == PROGRAMS ||
			    strcmp(change->rows[k].to->hook, change->rows[i].to->hook) != 0)
				continue;
			if (first == PROGRAMS)
				first = k;
			rows[program] = &change->rows[k];
		}
		if (first != i)
			continue;
		answer_row(a);
		answer_text(a, "%s", kernel_name(change, name));
		answer_text(a, "%s", change->rows[i].to->hook);
		for (size_t k = 0; k < PROGRAMS; k++)
			put_program(a, rows[k]);
	}
}

/* Of hooks alone: which way they would go, where that can be told. */
static void put_head(struct answer *a, const struct change *changes, size_t n, const char *hook)
{
	size_t all = 0, dearer = 0, cheaper = 0, same = 0, no_dearer = 0;

	for (size_t c = 0; c < n; c++) {
		for (size_t i = 0; i < changes[c].n; i++) {
			const struct change_row *row = &changes[c].rows[i];

			if (program_of(row, hook) != 0)
				continue;
			all++;
			if (*row->withheld)
				continue;
			same += row->ns.lo > -NOTHING_NS && row->ns.hi < NOTHING_NS;
			dearer += row->ns.lo >= NOTHING_NS;
			cheaper += row->ns.hi <= -NOTHING_NS;
			no_dearer += row->ns.lo <= -NOTHING_NS && fabs(row->ns.hi) < NOTHING_NS;
		}
	}
	answer_head(a, "Question", "what would other kernels change in the cost of %s here?",
		    hook ? hook : "a probe");
	answer_head(a, "Answer",
		    "of %zu hook%s alone, by kernel: %zu dearer, %zu cheaper, %zu cheaper or the "
		    "same, %zu the same, %zu not to be told; predicted, not measured",
		    all, all == 1 ? "" : "s", dearer, cheaper, no_dearer, same,
		    all - dearer - cheaper - no_dearer - same);
}

static void say_withheld(struct answer *a, const struct change *change, const char *hook)
{
	char name[NAME_MOST];

	for (size_t i = 0; i < change->n; i++) {
		const struct change_row *row = &change->rows[i];
		bool told = !*row->withheld || program_of(row, hook) == PROGRAMS;

		for (size_t k = 0; k < i && !told; k++)
			told = program_of(&change->rows[k], hook) < PROGRAMS &&
			       !strcmp(change->rows[k].withheld, row->withheld);
		if (!told)
			answer_line(a, "Withheld", "%s on %s: %s", row->to->variant,
				    kernel_name(change, name), row->withheld);
	}
}

static int say_facts(struct answer *a, const struct prediction *p, bool off)
{
	struct change_seen seen;
	int err = change_check(p, &seen);

	if (err)
		return err;
	answer_line(
		a, "Seen",
		"%zu of %zu differences between measured hooks with the same program lie in "
		"such a range, give or take their own intervals, when the mechanism of either is "
		"left out",
		seen.inside, seen.pairs);
	answer_line(a, "Range",
		    "what is added and what is removed each cost %.2f to %.2f times what is "
		    "predicted; what both kernels execute cancels",
		    exp(-p->holdout.spread), exp(p->holdout.spread));
	answer_line(a, "Assumed",
		    "as many instructions of a class are the same ones, and cost alike in another "
		    "kernel's layout");
	if (off)
		answer_line(a, "Off",
			    "mitigations=off: bounds; a branch costs between straight code and "
			    "what it costs here now");
	return 0;
}

int answer_of_changes(const struct prediction *p, const struct change *changes, size_t n,
		      const char *hook, struct answer **out)
{
	struct answer *a = answer_open("predict", NULL);
	bool off = false;
	int err;

	*out = a;
	if (!a)
		return -ENOMEM;
	put_head(a, changes, n, hook);
	answer_host(a, p->run);
	answer_title(a, "From this kernel, whose instructions were counted on %s",
		     p->fit_lab->host.kernel);
	answer_table(a, "changes", NULL, columns, sizeof(columns) / sizeof(*columns));
	for (size_t c = 0; c < n; c++) {
		off |= changes[c].off;
		put_change(a, &changes[c], hook);
	}
	answer_note(a, "empty, ringbuf, perf: instructions more than now in that "
		       "program, and ns (≈: predicted); empty: the hook alone");
	for (size_t c = 0; c < n; c++)
		say_withheld(a, &changes[c], hook);
	err = say_facts(a, p, off);
	if (err) {
		answer_close(a);
		*out = NULL;
	}
	return err;
}
