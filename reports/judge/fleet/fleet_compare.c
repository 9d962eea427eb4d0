/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/fleet/fleet_compare.h"
#include "reports/judge/fleet/fleet_figures.h"
#include "reports/stats/holm.h"
#include "reports/stats/series/welch.h"
#include "reports/stats/stats.h"

#define ALPHA 0.05 /* of all rows together */

/* One side's figures of one kind, as boots and as machines. */
struct part {
	const struct fleet_figure *figures;
	size_t n;
	double *boots, *machines; /* their means */
	const char **nodes;
	size_t n_boots, n_machines;
};

static int by_kind(const void *left, const void *right)
{
	const struct fleet_figure *a = left, *b = right;
	int order = fleet_figure_kind(a, b);

	return order ? order : fleet_figure_place(a, b);
}

/* The mean of the runs of the boot that begins at figure i; its end. */
static size_t boot_at(const struct part *p, size_t i, double *mean)
{
	const struct fleet_place *place = p->figures[i].place;
	size_t from = i;

	*mean = 0;
	while (i < p->n && !strcmp(p->figures[i].place->node, place->node) &&
	       !strcmp(p->figures[i].place->boot, place->boot))
		*mean += p->figures[i++].value;
	*mean /= (double)(i - from);
	return i;
}

static int open_part(const struct fleet_figure *figures, size_t n, struct part *p)
{
	size_t first = 0; /* boot of the machine */

	*p = (struct part){figures,
			   n,
			   calloc(n + 1, sizeof(double)),
			   calloc(n + 1, sizeof(double)),
			   calloc(n + 1, sizeof(char *)),
			   0,
			   0};
	if (!p->boots || !p->machines || !p->nodes)
		return -ENOMEM;
	for (size_t i = 0; i < n;) {
		const char *node = figures[i].place->node;

		i = boot_at(p, i, &p->boots[p->n_boots++]);
		if (i < n && !strcmp(figures[i].place->node, node))
			continue;
		p->nodes[p->n_machines] = node;
		p->machines[p->n_machines++] = stats_mean(p->boots + first, p->n_boots - first);
		first = p->n_boots;
	}
	return 0;
}

static void close_part(struct part *p)
{
	free(p->boots);
	free(p->machines);
	free((void *)p->nodes);
}

/* Machines are in the order of their names on both sides. 0 or -ENOMEM. */
static int pair(const struct part *a, const struct part *b, struct fleet_change *row)
{
	double *differences = calloc(a->n_machines + 1, sizeof(*differences)), from = 0, to = 0;
	struct welch w;

	if (!differences)
		return -ENOMEM;
	for (size_t i = 0, k = 0; i < a->n_machines && k < b->n_machines;) {
		int order = strcmp(a->nodes[i], b->nodes[k]);

		if (!order) {
			differences[row->common++] = b->machines[k] - a->machines[i];
			from += a->machines[i];
			to += b->machines[k];
		}
		i += order <= 0;
		k += order >= 0;
	}
	if (row->common >= 2) {
		w = welch_paired(differences, row->common);
		row->by = FLEET_PAIRED;
		row->change = w.difference;
		row->p = w.p;
		row->from = from / (double)row->common;
		row->to = to / (double)row->common;
	}
	free(differences);
	return 0;
}

static void weigh(const double *a, size_t n, const double *b, size_t m, enum fleet_pairing by,
		  struct fleet_change *row)
{
	struct welch w = welch_difference(a, n, b, m);

	if (isnan(w.p))
		return;
	row->by = by;
	row->change = w.difference;
	row->p = w.p;
}

static int judge(const struct part *a, const struct part *b, struct fleet_change *row)
{
	int err;

	row->machines[0] = a->n_machines;
	row->machines[1] = b->n_machines;
	row->boots[0] = a->n_boots;
	row->boots[1] = b->n_boots;
	row->from = stats_mean(a->machines, a->n_machines);
	row->to = stats_mean(b->machines, b->n_machines);
	row->change = (struct effect){row->to - row->from, NAN, NAN};
	row->p = NAN;
	err = pair(a, b, row);
	if (err || row->by == FLEET_PAIRED)
		return err;
	weigh(a->machines, a->n_machines, b->machines, b->n_machines, FLEET_UNPAIRED, row);
	if (row->by == FLEET_WITHHELD && a->n_machines == 1 && b->n_machines == 1 && row->common)
		weigh(a->boots, a->n_boots, b->boots, b->n_boots, FLEET_ONE_MACHINE, row);
	return 0;
}

