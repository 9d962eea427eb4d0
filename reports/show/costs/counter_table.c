/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/show/costs/counter_table.h"
#include "reports/show/figure.h"
#include "reports/show/listing.h"
#include "reports/show/escape.h"

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

/* The results of a table, and the events that its columns count with: at is the event's. */
struct block {
	const struct record_result *const *results;
	size_t n;
	const struct events *events;
};

static bool has_ipc(const struct block *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (its_cycles(b->results[i], name))
			return true;
	return false;
}

/* The first configuration whose own baseline was counted stands for all. */
static const struct record_result *base_result(const struct block *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++) {
		const struct counter_value *value = find(b->results[i], name);

		if (counted(value) && !isnan(value->baseline.value))
			return b->results[i];
	}
	return b->results[0];
}

/* result NULL: the row of the baselines' own counts, in place of what configurations add to them.
 */
struct row {
	const struct record_result *result;
};

static void put_variant(FILE *out, const struct entry *e)
{
	const struct record_result *result = ((const struct row *)e->row)->result;

	escape_part(out, result ? result->variant : "baseline", entry_format(e));
}

static void put_wakeup(FILE *out, const struct entry *e)
{
	const struct record_result *result = ((const struct row *)e->row)->result;

	put_wakeup_of(out, result ? result->wakeup : "-", entry_format(e));
}

/* An event's value in a row, and the cycles of its level where the event is instructions; NULL: not
 * counted. */
static const struct counter_value *value_of(const struct entry *e,
					    const struct counter_value **cycles, bool *base)
{
	const struct block *b = e->list->with;
	const char *name = b->events->name[e->column->at];
	const struct record_result *result = ((const struct row *)e->row)->result;
	const struct counter_value *value;

	*base = !result;
	if (!result)
		result = base_result(b, name);
	value = find(result, name);
	*cycles = its_cycles(result, name);
	return counted(value) ? value : NULL;
}

static void put_event(FILE *out, const struct entry *e)
{
	const struct counter_value *cycles, *value;
	bool base;

	value = value_of(e, &cycles, &base);
	if (base && value)
		figure_length(out, value->baseline.value, UNIT_NS);
	else
		put_effect_of(out, value ? &value->per_call : NULL, UNIT_NS);
}

static void put_added_ipc(FILE *out, const struct entry *e)
{
	const struct counter_value *cycles, *value;
	bool base;

	value = value_of(e, &cycles, &base);
	if (!value || !counted(cycles))
		fputc('-', out);
	else if (base)
		put_ipc(out, counter_ipc(value->baseline, cycles->baseline));
	else
		put_ipc(out, counter_ipc(value->per_call, cycles->per_call));
}

/* The events from first to end: *l is filled; columns has room for all. */
static void fill(struct listing *l, struct column *columns, struct page *page,
		 const struct block *b, size_t first, size_t end)
{
	*l = (struct listing){.page = page, .columns = columns, .with = b};
	columns[l->n++] = (struct column){"variant", put_variant, 0, 0};
	columns[l->n++] = (struct column){"wakeup", put_wakeup, 0, COLUMN_VARIES};
	for (size_t e = first; e < end; e++) {
		columns[l->n++] = (struct column){b->events->name[e], put_event, e,
						  COLUMN_RIGHT | COLUMN_QUOTED};
		if (has_ipc(b, b->events->name[e]))
			columns[l->n++] = (struct column){"IPC", put_added_ipc, e, COLUMN_RIGHT};
	}
	listing_row(l, &(struct row){NULL});
	for (size_t i = 0; i < b->n; i++)
		listing_row(l, &(struct row){b->results[i]});
	listing_fold(l);
}

/* As many events as the page's width takes, one at least, from first on; *end: the next one's. */
static int print_some(struct page *page, const struct block *b, size_t first, size_t *end)
{
	struct column columns[2 * EVENTS_MOST + 2];
	struct listing l;

	for (*end = b->events->n;; --*end) {
		fill(&l, columns, page, b, first, *end);
		if (*end == first + 1 || !listing_too_wide(&l))
			break;
		listing_drop(&l);
	}
	page_gap(page);
	return listing_print(&l);
}

static void print_names(struct page *page, const struct events *events)
{
	FILE *line = page_line(page);
	bool any = false;

	for (size_t i = 0; i < events->n; i++) {
		const struct counter_value *value = events->sample[i];

		if (!value->event || !counted(value) || strcmp(value->event, value->name) == 0)
			continue;
		fprintf(line, "%s%s is %s", any ? "; " : "", page_quote(page, value->name),
			page_quote(page, value->event));
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
			fprintf(line, "%s%s", j > i ? ", " : "", page_quote(page, value->name));
		}
		fprintf(line, ": %s", page_quote(page, reason));
		page_fact(page, "uncounted");
	}
}

int counter_table_print(struct page *page, const struct record_result *const *results, size_t n)
{
	struct events events = {.n = 0}, shown = {.n = 0};
	struct block b = {.results = results, .n = n, .events = &shown};
	size_t end;
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
		page_say(page, "Counted, per call: what each probe adds to its baseline, and the "
			       "added instructions a cycle.");
	}
	for (size_t first = 0; first < shown.n && !err; first = end)
		err = print_some(page, &b, first, &end);
	print_names(page, &shown);
	print_uncounted(page, &events);
	return err;
}
