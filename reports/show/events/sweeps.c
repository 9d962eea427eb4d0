/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/costs/result_notes.h"
#include "reports/show/figure.h"
#include "reports/judge/loss.h"
#include "reports/show/escape.h"
#include "reports/show/events/sweeps.h"
#include "reports/record/treatment.h"
#include "reports/record/wakeup_name.h"

#define AT(member) offsetof(struct event_point, member)

bool sweeps_point_of(const struct event_point *p, const char *scenario)
{
	return p->status == RESULT_MEASURED && strcmp(p->scenario, scenario) == 0;
}

static void put_achieved(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;
	double off = 100 * (p->rate_achieved / p->rate_target - 1);

	if (!p->saturated && fabs(off) < 1)
		fprintf(out, "%+.2f %%", off);
	else if (isnan(p->rate_achieved))
		fputc('-', out);
	else
		figure_rate(out, p->rate_achieved);
	if (p->saturated)
		fputs(" !", out);
}

void put_points_lost(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;

	figure_loss(out, p->produced - p->received, p->produced);
}

static void put_per_wakeup(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;

	if (p->wakeups)
		figure_plain(out, (double)p->received / (double)p->wakeups, 3);
	else
		fputc('-', out);
}

void put_machine(FILE *out, const struct entry *e)
{
	struct effect cpu = *(const struct effect *)entry_member(e);

	/* the kernel counts it in ticks of 1 to 10 ms: pairs that agree to the tick are no interval
	 */
	if (!(cpu.lo < cpu.hi))
		cpu.lo = cpu.hi = NAN;
	put_effect_of(out, &cpu, UNIT_NS);
}

#define OF_WHAT                                                                            \
	{"variant", put_text, AT(variant), 0}, {"wakeup", put_wakeup_name, AT(wakeup), 0}, \
	{                                                                                  \
		"rate", put_rate, AT(rate_target), COLUMN_RIGHT                            \
	}

static const struct column schedule[] = {
	OF_WHAT,
	{"achieved", put_achieved, 0, COLUMN_RIGHT},
	{"delay p50", put_time_alone, AT(start_delay_p50), COLUMN_RIGHT},
	{"delay p99", put_time_alone, AT(start_delay_p99), COLUMN_RIGHT},
	{"delay max", put_time_alone, AT(start_delay_max), COLUMN_RIGHT},
	{"lost", put_points_lost, 0, COLUMN_RIGHT},
	{.header = NULL},
};

static const struct column calls[] = {
	OF_WHAT,
	{"call p50", put_time, AT(call_p50), COLUMN_RIGHT},
	{"call p99", put_time, AT(call_p99), COLUMN_RIGHT},
	{"call p99.9", put_time, AT(call_p999), COLUMN_RIGHT},
	{.header = NULL},
};

static const struct column responses[] = {
	OF_WHAT,
	{"response p50", put_time, AT(due_p50), COLUMN_RIGHT},
	{"response p99", put_time, AT(due_p99), COLUMN_RIGHT},
	{"response p99.9", put_time, AT(due_p999), COLUMN_RIGHT},
	{.header = NULL},
};

static const struct column cpu[] = {
	OF_WHAT,
	{"ns a call", put_effect, AT(overhead), COLUMN_RIGHT},
	{"producer %", put_effect, AT(producer_cpu), COLUMN_RIGHT},
	{"reader %", put_effect, AT(consumer_cpu), COLUMN_RIGHT},
	{"machine %", put_machine, AT(machine_cpu), COLUMN_RIGHT},
	{"steal %", put_decimal, AT(steal_cpu), COLUMN_RIGHT},
	{.header = NULL},
};

static const struct column reader[] = {
	OF_WHAT,
	{"wakeups", put_count, AT(wakeups), COLUMN_RIGHT},
	{"events/wakeup", put_per_wakeup, 0, COLUMN_RIGHT},
	{"age p50", put_time_alone, AT(age_p50), COLUMN_RIGHT},
	{"age p99", put_time_alone, AT(age_p99), COLUMN_RIGHT},
	{"age max", put_time_alone, AT(age_max), COLUMN_RIGHT},
	{.header = NULL},
};

