/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/fleet/fleet_figures.h"
#include "reports/judge/fleet/fleet_places.h"
#include "reports/judge/fleet/fleet_series.h"
#include "reports/stats/nested/nested.h"

#define DAY_LEN 10 /* of "2026-11-25T09:00:00Z" */

static int by_point(const struct fleet_figure *a, const struct fleet_figure *b,
		    enum series_axis axis)
{
	return axis == SERIES_KERNEL ? strverscmp(a->place->kernel, b->place->kernel)
				     : strncmp(a->place->created, b->place->created, DAY_LEN);
}

static int by_reading(const void *left, const void *right, void *axis)
{
	const struct fleet_figure *a = left, *b = right;
	int order = fleet_figure_kind(a, b);

	order = order ? order : by_point(a, b, *(enum series_axis *)axis);
	return order ? order : fleet_figure_place(a, b);
}

/* The readings of one kernel or day. */
static int fill_point(const struct fleet_figure *r, size_t n, enum series_axis axis,
		      struct series_point *out)
{
	struct nested_run *runs = calloc(n, sizeof(*runs));
	struct nested_summary s;
	struct nested *t = NULL;
	size_t machine = 0, boot = 0;
	int err = runs ? 0 : -ENOMEM;

	out->label = axis == SERIES_KERNEL ? strdup(r->place->kernel)
					   : strndup(r->place->created, DAY_LEN);
	out->nodes = calloc(n, sizeof(*out->nodes));
	if (!out->label || !out->nodes)
		err = -ENOMEM;
	for (size_t i = 0; i < n && !err; i++) {
		bool other = !i || strcmp(r[i].place->node, r[i - 1].place->node) != 0;

		machine += other;
		boot += other || strcmp(r[i].place->boot, r[i - 1].place->boot) != 0;
		runs[i] = (struct nested_run){machine, boot, r[i].value, NAN, NAN};
		if (other)
			out->nodes[out->machines++] = strdup(r[i].place->node);
		err = out->nodes[out->machines - 1] ? 0 : -ENOMEM;
	}
	if (!err)
		err = nested_open(runs, n, &t);
	if (!err) {
		nested_summary(t, &s);
		out->value = s.mean.value;
		out->runs = n;
	}
	nested_close(t);
	free(runs);
	return err;
}

static bool same_nodes(const struct series_point *a, const struct series_point *b)
{
	for (size_t i = 0; i < a->machines && a->machines == b->machines; i++) {
		if (strcmp(a->nodes[i], b->nodes[i]) != 0)
			return false;
	}
	return a->machines == b->machines;
}

/* The readings of one type and configuration. */
static int fill_series(const struct fleet_figure *r, size_t n, enum series_axis axis,
		       struct series *out)
{
	int err = 0;

	out->type = strndup(r->place->type, strcspn(r->place->type, "\n"));
	out->id = strdup(r->id);
	out->points = calloc(n, sizeof(*out->points));
	if (!out->type || !out->id || !out->points)
		return -ENOMEM;
	for (size_t i = 0, end; i < n && !err; i = end) {
		for (end = i + 1; end < n && by_point(r + i, r + end, axis) == 0;)
			end++;
		err = fill_point(r + i, end - i, axis, &out->points[out->n++]);
		if (!err && out->n > 1)
			out->machines_change |=
				!same_nodes(&out->points[out->n - 2], &out->points[out->n - 1]);
	}
	return err;
}

static int test(struct series *s, double alpha, unsigned long seed)
{
	const struct change_test by = {alpha, seed};
	double *x = calloc(s->n, sizeof(*x));
	int err = x ? 0 : -ENOMEM;

	for (size_t k = 0; k < s->n && x; k++)
		x[k] = s->points[k].value;
	change_points_free(&s->changes);
	if (!err)
		err = change_points_find(x, s->n, &by, &s->changes);
	free(x);
	return err;
}

