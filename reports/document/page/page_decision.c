/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict of the page: what verdict prints, criterion by criterion. */
#include <math.h>

#include "reports/document/page/page_json.h"
#include "reports/document/page/page_parts.h"
#include "reports/show/escape.h"
#include "reports/show/verdict/verdict_words.h"

static json_t *bounds_json(const struct bounds *bounds)
{
	return json_pack("{s:o, s:o}", "green", page_json_number(bounds->green), "red",
			 page_json_number(bounds->red));
}

static const struct bounds *bounds_of(const struct budget *budget, enum criterion criterion)
{
	switch (criterion) {
	case CRITERION_P99:
		return &budget->p99_ns;
	case CRITERION_CPU:
		return &budget->cpu_percent;
	default:
		return &budget->loss_percent;
	}
}

json_t *page_budget(const struct budget *budget)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "rate", page_json_number(budget->rate),
			 "overload_rate", page_json_number(budget->overload_rate), "tick_percent",
			 page_json_number(budget->tick_percent), "p99_ns",
			 bounds_json(&budget->p99_ns), "cpu_percent",
			 bounds_json(&budget->cpu_percent), "loss_percent",
			 bounds_json(&budget->loss_percent));
}

/* Of the p99 two bounds are known and no estimate: the shift of p99s, which the judgement has as
 * its value, is none. */
static json_t *measured(enum criterion criterion, struct effect e)
{
	if (isnan(e.value) && isnan(e.lo) && isnan(e.hi))
		return json_null();
	return json_pack("{s:o, s:o, s:o}", "value",
			 criterion == CRITERION_P99 ? json_null() : page_json_number(e.value),
			 "low", page_json_number(e.lo), "high", page_json_number(e.hi));
}

static json_t *criteria(const struct verdicts *v, const struct configuration *c)
{
	static const char *const units[] = {"ns", "% of one CPU", "% of the events"};
	json_t *list = json_array();

	for (size_t k = 0; k < CRITERIA; k++) {
		enum criterion criterion = (enum criterion)k;
		const struct judgement *j = &c->by[k];

		json_array_append_new(list, json_pack("{s:s, s:s, s:o, s:o, s:s, s:b, s:o, s:o}",
						      "name", criterion_name(criterion), "unit",
						      units[k], "measured",
						      measured(criterion, j->measured), "limit",
						      bounds_json(bounds_of(&v->budget, criterion)),
						      "result", verdict_name(j->verdict), "partial",
						      j->part, "shows", page_json_text(j->shows),
						      "settle", page_json_text(j->settle)));
	}
	return list;
}

static void say_verdict(FILE *out, const void *ctx)
{
	verdict_say(out, ctx, RENDER_TEXT);
}

static void say_changes(FILE *out, const void *ctx)
{
	verdict_say_changes(out, ctx, RENDER_TEXT);
}

struct others {
	const struct verdicts *v;
	const struct configuration *c;
};

static void say_others(FILE *out, const void *ctx)
{
	const struct others *others = ctx;

	verdict_say_others(out, others->v, others->c, RENDER_TEXT);
}

/* What hooks on the way of all syscalls cost the others, a sentence a hook. */
static json_t *others_pay(const struct verdicts *v)
{
	json_t *list = json_array();

	for (size_t i = 0; i < v->n; i++)
		if (verdict_first_of_hook(v, i))
			json_array_append_new(
				list, page_json_said(say_others, &(struct others){v, &v->rows[i]}));
	return list;
}

static void say_name(FILE *out, const void *ctx)
{
	const struct configuration *c = ctx;

	verdict_say_name(out, c->result, RENDER_TEXT);
}

static json_t *configuration(const struct verdicts *v, const struct configuration *c)
{
	json_t *row = page_json_row(c->result, "cells"), *out;
	static const char *const kept[] = {"variant", "hook",	"program", "wakeup",
					   "cache",   "status", "reason",  "id"};

	out = json_pack("{s:o, s:b, s:s, s:o}", "name", page_json_said(say_name, c), "under_test",
			verdict_is_under_test(v, c->result), "result", verdict_name(c->verdict),
			"criteria", criteria(v, c));
	for (size_t i = 0; i < sizeof(kept) / sizeof(*kept); i++)
		if (json_object_get(row, kept[i]))
			json_object_set(out, kept[i], json_object_get(row, kept[i]));
	json_decref(row);
	return out;
}

struct shown {
	enum criterion criterion;
	const struct judgement *j;
};

static void say_shown(FILE *out, const void *ctx)
{
	const struct shown *shown = ctx;

	fprintf(out, "%s: ", criterion_name(shown->criterion));
	escape_part(out, shown->j->shows, RENDER_TEXT);
}

json_t *page_decision(const struct verdicts *v)
{
	const struct configuration *c = v->narrowed ? v->worst : v->under_test;
	json_t *reasons = json_array(), *rows = json_array(), *changes;
	bool judged = c && c->result->status == RESULT_MEASURED;

	for (size_t k = 0; judged && k < CRITERIA; k++)
		if (c->by[k].shows[0])
			json_array_append_new(
				reasons,
				page_json_said(say_shown,
					       &(struct shown){(enum criterion)k, &c->by[k]}));
	changes = page_json_said(say_changes, v);
	if (json_string_length(changes))
		json_array_append(reasons, changes);
	json_decref(changes);
	for (size_t i = 0; i < v->n; i++)
		json_array_append_new(rows, configuration(v, &v->rows[i]));
	return json_pack("{s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "result", verdict_name(v->run),
			 "others", others_pay(v), "text", page_json_said(say_verdict, v), "reasons",
			 reasons, "syscall", page_json_text(v->workload), "configuration",
			 judged ? page_json_said(say_name, c) : json_null(), "criteria",
			 judged ? criteria(v, c) : json_array(), "configurations", rows);
}