static bool other_curve(const void *before, const void *row)
{
	const struct event_point *a = before, *b = row;

	return strcmp(a->variant, b->variant) != 0 || strcmp(a->wakeup, b->wakeup) != 0;
}

/* Of a wakeup policy with an N, the first one's; 0: none. */
static unsigned int sampled_every(const struct record *rec, const char *scenario)
{
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (sweeps_point_of(p, scenario) && p->reader.every > 1 &&
		    isnan(p->reader.interval_ms))
			return p->reader.every;
	}
	return 0;
}

/* Rows of another wakeup policy than their name says, with what they were. */
static void note_realised(struct page *page, const char *scenario)
{
	for (size_t i = 0; i < page->rec->n_event_points; i++) {
		const struct event_point *p = &page->rec->event_points[i];
		double realised;
		FILE *line;

		if (!sweeps_point_of(p, scenario) ||
		    treatment_realised(&p->reader, p->wakeups, p->received, &realised))
			continue;
		line = page_line(page);
		escape_part(line, p->id, page->format);
		fprintf(line,
			": woken %.4f times an event, where 1 in %u is %.4f: not the wakeup policy "
			"that its name says",
			realised, p->reader.every, 1.0 / p->reader.every);
		page_fact(page, "wakeups");
	}
}

#define COLUMNS_MOST 8

/* The columns of a table of points: those of times have one unit each, which the header says. */
struct units {
	struct column columns[COLUMNS_MOST];
	enum time_unit unit[COLUMNS_MOST];
	char header[COLUMNS_MOST][32];
};

static bool in_table(const struct event_point *p, const char *scenario, bool with_none)
{
	return sweeps_point_of(p, scenario) && (with_none || strcmp(p->variant, "none") != 0);
}

/* The unit that fits the median of its figures. 0 or -ENOMEM. */
static int choose_unit(const struct record *rec, const char *scenario, bool with_none,
		       const struct column *column, enum time_unit *out)
{
	double *x = calloc(rec->n_event_points + 1, sizeof(*x));
	size_t n = 0;

	if (!x)
		return -ENOMEM;
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		/* an effect begins with its value */
		if (in_table(p, scenario, with_none))
			x[n] = *(const double *)((const char *)p + column->at);
		n += in_table(p, scenario, with_none) && !isnan(x[n]);
	}
	gsl_sort(x, 1, n);
	*out = figure_time_unit(n ? x[n / 2] : 0);
	free(x);
	return 0;
}

static int print_columns(struct page *page, const char *scenario, const struct column *columns,
			 bool with_none, const char *words)
{
	struct units units = {.columns = {{.header = NULL}}};
	struct listing l = {.page = page, .columns = units.columns, .parts = other_curve};
	const struct record *rec = page->rec;
	int err = 0;

	l.time_units = units.unit;
	for (; columns[l.n].header && l.n < COLUMNS_MOST && !err; l.n++) {
		struct column *column = &units.columns[l.n];

		*column = columns[l.n];
		if (column->put != put_time && column->put != put_time_alone)
			continue;
		err = choose_unit(rec, scenario, with_none, column, &units.unit[l.n]);
		snprintf(units.header[l.n], sizeof(units.header[l.n]), "%s, %s", column->header,
			 figure_time_unit_name(units.unit[l.n]));
		column->header = units.header[l.n];
	}
	if (err)
		return err;
	listing_open(&l);
	for (size_t i = 0; i < rec->n_event_points; i++)
		if (in_table(&rec->event_points[i], scenario, with_none))
			listing_row(&l, &rec->event_points[i]);
	page_caption(page, "%s", page_quote(page, words));
	return listing_print(&l);
}

