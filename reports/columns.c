/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/columns.h"
#include "reports/figure.h"
#include "reports/page.h"
#include "reports/quote.h"

enum fold {
	KEEP,
	FOLD_UNIFORM,	/* left out when all rows agree (the heading says it), or for width */
	FOLD_DASH,	/* left out when all rows have none */
	FOLD_FOR_WIDTH, /* left out of text when the table is too wide */
};

struct column {
	const char *header; /* text and Markdown */
	const char *csv;    /* CSV; a column may hold several fields */
	unsigned int sections;
	size_t width; /* least, in text */
	void (*cell)(FILE *out, const struct record *rec, const struct record_cell *cell,
		     const struct column *column, enum render_format format);
	size_t offset; /* of the member that cell prints, in the record or the cell */
	bool right;
	enum fold fold;
};

static const void *member(const struct record_cell *cell, const struct column *column)
{
	return (const char *)cell + column->offset;
}

static void put_string(FILE *out, const struct record *rec, const struct record_cell *cell,
		       const struct column *column, enum render_format format)
{
	const char *text = *(char *const *)member(cell, column);

	(void)rec;
	quote_print(out, text || format == RENDER_CSV ? text : "-", format);
}

static void put_top_string(FILE *out, const struct record *rec, const struct record_cell *cell,
			   const struct column *column, enum render_format format)
{
	(void)cell;
	quote_print(out, *(char *const *)(const void *)((const char *)rec + column->offset),
		    format);
}

static void put_number(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, "%.10g", value);
}

static void put_double(FILE *out, const struct record *rec, const struct record_cell *cell,
		       const struct column *column, enum render_format format)
{
	(void)rec;
	(void)format;
	put_number(out, *(const double *)member(cell, column));
}

static void put_effect(FILE *out, const struct record *rec, const struct record_cell *cell,
		       const struct column *column, enum render_format format)
{
	const struct effect *e = member(cell, column);
	bool full = format != RENDER_TEXT ||
		    column->offset == offsetof(struct record_cell, overhead.typical);

	(void)rec;
	if (format != RENDER_CSV) {
		/* A terminal has no room for six intervals in full. */
		figure_effect(out, *e, cell->unit, full ? FIGURE_BRACKETS : FIGURE_PLUS_MINUS);
		return;
	}
	put_number(out, e->value);
	fputc(',', out);
	put_number(out, e->lo);
	fputc(',', out);
	put_number(out, e->hi);
}

static void put_distribution(FILE *out, const struct record *rec, const struct record_cell *cell,
			     const struct column *column, enum render_format format)
{
	const struct distribution *d = member(cell, column);
	const double values[] = {d->typical, d->mean, d->p50, d->p90, d->p99, d->p999, d->max};

	(void)rec;
	(void)format;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		if (i)
			fputc(',', out);
		put_number(out, values[i]);
	}
}

static void put_max(FILE *out, const struct record *rec, const struct record_cell *cell,
		    const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	figure_length(out, cell->arm.max, cell->unit);
}

static void put_count(FILE *out, const struct record *rec, const struct record_cell *cell,
		      const struct column *column, enum render_format format)
{
	uint64_t count = *(const uint64_t *)member(cell, column);

	(void)rec;
	if (format == RENDER_CSV)
		fprintf(out, "%llu", (unsigned long long)count);
	else
		figure_count(out, count);
}

static void put_rounds(FILE *out, const struct record *rec, const struct record_cell *cell,
		       const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	fprintf(out, "%u", cell->rounds);
}

static void put_status(FILE *out, const struct record *rec, const struct record_cell *cell,
		       const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	fputs(cell_status_name(cell->status), out);
}

static void put_unit(FILE *out, const struct record *rec, const struct record_cell *cell,
		     const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	fputs(unit_name(cell->unit), out);
}

static void put_state(FILE *out, const struct record *rec, const struct record_cell *cell,
		      const struct column *column, enum render_format format)
{
	(void)cell;
	(void)column;
	(void)format;
	fprintf(out, "%zu,%s", rec->n_degraded, rec->partial ? "yes" : "no");
}

