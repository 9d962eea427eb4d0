/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/show/result_notes.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/record/record_rows.h"
#include "reports/show/events/sweeps.h"
#include "reports/show/table.h"
#include "reports/record/treatment.h"

/* What a column needs beside the point. */
typedef void put_fn(FILE *out, const struct event_point *p, enum render_format format);

struct column {
	const char *header;
	put_fn *put;
	bool left;
};

static void put_variant(FILE *out, const struct event_point *p, enum render_format format)
{
	escape_part(out, p->variant, format);
}

static void put_wakeup(FILE *out, const struct event_point *p, enum render_format format)
{
	escape_part(out, p->wakeup, format);
}

static void put_rate(FILE *out, const struct event_point *p, enum render_format format)
{
	(void)format;
	figure_rate(out, p->rate_target);
}

static void put_achieved(FILE *out, const struct event_point *p, enum render_format format)
{
	double off = 100 * (p->rate_achieved / p->rate_target - 1);

	(void)format;
	if (!p->saturated && fabs(off) < 1)
		fprintf(out, "%+.2f %%", off);
	else if (isnan(p->rate_achieved))
		fputc('-', out);
	else
		figure_rate(out, p->rate_achieved);
	if (p->saturated)
		fputs(" !", out);
}

static void put_alone(FILE *out, double ns)
{
	figure_time(out, (struct effect){ns, NAN, NAN});
}

#define PUT_ALONE(name)                                                                           \
	static void put_##name(FILE *out, const struct event_point *p, enum render_format format) \
	{                                                                                         \
		(void)format;                                                                     \
		put_alone(out, p->name);                                                          \
	}
#define PUT_TIME(name)                                                                            \
	static void put_##name(FILE *out, const struct event_point *p, enum render_format format) \
	{                                                                                         \
		(void)format;                                                                     \
		figure_time(out, p->name);                                                        \
	}
#define PUT_EFFECT(name)                                                                          \
	static void put_##name(FILE *out, const struct event_point *p, enum render_format format) \
	{                                                                                         \
		(void)format;                                                                     \
		figure_effect(out, p->name, UNIT_NS, FIGURE_PLUS_MINUS);                          \
	}

PUT_ALONE(start_delay_p50)
PUT_ALONE(start_delay_p99)
PUT_ALONE(start_delay_max)
PUT_ALONE(age_p50)
PUT_ALONE(age_p99)
PUT_ALONE(age_max)
PUT_TIME(call_p50)
PUT_TIME(call_p99)
PUT_TIME(call_p999)
PUT_TIME(due_p50)
PUT_TIME(due_p99)
PUT_TIME(due_p999)
PUT_EFFECT(overhead)
PUT_EFFECT(producer_cpu)
PUT_EFFECT(consumer_cpu)
PUT_EFFECT(machine_cpu)

static void put_lost(FILE *out, const struct event_point *p, enum render_format format)
{
	(void)format;
	figure_loss(out, p->produced - p->received, p->produced);
}

static void put_wakeups(FILE *out, const struct event_point *p, enum render_format format)
{
	(void)format;
	figure_count(out, p->wakeups);
}

static void put_per_wakeup(FILE *out, const struct event_point *p, enum render_format format)
{
	(void)format;
	if (p->wakeups)
		fprintf(out, "%.3g", (double)p->received / (double)p->wakeups);
	else
		fputc('-', out);
}

static void put_steal(FILE *out, const struct event_point *p, enum render_format format)
{
	(void)format;
	if (isnan(p->steal_cpu))
		fputc('-', out);
	else
		fprintf(out, "%.1f", p->steal_cpu);
}

static const struct column schedule[] = {
	{"variant", put_variant, true},
	{"drain", put_wakeup, true},
	{"rate", put_rate, false},
	{"achieved", put_achieved, false},
	{"lag p50", put_start_delay_p50, false},
	{"lag p99", put_start_delay_p99, false},
	{"lag max", put_start_delay_max, false},
	{"lost", put_lost, false},
	{NULL, NULL, false},
};

static const struct column calls[] = {
	{"variant", put_variant, true},
	{"drain", put_wakeup, true},
	{"rate", put_rate, false},
	{"call p50", put_call_p50, false},
	{"call p99", put_call_p99, false},
	{"call p99.9", put_call_p999, false},
	{NULL, NULL, false},
};

static const struct column dues[] = {
	{"variant", put_variant, true},
	{"drain", put_wakeup, true},
	{"rate", put_rate, false},
	{"due p50", put_due_p50, false},
	{"due p99", put_due_p99, false},
	{"due p99.9", put_due_p999, false},
	{NULL, NULL, false},
};

static const struct column cpu[] = {
	{"variant", put_variant, true},
	{"drain", put_wakeup, true},
	{"rate", put_rate, false},
	{"ns a call", put_overhead, false},
	{"producer %", put_producer_cpu, false},
	{"consumer %", put_consumer_cpu, false},
	{"machine %", put_machine_cpu, false},
	{"steal %", put_steal, false},
	{NULL, NULL, false},
};

