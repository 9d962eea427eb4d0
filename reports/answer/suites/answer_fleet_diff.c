/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Did the cost of a call change from one part of a fleet to another? */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/judge/fleet/fleet_compare.h"

#define COUNT(x) (sizeof(x) / sizeof(*(x)))

static const char *by_words(const struct fleet_change *row)
{
	static const char *const words[] = {"withheld", "boots of one machine", "machines",
					    "machines, paired"};

	return words[row->by];
}

static void put_row(struct answer *a, const struct fleet_change *row)
{
	answer_row(a);
	answer_text(a, "%s", row->type);
	answer_text(a, "%s", row->id);
	answer_number(a, row->from);
	answer_number(a, row->to);
	if (row->by == FLEET_WITHHELD)
		answer_absent(a, "withheld");
	else
		answer_change(a, row->change);
	answer_text(a, "%s", by_words(row));
	answer_text(a, "%zu, %zu", row->machines[0], row->machines[1]);
	answer_text(a, "%s",
		    row->by == FLEET_WITHHELD ? "-"
		    : !row->changed	      ? "not shown"
		    : row->to > row->from     ? "dearer"
					      : "cheaper");
	answer_mark(a, !row->changed	     ? ANSWER_PLAIN
		       : row->to > row->from ? ANSWER_BAD
					     : ANSWER_GOOD);
}

/* What changed, the most certain first. */
static int by_certainty(const void *left, const void *right)
{
	const struct fleet_change *a = *(const struct fleet_change *const *)left;
	const struct fleet_change *b = *(const struct fleet_change *const *)right;

	if (a->changed != b->changed)
		return a->changed ? -1 : 1;
	if (isnan(a->p) != isnan(b->p))
		return isnan(a->p) ? 1 : -1;
	if (a->p < b->p || a->p > b->p)
		return a->p < b->p ? -1 : 1;
	return strcmp(a->id, b->id);
}

static int put_rows(struct answer *a, const struct fleet_comparison *c)
{
	static const struct answer_column columns[] = {
		{"type", "type", ANSWER_WORDS, true},
		{"configuration", "configuration", ANSWER_WORDS, false},
		{"a", "A", ANSWER_NS, true},
		{"b", "B", ANSWER_NS, true},
		{"change", "B - A", ANSWER_NS, false},
		{"by", "by", ANSWER_WORDS, true},
		{"machines", "machines", ANSWER_WORDS, false},
		{"result", "", ANSWER_WORDS, false},
	};
	const struct fleet_change **order = calloc(c->n + 1, sizeof(struct fleet_change *));

	if (!order)
		return -ENOMEM;
	for (size_t i = 0; i < c->n; i++)
		order[i] = &c->rows[i];
	qsort((void *)order, c->n, sizeof(struct fleet_change *), by_certainty);
	answer_table(a, "changes", NULL, columns, COUNT(columns));
	for (size_t i = 0; i < c->n; i++)
		put_row(a, order[i]);
	free((void *)order);
	return 0;
}

static bool any(const struct fleet_comparison *c, enum fleet_pairing by)
{
	for (size_t i = 0; i < c->n; i++) {
		if (c->rows[i].by == by)
			return true;
	}
	return false;
}

static void put_notes(struct answer *a, const struct fleet_comparison *c)
{
	if (any(c, FLEET_WITHHELD))
		answer_line(a, "Withheld",
			    "a side has one machine of the type, and not two boots of the same one "
			    "on both sides");
	if (any(c, FLEET_ONE_MACHINE))
		answer_line(a, "But",
			    "where one machine is on both sides, its boots were compared: that "
			    "holds for this machine, not for its type");
	if (c->one_side)
		answer_line(a, "One side", "%zu configurations of a type are on one side only",
			    c->one_side);
	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < c->side[k].n_gaps; i++)
			answer_line(a, "Left out", "%s: %s", c->side[k].gaps[i].where,
				    c->side[k].gaps[i].why);
}

int answer_of_fleet_diff(const struct fleet_comparison *c, struct answer **out)
{
	struct answer *a = answer_open("fleet-compare", NULL);
	int err;

	*out = a;
	if (!a)
		return -ENOMEM;
	answer_head(a, "Question", "did the typical cost of a call change from A to B?");
	if (!c->n)
		answer_head(a, "Decision",
			    "nothing to compare: no machine type has a configuration "
			    "on both sides");
	else if (c->changed)
		answer_head(a, "Decision", "%zu of %zu configurations are shown to have changed",
			    c->changed, c->n);
	else
		answer_head(a, "Decision", "none of %zu configurations is shown to have changed",
			    c->n);
	answer_mark(a, c->changed ? ANSWER_UNSURE : ANSWER_PLAIN);
	err = put_rows(a, c);
	put_notes(a, c);
	return err;
}