static void put_events_count(FILE *out, const struct record *rec, const struct record_cell *cell,
			     const struct column *column, enum render_format format)
{
	if (cell->events.present)
		put_count(out, rec, cell, column, format);
}

static void put_lost(FILE *out, const struct record *rec, const struct record_cell *cell,
		     const struct column *column, enum render_format format)
{
	if (format == RENDER_CSV || cell->events.produced == 0)
		put_events_count(out, rec, cell, column, format);
	else
		figure_loss(out, cell->events.lost, cell->events.produced);
}

static void put_wakeups(FILE *out, const struct record *rec, const struct record_cell *cell,
			const struct column *column, enum render_format format)
{
	double per_event = (double)cell->events.wakeups / (double)cell->events.produced;

	(void)rec;
	(void)column;
	if (!cell->events.present || cell->events.produced == 0)
		fputs(format == RENDER_CSV ? "" : "-", out);
	else if (cell->events.wakeups > 0 && per_event < 0.001)
		fprintf(out, "%.1e", per_event);
	else
		fprintf(out, "%.3f", per_event);
}

static void put_counters(FILE *out, const struct record *rec, const struct record_cell *cell,
			 const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	if (cell->n_counters)
		fputc('"', out);
	for (size_t i = 0; i < cell->n_counters; i++) {
		if (i)
			fputc(' ', out);
		quote_part(out, cell->counters[i].name, format);
		fputc('=', out);
		put_number(out, cell->counters[i].per_call.value);
	}
	if (cell->n_counters)
		fputc('"', out);
}

static void put_spread(FILE *out, const struct record *rec, const struct record_cell *cell,
		       const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	put_number(out, cell->spread.p10);
	fputc(',', out);
	put_number(out, cell->spread.p90);
	fprintf(out, ",%zu", cell->spread.loads);
}

/* "60=0.4 150=0.25": value and share of each. */
static void put_modes(FILE *out, const struct record *rec, const struct record_cell *cell,
		      const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	for (size_t i = 0; i < cell->n_modes; i++) {
		fputs(i ? " " : "", out);
		put_number(out, cell->modes[i].value);
		fputc('=', out);
		put_number(out, cell->modes[i].share);
	}
}

static void put_workers(FILE *out, const struct record *rec, const struct record_cell *cell,
			const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	fprintf(out, "%u", cell->workers);
}

#define CELL(member)	 offsetof(struct record_cell, member)
#define TOP(member)	 offsetof(struct record, member)
#define EFFECT_CSV(name) name "," name "_lo," name "_hi"
#define LENGTHS_CSV(name)                                                                        \
	name "_typical," name "_mean," name "_p50," name "_p90," name "_p99," name "_p999," name \
	     "_max"
#define COST_AND_EVENTS (SECTION_COST | SECTION_EVENTS)

