/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/stats/combine.h"
#include "reports/judge/costs/prices.h"

const struct slope *prices_find_on(const struct record *rec, const char *host_program,
				   const char *helper, const char *size, const char *wakeup)
{
	const struct slope *first = NULL;

	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *row = &rec->slopes[i];

		if (row->status != RESULT_MEASURED || strcmp(row->cache, "hot") != 0 ||
		    strcmp(row->helper, helper) != 0 || (size && strcmp(row->size, size) != 0) ||
		    (wakeup && strcmp(row->wakeup, wakeup) != 0))
			continue;
		if (!host_program || strcmp(row->host_program, host_program) == 0)
			return row;
		if (!first)
			first = row;
	}
	return first;
}

const struct slope *prices_find(const struct record *rec, const char *helper, const char *size,
				const char *wakeup)
{
	return prices_find_on(rec, NULL, helper, size, wakeup);
}

static const struct slope_point *point_at(const struct slope *row, unsigned int repeats)
{
	for (size_t i = 0; i < row->n_points; i++) {
		if (row->points[i].repeats == repeats)
			return &row->points[i];
	}
	return NULL;
}

struct effect prices_first_call(const struct slope *row)
{
	const struct slope_point *none = point_at(row, 0), *one = point_at(row, 1);
	struct effect step;
	double value;

	if (!row->nonlinear)
		return row->slope;
	if (!isnan(row->first.value))
		return row->first;
	/* an older record: of the two points */
	if (!none || !one)
		return (struct effect){NAN, NAN, NAN};
	value = one->cost.value - none->cost.value;
	/* what a round's baseline does to both costs is in neither the slope nor the residuals */
	step = combine_sum(row->slope, combine_difference(one->residual, none->residual));
	return (struct effect){value, value - (step.value - step.lo),
			       value + (step.hi - step.value)};
}

const char *prices_kind(const struct slope *row)
{
	return row->nonlinear ? "first call" : "slope";
}

const char *prices_argument(const char *hook)
{
	static const struct {
		const char *hook, *helper;
	} reads[] = {
		{"kprobe", "arg_probe_read"},	   {"kprobe_offset", "arg_probe_read"},
		{"kprobe_int3", "arg_probe_read"}, {"kprobe_multi", "arg_probe_read"},
		{"raw_tp", "arg_probe_read"},	   {"tracepoint", "arg_context"},
		{"tp_btf", "arg_direct"},	   {"fentry", "arg_direct"},
		{"fexit", "arg_direct"},
	};

	for (size_t i = 0; i < sizeof(reads) / sizeof(*reads); i++) {
		if (strcmp(reads[i].hook, hook) == 0)
			return reads[i].helper;
	}
	return NULL;
}