static int add_row(struct fleet_comparison *c, const struct fleet_figure *a, size_t n,
		   const struct fleet_figure *b, size_t m)
{
	struct fleet_change *row = &c->rows[c->n++];
	struct part from, to;
	int err;

	row->type = strndup(a->place->type, strcspn(a->place->type, "\n"));
	row->id = strdup(a->id);
	err = open_part(a, n, &from);
	if (open_part(b, m, &to) || !row->type || !row->id)
		err = -ENOMEM;
	if (!err)
		err = judge(&from, &to, row);
	close_part(&from);
	close_part(&to);
	return err;
}

/* As many figures as are of one kind with the first. */
static size_t kind_length(const struct fleet_figure *f, size_t n)
{
	size_t end = 1;

	while (end < n && fleet_figure_kind(f, f + end) == 0)
		end++;
	return end;
}

static int join(struct fleet_comparison *c, const struct fleet_figures *a,
		const struct fleet_figures *b)
{
	int err = 0;

	c->rows = calloc(a->n + 1, sizeof(*c->rows));
	if (!c->rows)
		return -ENOMEM;
	for (size_t i = 0, k = 0; (i < a->n || k < b->n) && !err;) {
		size_t n = i < a->n ? kind_length(a->all + i, a->n - i) : 0;
		size_t m = k < b->n ? kind_length(b->all + k, b->n - k) : 0;
		int order = !n ? 1 : !m ? -1 : fleet_figure_kind(a->all + i, b->all + k);

		if (!order)
			err = add_row(c, a->all + i, n, b->all + k, m);
		c->one_side += order != 0;
		i += order <= 0 ? n : 0;
		k += order >= 0 ? m : 0;
	}
	return err;
}

static int correct(struct fleet_comparison *c)
{
	double *p = calloc(c->n + 1, sizeof(*p));
	int err = p ? 0 : -ENOMEM;

	for (size_t i = 0; i < c->n && !err; i++)
		p[i] = c->rows[i].p;
	if (!err)
		err = holm_correct(p, c->n);
	for (size_t i = 0; i < c->n && !err; i++) {
		c->rows[i].p_holm = p[i];
		c->rows[i].changed = p[i] < ALPHA;
		c->changed += c->rows[i].changed;
	}
	free(p);
	return err;
}

static int read_side(struct fleet *fleet, const char *const *paths, size_t n, const char *variant,
		     struct fleet_figures *out, struct error *why)
{
	int err = fleet_find(fleet, paths, n, why);

	if (!err && fleet_figures_read(fleet, variant, out))
		err = error_set(why, -ENOMEM, "out of memory");
	if (!err && out->n)
		qsort(out->all, out->n, sizeof(*out->all), by_kind);
	return err;
}

int fleet_compare(const char *const *a, size_t n_a, const char *const *b, size_t n_b,
		  const char *variant, struct fleet_comparison *out, struct error *why)
{
	struct fleet_figures from = {NULL, 0}, to = {NULL, 0};
	int err;

	*out = (struct fleet_comparison){.n = 0};
	err = read_side(&out->side[0], a, n_a, variant, &from, why);
	if (!err)
		err = read_side(&out->side[1], b, n_b, variant, &to, why);
	if (!err && (join(out, &from, &to) || correct(out)))
		err = error_set(why, -ENOMEM, "out of memory");
	fleet_figures_free(&from);
	fleet_figures_free(&to);
	return err;
}

void fleet_comparison_free(struct fleet_comparison *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->rows[i].type);
		free(c->rows[i].id);
	}
	free(c->rows);
	fleet_free(&c->side[0]);
	fleet_free(&c->side[1]);
	*c = (struct fleet_comparison){.n = 0};
}