static int print_scenario(struct page *page, const char *scenario, const char *heading)
{
	const struct record *rec = page->rec;
	size_t n = 0;
	int err;

	for (size_t i = 0; i < rec->n_event_points; i++)
		n += sweeps_point_of(&rec->event_points[i], scenario);
	if (!n)
		return 0;
	page_head(page, "%s", heading);
	err = print_columns(page, scenario, schedule, true,
			    "The schedule: achieved, against the rate that was asked for (!: "
			    "saturated, the rate that was reached); delay: the start delay, how "
			    "late a call began. Lost: of short windows, which fit into the buffer: "
			    "a count, no bound on loss (that is below, by exposure).");
	if (!err)
		err = print_columns(page, scenario, calls, true,
				    "How long a call took, from when it began until it returned.");
	result_notes_sampled(page, sampled_every(page->rec, scenario));
	if (!err)
		err = print_columns(page, scenario, responses, true,
				    "Response time including the start delay: from when a call was "
				    "due until it returned.");
	if (!err)
		err = print_columns(
			page, scenario, cpu, false,
			"CPU: the probe's addition to the producer, the reader's process, both in "
			"% of one CPU, and to the machine in % of all.");
	if (!err)
		err = print_columns(page, scenario, reader, false,
				    "The reader; age: of an event when it is read.");
	note_realised(page, scenario);
	return err;
}

int sweeps_print(struct page *page)
{
	int err = print_scenario(page, "sweep", "Events: cost, loss and latency against the rate");

	if (!err)
		err = print_scenario(page, "same_cpu",
				     "Events: the reader on the producer's own CPU");
	return err;
}

/* ---- breakpoints ---- */

static void put_breakpoint(FILE *out, const struct entry *e)
{
	const struct breakpoint *k = e->row;

	if (!k->found) {
		fputs("no breakpoint below ", out);
		figure_rate(out, k->rate.value);
		return;
	}
	figure_rate(out, k->rate.value);
	fputs(" (", out);
	figure_rate(out, k->rate.lo);
	fputs(" to ", out);
	figure_rate(out, k->rate.hi);
	fputc(')', out);
}

/* scenario/variant/syscall/wakeup/policy without what every curve of a run shares. */
static void put_curve(FILE *out, const struct entry *e)
{
	const char *curve = ((const struct breakpoint *)e->row)->curve;
	enum render_format format = entry_format(e);
	char part[5][64];

	if (sscanf(curve, "%63[^/]/%63[^/]/%63[^/]/%63[^/]/%63[^/]", part[0], part[1], part[2],
		   part[3], part[4]) != 5) {
		escape_part(out, curve, format);
		return;
	}
	escape_part(out, part[1], format);
	fputs(", ", out);
	escape_part(out, wakeup_name(part[3]).text, format);
	if (strcmp(part[4], "-") != 0) {
		fputs(", ", out);
		escape_part(out, part[4], format);
	}
	if (strcmp(part[0], "sweep") != 0) {
		fputs(", ", out);
		escape_part(out, part[0], format);
	}
}

/* What the quantity grows by for each 1,000 events/s more. */
static void put_growth(FILE *out, const struct entry *e)
{
	const struct effect *slope = entry_member(e);

	figure_effect(out, (struct effect){slope->value * 1e3, slope->lo * 1e3, slope->hi * 1e3},
		      UNIT_NS, FIGURE_PLUS_MINUS);
}

static void put_p(FILE *out, const struct entry *e)
{
	const struct breakpoint *k = e->row;

	if (isnan(k->p))
		fputc('-', out);
	else
		fprintf(out, k->p < 0.001 ? "< 0.001" : "%.2g", k->p);
}

size_t sweeps_breakpoints_tested(const struct record *rec, size_t *found)
{
	size_t tested = 0;

	*found = 0;
	for (size_t i = 0; i < rec->n_breakpoints; i++) {
		tested += !isnan(rec->breakpoints[i].highest);
		*found += !isnan(rec->breakpoints[i].highest) && rec->breakpoints[i].found;
	}
	return tested;
}

