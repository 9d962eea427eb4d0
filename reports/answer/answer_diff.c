/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/answer/sentence.h"
#include "reports/judge/diff.h"
#include "reports/judge/record_set.h"
#include "reports/record/cache_state.h"
#include "reports/record/wakeup_name.h"
#include "reports/show/figure.h"

#define PAIR_LEN 192

/* "raw_tp_ringbuf, none", with the cache state where it is not the default's */
static const char *name_of(const struct diff_pair *p, char *out)
{
	const struct record_result *r = p->a;
	bool usual =
		strcmp(r->cache, CACHE_STIRRED_NAME) == 0 || strcmp(r->cache, CACHE_HOT_NAME) == 0;
	bool sends = strcmp(r->wakeup, "-") != 0;

	snprintf(out, PAIR_LEN, "%s%s%s%s%s", r->variant, sends ? ", " : "",
		 sends ? wakeup_name(r->wakeup).text : "", usual ? "" : ", ",
		 usual ? "" : r->cache);
	return out;
}

static bool changed(const struct diff_pair *p)
{
	return p->verdict == DIFF_SLOWER || p->verdict == DIFF_FASTER;
}

static size_t count(const struct diff *d, enum diff_verdict verdict)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->pairs[i].verdict == verdict;
	return n;
}

/* The change in percent of A. */
static struct effect percent(const struct diff_pair *p)
{
	return (struct effect){100 * (p->ratio.value - 1), 100 * (p->ratio.lo - 1),
			       100 * (p->ratio.hi - 1)};
}

/* ---- what it says first ---- */

static void decide(struct answer *a, const struct diff *d)
{
	size_t slower = count(d, DIFF_SLOWER), faster = count(d, DIFF_FASTER);
	bool past = d->gated && d->past_gate;

	answer_head(a, "Question", "did the cost of a call change from A to B?");
	if (d->gated)
		answer_head(a, "Decision",
			    past ? "%zu of %zu configurations fail the gate: proven more than %g "
				   "%% dearer"
				 : "passes: %zu of %zu configurations are proven more than %g %% "
				   "dearer",
			    d->past_gate, d->n, 100 * d->margin);
	else if (slower + faster)
		answer_head(a, "Decision",
			    "%zu of %zu configurations changed: %zu dearer, %zu cheaper",
			    slower + faster, d->n, slower, faster);
	else
		answer_head(a, "Decision", "none of %zu configurations is shown to have changed",
			    d->n);
	answer_mark(a, past || (slower && !d->gated) ? ANSWER_BAD
		       : faster && !slower	     ? ANSWER_GOOD
						     : ANSWER_PLAIN);
}

static void put_side(struct answer *a, const struct diff_side *side, const char *name)
{
	const struct record *rec = side->records[0];
	char more[48] = "";

	if (side->n > 1)
		snprintf(more, sizeof(more), "; and %zu more run%s", side->n - 1,
			 side->n == 2 ? "" : "s");
	answer_title(a, "%s  %s, suite %s, Linux %s%s%s", name,
		     rec->created ? rec->created : "no date", rec->suite ? rec->suite : "-",
		     rec->host.kernel ? rec->host.kernel : "unknown",
		     rec->partial ? ", stopped before its plan was done" : "", more);
}

/* One run on both sides: that nothing changed says nothing. */
static void put_identity(struct answer *a, const struct diff *d)
{
	const struct record *x = d->side[0].records[0], *y = d->side[1].records[0];

	if (d->side[0].n > 1 || d->side[1].n > 1 || !x->created || !y->created ||
	    strcmp(x->created, y->created) != 0 || x->seed != y->seed)
		return;
	answer_head(a, "But", "A and B are one and the same run: that they agree shows nothing");
	answer_mark(a, ANSWER_UNSURE);
}

/* ---- the table ---- */

/* The largest change first, by the ratio: a tenth more and a tenth less are as far. */
static int by_change(const void *left, const void *right)
{
	const struct diff_pair *a = *(const struct diff_pair *const *)left;
	const struct diff_pair *b = *(const struct diff_pair *const *)right;
	double x = fabs(a->change.value / a->from.value);
	double y = fabs(b->change.value / b->from.value);

	if (a->past_gate != b->past_gate)
		return a->past_gate ? -1 : 1;
	return x > y ? -1 : x < y ? 1 : strcmp(a->a->id, b->a->id);
}

static void put_pair(struct answer *a, const struct diff *d, const struct diff_pair *p)
{
	struct effect share = percent(p);
	char name[PAIR_LEN];

	answer_row(a);
	answer_text(a, "%s", name_of(p, name));
	answer_text(a, "%s", p->a->workload);
	answer_effect(a, p->from);
	answer_effect(a, p->to);
	answer_change(a, p->change);
	answer_change(a, share);
	answer_text(a, "%s",
		    d->gated && p->past_gate	? "fails the gate"
		    : p->verdict == DIFF_SLOWER ? "dearer"
						: "cheaper");
	answer_mark(a, p->verdict == DIFF_SLOWER ? ANSWER_BAD : ANSWER_GOOD);
}

