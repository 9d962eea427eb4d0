/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/show/costs/columns.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"

struct result_column {
	struct column column; /* its header: of text and Markdown; NULL: not there */
	const char *csv;      /* CSV's; a column may hold several fields; NULL: not there */
	unsigned int sections;
};

static void put_top_text(FILE *out, const struct entry *e)
{
	const struct record *rec = e->list->page->rec;

	escape_print(out, *(char *const *)(const void *)((const char *)rec + e->column->at),
		     entry_format(e));
}

static void put_number(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, "%.10g", value);
}

static void put_double(FILE *out, const struct entry *e)
{
	put_number(out, *(const double *)entry_member(e));
}

static void put_numbers(FILE *out, const double *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		fputs(i ? "," : "", out);
		put_number(out, values[i]);
	}
}

static void put_shift(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;
	const struct effect *effect = entry_member(e);
	bool full = entry_format(e) == RENDER_MARKDOWN || effect == &result->overhead.typical;

	/* A terminal has no room for six intervals in full. */
	if (entry_format(e) == RENDER_CSV)
		put_numbers(out, (const double[]){effect->value, effect->lo, effect->hi}, 3);
	else
		figure_effect(out, *effect, result->unit,
			      full ? FIGURE_BRACKETS : FIGURE_PLUS_MINUS);
}

static void put_distribution(FILE *out, const struct entry *e)
{
	const struct distribution *d = entry_member(e);
	const double values[] = {d->typical, d->mean, d->p50, d->p90, d->p99, d->p999, d->max};

	put_numbers(out, values, sizeof(values) / sizeof(*values));
}

static void put_max(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;

	figure_length(out, result->config.max, result->unit);
}

static void put_whole(FILE *out, const struct entry *e)
{
	if (entry_format(e) == RENDER_CSV)
		fprintf(out, "%llu", (unsigned long long)*(const uint64_t *)entry_member(e));
	else
		put_count(out, e);
}

static void put_uint(FILE *out, const struct entry *e)
{
	fprintf(out, "%u", *(const unsigned int *)entry_member(e));
}

static void put_status(FILE *out, const struct entry *e)
{
	fputs(result_status_name(((const struct record_result *)e->row)->status), out);
}

static void put_unit(FILE *out, const struct entry *e)
{
	fputs(unit_name(((const struct record_result *)e->row)->unit), out);
}

static void put_state(FILE *out, const struct entry *e)
{
	const struct record *rec = e->list->page->rec;

	fprintf(out, "%zu,%s", rec->n_warnings, rec->partial ? "yes" : "no");
}

static void put_events(FILE *out, const struct entry *e)
{
	if (((const struct record_result *)e->row)->events.present)
		put_whole(out, e);
}

static void put_lost(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;

	if (entry_format(e) == RENDER_CSV || result->events.produced == 0)
		put_events(out, e);
	else
		figure_loss(out, result->events.lost, result->events.produced);
}

static void put_wakeups(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;
	double per_event = (double)result->events.wakeups / (double)result->events.produced;

	if (!result->events.present || result->events.produced == 0)
		fputs(entry_format(e) == RENDER_CSV ? "" : "-", out);
	else if (result->events.wakeups > 0 && per_event < 0.001)
		fprintf(out, "%.1e", per_event);
	else
		fprintf(out, "%.3f", per_event);
}

static void put_counters(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;

	fputs(result->n_counters ? "\"" : "", out);
	for (size_t i = 0; i < result->n_counters; i++) {
		fputs(i ? " " : "", out);
		escape_part(out, result->counters[i].name, entry_format(e));
		fputc('=', out);
		put_number(out, result->counters[i].per_call.value);
	}
	fputs(result->n_counters ? "\"" : "", out);
}

static void put_spread(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;

	put_numbers(out, (const double[]){result->spread.p10, result->spread.p90}, 2);
	fprintf(out, ",%zu", result->spread.loads);
}

/* "60=0.4 150=0.25": value and share of each. */
static void put_modes(FILE *out, const struct entry *e)
{
	const struct record_result *result = e->row;

	for (size_t i = 0; i < result->n_modes; i++) {
		fputs(i ? " " : "", out);
		put_number(out, result->modes[i].value);
		fputc('=', out);
		put_number(out, result->modes[i].share);
	}
}

