/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/combine.h"
#include "reports/waterfall.h"

#define AS_WRITTEN "as_written"

static const struct {
	const char *name, *body; /* body NULL: has many */
} steps[] = {
	[STEP_DISPATCH] = {"dispatch", "empty"},  [STEP_PID] = {"pid", "pid"},
	[STEP_LOOKUP] = {"lookup", "lookup_hit"}, [STEP_ARGUMENT] = {"argument", "args"},
	[STEP_CLOCK] = {"clock", "clock"},	  [STEP_OUTPUT] = {"output", NULL},
};

const char *waterfall_step_name(enum ladder_step step)
{
	return steps[step].name;
}

bool waterfall_sends(const struct record_cell *cell)
{
	return strcmp(cell->body, "perf") == 0 || strncmp(cell->body, "ringbuf", 7) == 0 ||
	       data_as_written(cell);
}

bool data_as_written(const struct record_cell *cell)
{
	return strncmp(cell->body, AS_WRITTEN, strlen(AS_WRITTEN)) == 0;
}

const struct record_cell *waterfall_find(const struct record_cell *const *cells, size_t n,
					 const char *hook, const char *body, const char *drain)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(cells[i]->hook, hook) == 0 && strcmp(cells[i]->body, body) == 0 &&
		    (!drain || strcmp(cells[i]->drain, drain) == 0))
			return cells[i];
	}
	return NULL;
}

void waterfall_of(const struct record_cell *const *cells, size_t n, const char *hook,
		  struct waterfall *out)
{
	const struct record_cell *below = NULL;

	*out = (struct waterfall){.hook = hook};
	for (size_t s = 0; s < STEP_OUTPUT; s++) {
		const struct record_cell *cell =
			waterfall_find(cells, n, hook, steps[s].body, NULL);

		out->rung[s] = cell;
		out->step[s] = (struct effect){NAN, NAN, NAN};
		if (!cell)
			continue;
		out->rungs++;
		out->step[s] =
			below ? combine_difference(cell->overhead.typical, below->overhead.typical)
			      : cell->overhead.typical;
		below = cell;
	}
}

static const struct record_cell *highest(const struct waterfall *w)
{
	for (size_t s = STEP_OUTPUT; s-- > 0;) {
		if (w->rung[s])
			return w->rung[s];
	}
	return NULL;
}

struct effect waterfall_output(const struct waterfall *w, const struct record_cell *whole)
{
	const struct record_cell *below = highest(w);

	if (!below)
		return (struct effect){NAN, NAN, NAN};
	return combine_difference(whole->overhead.typical, below->overhead.typical);
}
