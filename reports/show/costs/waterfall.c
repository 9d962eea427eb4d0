/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/show/axis.h"
#include "reports/show/costs/data_table.h"
#include "reports/stats/combine.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/show/table.h"
#include "reports/show/costs/waterfall.h"

#define HOOKS_A_TABLE 7
#define LABEL_WIDTH   36
#define BAR_WIDTH     60

static const struct {
	const char *name, *body;
	char letter; /* in the bars */
} steps[] = {
	[STEP_DISPATCH] = {"dispatch", "empty", 'D'},  [STEP_PID] = {"pid", "pid", 'p'},
	[STEP_LOOKUP] = {"lookup", "lookup_hit", 'l'}, [STEP_ARGUMENT] = {"argument", "args", 'a'},
	[STEP_CLOCK] = {"clock", "clock", 'c'},	       [STEP_OUTPUT] = {"output", NULL, 'O'},
};

const char *waterfall_step_name(enum increments_step step)
{
	return steps[step].name;
}

bool waterfall_sends(const struct record_result *result)
{
	return strcmp(result->body, "perf") == 0 || strncmp(result->body, "ringbuf", 7) == 0 ||
	       data_as_written(result);
}

static const struct record_result *find(const struct record_result *const *results, size_t n,
					const char *hook, const char *body, const char *wakeup)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(results[i]->hook, hook) == 0 && strcmp(results[i]->body, body) == 0 &&
		    (!wakeup || strcmp(results[i]->wakeup, wakeup) == 0))
			return results[i];
	}
	return NULL;
}

void waterfall_of(const struct record_result *const *results, size_t n, const char *hook,
		  struct waterfall *out)
{
	const struct record_result *below = NULL;

	*out = (struct waterfall){.hook = hook};
	for (size_t s = 0; s < STEP_OUTPUT; s++) {
		const struct record_result *result = find(results, n, hook, steps[s].body, NULL);

		out->rung[s] = result;
		out->step[s] = (struct effect){NAN, NAN, NAN};
		if (!result)
			continue;
		out->rungs++;
		out->step[s] = below ? combine_difference(result->overhead.typical,
							  below->overhead.typical)
				     : result->overhead.typical;
		below = result;
	}
}

static const struct record_result *highest(const struct waterfall *w)
{
	for (size_t s = STEP_OUTPUT; s-- > 0;) {
		if (w->rung[s])
			return w->rung[s];
	}
	return NULL;
}

struct effect waterfall_output(const struct waterfall *w, const struct record_result *whole)
{
	const struct record_result *below = highest(w);

	if (!below)
		return (struct effect){NAN, NAN, NAN};
	return combine_difference(whole->overhead.typical, below->overhead.typical);
}

/* Hooks with a incremental programs, and the kinds of output (a result stands for its body and
 * wakeup policy). */
struct block {
	struct page *page;
	const struct record_result *const *results;
	size_t n;
	struct waterfall increments[AXIS_MOST];
	size_t ladders;
	const struct record_result *output[AXIS_MOST];
	size_t outputs;
};

static void collect(struct block *b)
{
	struct axis hooks = {.n = 0};

	for (size_t i = 0; i < b->n; i++)
		axis_add(&hooks, b->results[i]->hook, AXIS_MOST);
	for (size_t h = 0; h < hooks.n; h++) {
		waterfall_of(b->results, b->n, hooks.name[h], &b->increments[b->ladders]);
		if (b->increments[b->ladders].rungs >= WATERFALL_RUNGS_LEAST)
			b->ladders++;
	}
	for (size_t i = 0; i < b->n; i++) {
		const struct record_result *result = b->results[i];
		size_t k = 0;

		while (k < b->outputs && (strcmp(b->output[k]->body, result->body) != 0 ||
					  strcmp(b->output[k]->wakeup, result->wakeup) != 0))
			k++;
		if (k == b->outputs && k < AXIS_MOST && waterfall_sends(result) &&
		    !data_as_written(result))
			b->output[b->outputs++] = result;
	}
}

static void put_label(FILE *out, const char *words, const struct record_result *output,
		      enum render_format format)
{
	fputs(words, out);
	escape_part(out, output->body, format);
	fputs(", ", out);
	escape_part(out, output->wakeup, format);
}

static void put_output(struct block *b, struct table *t, const struct record_result *output,
		       size_t first, size_t end, bool whole)
{
	put_label(table_cell(t), whole ? "whole probe: " : "output: ", output, b->page->format);
	for (size_t h = first; h < end; h++) {
		const struct waterfall *w = &b->increments[h];
		const struct record_result *result =
			find(b->results, b->n, w->hook, output->body, output->wakeup);

		if (!result)
			fputc('-', table_cell(t));
		else
			figure_effect(table_cell(t),
				      whole ? result->overhead.typical
					    : waterfall_output(w, result),
				      result->unit, FIGURE_PLUS_MINUS);
	}
}

