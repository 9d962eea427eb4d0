/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/columns.h"
#include "reports/figure.h"
#include "reports/quote.h"

struct cell_column {
	struct column column; /* its header: of text and Markdown; NULL: not there */
	const char *csv;      /* CSV's; a column may hold several fields; NULL: not there */
	unsigned int sections;
};

static void put_top_text(FILE *out, const struct entry *e)
{
	const struct record *rec = e->list->page->rec;

	quote_print(out, *(char *const *)(const void *)((const char *)rec + e->column->at),
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
	const struct record_cell *cell = e->row;
	const struct effect *effect = entry_member(e);
	bool full = entry_format(e) == RENDER_MARKDOWN || effect == &cell->overhead.typical;

	/* A terminal has no room for six intervals in full. */
	if (entry_format(e) == RENDER_CSV)
		put_numbers(out, (const double[]){effect->value, effect->lo, effect->hi}, 3);
	else
		figure_effect(out, *effect, cell->unit, full ? FIGURE_BRACKETS : FIGURE_PLUS_MINUS);
}

static void put_distribution(FILE *out, const struct entry *e)
{
	const struct distribution *d = entry_member(e);
	const double values[] = {d->typical, d->mean, d->p50, d->p90, d->p99, d->p999, d->max};

	put_numbers(out, values, sizeof(values) / sizeof(*values));
}

static void put_max(FILE *out, const struct entry *e)
{
	const struct record_cell *cell = e->row;

	figure_length(out, cell->arm.max, cell->unit);
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
	fputs(cell_status_name(((const struct record_cell *)e->row)->status), out);
}

static void put_unit(FILE *out, const struct entry *e)
{
	fputs(unit_name(((const struct record_cell *)e->row)->unit), out);
}

static void put_state(FILE *out, const struct entry *e)
{
	const struct record *rec = e->list->page->rec;

	fprintf(out, "%zu,%s", rec->n_degraded, rec->partial ? "yes" : "no");
}

static void put_events(FILE *out, const struct entry *e)
{
	if (((const struct record_cell *)e->row)->events.present)
		put_whole(out, e);
}

static void put_lost(FILE *out, const struct entry *e)
{
	const struct record_cell *cell = e->row;

	if (entry_format(e) == RENDER_CSV || cell->events.produced == 0)
		put_events(out, e);
	else
		figure_loss(out, cell->events.lost, cell->events.produced);
}

static void put_wakeups(FILE *out, const struct entry *e)
{
	const struct record_cell *cell = e->row;
	double per_event = (double)cell->events.wakeups / (double)cell->events.produced;

	if (!cell->events.present || cell->events.produced == 0)
		fputs(entry_format(e) == RENDER_CSV ? "" : "-", out);
	else if (cell->events.wakeups > 0 && per_event < 0.001)
		fprintf(out, "%.1e", per_event);
	else
		fprintf(out, "%.3f", per_event);
}

static void put_counters(FILE *out, const struct entry *e)
{
	const struct record_cell *cell = e->row;

	fputs(cell->n_counters ? "\"" : "", out);
	for (size_t i = 0; i < cell->n_counters; i++) {
		fputs(i ? " " : "", out);
		quote_part(out, cell->counters[i].name, entry_format(e));
		fputc('=', out);
		put_number(out, cell->counters[i].per_call.value);
	}
	fputs(cell->n_counters ? "\"" : "", out);
}

static void put_spread(FILE *out, const struct entry *e)
{
	const struct record_cell *cell = e->row;

	put_numbers(out, (const double[]){cell->spread.p10, cell->spread.p90}, 2);
	fprintf(out, ",%zu", cell->spread.loads);
}

/* "60=0.4 150=0.25": value and share of each. */
static void put_modes(FILE *out, const struct entry *e)
{
	const struct record_cell *cell = e->row;

	for (size_t i = 0; i < cell->n_modes; i++) {
		fputs(i ? " " : "", out);
		put_number(out, cell->modes[i].value);
		fputc('=', out);
		put_number(out, cell->modes[i].share);
	}
}

#define CELL(member)	 offsetof(struct record_cell, member)
#define TOP(member)	 offsetof(struct record, member)
#define EFFECT_CSV(name) name "," name "_lo," name "_hi"
#define LENGTHS_CSV(name)                                                                        \
	name "_typical," name "_mean," name "_p50," name "_p90," name "_p99," name "_p999," name \
	     "_max"
#define COST_AND_EVENTS (SECTION_COST | SECTION_EVENTS)

/* clang-format off */
static const struct cell_column columns[] = {
	{{NULL, put_top_text, TOP(created), 0}, "created", SECTION_ALL},
	{{NULL, put_top_text, TOP(host.kernel), 0}, "kernel", SECTION_ALL},
	{{NULL, put_top_text, TOP(host.cpu), 0}, "cpu", SECTION_ALL},
	{{NULL, put_state, 0, 0}, "degraded,partial", SECTION_ALL},
	{{NULL, put_text, CELL(trigger), 0}, "trigger", SECTION_ALL},
	{{NULL, put_text, CELL(cache), 0}, "cache", SECTION_ALL},
	{{NULL, put_text, CELL(hook), 0}, "hook", SECTION_ALL},
	{{NULL, put_text, CELL(body), 0}, "body", SECTION_ALL},
	{{"variant", put_text, CELL(variant), COLUMN_WIDE}, "variant", SECTION_ALL | SECTION_COST},
	{{"body", put_text, CELL(body), COLUMN_WIDE}, NULL, SECTION_EVENTS},
	{{"drain", put_text, CELL(drain), COLUMN_NOT_DASH}, "drain", SECTION_ALL | COST_AND_EVENTS},
	{{NULL, put_status, 0, 0}, "status", SECTION_ALL},
	{{NULL, put_text, CELL(reason), 0}, "reason", SECTION_ALL},
	{{"mechanism", put_text, CELL(mechanism), COLUMN_FITS}, "mechanism", SECTION_ALL | SECTION_COST},
	{{NULL, put_unit, 0, 0}, "unit", SECTION_ALL},
	{{"typical", put_shift, CELL(overhead.typical), COLUMN_RIGHT}, EFFECT_CSV("typical"), SECTION_ALL | SECTION_COST},
	{{"mean", put_shift, CELL(overhead.mean), COLUMN_RIGHT}, EFFECT_CSV("mean"), SECTION_ALL | SECTION_COST},
	{{"p50 shift", put_shift, CELL(overhead.p50), COLUMN_RIGHT}, EFFECT_CSV("p50_shift"), SECTION_ALL | SECTION_COST},
	{{NULL, put_shift, CELL(overhead.p90), COLUMN_RIGHT}, EFFECT_CSV("p90_shift"), SECTION_ALL},
	{{"p99 shift", put_shift, CELL(overhead.p99), COLUMN_RIGHT}, EFFECT_CSV("p99_shift"), SECTION_ALL | SECTION_COST},
	{{"p99.9 shift", put_shift, CELL(overhead.p999), COLUMN_RIGHT}, EFFECT_CSV("p999_shift"), SECTION_ALL | SECTION_COST},
	{{NULL, put_shift, CELL(p99_bound), COLUMN_RIGHT}, EFFECT_CSV("p99_bound"), SECTION_ALL},
	{{NULL, put_shift, CELL(p99_least), COLUMN_RIGHT}, EFFECT_CSV("p99_least"), SECTION_ALL},
	{{"max", put_max, 0, COLUMN_RIGHT}, NULL, SECTION_COST},
	{{"n", put_whole, CELL(n), COLUMN_RIGHT | COLUMN_VARIES | COLUMN_FITS}, "n", SECTION_ALL | SECTION_COST},
	{{NULL, put_uint, CELL(rounds), COLUMN_RIGHT}, "rounds", SECTION_ALL},
	{{NULL, put_whole, CELL(migrated), COLUMN_RIGHT}, "migrated", SECTION_ALL},
	{{NULL, put_whole, CELL(censored), COLUMN_RIGHT}, "censored", SECTION_ALL},
	{{NULL, put_whole, CELL(hits.expected), COLUMN_RIGHT}, "hits_expected", SECTION_ALL},
	{{NULL, put_whole, CELL(hits.counted), COLUMN_RIGHT}, "hits_counted", SECTION_ALL},
	{{NULL, put_distribution, CELL(arm), COLUMN_RIGHT}, LENGTHS_CSV("arm"), SECTION_ALL},
	{{NULL, put_distribution, CELL(baseline), COLUMN_RIGHT}, LENGTHS_CSV("baseline"), SECTION_ALL},
	{{NULL, put_text, CELL(baseline_id), 0}, "baseline_id", SECTION_ALL},
	{{NULL, put_text, CELL(data.length), 0}, "data_length", SECTION_ALL},
	{{NULL, put_text, CELL(data.pid), 0}, "data_pid", SECTION_ALL},
	{{NULL, put_text, CELL(data.tgid), 0}, "data_tgid", SECTION_ALL},
	{{NULL, put_text, CELL(data.order), 0}, "data_order", SECTION_ALL},
	{{NULL, put_text, CELL(data.note), 0}, "data_note", SECTION_ALL},
	{{"produced", put_events, CELL(events.produced), COLUMN_RIGHT}, "produced", SECTION_ALL | SECTION_EVENTS},
	{{"received", put_events, CELL(events.received), COLUMN_RIGHT}, "received", SECTION_ALL | SECTION_EVENTS},
	{{"lost", put_lost, CELL(events.lost), COLUMN_RIGHT}, "lost", SECTION_ALL | SECTION_EVENTS},
	{{"LOST records", put_events, CELL(events.lost_records), COLUMN_RIGHT}, "lost_records", SECTION_ALL | SECTION_EVENTS},
	{{"wakeups", put_events, CELL(events.wakeups), COLUMN_RIGHT}, "wakeups", SECTION_ALL | SECTION_EVENTS},
	{{"wakeups/event", put_wakeups, 0, COLUMN_RIGHT}, "wakeups_per_event", SECTION_ALL | SECTION_EVENTS},
	{{NULL, put_double, CELL(contended_share), COLUMN_RIGHT}, "contended_share", SECTION_ALL},
	{{NULL, put_shift, CELL(uncontended), COLUMN_RIGHT}, EFFECT_CSV("uncontended"), SECTION_ALL},
	{{NULL, put_shift, CELL(contended), COLUMN_RIGHT}, EFFECT_CSV("contended"), SECTION_ALL},
	{{NULL, put_shift, CELL(cycles), COLUMN_RIGHT}, EFFECT_CSV("cycles"), SECTION_ALL},
	{{NULL, put_text, CELL(stratum), 0}, "stratum", SECTION_ALL},
	{{NULL, put_counters, 0, 0}, "counters", SECTION_ALL},
	{{NULL, put_spread, 0, COLUMN_RIGHT}, "load_p10,load_p90,loads", SECTION_ALL},
	{{NULL, put_modes, 0, 0}, "modes", SECTION_ALL},
	{{NULL, put_uint, CELL(workers), COLUMN_RIGHT}, "workers", SECTION_ALL},
	{{NULL, put_text, CELL(interval_over), 0}, "interval_over", SECTION_ALL},
};
/* clang-format on */

#define COLUMNS (sizeof(columns) / sizeof(*columns))
_Static_assert(COLUMNS <= COLUMNS_MOST, "callers have too little room");

static bool other_hook(const void *before, const void *row)
{
	const struct record_cell *a = before, *b = row;

	return strcmp(a->hook, b->hook) != 0;
}

void columns_fill(struct listing *l, struct column *room, struct page *page,
		  const struct record_cell *const *cells, size_t n, enum section section)
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
		listing_row(l, cells[i]);
}
