/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "reports/judge/fleet/fleet_readings.h"

static const struct effect unknown = {NAN, NAN, NAN};

/* The readings of one row, one figure of each as runs in boots of machines. */
struct pick {
	const struct fleet_reading **readings;
	struct nested_run *runs;
	size_t n;
};

static double p99_most(const struct fleet_reading *r)
{
	return r->p99_most;
}

static double p99_least(const struct fleet_reading *r)
{
	return r->p99_least;
}

static double cpu(const struct fleet_reading *r)
{
	return r->cpu;
}

static double typical(const struct fleet_reading *r)
{
	return r->typical;
}

/* NULL in *out: a run lacks the figure. 0 or -ENOMEM. */
static int open_figure(struct pick *p, double (*figure)(const struct fleet_reading *),
		       struct nested **out)
{
	*out = NULL;
	for (size_t i = 0; i < p->n; i++) {
		const struct fleet_reading *r = p->readings[i];

		if (!isfinite(figure(r)))
			return 0;
		p->runs[i] = (struct nested_run){r->machine, r->boot, figure(r), NAN, NAN};
		if (figure == typical) {
			p->runs[i].error = r->error;
			p->runs[i].df = r->df;
		}
	}
	return nested_open(p->runs, p->n, out);
}

/* The widest run that the figure's interval covers. */
static int cover(struct pick *p, double (*figure)(const struct fleet_reading *),
		 struct fleet_criterion *out)
{
	struct nested_summary s;
	struct nested *t;
	int err = open_figure(p, figure, &t);

	*out = (struct fleet_criterion){FLEET_NOTHING, unknown, VERDICT_INCONCLUSIVE,
					"a run did not measure it", false};
	if (err || !t)
		return err;
	nested_summary(t, &s);
	out->why = s.next_machine_why;
	if (!s.next_machine_why) {
		out->covers = FLEET_NEXT_MACHINE;
		out->measured = s.next_machine;
	} else if (!s.next_boot_why) {
		out->covers = FLEET_NEXT_BOOT;
		out->measured = s.next_boot;
	} else {
		out->why = s.next_boot_why;
	}
	nested_close(t);
	return 0;
}

/* A type is judged by what covers its next machine; a bound from below can only be too high. */
static void judge(struct fleet_criterion *c, struct bounds bounds)
{
	double last = isnan(bounds.red) ? bounds.green : bounds.red;

	if (c->covers != FLEET_NEXT_MACHINE)
		return;
	c->verdict = verdict_of(c->measured, bounds);
	if (!c->part)
		return;
	c->verdict =
		c->measured.lo > last && !isnan(bounds.red) ? VERDICT_RED : VERDICT_INCONCLUSIVE;
	if (c->verdict == VERDICT_INCONCLUSIVE)
		c->why = "some of it was not measured";
}

static int judge_p99(struct pick *p, const struct fleet *fleet, struct fleet_row *row)
{
	struct fleet_criterion *c = &row->by[CRITERION_P99], least;
	int err = cover(p, p99_most, c);

	if (!err)
		err = cover(p, p99_least, &least);
	if (err)
		return err;
	c->part = c->covers == FLEET_NOTHING && least.covers != FLEET_NOTHING;
	if (c->part) { /* of an older record: it can be RED alone */
		*c = least;
		c->part = true;
		c->measured.hi = NAN;
	}
	c->measured.lo = least.measured.lo;
	judge(c, fleet->budget.p99_ns);
	return 0;
}

static int judge_cpu(struct pick *p, const struct fleet *fleet, struct fleet_row *row)
{
	struct fleet_criterion *c = &row->by[CRITERION_CPU];
	int err = cover(p, cpu, c);

	for (size_t i = 0; i < p->n; i++)
		c->part |= p->readings[i]->cpu_part;
	if (!err)
		judge(c, fleet->budget.cpu_percent);
	return err;
}

/* Each run by its own bound: the worst. */
static void judge_loss(const struct pick *p, struct fleet_row *row)
{
	struct fleet_criterion *c = &row->by[CRITERION_LOSS];

	*c = (struct fleet_criterion){FLEET_NOTHING, unknown, VERDICT_GREEN,
				      "by each run's own bound: losses have no interval over boots",
				      false};
	for (size_t i = 0; i < p->n; i++) {
		const struct fleet_reading *r = p->readings[i];

		c->verdict = r->loss > c->verdict ? r->loss : c->verdict;
		if (i == 0 || r->lost.hi > c->measured.hi || isnan(r->lost.hi))
			c->measured = r->lost;
	}
	if (row->machines < 2)
		c->verdict = VERDICT_INCONCLUSIVE;
}

static int describe_typical(struct pick *p, struct fleet_row *row)
{
	struct nested *t;
	int err = open_figure(p, typical, &t);

	if (err || !t)
		return err;
	nested_summary(t, &row->typical);
	row->shares_known =
		nested_shares(t, &row->shares) == 0 && nested_reml(t, &row->components) == 0;
	nested_close(t);
	return 0;
}

static int conclude(struct fleet *fleet, struct fleet_row *row, struct pick *p)
{
	int err;

	row->runs = p->n;
	for (size_t i = 0; i < p->n; i++) { /* in the order of machines and boots */
		row->seen[p->readings[i]->own]++;
		row->machines += !i || p->readings[i]->machine != p->readings[i - 1]->machine;
		row->boots += !i || p->readings[i]->boot != p->readings[i - 1]->boot;
	}
	row->verdict = VERDICT_INCONCLUSIVE;
	if (!p->n)
		return 0;
	free(row->reason); /* where it was skipped, others measured it */
	row->reason = NULL;
	err = describe_typical(p, row);
	if (!err)
		err = judge_p99(p, fleet, row);
	if (!err)
		err = judge_cpu(p, fleet, row);
	if (err)
		return err;
	judge_loss(p, row);
	row->verdict = VERDICT_GREEN;
	for (int k = 0; k < CRITERIA; k++) {
		if (row->by[k].verdict > row->verdict) {
			row->verdict = row->by[k].verdict;
			row->decided = (enum criterion)k;
		}
	}
	return 0;
}

static int by_row(const void *left, const void *right)
{
	const struct fleet_reading *a = *(const struct fleet_reading *const *)left;
	const struct fleet_reading *b = *(const struct fleet_reading *const *)right;

	if (a->row != b->row)
		return a->row < b->row ? -1 : 1;
	return a < b ? -1 : a > b;
}

int fleet_conclude(struct fleet *fleet, const struct fleet_readings *readings)
{
	const struct fleet_reading **sorted =
		calloc(readings->n + 1, sizeof(struct fleet_reading *));
	struct nested_run *runs = calloc(readings->n + 1, sizeof(*runs));
	bool asked = false;
	int err = sorted && runs ? 0 : -ENOMEM;

	for (size_t k = 0; k < readings->n && !err; k++)
		sorted[k] = &readings->readings[k];
	if (!err)
		qsort((void *)sorted, readings->n, sizeof(struct fleet_reading *), by_row);
	for (size_t i = 0, k = 0; i < fleet->n_rows && !err; i++) {
		struct fleet_row *row = &fleet->rows[i];
		struct pick p = {sorted + k, runs, 0};

		for (; k < readings->n && sorted[k]->row == i; k++)
			p.n++;
		err = conclude(fleet, row, &p);
		if (!fleet_asked(fleet, row))
			continue;
		asked = true;
		fleet->worst = row->verdict > fleet->worst ? row->verdict : fleet->worst;
	}
	if (!asked)
		fleet->worst = VERDICT_INCONCLUSIVE;
	free((void *)sorted);
	free(runs);
	return err;
}