/* Steps downwards, hooks across. */
static int print_hooks(struct block *b, size_t first, size_t end)
{
	struct table *t = table_open(end - first + 1);
	enum unit unit = b->results[0]->unit;
	int err;

	if (!t)
		return -ENOMEM;
	fputs("step", table_cell(t));
	for (size_t h = first; h < end; h++) {
		escape_part(table_cell(t), b->increments[h].hook, b->page->format);
		table_align_right(t, h - first + 1);
	}
	for (size_t s = 0; s < STEP_OUTPUT; s++) {
		fputs(steps[s].name, table_cell(t));
		for (size_t h = first; h < end; h++)
			figure_effect(table_cell(t), b->increments[h].step[s], unit,
				      FIGURE_PLUS_MINUS);
	}
	for (size_t o = 0; o < b->outputs; o++)
		put_output(b, t, b->output[o], first, end, false);
	for (size_t o = 0; o < b->outputs; o++)
		put_output(b, t, b->output[o], first, end, true);
	page_gap(b->page);
	err = table_print(t, b->page->format, b->page->out);
	table_close(t);
	return err;
}

/* Nobody is woken, if such was measured: a wake-up would dwarf every step. */
static const struct record_result *quiet_output(const struct block *b, const char *hook,
						const char *body)
{
	static const char *const quiet[] = {"idle", "polled_1ms", "spin",
					    "none", "busy",	  "sampled"};
	const struct record_result *result = NULL;

	for (size_t i = 0; i < sizeof(quiet) / sizeof(*quiet) && !result; i++)
		result = find(b->results, b->n, hook, body, quiet[i]);
	return result;
}

/*
 * Each step ends where the sum up to it ends, so rounding never adds up. A step below zero cannot
 * be drawn: the bar waits until the sum has passed where it was.
 */
static void put_bar(struct block *b, const struct waterfall *w, const struct record_result *whole,
		    double scale)
{
	FILE *out = b->page->out;
	size_t label = escape_width(whole->variant) + escape_width(whole->wakeup) + 2;
	double sum = 0;
	int drawn = 0;

	fputs("  ", out);
	escape_part(out, whole->variant, RENDER_TEXT);
	fputs(", ", out);
	escape_part(out, whole->wakeup, RENDER_TEXT);
	fprintf(out, "%*s", label < LABEL_WIDTH ? (int)(LABEL_WIDTH - label) : 1, "");
	for (size_t s = 0; s <= STEP_OUTPUT; s++) {
		double step = s < STEP_OUTPUT ? w->step[s].value : waterfall_output(w, whole).value;
		int until;

		if (isnan(step))
			continue;
		sum += step;
		until = (int)lround(fmin(fmax(sum / scale, 0), 1) * BAR_WIDTH);
		for (; drawn < until; drawn++)
			fputc(steps[s].letter, out);
	}
	fputc(' ', out);
	figure_effect(out, whole->overhead.typical, whole->unit, FIGURE_PLUS_MINUS);
	fputc('\n', out);
}

static void print_bars(struct block *b)
{
	static const char *const bodies[] = {"perf", "ringbuf", "ringbuf_output"};
	const struct record_result *whole[AXIS_MOST][sizeof(bodies) / sizeof(*bodies)];
	double greatest = 0;
	FILE *out = b->page->out;

	for (size_t h = 0; h < b->ladders; h++) {
		for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
			whole[h][i] = quiet_output(b, b->increments[h].hook, bodies[i]);
			if (whole[h][i])
				greatest = fmax(greatest, whole[h][i]->overhead.typical.value);
		}
	}
	if (!(greatest > 0))
		return;
	page_gap(b->page);
	fputs(b->page->format == RENDER_MARKDOWN ? "```\n  " : "  ", out);
	for (size_t s = 0; s <= STEP_OUTPUT; s++)
		fprintf(out, "%s%c %s", s ? ", " : "", steps[s].letter, steps[s].name);
	fprintf(out, "; one letter is %.2g %s\n", greatest / BAR_WIDTH,
		unit_name(b->results[0]->unit));
	for (size_t h = 0; h < b->ladders; h++) {
		for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++) {
			if (whole[h][i])
				put_bar(b, &b->increments[h], whole[h][i], greatest);
		}
	}
	if (b->page->format == RENDER_MARKDOWN)
		fputs("```\n", out);
}

int waterfall_print(struct page *page, const struct record_result *const *results, size_t n)
{
	struct block b = {.page = page, .results = results, .n = n};
	int err = 0;

	collect(&b);
	if (b.ladders == 0)
		return 0;
	page_gap(page);
	fprintf(page_line(page),
		"Where it comes from, typical %s: the dispatch is the empty program, each step the "
		"difference of two neighbouring programs.",
		unit_name(results[0]->unit));
	page_note(page);
	for (size_t h = 0; h < b.ladders && !err; h += HOOKS_A_TABLE)
		err = print_hooks(&b, h,
				  h + HOOKS_A_TABLE < b.ladders ? h + HOOKS_A_TABLE : b.ladders);
	if (!err)
		print_bars(&b);
	return err;
}
