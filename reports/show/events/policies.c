/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/judge/cpu_cost.h"
#include "reports/show/figure.h"
#include "reports/show/events/policies.h"
#include "reports/show/escape.h"
#include "reports/show/table.h"

#define RATES_MOST 32

static const double limits_ns[] = {100e3, 1e6, 10e6, 100e6, INFINITY};
#define LIMITS (sizeof(limits_ns) / sizeof(limits_ns[0]))

static bool is_policy(const struct event_point *p)
{
	return p->status == RESULT_MEASURED && !strcmp(p->scenario, "wakeup") &&
	       strcmp(p->variant, "none") != 0;
}

struct effect policies_cpu(const struct event_point *point)
{
	return cpu_cost_sum(point->producer_cpu, point->consumer_cpu);
}

static bool fits(const struct event_point *p, double rate, double limit_ns)
{
	return is_policy(p) && !p->saturated && cpu_cost_rate_same(p->rate_target, rate) &&
	       p->received == p->produced && p->age_p99 <= limit_ns &&
	       isfinite(policies_cpu(p).value);
}

const struct event_point *policies_cheapest(const struct record *rec, double rate, double limit_ns,
					    size_t *ties)
{
	const struct event_point *best = NULL;
	struct effect cpu = {NAN, NAN, NAN};

	*ties = 0;
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (fits(p, rate, limit_ns) && (!best || policies_cpu(p).value < cpu.value)) {
			best = p;
			cpu = policies_cpu(p);
		}
	}
	for (size_t i = 0; best && i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		/* without an interval nothing can be told apart */
		if (p != best && fits(p, rate, limit_ns) && !(policies_cpu(p).lo > cpu.hi))
			++*ties;
	}
	return best;
}

static void put_age(FILE *out, double ns)
{
	if (isnan(ns))
		fputc('-', out);
	else if (ns < 1e6)
		fprintf(out, ns < 1e4 ? "%.1f us" : "%.0f us", ns / 1e3);
	else
		fprintf(out, ns < 1e7 ? "%.1f ms" : "%.0f ms", ns / 1e6);
}

static void put_row(struct table *t, const struct event_point *p, enum render_format format)
{
	figure_count(table_cell(t), (uint64_t)p->rate_target);
	escape_part(table_cell(t), p->body, format);
	escape_part(table_cell(t), p->policy, format);
	figure_effect(table_cell(t), p->overhead, UNIT_NS, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), p->consumer_cpu, UNIT_NS, FIGURE_PLUS_MINUS);
	figure_effect(table_cell(t), policies_cpu(p), UNIT_NS, FIGURE_PLUS_MINUS);
	fprintf(table_cell(t), "%.3f", p->received ? (double)p->wakeups / (double)p->received : 0);
	put_age(table_cell(t), p->age_p50);
	put_age(table_cell(t), p->age_p99);
	figure_count(table_cell(t), p->produced - p->received);
}

static void put_header(struct table *t)
{
	static const char *const names[] = {"rate/s", "buffer", "policy", "ns a call", "consumer %",
					    "both %", "wakes",	"p50",	  "p99",       "lost"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		fputs(names[i], table_cell(t));
		if (i != 1 && i != 2)
			table_align_right(t, i);
	}
}

static void title(struct page *page, const char *text)
{
	page_gap(page);
	fputs(text, page_line(page));
	page_note(page);
	if (page->format == RENDER_MARKDOWN)
		page_gap(page);
}

static int print_all(struct page *page, const double *rates, size_t n_rates)
{
	struct table *t = table_open(10);
	int err;

	if (!t)
		return -ENOMEM;
	put_header(t);
	for (size_t r = 0; r < n_rates; r++) {
		if (r && page->format == RENDER_TEXT)
			table_gap(t);
		for (size_t i = 0; i < page->rec->n_event_points; i++) {
			const struct event_point *p = &page->rec->event_points[i];

			if (is_policy(p) && cpu_cost_rate_same(p->rate_target, rates[r]))
				put_row(t, p, page->format);
		}
	}
	title(page,
	      "Wake-up policies: the producer's typical cost a call over no probe, the "
	      "consumer's CPU, both together in % of one CPU, and the age of an event when it "
	      "is read.");
	err = table_print(t, page->format, page->out);
	table_close(t);
	return err;
}

static void put_choice(struct page *page, struct table *t, double rate, double limit_ns)
{
	size_t ties;
	const struct event_point *p = policies_cheapest(page->rec, rate, limit_ns, &ties);
	FILE *out;

	figure_count(table_cell(t), (uint64_t)rate);
	if (isfinite(limit_ns))
		put_age(table_cell(t), limit_ns);
	else
		fputs("any", table_cell(t));
	if (!p) {
		fputs("none", table_cell(t));
		for (int i = 0; i < 3; i++)
			fputc('-', table_cell(t));
		return;
	}
	out = table_cell(t);
	escape_part(out, p->body, page->format);
	fputs(": ", out);
	escape_part(out, p->policy, page->format);
	figure_effect(table_cell(t), policies_cpu(p), UNIT_NS, FIGURE_PLUS_MINUS);
	put_age(table_cell(t), p->age_p99);
	fprintf(table_cell(t), "%zu", ties);
}

static int print_choice(struct page *page, const double *rates, size_t n_rates)
{
	static const char *const names[] = {"rate/s", "age p99 at most", "cheapest",
					    "both %", "its age p99",	 "others as cheap"};
	struct table *t = table_open(sizeof(names) / sizeof(names[0]));
	int err;

	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		fputs(names[i], table_cell(t));
		if (i != 2)
			table_align_right(t, i);
	}
	for (size_t r = 0; r < n_rates; r++) {
		if (r && page->format == RENDER_TEXT)
			table_gap(t);
		for (size_t l = 0; l < LIMITS; l++)
			put_choice(page, t, rates[r], limits_ns[l]);
	}
	title(page, "The cheapest policy for a rate and an age limit, of those that lost nothing; "
		    "others as cheap: how many cannot be told from it.");
	err = table_print(t, page->format, page->out);
	table_close(t);
	return err;
}

int policies_print(struct page *page)
{
	double rates[RATES_MOST];
	size_t n = 0;
	int err;

	for (size_t i = 0; i < page->rec->n_event_points && n < RATES_MOST; i++) {
		const struct event_point *p = &page->rec->event_points[i];
		size_t known = 0;

		while (known < n && !cpu_cost_rate_same(rates[known], p->rate_target))
			known++;
		if (is_policy(p) && p->rate_target >= 0 && p->rate_target < 1e12 && known == n)
			rates[n++] = p->rate_target;
	}
	if (!n)
		return 0;
	err = print_all(page, rates, n);
	return err ? err : print_choice(page, rates, n);
}
