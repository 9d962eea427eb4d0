/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Curves over the event rate: the points of one probe, reader and scenario. */
#include <math.h>
#include <string.h>

#include "reports/document/page/page_json.h"
#include "reports/document/page/page_parts.h"
#include "reports/judge/loss.h"
#include "reports/record/record_rows.h"
#include "reports/record/wakeup_name.h"

#define POINTS_MOST 3000 /* 1 KB each; the curve that reaches it is whole */

static bool same_curve(const struct event_point *a, const struct event_point *b)
{
	return strcmp(a->scenario, b->scenario) == 0 && strcmp(a->variant, b->variant) == 0 &&
	       strcmp(a->workload, b->workload) == 0 && strcmp(a->wakeup, b->wakeup) == 0 &&
	       strcmp(a->policy, b->policy) == 0;
}

/*
 * By exposure a bound (loss.h); else what the window lost: a count, without an interval, since a
 * window that fits into the buffer shows nothing of others.
 */
static json_t *loss(const struct event_point *p)
{
	uint64_t lost = p->produced - p->received;
	struct loss_bound bound;
	struct effect e;

	if (!p->produced || p->received > p->produced)
		return json_null();
	e = loss_bound(p, &bound)
		    ? bound.percent
		    : (struct effect){100.0 * (double)lost / (double)p->produced, NAN, NAN};
	return json_pack("{s:o, s:o, s:o, s:b, s:I, s:I}", "value", page_json_number(e.value),
			 "low", page_json_number(e.lo), "high", page_json_number(e.hi), "bound",
			 bound.shown, "lost", (json_int_t)(bound.shown ? p->exposure_lost : lost),
			 "produced",
			 (json_int_t)(bound.shown ? p->exposure_produced : p->produced));
}

static json_t *quantiles(struct effect p50, struct effect p99, struct effect p999)
{
	return json_pack("{s:o, s:o, s:o}", "p50", page_json_effect(p50), "p99",
			 page_json_effect(p99), "p999", page_json_effect(p999));
}

static json_t *lengths(double p50, double p99, double max)
{
	return json_pack("{s:o, s:o, s:o}", "p50", page_json_number(p50), "p99",
			 page_json_number(p99), "max", page_json_number(max));
}

/* The members that a curve has itself, or that have a name of their own below. */
static const char *const elsewhere[] = {
	"scenario",	   "variant",	      "hook",
	"program",	   "syscall",	      "wakeup",
	"policy",	   "rate_target",     "rate_achieved",
	"overhead",	   "producer_cpu",    "consumer_cpu",
	"calls",	   "call_p50",	      "call_p99",
	"call_p999",	   "due_p50",	      "due_p99",
	"due_p999",	   "age_p50",	      "age_p99",
	"age_max",	   "start_delay_p50", "start_delay_p99",
	"start_delay_max",
};

static json_t *point(const struct event_point *p)
{
	json_t *row = page_json_row(p, "event_points");
	json_t *own = json_pack(
		"{s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "rate",
		page_json_number(p->rate_target), "achieved", page_json_number(p->rate_achieved),
		"n", (json_int_t)p->calls, "cost", page_json_effect(p->overhead), "cpu",
		page_json_effect(p->producer_cpu), "reader_cpu", page_json_effect(p->consumer_cpu),
		"loss", loss(p), "age", lengths(p->age_p50, p->age_p99, p->age_max), "call",
		quantiles(p->call_p50, p->call_p99, p->call_p999), "response",
		quantiles(p->due_p50, p->due_p99, p->due_p999), "start_delay",
		lengths(p->start_delay_p50, p->start_delay_p99, p->start_delay_max));

	for (size_t i = 0; i < sizeof(elsewhere) / sizeof(*elsewhere); i++)
		json_object_del(row, elsewhere[i]);
	json_object_update(row, own);
	json_decref(own);
	return row;
}

/* What differs from point to point. */
static const char *abscissa(const char *scenario)
{
	static const struct {
		const char *scenario, *x;
	} known[] = {
		{"burst", "burst"},   {"contention", "producers"}, {"buffer", "buffer_bytes"},
		{"wakeup", "policy"}, {"flood", "policy"},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(scenario, known[i].scenario) == 0)
			return known[i].x;
	return "rate";
}

/* Those of older records have no direction: they are withdrawn (show/withdrawn.h). */
static json_t *breakpoints(const struct record *rec, const struct event_point *p)
{
	json_t *list = json_array();
	char curve[512];

	snprintf(curve, sizeof(curve), "%s/%s/%s/%s/%s", p->scenario, p->variant, p->workload,
		 p->wakeup, p->policy);
	for (size_t i = 0; i < rec->n_breakpoints; i++) {
		const struct breakpoint *b = &rec->breakpoints[i];
		json_t *row;

		if (isnan(b->highest) || strcmp(b->curve, curve) != 0)
			continue;
		row = page_json_row(b, "knees");
		json_object_del(row, "curve");
		json_array_append_new(list, row);
	}
	return list;
}

static json_t *curve(size_t k, const struct record *rec, size_t first)
{
	const struct event_point *like = &rec->event_points[first];
	json_t *points = json_array();

	for (size_t i = first; i < rec->n_event_points; i++)
		if (same_curve(&rec->event_points[i], like))
			json_array_append_new(points, point(&rec->event_points[i]));
	return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:o, s:o}", "record",
			 (json_int_t)k, "scenario", page_json_text(like->scenario), "variant",
			 page_json_text(like->variant), "hook", page_json_text(like->hook),
			 "program", page_json_text(like->body), "syscall",
			 page_json_text(like->workload), "wakeup",
			 page_json_text(wakeup_name(like->wakeup).text), "policy",
			 page_json_text(like->policy), "x", abscissa(like->scenario), "points",
			 points, "breakpoints", breakpoints(rec, like));
}

json_t *page_curves(const struct page_source *s)
{
	json_t *list = json_array();
	size_t points = 0, all = 0;

	for (size_t k = 0; k < s->e->n_runs; k++) {
		const struct record *rec = page_record(s->e, k, NULL);

		all += rec->n_event_points;
		for (size_t i = 0; i < rec->n_event_points && points < POINTS_MOST; i++) {
			bool seen = false;
			json_t *more;

			for (size_t before = 0; before < i && !seen; before++)
				seen = same_curve(&rec->event_points[before],
						  &rec->event_points[i]);
			if (seen)
				continue;
			more = curve(k, rec, i);
			points += json_array_size(json_object_get(more, "points"));
			if (json_array_append_new(list, more))
				return json_decref(list), NULL;
		}
	}
	page_leaves_out(s, all > points ? all - points : 0, "points over the event rate");
	return list;
}
