/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/show/costs/counter_table.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/show/table.h"

/* Names and reasons; what a forged record has beyond is left out. */
#define EVENTS_MOST 128

struct events {
	const char *name[EVENTS_MOST];
	const struct counter_value *sample[EVENTS_MOST]; /* of the first result that has it */
	size_t n;
};

static const struct counter_value *find(const struct record_result *result, const char *name)
{
	for (size_t i = 0; i < result->n_counters; i++)
		if (strcmp(result->counters[i].name, name) == 0)
			return &result->counters[i];
	return NULL;
}

static bool counted(const struct counter_value *value)
{
	return value && !value->reason && !isnan(value->per_call.value);
}

static void add_event(struct events *events, const struct counter_value *value)
{
	for (size_t i = 0; i < events->n; i++) {
		if (strcmp(events->name[i], value->name) != 0)
			continue;
		if (counted(value) && !counted(events->sample[i]))
			events->sample[i] = value;
		return;
	}
	if (events->n == EVENTS_MOST)
		return;
	events->name[events->n] = value->name;
	events->sample[events->n++] = value;
}

struct effect counter_ipc(struct effect instructions, struct effect cycles)
{
	struct effect ipc = {NAN, NAN, NAN};

	if (!(cycles.lo > 0))
		return ipc;
	ipc.value = instructions.value / cycles.value;
	ipc.lo = instructions.lo / (instructions.lo < 0 ? cycles.lo : cycles.hi);
	ipc.hi = instructions.hi / (instructions.hi < 0 ? cycles.hi : cycles.lo);
	return ipc;
}

static void put_ipc(FILE *out, struct effect ipc)
{
	double half = (ipc.hi - ipc.lo) / 2;
	int decimals = isfinite(half) ? figure_decimals(half) : 0;

	if (decimals < 0)
		decimals = 0;
	if (isnan(ipc.value) || isnan(half))
		fputc('-', out);
	else
		fprintf(out, "%.*f ±%.*f", decimals, ipc.value, decimals, half);
}

/* "instructions:k" -> the cycles of the same level, in the same result; NULL where there are none.
 */
static const struct counter_value *its_cycles(const struct record_result *result, const char *name)
{
	static const char instructions[] = "instructions";
	char cycles[64];

	if (strncmp(name, instructions, sizeof(instructions) - 1) != 0)
		return NULL;
	snprintf(cycles, sizeof(cycles), "cycles%s", name + sizeof(instructions) - 1);
	return find(result, cycles);
}

struct block {
	struct page *page;
	const struct record_result *const *results;
	size_t n;
	const struct events *events;
	size_t first, end; /* of the events: what this table holds */
	struct table *table;
};

static bool has_ipc(const struct block *b, size_t event)
{
	const char *name = b->events->name[event];

	for (size_t i = 0; i < b->n; i++)
		if (its_cycles(b->results[i], name))
			return true;
	return false;
}

/* base: the baseline's own counts in place of what the configuration adds to them. */
static void put_event(struct block *b, const struct record_result *result, size_t event, bool base)
{
	const char *name = b->events->name[event];
	const struct counter_value *value = find(result, name), *cycles = its_cycles(result, name);
	FILE *out = table_cell(b->table);

	if (!counted(value) || (base && isnan(value->baseline.value)))
		fputc('-', out);
	else if (base)
		figure_length(out, value->baseline.value, UNIT_NS);
	else
		figure_effect(out, value->per_call, UNIT_NS, FIGURE_PLUS_MINUS);
	if (!has_ipc(b, event))
		return;
	out = table_cell(b->table);
	if (!counted(value) || !counted(cycles))
		fputc('-', out);
	else if (base)
		put_ipc(out, counter_ipc(value->baseline, cycles->baseline));
	else
		put_ipc(out, counter_ipc(value->per_call, cycles->per_call));
}

/* The first configuration whose own baseline was counted stands for all. */
static const struct record_result *base_result(const struct block *b, size_t event)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct counter_value *value = find(b->results[i], b->events->name[event]);

		if (counted(value) && !isnan(value->baseline.value))
			return b->results[i];
	}
	return b->results[0];
}

