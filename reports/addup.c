/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/addup.h"
#include "reports/combine.h"
#include "reports/figure.h"
#include "reports/prices.h"
#include "reports/quote.h"
#include "reports/table.h"

/* The map's capacity and the size priced that is nearest to the event's 32 bytes. */
#define MAP_SIZE   "1024 entries"
#define EVENT_SIZE "40 bytes"
#define PARTS_MOST 5

struct part {
	const char *helper, *size; /* size NULL: it has none */
	bool drained;		   /* its price depends on the drain state */
};

static const struct part pid = {"get_current_pid_tgid", NULL, false};
static const struct part hit = {"lookup_hit", MAP_SIZE, false};
static const struct part miss = {"lookup_miss", MAP_SIZE, false};
static const struct part clock_read = {"ktime_get_ns", NULL, false};

static const struct {
	const char *body;
	struct part part;
} outputs[] = {
	{"perf", {"perf_event_output", EVENT_SIZE, true}},
	{"ringbuf", {"ringbuf_submit", EVENT_SIZE, true}},
	{"ringbuf_output", {"ringbuf_output", EVENT_SIZE, true}},
};

/* How each hook's programs read the syscall's second argument. */
static const struct {
	const char *hook, *helper;
} arguments[] = {
	{"kprobe", "arg_probe_read"},	   {"kprobe_offset", "arg_probe_read"},
	{"kprobe_int3", "arg_probe_read"}, {"kprobe_multi", "arg_probe_read"},
	{"raw_tp", "arg_probe_read"},	   {"tracepoint", "arg_context"},
	{"tp_btf", "arg_direct"},	   {"fentry", "arg_direct"},
	{"fexit", "arg_direct"},
};

static struct part argument_of(const char *hook)
{
	for (size_t i = 0; i < sizeof(arguments) / sizeof(*arguments); i++) {
		if (strcmp(arguments[i].hook, hook) == 0)
			return (struct part){arguments[i].helper, NULL, false};
	}
	return (struct part){"its argument", NULL, false};
}

/* What the body calls, in the ladder's order; 0: nothing that has a price. */
static size_t parts_of(const struct record_cell *cell, struct part *parts)
{
	static const char *const ladder[] = {"pid", "lookup_hit", "args", "clock"};
	size_t steps = 0, n = 0, output = 0;

	while (output < sizeof(outputs) / sizeof(*outputs) &&
	       strcmp(cell->body, outputs[output].body) != 0)
		output++;
	if (output < sizeof(outputs) / sizeof(*outputs))
		steps = 4;
	for (size_t i = 0; i < 4 && steps == 0; i++) {
		if (strcmp(cell->body, ladder[i]) == 0)
			steps = i + 1;
	}
	if (strcmp(cell->body, "lookup_miss") == 0) {
		parts[n++] = pid;
		parts[n++] = miss;
	}
	if (steps > 0)
		parts[n++] = pid;
	if (steps > 1)
		parts[n++] = hit;
	if (steps > 2)
		parts[n++] = argument_of(cell->hook);
	if (steps > 3)
		parts[n++] = clock_read;
	if (output < sizeof(outputs) / sizeof(*outputs))
		parts[n++] = outputs[output].part;
	return n;
}

static bool fits(const struct slope *price, const struct record_cell *cell)
{
	return price && price->unit == cell->unit && strcmp(price->trigger, cell->trigger) == 0;
}

static const struct record_cell *dispatch_of(const struct record_cell *const *cells, size_t n,
					     const struct record_cell *cell)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(cells[i]->hook, cell->hook) == 0 && strcmp(cells[i]->body, "empty") == 0)
			return cells[i];
	}
	return NULL;
}

static enum addup_verdict judge(const struct record_cell *cell, struct effect unexplained)
{
	double half = (unexplained.hi - unexplained.lo) / 2;
	double whole = fabs(cell->overhead.typical.value);

	if (cell->unit == UNIT_INSTRUCTIONS)
		return fabs(unexplained.value) <= ADDUP_EXACT * whole ? ADDUP_YES : ADDUP_NO;
	if (isnan(half))
		return ADDUP_TOO_WIDE;
	if (!figure_holds_zero(unexplained))
		return ADDUP_NO;
	return half > ADDUP_WIDEST * whole ? ADDUP_TOO_WIDE : ADDUP_YES;
}

