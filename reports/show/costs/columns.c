/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/show/costs/columns.h"
#include "reports/show/figure.h"

static void put_shift(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;
	const struct effect *effect = entry_member(e);
	bool full = entry_format(e) == RENDER_MARKDOWN || effect == &result->overhead.typical;

	/* A terminal has no room for six intervals in full. */
	figure_effect(out, *effect, result->unit, full ? FIGURE_BRACKETS : FIGURE_PLUS_MINUS);
}

/* One that may be nothing, by an interval wider than itself, is no figure to quote. */
static void put_mean(FILE *out, const struct entry *e)
{
	const struct effect *mean = entry_member(e);

	if (mean->lo < mean->hi && effect_holds_zero(*mean))
		fputs("not resolved", out);
	else
		put_shift(out, e);
}

/* Of few calls it is a call or two, which no interval can be made of. */
static void put_p999(FILE *out, const struct entry *e)
{
	if (isnan(((const struct effect *)entry_member(e))->lo))
		fputc('-', out);
	else
		put_shift(out, e);
}

static void put_max(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;

	figure_length(out, result->config.max, result->unit);
}

static void put_events(FILE *out, const struct entry *e)
{
	if (((const struct record_result *)e->row)->events.present)
		put_count(out, e);
}

static void put_lost(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;

	if (result->events.produced == 0)
		put_events(out, e);
	else
		figure_loss(out, result->events.lost, result->events.produced);
}

static void put_wakeups(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;
	double per_event = (double)result->events.wakeups / (double)result->events.produced;

	if (!result->events.present || result->events.produced == 0)
		fputc('-', out);
	else
		fprintf(out, result->events.wakeups > 0 && per_event < 0.001 ? "< 0.001" : "%.3f",
			per_event);
}

#define RESULT(member) offsetof(struct record_result, member)

static const struct column cost_columns[] = {
	{"variant", put_text, RESULT(variant), COLUMN_WIDE},
	{"wakeup", put_wakeup_name, RESULT(wakeup), COLUMN_NOT_DASH},
	{"mechanism", put_text, RESULT(mechanism), COLUMN_FITS},
	{"typical", put_shift, RESULT(overhead.typical), COLUMN_RIGHT},
	{"mean", put_mean, RESULT(overhead.mean), COLUMN_RIGHT},
	{"p50 shift", put_shift, RESULT(overhead.p50), COLUMN_RIGHT},
	{"p99 shift", put_shift, RESULT(overhead.p99), COLUMN_RIGHT},
	{"p99.9 shift", put_p999, RESULT(overhead.p999), COLUMN_RIGHT},
	{"max", put_max, 0, COLUMN_RIGHT},
	{"n", put_count, RESULT(n), COLUMN_RIGHT | COLUMN_VARIES | COLUMN_FITS},
};

static const struct column event_columns[] = {
	{"program", put_text, RESULT(body), COLUMN_WIDE},
	{"wakeup", put_wakeup_name, RESULT(wakeup), COLUMN_NOT_DASH},
	{"produced", put_events, RESULT(events.produced), COLUMN_RIGHT},
	{"received", put_events, RESULT(events.received), COLUMN_RIGHT},
	{"lost", put_lost, RESULT(events.lost), COLUMN_RIGHT},
	{"LOST records", put_events, RESULT(events.lost_records), COLUMN_RIGHT},
	{"wakeups", put_events, RESULT(events.wakeups), COLUMN_RIGHT},
	{"wakeups/event", put_wakeups, 0, COLUMN_RIGHT},
};

static bool other_hook(const void *before, const void *row)
{
	const struct record_result *a = before, *b = row;

	return strcmp(a->hook, b->hook) != 0;
}

void columns_fill(struct listing *l, struct page *page, const struct record_result *const *results,
		  size_t n, enum section section)
{
	*l = section == SECTION_COST ? (struct listing)LISTING(page, cost_columns)
				     : (struct listing)LISTING(page, event_columns);
	l->parts = other_hook;
	listing_open(l);
	for (size_t i = 0; i < n; i++)
		listing_row(l, results[i]);
}