static void put_row(struct block *b, const struct record_result *result, bool base)
{
	if (base)
		fputs("baseline", table_cell(b->table));
	else
		escape_part(table_cell(b->table), result->variant, b->page->format);
	escape_part(table_cell(b->table), base ? "-" : result->wakeup, b->page->format);
	for (size_t e = b->first; e < b->end; e++)
		put_event(b, base ? base_result(b, e) : result, e, base);
}

static size_t columns_of(const struct block *b)
{
	size_t columns = 2;

	for (size_t e = b->first; e < b->end; e++)
		columns += has_ipc(b, e) ? 2 : 1;
	return columns;
}

static int fill(struct block *b)
{
	size_t column = 2;

	b->table = table_open(columns_of(b));
	if (!b->table)
		return -ENOMEM;
	fputs("variant", table_cell(b->table));
	fputs("drain", table_cell(b->table));
	for (size_t e = b->first; e < b->end; e++) {
		escape_part(table_cell(b->table), b->events->name[e], b->page->format);
		table_align_right(b->table, column++);
		if (!has_ipc(b, e))
			continue;
		fputs("IPC", table_cell(b->table));
		table_align_right(b->table, column++);
	}
	put_row(b, NULL, true);
	for (size_t i = 0; i < b->n; i++)
		put_row(b, b->results[i], false);
	if (table_uniform(b->table, 1))
		table_hide(b->table, 1);
	return 0;
}

/* As many events as the page's width takes, one at least. */
static int print_some(struct block *b)
{
	int err;

	for (b->end = b->events->n;; b->end--) {
		err = fill(b);
		if (err || b->page->format != RENDER_TEXT || b->end == b->first + 1 ||
		    table_width(b->table) <= PAGE_WIDTH)
			break;
		table_close(b->table);
	}
	if (!err) {
		page_gap(b->page);
		err = table_print(b->table, b->page->format, b->page->out);
	}
	table_close(b->table);
	return err;
}

static void print_names(struct page *page, const struct events *events)
{
	FILE *line = page_line(page);
	bool any = false;

	for (size_t i = 0; i < events->n; i++) {
		const struct counter_value *value = events->sample[i];

		if (!value->event || !counted(value) || strcmp(value->event, value->name) == 0)
			continue;
		fputs(any ? "; " : "", line);
		escape_part(line, value->name, page->format);
		fputs(" is ", line);
		escape_part(line, value->event, page->format);
		any = true;
	}
	if (any)
		page_fact(page, "events");
}

/* Events that share a reason share a line. */
static void print_uncounted(struct page *page, const struct events *events)
{
	for (size_t i = 0; i < events->n; i++) {
		const char *reason = counted(events->sample[i]) ? NULL : events->sample[i]->reason;
		FILE *line = page_line(page);
		bool told = false;

		for (size_t j = 0; reason && j < i; j++)
			told = told || (!counted(events->sample[j]) && events->sample[j]->reason &&
					strcmp(events->sample[j]->reason, reason) == 0);
		if (!reason || told)
			continue;
		for (size_t j = i; j < events->n; j++) {
			const struct counter_value *value = events->sample[j];

			if (counted(value) || !value->reason || strcmp(value->reason, reason) != 0)
				continue;
			fputs(j > i ? ", " : "", line);
			escape_part(line, value->name, page->format);
		}
		fputs(": ", line);
		escape_part(line, reason, page->format);
		page_fact(page, "uncounted");
	}
}

int counter_table_print(struct page *page, const struct record_result *const *results, size_t n)
{
	struct events events = {.n = 0}, shown = {.n = 0};
	struct block b = {.page = page, .results = results, .n = n, .events = &shown};
	int err = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t c = 0; c < results[i]->n_counters; c++)
			add_event(&events, &results[i]->counters[c]);
	if (!events.n)
		return 0;
	for (size_t i = 0; i < events.n; i++)
		if (counted(events.sample[i])) {
			shown.name[shown.n] = events.name[i];
			shown.sample[shown.n++] = events.sample[i];
		}
	if (shown.n) {
		page_gap(page);
		fputs("Counted, per call: what each arm adds to its baseline, and the added "
		      "instructions a cycle.",
		      page_line(page));
		page_note(page);
	}
	for (b.first = 0; b.first < shown.n && !err; b.first = b.end)
		err = print_some(&b);
	print_names(page, &shown);
	print_uncounted(page, &events);
	return err;
}
