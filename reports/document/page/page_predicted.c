/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is predicted of probes that were not measured. */
#include <math.h>

#include "reports/document/page/page_json.h"
#include "reports/document/page/page_parts.h"
#include "reports/predict/predicted.h"
#include "reports/record/wakeup_name.h"

static json_t *row(const struct prediction_row *r)
{
	const struct record_result *lab = r->lab;

	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "variant",
			 page_json_text(lab->variant), "hook", page_json_text(lab->hook), "program",
			 page_json_text(lab->body), "wakeup",
			 page_json_text(wakeup_name(lab->wakeup).text), "low",
			 page_json_number(r->ns.lo), "high", page_json_number(r->ns.hi),
			 "instructions", page_json_number(lab->features.instructions), "nearest",
			 page_json_text(r->nearest ? r->nearest->variant : NULL), "nearest_ns",
			 r->nearest ? page_json_number(r->nearest->ns) : json_null(), "withheld",
			 page_json_text(*r->withheld ? r->withheld : NULL));
}

json_t *page_predicted(const struct record_set *e)
{
	struct predicted predicted;
	const struct prediction *p = &predicted.of;
	json_t *rows;

	if (predicted_open(e, NULL, false, &predicted))
		return NULL;
	if (!predicted.asked)
		return json_null();
	if (predicted.err)
		return json_pack("{s:o, s:[]}", "why", page_json_text(predicted.why.text), "rows");
	rows = json_array();
	for (size_t i = 0; i < p->n_rows; i++)
		json_array_append_new(rows, row(&p->rows[i]));
	rows = json_pack("{s:n, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:o, s:o, s:o}", "why", "kernel",
			 page_json_text(p->lab->host.kernel), "syscall",
			 page_json_text(PREDICTION_WORKLOAD), "cache", page_json_text(p->cache),
			 "results", (json_int_t)p->n_measured, "prices", (json_int_t)p->n_known,
			 "inside", (json_int_t)p->holdout.inside, "scored",
			 (json_int_t)p->holdout.scored, "median",
			 page_json_number(100 * expm1(p->holdout.median)), "largest",
			 page_json_number(100 * expm1(p->holdout.largest)), "rows", rows);
	predicted_close(&predicted);
	return rows;
}