static int put_changes(struct answer *a, const struct diff *d)
{
	const enum answer_unit unit =
		d->pairs[0].a->unit == UNIT_INSTRUCTIONS ? ANSWER_INSTRUCTIONS : ANSWER_NS;
	const struct answer_column columns[] = {
		{"configuration", "", ANSWER_WORDS, false},
		{"syscall", "syscall", ANSWER_WORDS, false},
		{"a", "A", unit, true},
		{"b", "B", unit, true},
		{"change", "B - A", unit, false},
		{"percent", "of A", ANSWER_PERCENT, false},
		{"result", "", ANSWER_WORDS, false},
	};
	const struct diff_pair **list =
		(const struct diff_pair **)calloc(d->n, sizeof(struct diff_pair *));
	size_t n = 0;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < d->n; i++)
		if (changed(&d->pairs[i]) || (d->gated && d->pairs[i].past_gate))
			list[n++] = &d->pairs[i];
	qsort((void *)list, n, sizeof(const struct diff_pair *), by_change);
	if (n)
		answer_table(a, "changes",
			     unit == ANSWER_NS
				     ? "What changed, the largest first: added to one call"
				     : "What changed, the largest first: instructions added to one "
				       "call",
			     columns, sizeof(columns) / sizeof(*columns));
	for (size_t i = 0; i < n; i++)
		put_pair(a, d, list[i]);
	free((void *)list);
	return 0;
}

/* ---- what did not change, or may have ---- */

/* The farthest end of the interval, as a share of A. */
static double hidden(const struct diff_pair *p)
{
	double size = fmax(fabs(p->change.lo), fabs(p->change.hi));

	return p->verdict == DIFF_UNDECIDED && p->from.lo > 0 && isfinite(size)
		       ? size / p->from.value
		       : NAN;
}

static void put_undecided(struct answer *a, const struct diff *d)
{
	size_t n = count(d, DIFF_UNDECIDED);
	const struct diff_pair *worst = NULL, *least = NULL;
	char name[PAIR_LEN];

	for (size_t i = 0; i < d->n; i++) {
		const struct diff_pair *p = &d->pairs[i];

		if (isnan(hidden(p)))
			continue;
		if (!worst || hidden(p) > hidden(worst))
			worst = p;
		if (!least || hidden(p) < hidden(least))
			least = p;
	}
	if (!n)
		return;
	if (worst)
		answer_line(
			a, "Undecided",
			"%zu: a change of up to %.0f %% could hide in the most precise of them, "
			"of up to %.0f %% in the least (%s on %s)",
			n, ceil(100 * hidden(least)), ceil(100 * hidden(worst)),
			name_of(worst, name), worst->a->workload);
	else
		answer_line(a, "Undecided", "%zu: how large a change may hide is not known", n);
	answer_mark(a, ANSWER_UNSURE);
}

static void put_same(struct answer *a, const struct diff *d)
{
	size_t n = count(d, DIFF_SAME);

	if (!n)
		return;
	if (d->pairs[0].a->unit == UNIT_INSTRUCTIONS)
		answer_line(a, "Same", "%zu, to the instruction", n);
	else
		answer_line(a, "Same", "%zu, within ±%g %% of A", n, 100 * d->margin);
}

/* Results that one side measured and the other did not. */
static size_t count_lonely(const struct diff_side *here, const struct diff_side *there)
{
	const struct record *rec = here->records[0];
	size_t n = 0;

	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];
		bool found = result->status != RESULT_MEASURED || strcmp(result->hook, "none") == 0;

		for (size_t r = 0; r < there->n && !found; r++) {
			const struct record_result *other =
				record_find_result(there->records[r], result->id);

			found = other && other->status == RESULT_MEASURED;
		}
		n += !found;
	}
	return n;
}

static void put_lonely(struct answer *a, const struct diff *d)
{
	size_t in_a = count_lonely(&d->side[0], &d->side[1]);
	size_t in_b = count_lonely(&d->side[1], &d->side[0]);

	if (in_a + in_b)
		answer_line(a, "Unpaired", "%zu measured in A alone, %zu in B alone", in_a, in_b);
}

static void put_hosts(struct answer *a, const struct diff *d)
{
	const struct record *first = d->side[0].records[0];
	char differs[2048];

	for (size_t s = 0; s < 2; s++)
		for (size_t r = 0; r < d->side[s].n; r++)
			if (d->side[s].records[r] != first &&
			    record_set_hosts_differ(first, d->side[s].records[r], differs,
						    sizeof(differs))) {
				answer_line(a, "Hosts", "they differ: %.240s%s", differs,
					    strlen(differs) > 240 ? "…" : "");
				answer_mark(a, ANSWER_UNSURE);
				return;
			}
}

static void put_cover(struct answer *a, const struct diff *d)
{
	size_t x = d->side[0].n, y = d->side[1].n;

	if (d->pairs[0].a->unit == UNIT_INSTRUCTIONS)
		return;
	if (x == 1 && y == 1)
		answer_line(
			a, "Holds for",
			"these two runs alone; what later runs would show too needs three of each: "
			"bpftoll compare A1,A2,A3 B1,B2,B3");
	else
		answer_line(a, "Holds for",
			    "the next run of each side, by the scatter of %zu and %zu runs", x, y);
}

int answer_of_diff(const struct diff *d, struct answer **out)
{
	struct answer *a = answer_open("compare", NULL);
	int err;

	*out = a;
	if (!a)
		return -ENOMEM;
	decide(a, d);
	put_identity(a, d);
	put_side(a, &d->side[0], "A");
	put_side(a, &d->side[1], "B");
	err = put_changes(a, d);
	put_same(a, d);
	put_undecided(a, d);
	put_lonely(a, d);
	put_hosts(a, d);
	put_cover(a, d);
	answer_line(a, "Everything", "bpftoll compare --full A B");
	if (err) {
		answer_close(a);
		*out = NULL;
	}
	return err;
}
