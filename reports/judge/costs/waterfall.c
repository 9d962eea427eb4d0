/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/stats/combine.h"
#include "reports/judge/costs/waterfall.h"

#define AS_WRITTEN "as_written"

static const struct {
	const char *name, *body; /* body (the program) NULL: has many */
} steps[] = {
	[STEP_DISPATCH] = {"dispatch", "empty"},  [STEP_PID] = {"pid", "pid"},
	[STEP_LOOKUP] = {"lookup", "lookup_hit"}, [STEP_ARGUMENT] = {"argument", "args"},
	[STEP_CLOCK] = {"clock", "clock"},	  [STEP_OUTPUT] = {"output", NULL},
};

const char *waterfall_step_name(enum increments_step step)
{
	return steps[step].name;
}

bool waterfall_sends(const struct record_result *result)
{
	return strcmp(result->body, "perf") == 0 || strncmp(result->body, "ringbuf", 7) == 0 ||
	       data_as_written(result);
}

bool data_as_written(const struct record_result *result)
{
	return strncmp(result->body, AS_WRITTEN, strlen(AS_WRITTEN)) == 0;
}

const struct record_result *waterfall_find(const struct record_result *const *results, size_t n,
					   const char *hook, const char *body, const char *wakeup)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(results[i]->hook, hook) == 0 && strcmp(results[i]->body, body) == 0 &&
		    (!wakeup || strcmp(results[i]->wakeup, wakeup) == 0))
			return results[i];
	}
	return NULL;
}

void waterfall_of(const struct record_result *const *results, size_t n, const char *hook,
		  struct waterfall *out)
{
	const struct record_result *below = NULL;

	*out = (struct waterfall){.hook = hook};
	for (size_t s = 0; s < STEP_OUTPUT; s++) {
		const struct record_result *result =
			waterfall_find(results, n, hook, steps[s].body, NULL);

		out->program[s] = result;
		out->step[s] = (struct effect){NAN, NAN, NAN};
		if (!result)
			continue;
		out->programs++;
		out->step[s] = below ? combine_difference(result->overhead.typical,
							  below->overhead.typical)
				     : result->overhead.typical;
		below = result;
	}
}

static const struct record_result *highest(const struct waterfall *w)
{
	for (size_t s = STEP_OUTPUT; s-- > 0;) {
		if (w->program[s])
			return w->program[s];
	}
	return NULL;
}

struct effect waterfall_output(const struct waterfall *w, const struct record_result *whole)
{
	const struct record_result *below = highest(w);

	if (!below)
		return (struct effect){NAN, NAN, NAN};
	return combine_difference(whole->overhead.typical, below->overhead.typical);
}
