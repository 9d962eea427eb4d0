/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "reports/stats/nested/nested_tree.h"

static int by_place(const void *left, const void *right)
{
	const struct nested_run *a = left, *b = right;

	if (a->machine != b->machine)
		return a->machine < b->machine ? -1 : 1;
	if (a->boot != b->boot)
		return a->boot < b->boot ? -1 : 1;
	/* so that the order in which runs are given changes no digit */
	return a->value < b->value ? -1 : a->value > b->value;
}

static struct nested_boot boot_of(const struct nested_run *runs, size_t n)
{
	struct nested_boot boot = {.runs = 0};

	while (boot.runs < n && runs[boot.runs].machine == runs->machine &&
	       runs[boot.runs].boot == runs->boot)
		boot.runs++;
	for (size_t i = 0; i < boot.runs; i++)
		boot.mean += (runs[i].value - runs->value) / (double)boot.runs;
	boot.mean += runs->value;
	for (size_t i = 0; i < boot.runs; i++)
		boot.squares += (runs[i].value - boot.mean) * (runs[i].value - boot.mean);
	return boot;
}

/* The boot that begins at runs[0]; n runs are left. */
static void add_boot(struct nested *t, const struct nested_run *runs, size_t n)
{
	struct nested_boot *boot = t->boots + t->n_boots;
	struct nested_machine *m;

	if (!t->n_machines || t->machines[t->n_machines - 1].machine != runs->machine) {
		m = t->machines + t->n_machines++;
		m->machine = runs->machine;
		m->boot = boot;
	}
	*boot = boot_of(runs, n);
	t->machines[t->n_machines - 1].boots++;
	t->n_boots++;
}

/* Means over boots and machines, each boot and each machine with the same weight. */
static void average(struct nested *t)
{
	double from = t->machines[0].boot[0].mean;

	for (size_t i = 0; i < t->n_machines; i++) {
		struct nested_machine *m = t->machines + i;

		for (size_t j = 0; j < m->boots; j++) {
			m->mean += (m->boot[j].mean - from) / (double)m->boots;
			m->per_runs += 1 / ((double)m->boot[j].runs * (double)m->boots);
		}
		t->mean += m->mean / (double)t->n_machines;
		m->mean += from;
	}
	t->mean += from;
}

static void sum_squares(struct nested *t)
{
	struct nested_squares *s = &t->squares;
	double machines = (double)t->n_machines;

	for (size_t i = 0; i < t->n_machines; i++) {
		const struct nested_machine *m = t->machines + i;
		double boots = (double)m->boots;

		for (size_t j = 0; j < m->boots; j++) {
			s->run += m->boot[j].squares;
			s->run_df += (double)m->boot[j].runs - 1;
			s->boot += (m->boot[j].mean - m->mean) * (m->boot[j].mean - m->mean);
		}
		s->boot_df += boots - 1;
		s->boot_run += (boots - 1) * m->per_runs;
		s->machine += (m->mean - t->mean) * (m->mean - t->mean);
		s->machine_boot += 1 / boots / machines;
		s->machine_run += m->per_runs / boots / machines;
	}
	s->machine_df = machines - 1;
	s->run = s->run_df > 0 ? s->run / s->run_df : 0;
	s->boot = s->boot_df > 0 ? s->boot / s->boot_df : 0;
	s->boot_run = s->boot_df > 0 ? s->boot_run / s->boot_df : 0;
	s->machine = s->machine_df > 0 ? s->machine / s->machine_df : 0;
}

/* The runs' own errors: their mean variance, with Satterthwaite's degrees of freedom. */
static void pool_rounds(struct nested *t, const struct nested_run *runs)
{
	double squares = 0;

	for (size_t i = 0; i < t->n_runs; i++) {
		double variance = runs[i].error * runs[i].error / (double)t->n_runs;

		t->round += variance;
		squares += variance * variance / runs[i].df;
	}
	t->round_df = t->round * t->round / squares;
	if (!(t->round_df >= 1)) /* an error or its df is not known, or all are zero */
		t->round = t->round_df = NAN;
}

int nested_open(const struct nested_run *runs, size_t n, struct nested **out)
{
	struct nested_run *sorted;
	struct nested *t;

	*out = NULL;
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(runs[i].value))
			return -EINVAL;
	}
	if (!n)
		return -EINVAL;
	sorted = calloc(n, sizeof(*sorted));
	t = calloc(1, sizeof(*t));
	if (t) {
		t->boots = calloc(n, sizeof(*t->boots));
		t->machines = calloc(n, sizeof(*t->machines));
	}
	if (!sorted || !t || !t->boots || !t->machines) {
		free(sorted);
		nested_close(t);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n; i++)
		sorted[i] = runs[i];
	qsort(sorted, n, sizeof(*sorted), by_place);
	t->n_runs = n;
	for (size_t at = 0; at < n; at += t->boots[t->n_boots - 1].runs)
		add_boot(t, sorted + at, n - at);
	average(t);
	sum_squares(t);
	pool_rounds(t, sorted);
	free(sorted);
	*out = t;
	return 0;
}

void nested_close(struct nested *t)
{
	if (!t)
		return;
	free(t->boots);
	free(t->machines);
	free(t);
}