/* Holm (1979): once some have changed, the others share 5 % among fewer. */
static int find_changes(struct fleet_series *all)
{
	size_t before = SIZE_MAX;
	int err = 0;

	while (!err && before != all->changed && all->changed < all->tested) {
		before = all->changed;
		all->alpha = SERIES_ALPHA / (double)(all->tested - before);
		for (size_t i = 0; i < all->n && !err; i++) {
			struct series *s = &all->series[i];

			if (s->why || s->changes.n)
				continue;
			err = test(s, all->alpha, i);
			all->changed += s->changes.n > 0;
		}
	}
	for (size_t i = 0; i < all->n; i++) {
		struct series *s = &all->series[i];

		if (!s->why && !s->changes.n && change_points_rarest(s->n) > all->alpha) {
			s->why = "too few points for so many series: ask for fewer (--variant)";
			all->tested--;
		}
	}
	return err;
}

/* Series that are long enough to have a p below 5 %. */
static void count_tested(struct fleet_series *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct series *s = &all->series[i];

		if (s->n < CHANGE_POINTS_LEAST)
			s->why = "fewer than 8 points: no step of theirs is rarer than 5 %";
		else if (s->n > CHANGE_POINTS_MOST)
			s->why = "more than 1,000 points";
		all->tested += !s->why;
	}
}

static int split(struct fleet_series *out, struct fleet_figures *r, enum series_axis axis)
{
	int err = 0;

	out->series = calloc(r->n + 1, sizeof(*out->series));
	if (!out->series)
		return -ENOMEM;
	if (r->n)
		qsort_r(r->all, r->n, sizeof(*r->all), by_reading, &axis);
	for (size_t i = 0, end; i < r->n && !err; i = end) {
		for (end = i + 1; end < r->n && fleet_figure_kind(r->all + i, r->all + end) == 0;)
			end++;
		err = fill_series(r->all + i, end - i, axis, &out->series[out->n++]);
	}
	return err;
}

/* A place without a day is in no series of days. */
static int drop_undated(struct fleet *fleet)
{
	size_t kept = 0;
	int err = 0;

	for (size_t i = 0; i < fleet->n_places; i++) {
		struct fleet_place *place = &fleet->places[i];

		if (strlen(place->created) >= DAY_LEN) {
			fleet->places[kept++] = *place;
			continue;
		}
		if (!err)
			err = fleet_add_gap(fleet, place->path,
					    "does not say on which day it was taken");
		fleet_place_free(place);
	}
	fleet->n_places = kept;
	return err;
}

int fleet_series(const char *const *paths, size_t n, enum series_axis axis, const char *variant,
		 struct fleet_series *out, struct error *why)
{
	struct fleet_figures readings = {NULL, 0};
	int err;

	*out = (struct fleet_series){.n = 0};
	err = fleet_find(&out->found, paths, n, why);
	if (err)
		return err;
	if (axis == SERIES_DAY)
		err = drop_undated(&out->found);
	if (!err)
		err = fleet_figures_read(&out->found, variant, &readings);
	if (!err)
		err = split(out, &readings, axis);
	count_tested(out);
	if (!err)
		err = find_changes(out);
	fleet_figures_free(&readings);
	return err ? error_set(why, err, "out of memory") : 0;
}

void fleet_series_free(struct fleet_series *all)
{
	for (size_t i = 0; i < all->n; i++) {
		struct series *s = &all->series[i];

		for (size_t k = 0; s->points && k < s->n; k++) {
			for (size_t m = 0; s->points[k].nodes && m < s->points[k].machines; m++)
				free(s->points[k].nodes[m]);
			free((void *)s->points[k].nodes);
			free(s->points[k].label);
		}
		free(s->points);
		free(s->type);
		free(s->id);
		change_points_free(&s->changes);
	}
	free(all->series);
	fleet_free(&all->found);
	*all = (struct fleet_series){.n = 0};
}
