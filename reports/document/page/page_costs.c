/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What costs are made of: prices, claims, steps of the incremental programs, cold against hot. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/document/page/page_json.h"
#include "reports/document/page/page_parts.h"
#include "reports/judge/costs/claims.h"
#include "reports/judge/costs/prices.h"
#include "reports/judge/costs/waterfall.h"
#include "reports/record/cache_state.h"
#include "reports/record/record_rows.h"
#include "reports/record/wakeup_name.h"
#include "reports/show/render.h"

json_t *page_prices(const struct record_set *e)
{
	json_t *list = json_array();

	for (size_t k = 0; k < page_records(e); k++) {
		const struct record *rec = page_record(e, k, NULL);

		for (size_t i = 0; i < rec->n_slopes; i++) {
			const struct slope *slope = &rec->slopes[i];
			json_t *row = page_json_row(slope, "slopes");

			json_object_set_new(row, "record", json_integer((json_int_t)k));
			json_object_set_new(row, "basis",
					    json_string(slope->nonlinear ? "first call" : "slope"));
			json_object_set_new(row, "price",
					    slope->status == RESULT_MEASURED
						    ? page_json_effect(prices_first_call(slope))
						    : json_null());
			if (json_array_append_new(list, row))
				return json_decref(list), NULL;
		}
	}
	return list;
}

json_t *page_claims(const struct record_set *e)
{
	json_t *list = json_array();

	for (size_t k = 0; k < e->n_runs; k++) {
		struct claim_row rows[CLAIMS_ROWS_MOST];
		size_t n = claims_collect(page_record(e, k, NULL), rows, CLAIMS_ROWS_MOST);

		for (size_t i = 0; i < n; i++)
			json_array_append_new(
				list, json_pack("{s:I, s:s, s:s, s:s, s:o, s:o, s:s}", "record",
						(json_int_t)k, "what", rows[i].what, "claimed",
						rows[i].claimed, "unit", rows[i].unit, "by",
						page_json_text(rows[i].by), "measured",
						page_json_effect(rows[i].measured), "result",
						claims_verdict_name(rows[i].verdict)));
	}
	return list;
}

static json_t *step(const char *name, struct effect e)
{
	return json_pack("{s:s, s:o, s:o, s:o}", "name", name, "value", page_json_number(e.value),
			 "low", page_json_number(e.lo), "high", page_json_number(e.hi));
}

static json_t *waterfall(size_t k, const struct waterfall *w, const struct record_result *whole)
{
	json_t *steps = json_array();

	for (size_t s = 0; s < STEP_OUTPUT; s++)
		json_array_append_new(
			steps, step(waterfall_step_name((enum increments_step)s), w->step[s]));
	json_array_append_new(steps,
			      step(waterfall_step_name(STEP_OUTPUT), waterfall_output(w, whole)));
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "record", (json_int_t)k,
			 "hook", page_json_text(whole->hook), "variant",
			 page_json_text(whole->variant), "syscall", page_json_text(whole->workload),
			 "wakeup", page_json_text(wakeup_name(whole->wakeup).text), "cache",
			 page_json_text(whole->cache), "unit", unit_name(whole->unit), "whole",
			 page_json_effect(whole->overhead.typical), "steps", steps);
}

/* Is it the first measured result of its syscall and cache state? */
static bool first_of_experiment(const struct record *rec, size_t i)
{
	const struct record_result *a = rec->results[i];

	for (size_t k = 0; k < i; k++) {
		const struct record_result *b = rec->results[k];

		if (b->status == RESULT_MEASURED && strcmp(a->workload, b->workload) == 0 &&
		    strcmp(a->cache, b->cache) == 0)
			return false;
	}
	return a->status == RESULT_MEASURED;
}

static int experiment(json_t *list, size_t k, const struct record *rec,
		      const struct record_result *like)
{
	const struct record_result **configs;
	size_t n;
	int err = render_configs(rec, like->workload, like->cache, &configs, &n);

	for (size_t i = 0; i < n; i++) {
		struct waterfall w;

		if (!waterfall_sends(configs[i]))
			continue;
		waterfall_of(configs, n, configs[i]->hook, &w);
		if (w.programs >= WATERFALL_PROGRAMS_LEAST)
			json_array_append_new(list, waterfall(k, &w, configs[i]));
	}
	free((void *)configs);
	return err;
}

json_t *page_waterfalls(const struct record_set *e)
{
	json_t *list = json_array();

	for (size_t k = 0; k < page_records(e); k++) {
		const struct record *rec = page_record(e, k, NULL);

		for (size_t i = 0; i < rec->n_results; i++)
			if (first_of_experiment(rec, i) &&
			    experiment(list, k, rec, rec->results[i]))
				return json_decref(list), NULL;
	}
	return list;
}

json_t *page_cold(const struct record_set *e)
{
	json_t *list = json_array();

	for (size_t k = 0; k < e->n_runs; k++) {
		const struct record *rec = page_record(e, k, NULL);

		for (size_t i = 0; i < rec->n_results; i++) {
			const struct record_result *cold = rec->results[i], *hot;

			if (strcmp(cold->cache, "cold") != 0 || cold->status != RESULT_MEASURED)
				continue;
			hot = cache_find(rec, cold->variant, cold->workload, cold->wakeup);
			if (!hot || hot->status != RESULT_MEASURED)
				continue;
			json_array_append_new(
				list,
				json_pack("{s:I, s:o, s:o, s:o, s:s, s:o, s:o, s:o}", "record",
					  (json_int_t)k, "variant", page_json_text(cold->variant),
					  "syscall", page_json_text(cold->workload), "wakeup",
					  page_json_text(wakeup_name(cold->wakeup).text), "unit",
					  unit_name(cold->unit), "hot_cache",
					  page_json_text(hot->cache), "hot",
					  page_json_effect(hot->overhead.typical), "cold",
					  page_json_effect(cold->overhead.typical)));
		}
	}
	return list;
}