#define RESULT(member)	 offsetof(struct record_result, member)
#define TOP(member)	 offsetof(struct record, member)
#define EFFECT_CSV(name) name "," name "_lo," name "_hi"
#define LENGTHS_CSV(name)                                                                        \
	name "_typical," name "_mean," name "_p50," name "_p90," name "_p99," name "_p999," name \
	     "_max"
#define COST_AND_EVENTS (SECTION_COST | SECTION_EVENTS)

/* clang-format off */
static const struct result_column columns[] = {
	{{NULL, put_top_text, TOP(created), 0}, "created", SECTION_ALL},
	{{NULL, put_top_text, TOP(host.kernel), 0}, "kernel", SECTION_ALL},
	{{NULL, put_top_text, TOP(host.cpu), 0}, "cpu", SECTION_ALL},
	{{NULL, put_state, 0, 0}, "degraded,partial", SECTION_ALL},
	{{NULL, put_text, RESULT(workload), 0}, "trigger", SECTION_ALL},
	{{NULL, put_text, RESULT(cache), 0}, "cache", SECTION_ALL},
	{{NULL, put_text, RESULT(hook), 0}, "hook", SECTION_ALL},
	{{NULL, put_text, RESULT(body), 0}, "body", SECTION_ALL},
	{{"variant", put_text, RESULT(variant), COLUMN_WIDE}, "variant", SECTION_ALL | SECTION_COST},
	{{"body", put_text, RESULT(body), COLUMN_WIDE}, NULL, SECTION_EVENTS},
	{{"drain", put_text, RESULT(wakeup), COLUMN_NOT_DASH}, "drain", SECTION_ALL | COST_AND_EVENTS},
	{{NULL, put_status, 0, 0}, "status", SECTION_ALL},
	{{NULL, put_text, RESULT(reason), 0}, "reason", SECTION_ALL},
	{{"mechanism", put_text, RESULT(mechanism), COLUMN_FITS}, "mechanism", SECTION_ALL | SECTION_COST},
	{{NULL, put_unit, 0, 0}, "unit", SECTION_ALL},
	{{"typical", put_shift, RESULT(overhead.typical), COLUMN_RIGHT}, EFFECT_CSV("typical"), SECTION_ALL | SECTION_COST},
	{{"mean", put_shift, RESULT(overhead.mean), COLUMN_RIGHT}, EFFECT_CSV("mean"), SECTION_ALL | SECTION_COST},
	{{"p50 shift", put_shift, RESULT(overhead.p50), COLUMN_RIGHT}, EFFECT_CSV("p50_shift"), SECTION_ALL | SECTION_COST},
	{{NULL, put_shift, RESULT(overhead.p90), COLUMN_RIGHT}, EFFECT_CSV("p90_shift"), SECTION_ALL},
	{{"p99 shift", put_shift, RESULT(overhead.p99), COLUMN_RIGHT}, EFFECT_CSV("p99_shift"), SECTION_ALL | SECTION_COST},
	{{"p99.9 shift", put_shift, RESULT(overhead.p999), COLUMN_RIGHT}, EFFECT_CSV("p999_shift"), SECTION_ALL | SECTION_COST},
	{{NULL, put_shift, RESULT(p99_bound), COLUMN_RIGHT}, EFFECT_CSV("p99_bound"), SECTION_ALL},
	{{NULL, put_shift, RESULT(p99_least), COLUMN_RIGHT}, EFFECT_CSV("p99_least"), SECTION_ALL},
	{{"max", put_max, 0, COLUMN_RIGHT}, NULL, SECTION_COST},
	{{"n", put_whole, RESULT(n), COLUMN_RIGHT | COLUMN_VARIES | COLUMN_FITS}, "n", SECTION_ALL | SECTION_COST},
	{{NULL, put_uint, RESULT(rounds), COLUMN_RIGHT}, "rounds", SECTION_ALL},
	{{NULL, put_whole, RESULT(migrated), COLUMN_RIGHT}, "migrated", SECTION_ALL},
	{{NULL, put_whole, RESULT(censored), COLUMN_RIGHT}, "censored", SECTION_ALL},
	{{NULL, put_whole, RESULT(hits.expected), COLUMN_RIGHT}, "hits_expected", SECTION_ALL},
	{{NULL, put_whole, RESULT(hits.counted), COLUMN_RIGHT}, "hits_counted", SECTION_ALL},
	{{NULL, put_distribution, RESULT(config), COLUMN_RIGHT}, LENGTHS_CSV("arm"), SECTION_ALL},
	{{NULL, put_distribution, RESULT(baseline), COLUMN_RIGHT}, LENGTHS_CSV("baseline"), SECTION_ALL},
	{{NULL, put_text, RESULT(baseline_id), 0}, "baseline_id", SECTION_ALL},
	{{NULL, put_text, RESULT(data.length), 0}, "data_length", SECTION_ALL},
	{{NULL, put_text, RESULT(data.pid), 0}, "data_pid", SECTION_ALL},
	{{NULL, put_text, RESULT(data.tgid), 0}, "data_tgid", SECTION_ALL},
	{{NULL, put_text, RESULT(data.order), 0}, "data_order", SECTION_ALL},
	{{NULL, put_text, RESULT(data.note), 0}, "data_note", SECTION_ALL},
	{{"produced", put_events, RESULT(events.produced), COLUMN_RIGHT}, "produced", SECTION_ALL | SECTION_EVENTS},
	{{"received", put_events, RESULT(events.received), COLUMN_RIGHT}, "received", SECTION_ALL | SECTION_EVENTS},
	{{"lost", put_lost, RESULT(events.lost), COLUMN_RIGHT}, "lost", SECTION_ALL | SECTION_EVENTS},
	{{"LOST records", put_events, RESULT(events.lost_records), COLUMN_RIGHT}, "lost_records", SECTION_ALL | SECTION_EVENTS},
	{{"wakeups", put_events, RESULT(events.wakeups), COLUMN_RIGHT}, "wakeups", SECTION_ALL | SECTION_EVENTS},
	{{"wakeups/event", put_wakeups, 0, COLUMN_RIGHT}, "wakeups_per_event", SECTION_ALL | SECTION_EVENTS},
	{{NULL, put_double, RESULT(contended_share), COLUMN_RIGHT}, "contended_share", SECTION_ALL},
	{{NULL, put_shift, RESULT(uncontended), COLUMN_RIGHT}, EFFECT_CSV("uncontended"), SECTION_ALL},
	{{NULL, put_shift, RESULT(contended), COLUMN_RIGHT}, EFFECT_CSV("contended"), SECTION_ALL},
	{{NULL, put_shift, RESULT(cycles), COLUMN_RIGHT}, EFFECT_CSV("cycles"), SECTION_ALL},
	{{NULL, put_text, RESULT(stratum), 0}, "stratum", SECTION_ALL},
	{{NULL, put_counters, 0, 0}, "counters", SECTION_ALL},
	{{NULL, put_spread, 0, COLUMN_RIGHT}, "load_p10,load_p90,loads", SECTION_ALL},
	{{NULL, put_modes, 0, 0}, "modes", SECTION_ALL},
	{{NULL, put_uint, RESULT(workers), COLUMN_RIGHT}, "workers", SECTION_ALL},
	{{NULL, put_text, RESULT(interval_over), 0}, "interval_over", SECTION_ALL},
};
/* clang-format on */

#define COLUMNS (sizeof(columns) / sizeof(*columns))
_Static_assert(COLUMNS <= COLUMNS_MOST, "callers have too little room");

static bool other_hook(const void *before, const void *row)
{
	const struct record_result *a = before, *b = row;

	return strcmp(a->hook, b->hook) != 0;
}

void columns_fill(struct listing *l, struct column *room, struct page *page,
		  const struct record_result *const *results, size_t n, enum section section)
{
	*l = (struct listing){.page = page, .columns = room, .parts = other_hook};
	for (size_t c = 0; c < COLUMNS; c++) {
		const char *header =
			page->format == RENDER_CSV ? columns[c].csv : columns[c].column.header;

		if (!header || !(columns[c].sections & section))
			continue;
		room[l->n] = columns[c].column;
		room[l->n++].header = header;
	}
	listing_open(l);
	for (size_t i = 0; i < n; i++)
		listing_row(l, results[i]);
}
