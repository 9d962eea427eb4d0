/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/show/columns.h"
#include "reports/show/figure.h"
#include "reports/show/page.h"
#include "reports/show/escape.h"

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
	void (*result)(FILE *out, const struct record *rec, const struct record_result *result,
		       const struct column *column, enum render_format format);
	size_t offset; /* of the member that result prints, in the record or the result */
	bool right;
	enum fold fold;
};

static const void *member(const struct record_result *result, const struct column *column)
{
	return (const char *)result + column->offset;
}

static void put_string(FILE *out, const struct record *rec, const struct record_result *result,
		       const struct column *column, enum render_format format)
{
	const char *text = *(char *const *)member(result, column);

	(void)rec;
	escape_print(out, text || format == RENDER_CSV ? text : "-", format);
}

static void put_top_string(FILE *out, const struct record *rec, const struct record_result *result,
			   const struct column *column, enum render_format format)
{
	(void)result;
	escape_print(out, *(char *const *)(const void *)((const char *)rec + column->offset),
		     format);
}

static void put_number(FILE *out, double value)
{
	if (isfinite(value))
		fprintf(out, "%.10g", value);
}

static void put_double(FILE *out, const struct record *rec, const struct record_result *result,
		       const struct column *column, enum render_format format)
{
	(void)rec;
	(void)format;
	put_number(out, *(const double *)member(result, column));
}

static void put_effect(FILE *out, const struct record *rec, const struct record_result *result,
		       const struct column *column, enum render_format format)
{
	const struct effect *e = member(result, column);
	bool full = format != RENDER_TEXT ||
		    column->offset == offsetof(struct record_result, overhead.typical);

	(void)rec;
	if (format != RENDER_CSV) {
		/* A terminal has no room for six intervals in full. */
		figure_effect(out, *e, result->unit, full ? FIGURE_BRACKETS : FIGURE_PLUS_MINUS);
		return;
	}
	put_number(out, e->value);
	fputc(',', out);
	put_number(out, e->lo);
	fputc(',', out);
	put_number(out, e->hi);
}

static void put_distribution(FILE *out, const struct record *rec,
			     const struct record_result *result, const struct column *column,
			     enum render_format format)
{
	const struct distribution *d = member(result, column);
	const double values[] = {d->typical, d->mean, d->p50, d->p90, d->p99, d->p999, d->max};

	(void)rec;
	(void)format;
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		if (i)
			fputc(',', out);
		put_number(out, values[i]);
	}
}

static void put_max(FILE *out, const struct record *rec, const struct record_result *result,
		    const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	figure_length(out, result->config.max, result->unit);
}

static void put_count(FILE *out, const struct record *rec, const struct record_result *result,
		      const struct column *column, enum render_format format)
{
	uint64_t count = *(const uint64_t *)member(result, column);

	(void)rec;
	if (format == RENDER_CSV)
		fprintf(out, "%llu", (unsigned long long)count);
	else
		figure_count(out, count);
}

static void put_rounds(FILE *out, const struct record *rec, const struct record_result *result,
		       const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	fprintf(out, "%u", result->rounds);
}

static void put_status(FILE *out, const struct record *rec, const struct record_result *result,
		       const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	fputs(result_status_name(result->status), out);
}

static void put_unit(FILE *out, const struct record *rec, const struct record_result *result,
		     const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	fputs(unit_name(result->unit), out);
}

static void put_state(FILE *out, const struct record *rec, const struct record_result *result,
		      const struct column *column, enum render_format format)
{
	(void)result;
	(void)column;
	(void)format;
	fprintf(out, "%zu,%s", rec->n_warnings, rec->partial ? "yes" : "no");
}

static void put_events_count(FILE *out, const struct record *rec,
			     const struct record_result *result, const struct column *column,
			     enum render_format format)
{
	if (result->events.present)
		put_count(out, rec, result, column, format);
}

static void put_lost(FILE *out, const struct record *rec, const struct record_result *result,
		     const struct column *column, enum render_format format)
{
	if (format == RENDER_CSV || result->events.produced == 0)
		put_events_count(out, rec, result, column, format);
	else
		figure_loss(out, result->events.lost, result->events.produced);
}

