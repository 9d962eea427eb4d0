/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/agree.h"
#include "reports/judge/fleet/fleet_figures.h"

static size_t type_length(const char *type)
{
	size_t shown = strcspn(type, "\n");

	return type[shown] ? shown + 1 + strcspn(type + shown + 1, "\n") : shown;
}

static bool measured(const struct record_result *result, const char *variant)
{
	return result->baseline_id && result->status == RESULT_MEASURED &&
	       strcmp(result->variant, "none_again") != 0 && result->unit == UNIT_NS &&
	       isfinite(agree_figure(result).value) &&
	       (!variant || fnmatch(variant, result->variant, 0) == 0);
}

static int add_place(struct fleet *fleet, struct fleet_figures *to, const struct fleet_place *place,
		     const char *variant)
{
	struct record *rec;
	struct error why;
	struct fleet_figure *more;
	int err = 0;

	if (record_read(place->path, &rec, &why))
		return fleet_add_gap(fleet, place->path, "%s", why.text);
	more = realloc(to->all, (to->n + rec->n_results + 1) * sizeof(*more));
	if (more)
		to->all = more;
	else
		err = -ENOMEM;
	for (size_t i = 0; i < rec->n_results && !err; i++) {
		const struct record_result *result = rec->results[i];

		if (!measured(result, variant))
			continue;
		more[to->n] = (struct fleet_figure){place, type_length(place->type),
						    strdup(result->id), agree_figure(result).value};
		err = more[to->n].id ? 0 : -ENOMEM;
		to->n += !err;
	}
	record_free(rec);
	return err;
}

int fleet_figures_read(struct fleet *fleet, const char *variant, struct fleet_figures *out)
{
	int err = 0;

	*out = (struct fleet_figures){NULL, 0};
	for (size_t i = 0; i < fleet->n_places && !err; i++)
		err = add_place(fleet, out, &fleet->places[i], variant);
	return err;
}

void fleet_figures_free(struct fleet_figures *figures)
{
	for (size_t i = 0; i < figures->n; i++)
		free(figures->all[i].id);
	free(figures->all);
	*figures = (struct fleet_figures){NULL, 0};
}

int fleet_figure_kind(const struct fleet_figure *a, const struct fleet_figure *b)
{
	int order = strncmp(a->place->type, b->place->type,
			    a->type_len < b->type_len ? a->type_len : b->type_len);

	if (order)
		return order;
	if (a->type_len != b->type_len)
		return a->type_len < b->type_len ? -1 : 1;
	return strcmp(a->id, b->id);
}

int fleet_figure_place(const struct fleet_figure *a, const struct fleet_figure *b)
{
	int order = strcmp(a->place->node, b->place->node);

	order = order ? order : strcmp(a->place->boot, b->place->boot);
	return order ? order : strcmp(a->place->path, b->place->path);
}