void addup_check(const struct record *rec, const struct record_cell *const *cells, size_t n,
		 const struct record_cell *cell, struct addup *out)
{
	const struct record_cell *dispatch = dispatch_of(cells, n, cell);
	struct part parts[PARTS_MOST + 1];
	size_t count = parts_of(cell, parts);

	*out = (struct addup){.cell = cell, .verdict = ADDUP_NO_PRICE};
	out->parts = out->unexplained = (struct effect){NAN, NAN, NAN};
	out->missing = dispatch ? "this body" : "the dispatch (no empty program)";
	if (!dispatch || count == 0)
		return;
	out->parts = dispatch->overhead.typical;
	out->missing = NULL;
	for (size_t i = 0; i < count; i++) {
		const struct slope *price =
			prices_find_on(rec, cell->hook, parts[i].helper, parts[i].size,
				       parts[i].drained ? cell->drain : NULL);

		if (!fits(price, cell)) {
			out->missing = parts[i].helper;
			out->parts = (struct effect){NAN, NAN, NAN};
			return;
		}
		out->bent |= price->nonlinear;
		out->parts = combine_sum(out->parts, prices_first_call(price));
	}
	out->unexplained = combine_difference(cell->overhead.typical, out->parts);
	out->verdict = judge(cell, out->unexplained);
}

const char *addup_verdict_name(enum addup_verdict verdict)
{
	static const char *const names[] = {
		[ADDUP_YES] = "adds up",
		[ADDUP_NO] = "does NOT add up",
		[ADDUP_TOO_WIDE] = "too wide to tell",
		[ADDUP_NO_PRICE] = "not priced",
	};

	return names[verdict];
}

static void put_header(struct table *t)
{
	static const char *const headers[] = {"variant",	"drain",       "parts",
					      "whole",		"unexplained", "of the whole",
					      "do they add up?"};

	for (size_t i = 0; i < sizeof(headers) / sizeof(*headers); i++) {
		fputs(headers[i], table_cell(t));
		if (i >= 2 && i <= 5)
			table_align_right(t, i);
	}
}

static void put_row(struct table *t, const struct addup *a, enum render_format format)
{
	enum unit unit = a->cell->unit;
	double whole = a->cell->overhead.typical.value;
	FILE *out;

	quote_part(table_cell(t), a->cell->variant, format);
	quote_part(table_cell(t), a->cell->drain, format);
	figure_effect(table_cell(t), a->parts, unit, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), a->cell->overhead.typical, unit, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), a->unexplained, unit, FIGURE_PLUS_MINUS);
	out = table_cell(t);
	if (a->verdict != ADDUP_NO_PRICE && whole > 0)
		fprintf(out, "%ld %%", lround(100 * a->unexplained.value / whole));
	else
		fputc('-', out);
	out = table_cell(t);
	fputs(addup_verdict_name(a->verdict), out);
	if (a->bent)
		fputs(" *", out);
	if (a->missing) {
		fputs(": ", out);
		quote_part(out, a->missing, format);
	}
}

static void put_count(struct page *page, const size_t *count, bool bent)
{
	size_t all = count[ADDUP_YES] + count[ADDUP_NO] + count[ADDUP_TOO_WIDE];
	FILE *line = page_line(page);

	fprintf(line, "%zu of %zu variants add up", count[ADDUP_YES], all);
	if (count[ADDUP_NO])
		fprintf(line, ", %zu %s not", count[ADDUP_NO], count[ADDUP_NO] > 1 ? "do" : "does");
	if (count[ADDUP_TOO_WIDE])
		fprintf(line, ", %zu %s too wide to tell (unexplained within more than ±%.0f %%)",
			count[ADDUP_TOO_WIDE], count[ADDUP_TOO_WIDE] > 1 ? "are" : "is",
			100 * ADDUP_WIDEST);
	if (count[ADDUP_NO_PRICE])
		fprintf(line, "; %zu more %s a part that has no price", count[ADDUP_NO_PRICE],
			count[ADDUP_NO_PRICE] > 1 ? "have" : "has");
	fputs(bent ? ". *: one price is of a row that is no line, and its first call was taken."
		   : ".",
	      line);
	page_note(page);
}

static bool has_prices(const struct page *page, const struct record_cell *cell)
{
	for (size_t i = 0; i < page->rec->n_slopes; i++) {
		const struct slope *price = &page->rec->slopes[i];

		if (price->status == CELL_MEASURED && fits(price, cell))
			return strcmp(cell->cache, "hot") == 0;
	}
	return false;
}

int addup_print(struct page *page, const struct record_cell *const *cells, size_t n)
{
	size_t count[ADDUP_NO_PRICE + 1] = {0};
	bool bent = false;
	struct table *t;
	int err;

	if (n == 0 || !has_prices(page, cells[0]))
		return 0;
	t = table_open(7);
	if (!t)
		return -ENOMEM;
	put_header(t);
	for (size_t i = 0; i < n; i++) {
		struct addup a;

		if (strcmp(cells[i]->body, "empty") == 0)
			continue;
		addup_check(page->rec, cells, n, cells[i], &a);
		count[a.verdict]++;
		bent |= a.bent;
		put_row(t, &a, page->format);
	}
	page_gap(page);
	fprintf(page_line(page),
		"Do the parts make the whole? Parts: the hook's dispatch and the prices of what "
		"the "
		"body calls, in %s.",
		unit_name(cells[0]->unit));
	page_note(page);
	page_gap(page);
	err = table_print(t, page->format, page->out);
	table_close(t);
	put_count(page, count, bent);
	return err;
}
