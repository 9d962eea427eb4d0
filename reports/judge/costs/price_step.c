/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/stats/combine.h"
#include "reports/judge/costs/price_step.h"
#include "reports/judge/costs/prices.h"
#include "reports/judge/costs/waterfall.h"

#define MAP_SIZE   "1024 entries" /* the incremental programs's map */
#define EVENT_SIZE "40 bytes"	  /* the size that is nearest to its event's */

/* A program, the one below it, and the helper (with its size) that the upper one has more. */
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

/* Other ways to read the argument are no part of the hook's incremental programs. */
static bool reads_so(const char *hook, const char *helper)
{
	const char *its = prices_argument(hook);

	return strncmp(helper, "arg_", 4) != 0 || !strcmp(helper, its ? its : "arg_probe_read");
}

static bool belongs(const struct record_result *result, enum unit unit, const char *workload)
{
	return result->status == RESULT_MEASURED && result->unit == unit &&
	       !strcmp(result->workload, workload) && !strcmp(result->cache, "hot");
}

static const struct record_result *find(const struct record *rec, const struct slope *row,
					const char *hook, const char *body, const char *wakeup)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (belongs(result, row->unit, row->workload) && !strcmp(result->hook, hook) &&
		    !strcmp(result->body, body) && (!wakeup || !strcmp(result->wakeup, wakeup)))
			return result;
	}
	return NULL;
}

struct effect price_step(const struct record *rec, const struct slope *row, const char *hook)
{
	const struct record_result *with = NULL, *below = NULL;

	for (size_t i = 0; i < STEPS && !with; i++) {
		if (strcmp(steps[i].helper, row->helper) != 0 ||
		    strcmp(steps[i].size, row->size) != 0 || !reads_so(hook, row->helper))
			continue;
		with = find(rec, row, hook, steps[i].body,
			    strcmp(row->wakeup, "-") != 0 ? row->wakeup : NULL);
		below = find(rec, row, hook, steps[i].below, NULL);
	}
	if (!with || !below)
		return (struct effect){NAN, NAN, NAN};
	return combine_difference(with->overhead.typical, below->overhead.typical);
}

static bool has_increments(const struct record *rec, enum unit unit, const char *workload,
			   const char *hook)
{
	const struct record_result **results = (const struct record_result **)calloc(
		rec->n_results + 1, sizeof(struct record_result *));
	struct waterfall w = {.programs = 0};
	size_t n = 0;

	for (size_t i = 0; i < rec->n_results && results; i++)
		if (belongs(rec->results[i], unit, workload))
			results[n++] = rec->results[i];
	if (results)
		waterfall_of(results, n, hook, &w);
	free((void *)results);
	return w.programs >= WATERFALL_PROGRAMS_LEAST;
}

const char *price_step_hook(const struct record *rec, enum unit unit, const char *workload,
			    const char *first)
{
	if (has_increments(rec, unit, workload, first))
		return first;
	for (size_t i = 0; i < rec->n_results; i++)
		if (belongs(rec->results[i], unit, workload) &&
		    has_increments(rec, unit, workload, rec->results[i]->hook))
			return rec->results[i]->hook;
	return NULL;
}