#define BREAKPOINT(member) offsetof(struct breakpoint, member)

int sweeps_print_breakpoints(struct page *page)
{
	static const struct column columns[] = {
		{"curve", put_curve, 0, 0},
		{"quantity", put_text, BREAKPOINT(quantity), 0},
		{"breakpoint, events/s", put_breakpoint, 0, COLUMN_RIGHT},
		{"below, per K/s", put_growth, BREAKPOINT(slope_below), COLUMN_RIGHT},
		{"above, per K/s", put_growth, BREAKPOINT(slope_above), COLUMN_RIGHT},
		{"p", put_p, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(page, columns);
	const struct record *rec = page->rec;
	size_t found, tested = sweeps_breakpoints_tested(rec, &found);

	/* of an older record they are withdrawn (withdrawn.h) */
	if (!tested)
		return 0;
	for (size_t i = 0; i < rec->n_breakpoints; i++)
		if (!isnan(rec->breakpoints[i].highest))
			listing_row(&l, &rec->breakpoints[i]);
	page_head(page, "Breakpoints: the rate from which a curve bends for the worse");
	page_say(page,
		 "%zu of %zu curves tested have one. Two lines that meet, the second steeper and "
		 "rising, are tested against one line, at 1 %% for all curves together (Holm); the "
		 "test allows for the search for the place; saturated rates are left out. In "
		 "brackets the bootstrap's 95 %%. Below and above: what the quantity gains for "
		 "each 1,000 events/s more.",
		 found, tested);
	page_gap(page);
	return listing_print(&l);
}

/* ---- exposure ---- */

/* "0.02 to 0.3", or the upper end alone where nothing was seen. */
static void put_range(FILE *out, bool seen, struct effect e)
{
	if (seen)
		figure_plain(out, e.lo, 2);
	fputs(seen ? " to " : "below ", out);
	figure_plain(out, e.hi, 2);
}

static void put_bound(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;
	struct loss_bound bound;

	loss_bound(p, &bound);
	if (!bound.shown)
		fputs("not shown", out);
	else
		put_range(out, p->exposure_lost > 0, bound.percent);
}

static void put_stalls(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;

	figure_count(out, p->stalls);
	fputs(" (", out);
	put_range(out, p->stalls > 0, p->stalls_per_s);
	fputc(')', out);
}

static void put_overflow(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;

	figure_plain(out, 1e3 * p->exposure_s / p->buffer_fills, 3);
	fputs(" ms", out);
}

int sweeps_print_exposure(struct page *page)
{
	static const struct column columns[] = {
		OF_WHAT,
		{"sent", put_count, AT(exposure_produced), COLUMN_RIGHT},
		{"s", put_decimal, AT(exposure_s), COLUMN_RIGHT},
		{"fills", put_decimal, AT(buffer_fills), COLUMN_RIGHT},
		{"lost", put_count, AT(exposure_lost), COLUMN_RIGHT},
		{"loss, %", put_bound, 0, COLUMN_RIGHT},
		{"stalls (a second)", put_stalls, 0, COLUMN_RIGHT},
		{"a stall loses from", put_overflow, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(page, columns);
	const struct record *rec = page->rec;

	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (p->status == RESULT_MEASURED && p->exposure_s > 0 && p->buffer_fills > 0)
			listing_row(&l, p);
	}
	if (l.rows) {
		page_head(page, "Loss, by exposure");
		page_say(page,
			 "Events sent without a pause; the buffer is not emptied for the test in "
			 "between. A loss is bounded from %.0f s and %.0f buffer fills on, at 95 "
			 "%% each end. None lost among n is below 3/n if losses come one by one. "
			 "They come in stalls of the reader, so stalls a second are bounded too: a "
			 "stall longer than the last column overflows the buffer.",
			 LOSS_SECONDS_LEAST, LOSS_FILLS_LEAST);
		page_gap(page);
	}
	return listing_print(&l);
}
