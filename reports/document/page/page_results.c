/* SPDX-License-Identifier: GPL-3.0-or-later */
/* All results of the runs, with their readings, and why a figure is not there. */
#include <math.h>
#include <string.h>

#include "reports/document/page/page_json.h"
#include "reports/document/page/page_parts.h"
#include "reports/effects/censor.h"
#include "reports/effects/quantiles.h"
#include "reports/record/cache_state.h"

/* An index into "samples", or null. */
static json_t *sample(const struct page_source *s, const struct record *rec, const char *dir,
		      const char *name, double p50)
{
	int index = name ? page_samples_add(s->samples, rec, dir, name, p50) : -1;

	return index < 0 ? json_null() : json_integer(index);
}

static json_t *samples_of(const struct page_source *s, const struct record *rec, const char *dir,
			  const struct record_result *result)
{
	char before[300];

	if (!result->samples || result->status != RESULT_MEASURED)
		return json_null();
	snprintf(before, sizeof(before), "before-%s", result->samples);
	return json_pack("{s:o, s:o}", "probe",
			 sample(s, rec, dir, result->samples, result->config.p50), "baseline",
			 sample(s, rec, dir,
				result->baseline_samples ? result->baseline_samples
				: result->baseline_id	 ? before
							 : NULL,
				result->baseline.p50));
}

/* Why a quantile of a measured result is not there. */
static json_t *withheld(const struct record_result *result, double p, double most)
{
	if (censor_withheld(result, most))
		return json_sprintf("%.2g %% of the calls were left out: they changed CPU, or "
				    "their reader was still awake after 2 ms",
				    100 * censor_share(result));
	if (!quantiles_supported(p, result->n))
		return json_string("too few calls for an interval");
	return json_string("the record has none");
}

static void set_withheld(json_t *row, const struct record_result *result)
{
	json_t *reasons;

	if (result->status != RESULT_MEASURED || !result->baseline_id ||
	    result->unit == UNIT_INSTRUCTIONS)
		return;
	reasons = json_object();
	if (isnan(result->overhead.p99.value))
		json_object_set_new(reasons, "p99", withheld(result, 0.99, CENSOR_P99_MOST));
	if (isnan(result->overhead.p999.value))
		json_object_set_new(reasons, "p999", withheld(result, 0.999, CENSOR_P999_MOST));
	if (json_object_size(reasons))
		json_object_set(row, "withheld", reasons);
	json_decref(reasons);
}

json_t *page_results(const struct page_source *s)
{
	json_t *list = json_array();

	for (size_t k = 0; k < s->e->n_runs; k++) {
		const char *dir;
		const struct record *rec = page_record(s->e, k, &dir);

		for (size_t i = 0; i < rec->n_results; i++) {
			const struct record_result *result = rec->results[i];
			json_t *row = page_json_row(result, "cells");

			json_object_set_new(row, "record", json_integer((json_int_t)k));
			json_object_set_new(row, "quoted", json_boolean(cache_shown(rec, result)));
			json_object_del(row, "baseline_samples");
			json_object_set_new(row, "samples", samples_of(s, rec, dir, result));
			set_withheld(row, result);
			if (json_array_append_new(list, row))
				return json_decref(list), NULL;
		}
	}
	page_leaves_out(s, page_samples_left_out(s->samples), "configurations' raw readings");
	page_leaves_out(s, page_samples_unreadable(s->samples),
			"configurations' raw readings, whose files are damaged");
	return list;
}