/* clang-format off */
static const struct column columns[] = {
	{NULL, "created", SECTION_ALL, 0, put_top_string, TOP(created), false, KEEP},
	{NULL, "kernel", SECTION_ALL, 0, put_top_string, TOP(host.kernel), false, KEEP},
	{NULL, "cpu", SECTION_ALL, 0, put_top_string, TOP(host.cpu), false, KEEP},
	{NULL, "degraded,partial", SECTION_ALL, 0, put_state, 0, false, KEEP},
	{NULL, "trigger", SECTION_ALL, 0, put_string, CELL(trigger), false, KEEP},
	{NULL, "cache", SECTION_ALL, 0, put_string, CELL(cache), false, KEEP},
	{NULL, "hook", SECTION_ALL, 0, put_string, CELL(hook), false, KEEP},
	{NULL, "body", SECTION_ALL, 0, put_string, CELL(body), false, KEEP},
	{"variant", "variant", SECTION_ALL | SECTION_COST, 20, put_string, CELL(variant), false, KEEP},
	{"body", NULL, SECTION_EVENTS, 20, put_string, CELL(body), false, KEEP},
	{"drain", "drain", SECTION_ALL | COST_AND_EVENTS, 0, put_string, CELL(drain), false, FOLD_DASH},
	{NULL, "status", SECTION_ALL, 0, put_status, 0, false, KEEP},
	{NULL, "reason", SECTION_ALL, 0, put_string, CELL(reason), false, KEEP},
	{"mechanism", "mechanism", SECTION_ALL | SECTION_COST, 0, put_string, CELL(mechanism), false, FOLD_FOR_WIDTH},
	{NULL, "unit", SECTION_ALL, 0, put_unit, 0, false, KEEP},
	{"typical", EFFECT_CSV("typical"), SECTION_ALL | SECTION_COST, 0, put_effect, CELL(overhead.typical), true, KEEP},
	{"mean", EFFECT_CSV("mean"), SECTION_ALL | SECTION_COST, 0, put_effect, CELL(overhead.mean), true, KEEP},
	{"p50 shift", EFFECT_CSV("p50_shift"), SECTION_ALL | SECTION_COST, 0, put_effect, CELL(overhead.p50), true, KEEP},
	{NULL, EFFECT_CSV("p90_shift"), SECTION_ALL, 0, put_effect, CELL(overhead.p90), true, KEEP},
	{"p99 shift", EFFECT_CSV("p99_shift"), SECTION_ALL | SECTION_COST, 0, put_effect, CELL(overhead.p99), true, KEEP},
	{"p99.9 shift", EFFECT_CSV("p999_shift"), SECTION_ALL | SECTION_COST, 0, put_effect, CELL(overhead.p999), true, KEEP},
	{NULL, EFFECT_CSV("p99_bound"), SECTION_ALL, 0, put_effect, CELL(p99_bound), true, KEEP},
	{NULL, EFFECT_CSV("p99_least"), SECTION_ALL, 0, put_effect, CELL(p99_least), true, KEEP},
	{"max", NULL, SECTION_COST, 0, put_max, 0, true, KEEP},
	{"n", "n", SECTION_ALL | SECTION_COST, 0, put_count, CELL(n), true, FOLD_UNIFORM},
	{NULL, "rounds", SECTION_ALL, 0, put_rounds, 0, true, KEEP},
	{NULL, "migrated", SECTION_ALL, 0, put_count, CELL(migrated), true, KEEP},
	{NULL, "censored", SECTION_ALL, 0, put_count, CELL(censored), true, KEEP},
	{NULL, "hits_expected", SECTION_ALL, 0, put_count, CELL(hits.expected), true, KEEP},
	{NULL, "hits_counted", SECTION_ALL, 0, put_count, CELL(hits.counted), true, KEEP},
	{NULL, LENGTHS_CSV("arm"), SECTION_ALL, 0, put_distribution, CELL(arm), true, KEEP},
	{NULL, LENGTHS_CSV("baseline"), SECTION_ALL, 0, put_distribution, CELL(baseline), true, KEEP},
	{NULL, "baseline_id", SECTION_ALL, 0, put_string, CELL(baseline_id), false, KEEP},
	{NULL, "data_length", SECTION_ALL, 0, put_string, CELL(data.length), false, KEEP},
	{NULL, "data_pid", SECTION_ALL, 0, put_string, CELL(data.pid), false, KEEP},
	{NULL, "data_tgid", SECTION_ALL, 0, put_string, CELL(data.tgid), false, KEEP},
	{NULL, "data_order", SECTION_ALL, 0, put_string, CELL(data.order), false, KEEP},
	{NULL, "data_note", SECTION_ALL, 0, put_string, CELL(data.note), false, KEEP},
	{"produced", "produced", SECTION_ALL | SECTION_EVENTS, 0, put_events_count, CELL(events.produced), true, KEEP},
	{"received", "received", SECTION_ALL | SECTION_EVENTS, 0, put_events_count, CELL(events.received), true, KEEP},
	{"lost", "lost", SECTION_ALL | SECTION_EVENTS, 0, put_lost, CELL(events.lost), true, KEEP},
	{"LOST records", "lost_records", SECTION_ALL | SECTION_EVENTS, 0, put_events_count, CELL(events.lost_records), true, KEEP},
	{"wakeups", "wakeups", SECTION_ALL | SECTION_EVENTS, 0, put_events_count, CELL(events.wakeups), true, KEEP},
	{"wakeups/event", "wakeups_per_event", SECTION_ALL | SECTION_EVENTS, 0, put_wakeups, 0, true, KEEP},
	{NULL, "contended_share", SECTION_ALL, 0, put_double, CELL(contended_share), true, KEEP},
	{NULL, EFFECT_CSV("uncontended"), SECTION_ALL, 0, put_effect, CELL(uncontended), true, KEEP},
	{NULL, EFFECT_CSV("contended"), SECTION_ALL, 0, put_effect, CELL(contended), true, KEEP},
	{NULL, EFFECT_CSV("cycles"), SECTION_ALL, 0, put_effect, CELL(cycles), true, KEEP},
	{NULL, "stratum", SECTION_ALL, 0, put_string, CELL(stratum), false, KEEP},
	{NULL, "counters", SECTION_ALL, 0, put_counters, 0, false, KEEP},
	{NULL, "load_p10,load_p90,loads", SECTION_ALL, 0, put_spread, 0, true, KEEP},
	{NULL, "modes", SECTION_ALL, 0, put_modes, 0, false, KEEP},
	{NULL, "workers", SECTION_ALL, 0, put_workers, 0, true, KEEP},
	{NULL, "interval_over", SECTION_ALL, 0, put_string, CELL(interval_over), false, KEEP},
};
/* clang-format on */

