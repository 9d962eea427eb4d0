/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/agree.h"
#include "reports/judge/fleet/fleet.h"
#include "reports/judge/fleet/fleet_places.h"
#include "reports/judge/fleet/fleet_readings.h"

int fleet_add_gap(struct fleet *fleet, const char *where, const char *fmt, ...)
{
	struct fleet_gap *more = realloc(fleet->gaps, (fleet->n_gaps + 1) * sizeof(*more)), *gap;
	va_list args;
	int n;

	if (!more)
		return -ENOMEM;
	fleet->gaps = more;
	gap = &more[fleet->n_gaps];
	va_start(args, fmt);
	n = vasprintf(&gap->why, fmt, args);
	va_end(args);
	gap->where = strdup(where);
	if (n >= 0 && gap->where) {
		fleet->n_gaps++;
		return 0;
	}
	if (n >= 0)
		free(gap->why);
	free(gap->where);
	return -ENOMEM;
}

/* The row of that configuration among those of this type and kernel, which begin at first. */
static int row_of(struct fleet *fleet, size_t first, const struct fleet_place *place,
		  const struct record_result *result, size_t *out)
{
	struct fleet_row *row, *more;

	for (*out = first; *out < fleet->n_rows; (*out)++) {
		row = &fleet->rows[*out];
		if (!strcmp(row->variant, result->variant) &&
		    !strcmp(row->wakeup, result->wakeup) && !strcmp(row->cache, result->cache))
			return 0;
	}
	more = realloc(fleet->rows, (fleet->n_rows + 1) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	fleet->rows = more;
	row = &more[fleet->n_rows++];
	*row = (struct fleet_row){.type = place->type,
				  .kernel = place->kernel,
				  .variant = strdup(result->variant),
				  .wakeup = strdup(result->wakeup),
				  .cache = strdup(result->cache)};
	return row->variant && row->wakeup && row->cache ? 0 : -ENOMEM;
}

static int note_reason(struct fleet_row *row, const struct record_result *result)
{
	if (!row->reason)
		row->reason = strdup(result->reason ? result->reason : "no reason was kept");
	return row->reason ? 0 : -ENOMEM;
}

static struct fleet_reading reading_of(const struct verdicts *v, const struct configuration *c)
{
	struct estimate typical = {NAN, NAN, NAN};
	const struct judgement *cpu = &c->by[CRITERION_CPU], *loss = &c->by[CRITERION_LOSS];

	agree_estimate(c->result, &typical);
	return (struct fleet_reading){
		.p99_most = c->result->p99_bound.value + v->aa_p99_off,
		.p99_least = c->by[CRITERION_P99].measured.lo,
		.cpu = cpu->measured.value,
		.cpu_part = cpu->part,
		.loss = loss->verdict,
		.lost = loss->measured,
		.typical = typical.value,
		.error = typical.error,
		.df = typical.df,
		.own = c->verdict,
	};
}

/* Where a run stands: its type and kernel's first row, its machine and boot. */
struct boot_unit {
	const struct fleet_place *place;
	size_t first, machine, boot;
};

static int add_readings(struct fleet *fleet, struct fleet_readings *to,
			const struct boot_unit *unit, const struct verdicts *v)
{
	struct fleet_reading *more =
		realloc(to->readings, (to->n + v->n + 1) * sizeof(*to->readings));
	int err = more ? 0 : -ENOMEM;

	if (more)
		to->readings = more;
	for (size_t i = 0; i < v->n && !err; i++) {
		const struct configuration *c = &v->rows[i];
		size_t row;

		err = row_of(fleet, unit->first, unit->place, c->result, &row);
		if (err)
			break;
		fleet->rows[row].under_test |= verdict_is_under_test(v, c->result);
		if (c->result->status != RESULT_MEASURED) {
			err = note_reason(&fleet->rows[row], c->result);
			continue;
		}
		more[to->n] = reading_of(v, c);
		more[to->n].row = row;
		more[to->n].machine = unit->machine;
		more[to->n++].boot = unit->boot;
	}
	return err;
}

/* The records of one boot that are its repeat-th run, judged as one machine's. */
static int judge_run(struct fleet *fleet, const struct verdict_scope *scope,
		     struct fleet_readings *to, const struct boot_unit *unit, size_t end,
		     size_t repeat)
{
	struct record_set set = {.n_runs = 0};
	struct verdicts verdicts;
	struct error why;
	int err = 0;

	for (const struct fleet_place *p = unit->place; p < fleet->places + end && !err; p++) {
		if (p->repeat == repeat && record_set_add_run(&set, p->path, &why))
			err = fleet_add_gap(fleet, p->path, "%s", why.text);
	}
	if (!err && set.n_runs) {
		err = verdict_judge(&set, &fleet->budget, scope, &verdicts);
		fleet->narrowed = verdicts.narrowed;
		if (!err)
			err = add_readings(fleet, to, unit, &verdicts);
		verdict_free(&verdicts);
	}
	record_set_close(&set);
	return err;
}

static bool differs(const char *a, const char *b)
{
	return !a || strcmp(a, b) != 0;
}

/* Boot by boot. */
static int judge_all(struct fleet *fleet, const struct verdict_scope *scope,
		     struct fleet_readings *to)
{
	const char *type = NULL, *kernel = NULL, *node = NULL;
	struct boot_unit unit = {.place = NULL};
	int err = 0;

	for (size_t i = 0, end; i < fleet->n_places && !err; i = end) {
		const struct fleet_place *p = &fleet->places[i];
		bool new_type = differs(type, p->type);
		bool new_group = new_type || differs(kernel, p->kernel);
		size_t runs = 0;

		fleet->types += new_type;
		fleet->kernels += new_group;
		if (new_group)
			unit.first = fleet->n_rows;
		unit.machine += new_group || differs(node, p->node);
		unit.boot++;
		unit.place = p;
		for (end = i; end < fleet->n_places && !differs(p->type, fleet->places[end].type) &&
			      !differs(p->kernel, fleet->places[end].kernel) &&
			      !differs(p->node, fleet->places[end].node) &&
			      !differs(p->boot, fleet->places[end].boot);
		     end++)
			runs = fleet->places[end].repeat >= runs ? fleet->places[end].repeat + 1
								 : runs;
		for (size_t r = 0; r < runs && !err; r++)
			err = judge_run(fleet, scope, to, &unit, end, r);
		type = p->type;
		kernel = p->kernel;
		node = p->node;
	}
	fleet->machines = unit.machine;
	fleet->boots = unit.boot;
	return err;
}

bool fleet_asked(const struct fleet *fleet, const struct fleet_row *row)
{
	return fleet->narrowed || row->under_test;
}

/* By type and kernel as found; the probe under test, then by variant. */
static int by_row(const void *left, const void *right)
{
	const struct fleet_row *a = left, *b = right;
	int order = strcmp(a->type, b->type);

	order = order ? order : strverscmp(a->kernel, b->kernel);
	if (!order && a->under_test != b->under_test)
		return a->under_test ? -1 : 1;
	order = order ? order : strcmp(a->variant, b->variant);
	order = order ? order : strcmp(a->wakeup, b->wakeup);
	return order ? order : strcmp(a->cache, b->cache);
}

/* A type and kernel that has records, but none of what was asked for. */
static int name_missing(struct fleet *fleet)
{
	int err = 0;

	for (size_t i = 0; i < fleet->n_places && !err; i++) {
		const struct fleet_place *p = &fleet->places[i];
		bool asked = false;
		char where[256];

		if (i && !differs(p->type, p[-1].type) && !differs(p->kernel, p[-1].kernel))
			continue;
		for (size_t k = 0; k < fleet->n_rows && !asked; k++)
			asked = fleet_asked(fleet, &fleet->rows[k]) &&
				!differs(p->type, fleet->rows[k].type) &&
				!differs(p->kernel, fleet->rows[k].kernel);
		if (asked)
			continue;
		snprintf(where, sizeof(where), "%.*s, Linux %s", (int)strcspn(p->type, "\n"),
			 p->type, p->kernel);
		err = fleet_add_gap(fleet, where, "has records, but none of %s",
				    fleet->narrowed ? "what was asked for that sends events"
						    : "the probe under test");
		if (fleet->worst < VERDICT_INCONCLUSIVE)
			fleet->worst = VERDICT_INCONCLUSIVE;
	}
	return err;
}

int fleet_judge(const char *const *paths, size_t n, const struct budget *budget,
		const struct verdict_scope *scope, struct fleet *out, struct error *why)
{
	struct fleet_readings readings = {NULL, 0};
	int err;

	*out = (struct fleet){
		.budget = *budget, .boot_costs = FLEET_BOOT_COSTS, .worst = VERDICT_GREEN};
	err = fleet_find(out, paths, n, why);
	if (err)
		return err;
	err = judge_all(out, scope, &readings);
	if (!err)
		err = fleet_conclude(out, &readings);
	if (!err)
		err = name_missing(out);
	free(readings.readings);
	if (err)
		return error_set(why, err, "out of memory");
	if (out->n_rows)
		qsort(out->rows, out->n_rows, sizeof(*out->rows), by_row);
	return 0;
}

void fleet_free(struct fleet *fleet)
{
	for (size_t i = 0; i < fleet->n_rows; i++) {
		free(fleet->rows[i].variant);
		free(fleet->rows[i].wakeup);
		free(fleet->rows[i].cache);
		free(fleet->rows[i].reason);
	}
	free(fleet->rows);
	for (size_t i = 0; i < fleet->n_gaps; i++) {
		free(fleet->gaps[i].where);
		free(fleet->gaps[i].why);
	}
	free(fleet->gaps);
	fleet_places_free(fleet);
	*fleet = (struct fleet){.n_rows = 0};
}
