/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the cost of a call changed along kernels or days. */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/answer/answers.h"
#include "reports/judge/fleet/fleet_series.h"

#define COUNT(x) (sizeof(x) / sizeof(*(x)))

static const struct answer_column columns[] = {
	{"type", "type", ANSWER_WORDS, true},
	{"configuration", "configuration", ANSWER_WORDS, false},
	{"since", "since", ANSWER_WORDS, false},
	{"before", "before", ANSWER_NS, true},
	{"after", "after", ANSWER_NS, true},
	{"step", "step", ANSWER_NS, false},
	{"points", "points", ANSWER_COUNT, true},
	{"p", "p", ANSWER_WORDS, false},
	{"but", "", ANSWER_WORDS, false},
};

static const struct answer_column untested[] = {
	{"configuration", "not tested", ANSWER_WORDS, false},
	{"points", "points", ANSWER_COUNT, false},
	{"why", "", ANSWER_WORDS, false},
};

static const char *but(const struct series *s)
{
	return s->machines_change ? "other machines" : s->changes.correlated ? "drifts" : "";
}

static void put_change(struct answer *a, const struct series *s, const struct change_point *c)
{
	answer_row(a);
	answer_text(a, "%s", s->type);
	answer_text(a, "%s", s->id);
	answer_text(a, "%s", s->points[c->at].label);
	answer_number(a, c->from);
	answer_number(a, c->to);
	answer_change(a, c->step);
	answer_number(a, (double)s->n);
	answer_text(a, "%.2g", c->p);
	answer_text(a, "%s", but(s));
	answer_mark(a, *but(s) ? ANSWER_UNSURE : c->to > c->from ? ANSWER_BAD : ANSWER_GOOD);
}

static void put_changes(struct answer *a, const struct fleet_series *f)
{
	if (!f->changed)
		return;
	answer_table(a, "changes", NULL, columns, COUNT(columns));
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < f->series[i].changes.n; k++)
			put_change(a, &f->series[i], &f->series[i].changes.points[k]);
}

static void put_untested(struct answer *a, const struct fleet_series *f)
{
	bool any = false;

	for (size_t i = 0; i < f->n; i++) {
		if (!f->series[i].why)
			continue;
		if (!any)
			answer_table(a, "untested", NULL, untested, COUNT(untested));
		any = true;
		answer_row(a);
		answer_text(a, "%s", f->series[i].id);
		answer_number(a, (double)f->series[i].n);
		answer_text(a, "%s", f->series[i].why);
	}
}

static void put_gaps(struct answer *a, const struct fleet *f)
{
	for (size_t i = 0; i < f->n_gaps; i++)
		answer_line(a, "Left out", "%s: %s", f->gaps[i].where, f->gaps[i].why);
}

static bool some(const struct fleet_series *f, bool machines)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct series *s = &f->series[i];

		if (s->changes.n && (machines ? s->machines_change : s->changes.correlated))
			return true;
	}
	return false;
}

int answer_of_series(const struct fleet_series *f, bool kernels, const char *where,
		     struct answer **out)
{
	const char *along = kernels ? "kernels" : "days";
	struct answer *a = answer_open("series", where);

	*out = a;
	if (!a)
		return -ENOMEM;
	answer_head(a, "Question", "did the typical cost of a call change along %s?", along);
	if (!f->n)
		answer_head(a, "Decision", "not tested: no configuration was measured");
	else if (!f->tested)
		answer_head(a, "Decision", "not tested: %zu series, none of them long enough",
			    f->n);
	else if (f->changed)
		answer_head(a, "Decision", "%zu of %zu series are shown to have changed",
			    f->changed, f->tested);
	else
		answer_head(a, "Decision", "none of %zu series is shown to have changed",
			    f->tested);
	answer_mark(a, f->changed ? ANSWER_UNSURE : ANSWER_PLAIN);
	put_changes(a, f);
	put_untested(a, f);
	if (some(f, true))
		answer_line(a, "But",
			    "other machines: not all points are of the same ones, and the step may "
			    "be theirs");
	if (some(f, false))
		answer_line(a, "But",
			    "drifts: neighbouring points are correlated, which raises false alarms "
			    "far above 5 %%");
	if (f->tested)
		answer_line(a, "Test",
			    "E-divisive, random orders, at 5 %% for all %zu series together; a "
			    "step's interval takes its place as known",
			    f->tested);
	put_gaps(a, &f->found);
	return 0;
}
