/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/combine.h"
#include "reports/price_step.h"
#include "reports/prices.h"
#include "reports/waterfall.h"

#define MAP_SIZE   "1024 entries" /* the ladder's map */
#define EVENT_SIZE "40 bytes"	  /* the size that is nearest to its event's */

/* A body, the one below it, and the helper (with its size) that the upper one has more. */
static const struct {
	const char *helper, *size, *body, *below;
} steps[] = {
	{"get_current_pid_tgid", "-", "pid", "empty"},
	{"lookup_hit", MAP_SIZE, "lookup_hit", "pid"},
	{"lookup_miss", MAP_SIZE, "lookup_miss", "pid"},
	{"arg_probe_read", "-", "args", "lookup_hit"},
	{"arg_context", "-", "args", "lookup_hit"},
	{"arg_direct", "-", "args", "lookup_hit"},
	{"ktime_get_ns", "-", "clock", "args"},
	{"perf_event_output", EVENT_SIZE, "perf", "clock"},
	{"ringbuf_submit", EVENT_SIZE, "ringbuf", "clock"},
	{"ringbuf_output", EVENT_SIZE, "ringbuf_output", "clock"},
};

#define STEPS (sizeof(steps) / sizeof(*steps))

/* Other ways to read the argument are no part of the hook's ladder. */
static bool reads_so(const char *hook, const char *helper)
{
	const char *its = prices_argument(hook);

	return strncmp(helper, "arg_", 4) != 0 || !strcmp(helper, its ? its : "arg_probe_read");
}

static bool belongs(const struct record_cell *cell, enum unit unit, const char *trigger)
{
	return cell->status == CELL_MEASURED && cell->unit == unit &&
	       !strcmp(cell->trigger, trigger) && !strcmp(cell->cache, "hot");
}

static const struct record_cell *find(const struct record *rec, const struct slope *row,
				      const char *hook, const char *body, const char *drain)
{
	for (size_t i = 0; i < rec->n_cells; i++) {
		const struct record_cell *cell = rec->cells[i];

		if (belongs(cell, row->unit, row->trigger) && !strcmp(cell->hook, hook) &&
		    !strcmp(cell->body, body) && (!drain || !strcmp(cell->drain, drain)))
			return cell;
	}
	return NULL;
}

struct effect price_step(const struct record *rec, const struct slope *row, const char *hook)
{
	const struct record_cell *with = NULL, *below = NULL;

	for (size_t i = 0; i < STEPS && !with; i++) {
		if (strcmp(steps[i].helper, row->helper) != 0 ||
		    strcmp(steps[i].size, row->size) != 0 || !reads_so(hook, row->helper))
			continue;
		with = find(rec, row, hook, steps[i].body,
			    strcmp(row->drain, "-") != 0 ? row->drain : NULL);
		below = find(rec, row, hook, steps[i].below, NULL);
	}
	if (!with || !below)
		return (struct effect){NAN, NAN, NAN};
	return combine_difference(with->overhead.typical, below->overhead.typical);
}

static bool has_ladder(const struct record *rec, enum unit unit, const char *trigger,
		       const char *hook)
{
	const struct record_cell **cells =
		(const struct record_cell **)calloc(rec->n_cells + 1, sizeof(struct record_cell *));
	struct waterfall w = {.rungs = 0};
	size_t n = 0;

	for (size_t i = 0; i < rec->n_cells && cells; i++)
		if (belongs(rec->cells[i], unit, trigger))
			cells[n++] = rec->cells[i];
	if (cells)
		waterfall_of(cells, n, hook, &w);
	free((void *)cells);
	return w.rungs >= WATERFALL_RUNGS_LEAST;
}

const char *price_step_hook(const struct record *rec, enum unit unit, const char *trigger,
			    const char *first)
{
	if (has_ladder(rec, unit, trigger, first))
		return first;
	for (size_t i = 0; i < rec->n_cells; i++)
		if (belongs(rec->cells[i], unit, trigger) &&
		    has_ladder(rec, unit, trigger, rec->cells[i]->hook))
			return rec->cells[i]->hook;
	return NULL;
}