#define COLUMNS (sizeof(columns) / sizeof(*columns))

static bool wanted(const struct column *column, enum section section, enum render_format format)
{
	return (column->sections & section) &&
	       (format == RENDER_CSV ? column->csv : column->header);
}

/* Leaves out what says nothing; at: the columns that the table has. */
static void fold(struct table *t, const struct column *const *at, size_t n,
		 enum render_format format, bool *mechanism_told)
{
	*mechanism_told = true;
	if (format == RENDER_CSV)
		return;
	for (size_t c = 0; c < n; c++) {
		bool same = table_rows(t) > 1 && table_uniform(t, c);

		if (same && (at[c]->fold == FOLD_UNIFORM ||
			     (at[c]->fold == FOLD_DASH && table_at(t, 1, c)[0] == '-' &&
			      table_at(t, 1, c)[1] == '\0')))
			table_hide(t, c);
	}
	for (size_t c = 0; c < n; c++) {
		bool can = at[c]->fold == FOLD_FOR_WIDTH || at[c]->fold == FOLD_UNIFORM;

		if (format == RENDER_TEXT && can && table_width(t) > PAGE_WIDTH) {
			table_hide(t, c);
			if (at[c]->fold == FOLD_FOR_WIDTH)
				*mechanism_told = false;
		}
	}
}

struct table *columns_table(const struct record *rec, const struct record_cell *const *cells,
			    size_t n, enum section section, enum render_format format,
			    bool *mechanism_told)
{
	const struct column *at[COLUMNS];
	struct table *t;
	size_t width = 0;

	for (size_t c = 0; c < COLUMNS; c++) {
		if (wanted(&columns[c], section, format))
			at[width++] = &columns[c];
	}
	t = table_open(width);
	if (!t)
		return NULL;
	for (size_t c = 0; c < width; c++) {
		fputs(format == RENDER_CSV ? at[c]->csv : at[c]->header, table_cell(t));
		table_least_width(t, c, at[c]->width);
		if (at[c]->right)
			table_align_right(t, c);
	}
	for (size_t i = 0; i < n; i++) {
		if (format == RENDER_TEXT && i && strcmp(cells[i]->hook, cells[i - 1]->hook) != 0)
			table_gap(t);
		for (size_t c = 0; c < width; c++)
			at[c]->cell(table_cell(t), rec, cells[i], at[c], format);
	}
	fold(t, at, width, format, mechanism_told);
	return t;
}