static void put_wakeups(FILE *out, const struct record *rec, const struct record_result *result,
			const struct column *column, enum render_format format)
{
	double per_event = (double)result->events.wakeups / (double)result->events.produced;

	(void)rec;
	(void)column;
	if (!result->events.present || result->events.produced == 0)
		fputs(format == RENDER_CSV ? "" : "-", out);
	else if (result->events.wakeups > 0 && per_event < 0.001)
		fprintf(out, "%.1e", per_event);
	else
		fprintf(out, "%.3f", per_event);
}

static void put_counters(FILE *out, const struct record *rec, const struct record_result *result,
			 const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	if (result->n_counters)
		fputc('"', out);
	for (size_t i = 0; i < result->n_counters; i++) {
		if (i)
			fputc(' ', out);
		escape_part(out, result->counters[i].name, format);
		fputc('=', out);
		put_number(out, result->counters[i].per_call.value);
	}
	if (result->n_counters)
		fputc('"', out);
}

static void put_spread(FILE *out, const struct record *rec, const struct record_result *result,
		       const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	put_number(out, result->spread.p10);
	fputc(',', out);
	put_number(out, result->spread.p90);
	fprintf(out, ",%zu", result->spread.loads);
}

/* "60=0.4 150=0.25": value and share of each. */
static void put_modes(FILE *out, const struct record *rec, const struct record_result *result,
		      const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	for (size_t i = 0; i < result->n_modes; i++) {
		fputs(i ? " " : "", out);
		put_number(out, result->modes[i].value);
		fputc('=', out);
		put_number(out, result->modes[i].share);
	}
}

static void put_workers(FILE *out, const struct record *rec, const struct record_result *result,
			const struct column *column, enum render_format format)
{
	(void)rec;
	(void)column;
	(void)format;
	fprintf(out, "%u", result->workers);
}