static const struct column consumer[] = {
	{"variant", put_variant, true},
	{"drain", put_wakeup, true},
	{"rate", put_rate, false},
	{"wake-ups", put_wakeups, false},
	{"events/wake-up", put_per_wakeup, false},
	{"age p50", put_age_p50, false},
	{"age p99", put_age_p99, false},
	{"age max", put_age_max, false},
	{NULL, NULL, false},
};

static bool is_of(const struct event_point *p, const char *scenario)
{
	return p->status == RESULT_MEASURED && strcmp(p->scenario, scenario) == 0;
}

static size_t count(const struct record *rec, const char *scenario)
{
	size_t n = 0;

	for (size_t i = 0; i < rec->n_event_points; i++)
		n += is_of(&rec->event_points[i], scenario);
	return n;
}

static void title(struct page *page, const char *text)
{
	page_gap(page);
	escape_part(page_line(page), text, page->format);
	page_note(page);
	if (page->format == RENDER_MARKDOWN)
		page_gap(page);
}

/* Another curve than the row before: parted by an empty line. */
static bool same_curve(const struct event_point *a, const struct event_point *b)
{
	return strcmp(a->variant, b->variant) == 0 && strcmp(a->wakeup, b->wakeup) == 0;
}

/* Of a state with an N, the first one's; 0: none. */
static unsigned int sampled_every(const struct record *rec, const char *scenario)
{
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (is_of(p, scenario) && p->reader.every > 1 && isnan(p->reader.interval_ms))
			return p->reader.every;
	}
	return 0;
}

/* Rows of another state than their name says, with what they were. */
static void note_realised(struct page *page, const char *scenario)
{
	for (size_t i = 0; i < page->rec->n_event_points; i++) {
		const struct event_point *p = &page->rec->event_points[i];
		double realised;
		FILE *line;

		if (!is_of(p, scenario) ||
		    treatment_realised(&p->reader, p->wakeups, p->received, &realised))
			continue;
		line = page_line(page);
		escape_part(line, p->id, page->format);
		fprintf(line,
			": woken %.4f times an event, where 1 in %u is %.4f: another state than "
			"its "
			"name says",
			realised, p->reader.every, 1.0 / p->reader.every);
		page_fact(page, "wake-ups");
	}
}

static int print_columns(struct page *page, const char *scenario, const struct column *columns,
			 bool with_none, const char *words)
{
	const struct record *rec = page->rec;
	const struct event_point *before = NULL;
	struct table *t;
	size_t n = 0;
	int err;

	while (columns[n].header)
		n++;
	t = table_open(n);
	if (!t)
		return -ENOMEM;
	for (size_t c = 0; c < n; c++) {
		fputs(columns[c].header, table_cell(t));
		if (!columns[c].left)
			table_align_right(t, c);
	}
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (!is_of(p, scenario) || (!with_none && strcmp(p->variant, "none") == 0))
			continue;
		if (before && !same_curve(before, p) && page->format == RENDER_TEXT)
			table_gap(t);
		before = p;
		for (size_t c = 0; c < n; c++)
			columns[c].put(table_cell(t), p, page->format);
	}
	title(page, words);
	err = table_print(t, page->format, page->out);
	table_close(t);
	return err;
}

static int print_scenario(struct page *page, const char *scenario, const char *words)
{
	int err;

	if (!count(page->rec, scenario))
		return 0;
	fputs(words, page_line(page));
	page_heading(page);
	err = print_columns(
		page, scenario, schedule, true,
		"The schedule: achieved, against the rate that was asked for (!: saturated, that "
		"much went); lag, how late a call began. Lost: of short windows, which fit into "
		"the "
		"buffer: event accounting, no bound on loss (that is below, by exposure).");
	if (!err)
		err = print_columns(page, scenario, calls, true,
				    "How long a call took, from when it began until it returned.");
	result_notes_sampled(page, sampled_every(page->rec, scenario));
	if (!err)
		err = print_columns(page, scenario, dues, true,
				    "The same from when it was due: what a caller on a schedule "
				    "waited.");
	if (!err)
		err = print_columns(
			page, scenario, cpu, false,
			"CPU: the probe's addition to the producer, the consumer's "
			"thread, both in % of one CPU, and to the machine in % of all.");
	if (!err)
		err = print_columns(page, scenario, consumer, false,
				    "The consumer; age, of an event when it saw it.");
	note_realised(page, scenario);
	return err;
}

int sweeps_print(struct page *page)
{
	int err = print_scenario(page, "sweep", "Events: cost, loss and latency against the rate");

	if (!err)
		err = print_scenario(page, "same_cpu",
				     "Events: the consumer on the producer's own CPU");
	return err;
}