#define RESULT(member)	 offsetof(struct record_result, member)
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
	{NULL, "trigger", SECTION_ALL, 0, put_string, RESULT(workload), false, KEEP},
	{NULL, "cache", SECTION_ALL, 0, put_string, RESULT(cache), false, KEEP},
	{NULL, "hook", SECTION_ALL, 0, put_string, RESULT(hook), false, KEEP},
	{NULL, "body", SECTION_ALL, 0, put_string, RESULT(body), false, KEEP},
	{"variant", "variant", SECTION_ALL | SECTION_COST, 20, put_string, RESULT(variant), false, KEEP},
	{"body", NULL, SECTION_EVENTS, 20, put_string, RESULT(body), false, KEEP},
	{"drain", "drain", SECTION_ALL | COST_AND_EVENTS, 0, put_string, RESULT(wakeup), false, FOLD_DASH},
	{NULL, "status", SECTION_ALL, 0, put_status, 0, false, KEEP},
	{NULL, "reason", SECTION_ALL, 0, put_string, RESULT(reason), false, KEEP},
	{"mechanism", "mechanism", SECTION_ALL | SECTION_COST, 0, put_string, RESULT(mechanism), false, FOLD_FOR_WIDTH},
	{NULL, "unit", SECTION_ALL, 0, put_unit, 0, false, KEEP},
	{"typical", EFFECT_CSV("typical"), SECTION_ALL | SECTION_COST, 0, put_effect, RESULT(overhead.typical), true, KEEP},
	{"mean", EFFECT_CSV("mean"), SECTION_ALL | SECTION_COST, 0, put_effect, RESULT(overhead.mean), true, KEEP},
	{"p50 shift", EFFECT_CSV("p50_shift"), SECTION_ALL | SECTION_COST, 0, put_effect, RESULT(overhead.p50), true, KEEP},
	{NULL, EFFECT_CSV("p90_shift"), SECTION_ALL, 0, put_effect, RESULT(overhead.p90), true, KEEP},
	{"p99 shift", EFFECT_CSV("p99_shift"), SECTION_ALL | SECTION_COST, 0, put_effect, RESULT(overhead.p99), true, KEEP},
	{"p99.9 shift", EFFECT_CSV("p999_shift"), SECTION_ALL | SECTION_COST, 0, put_effect, RESULT(overhead.p999), true, KEEP},
	{NULL, EFFECT_CSV("p99_bound"), SECTION_ALL, 0, put_effect, RESULT(p99_bound), true, KEEP},
	{NULL, EFFECT_CSV("p99_least"), SECTION_ALL, 0, put_effect, RESULT(p99_least), true, KEEP},
	{"max", NULL, SECTION_COST, 0, put_max, 0, true, KEEP},
	{"n", "n", SECTION_ALL | SECTION_COST, 0, put_count, RESULT(n), true, FOLD_UNIFORM},
	{NULL, "rounds", SECTION_ALL, 0, put_rounds, 0, true, KEEP},
	{NULL, "migrated", SECTION_ALL, 0, put_count, RESULT(migrated), true, KEEP},
	{NULL, "censored", SECTION_ALL, 0, put_count, RESULT(censored), true, KEEP},
	{NULL, "hits_expected", SECTION_ALL, 0, put_count, RESULT(hits.expected), true, KEEP},
	{NULL, "hits_counted", SECTION_ALL, 0, put_count, RESULT(hits.counted), true, KEEP},
	{NULL, LENGTHS_CSV("arm"), SECTION_ALL, 0, put_distribution, RESULT(config), true, KEEP},
	{NULL, LENGTHS_CSV("baseline"), SECTION_ALL, 0, put_distribution, RESULT(baseline), true, KEEP},
	{NULL, "baseline_id", SECTION_ALL, 0, put_string, RESULT(baseline_id), false, KEEP},
	{NULL, "data_length", SECTION_ALL, 0, put_string, RESULT(data.length), false, KEEP},
	{NULL, "data_pid", SECTION_ALL, 0, put_string, RESULT(data.pid), false, KEEP},
	{NULL, "data_tgid", SECTION_ALL, 0, put_string, RESULT(data.tgid), false, KEEP},
	{NULL, "data_order", SECTION_ALL, 0, put_string, RESULT(data.order), false, KEEP},
	{NULL, "data_note", SECTION_ALL, 0, put_string, RESULT(data.note), false, KEEP},
	{"produced", "produced", SECTION_ALL | SECTION_EVENTS, 0, put_events_count, RESULT(events.produced), true, KEEP},
	{"received", "received", SECTION_ALL | SECTION_EVENTS, 0, put_events_count, RESULT(events.received), true, KEEP},
	{"lost", "lost", SECTION_ALL | SECTION_EVENTS, 0, put_lost, RESULT(events.lost), true, KEEP},
	{"LOST records", "lost_records", SECTION_ALL | SECTION_EVENTS, 0, put_events_count, RESULT(events.lost_records), true, KEEP},
	{"wakeups", "wakeups", SECTION_ALL | SECTION_EVENTS, 0, put_events_count, RESULT(events.wakeups), true, KEEP},
	{"wakeups/event", "wakeups_per_event", SECTION_ALL | SECTION_EVENTS, 0, put_wakeups, 0, true, KEEP},
	{NULL, "contended_share", SECTION_ALL, 0, put_double, RESULT(contended_share), true, KEEP},
	{NULL, EFFECT_CSV("uncontended"), SECTION_ALL, 0, put_effect, RESULT(uncontended), true, KEEP},
	{NULL, EFFECT_CSV("contended"), SECTION_ALL, 0, put_effect, RESULT(contended), true, KEEP},
	{NULL, EFFECT_CSV("cycles"), SECTION_ALL, 0, put_effect, RESULT(cycles), true, KEEP},
	{NULL, "stratum", SECTION_ALL, 0, put_string, RESULT(stratum), false, KEEP},
	{NULL, "counters", SECTION_ALL, 0, put_counters, 0, false, KEEP},
	{NULL, "load_p10,load_p90,loads", SECTION_ALL, 0, put_spread, 0, true, KEEP},
	{NULL, "modes", SECTION_ALL, 0, put_modes, 0, false, KEEP},
	{NULL, "workers", SECTION_ALL, 0, put_workers, 0, true, KEEP},
	{NULL, "interval_over", SECTION_ALL, 0, put_string, RESULT(interval_over), false, KEEP},
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

struct table *columns_table(const struct record *rec, const struct record_result *const *results,
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
		if (format == RENDER_TEXT && i &&
		    strcmp(results[i]->hook, results[i - 1]->hook) != 0)
			table_gap(t);
		for (size_t c = 0; c < width; c++)
			at[c]->result(table_cell(t), rec, results[i], at[c], format);
	}
	fold(t, at, width, format, mechanism_told);
	return t;
}
