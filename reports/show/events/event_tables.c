/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/judge/cpu_cost.h"
#include "reports/show/events/event_tables.h"
#include "reports/show/figure.h"
#include "reports/show/listing.h"
#include "reports/judge/costs/policies.h"
#include "reports/show/escape.h"
#include "reports/show/events/sweeps.h"

#define RATES_MOST 32
#define AT(member) offsetof(struct event_point, member)

/* A row for each measured point of the scenario. */
static void put_points(struct listing *l, const char *scenario)
{
	const struct record *rec = l->page->rec;

	for (size_t i = 0; i < rec->n_event_points; i++)
		if (sweeps_point_of(&rec->event_points[i], scenario))
			listing_row(l, &rec->event_points[i]);
}

/* ---- overload ---- */

static void put_bytes(FILE *out, const struct entry *e)
{
	uint64_t bytes = *(const uint64_t *)entry_member(e);

	if (bytes >= 1 << 20 && bytes % (1 << 20) == 0)
		fprintf(out, "%llu MiB", (unsigned long long)bytes >> 20);
	else
		fprintf(out, "%llu KiB", (unsigned long long)bytes >> 10);
}

/* What was done to it. */
static void put_load(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;

	if (p->burst) {
		figure_count(out, p->burst);
		fputs(" calls back to back", out);
		return;
	}
	figure_rate(out, p->rate_target);
	fputs("/s", out);
	if (!isnan(p->stopped_ms))
		fprintf(out, ", reader stopped %g ms", p->stopped_ms);
}

static bool other_buffer(const void *before, const void *row)
{
	const struct event_point *a = before, *b = row;

	return a->buffer_bytes != b->buffer_bytes || strcmp(a->variant, b->variant) != 0;
}

int sweeps_print_overload(struct page *page)
{
	static const struct column columns[] = {
		{"variant", put_text, AT(variant), 0},
		{"wakeup", put_wakeup_name, AT(wakeup), 0},
		{"buffer", put_bytes, AT(buffer_bytes), COLUMN_RIGHT},
		{"memory", put_bytes, AT(memory_bytes), COLUMN_RIGHT},
		{"load", put_load, 0, COLUMN_RIGHT},
		{"produced", put_count, AT(produced), COLUMN_RIGHT},
		{"lost", put_points_lost, 0, COLUMN_RIGHT},
		{"recovered ms", put_decimal, AT(recovered_ms), COLUMN_RIGHT},
	};
	struct listing l = LISTING(page, columns);
	const struct record *rec = page->rec;

	l.parts = other_buffer;
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *p = &rec->event_points[i];

		if (sweeps_point_of(p, "burst") || sweeps_point_of(p, "stopped") ||
		    sweeps_point_of(p, "buffer"))
			listing_row(&l, p);
	}
	if (l.rows) {
		page_head(page, "Events: overload");
		page_say(page, "Loss against buffer size, bursts and a reader that stands still. "
			       "Buffer: of one ring, or of one CPU's perf buffer; memory: of all "
			       "of them. Recovered: a burst's last event read, or the last loss "
			       "after the reader's return.");
		page_gap(page);
	}
	return listing_print(&l);
}

/* ---- contention and flood ---- */

/* Millions a second, a decimal more than the interval supports at most. */
static void put_millions(FILE *out, struct effect e)
{
	struct effect m = {e.value / 1e6, e.lo / 1e6, e.hi / 1e6};
	double half = fmax(m.value - m.lo, m.hi - m.value);
	int decimals = isfinite(half) ? figure_decimals(half) : 2;

	if (isnan(m.value)) {
		fputc('-', out);
		return;
	}
	decimals = decimals > 0 ? decimals : 0;
	fprintf(out, "%.*f", decimals, m.value);
	if (isfinite(half))
		fprintf(out, " ±%.*f", decimals, half);
}

static void put_achieved(FILE *out, const struct entry *e)
{
	put_millions(out, (struct effect){((const struct event_point *)e->row)->rate_achieved, NAN,
					  NAN});
}

static void put_throughput(FILE *out, const struct entry *e)
{
	put_millions(out, ((const struct event_point *)e->row)->throughput);
}

static void put_kib(FILE *out, const struct entry *e)
{
	figure_count(out, ((const struct event_point *)e->row)->memory_bytes >> 10);
}

static void put_loss(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;
	double lost = (double)(p->produced - p->received);

	if (!p->produced)
		fputc('-', out);
	else if (p->produced == p->received)
		fputc('0', out);
	else
		fprintf(out, "%.2g %%", 100 * lost / (double)p->produced);
}

static void put_per_wakeup(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;

	if (p->wakeups)
		figure_count(out, p->received / p->wakeups);
	else
		fputc('-', out);
}

static bool other_producers(const void *before, const void *row)
{
	const struct event_point *a = before, *b = row;

	return a->producers && a->producers != b->producers;
}

int contention_print(struct page *page)
{
	static const struct column columns[] = {
		{"buffer", put_text, AT(body), 0},
		{"wakeup", put_wakeup_name, AT(wakeup), 0},
		{"policy", put_text, AT(policy), 0},
		{"producers", put_unsigned, AT(producers), COLUMN_RIGHT},
		{"M calls/s", put_achieved, 0, COLUMN_RIGHT},
		{"ns a call", put_effect, AT(overhead), COLUMN_RIGHT},
		{"M events/s", put_throughput, 0, COLUMN_RIGHT},
		{"lost", put_loss, 0, COLUMN_RIGHT},
		{"KiB", put_kib, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(page, columns);

	l.parts = other_producers;
	put_points(&l, "contention");
	if (l.rows)
		page_caption(
			page,
			"Contention: several producers at once, each on a CPU of its own. ns a "
			"call: their CPU time less that of as many producers with no probe.");
	return listing_print(&l);
}

int contention_print_flood(struct page *page)
{
	static const struct column columns[] = {
		{"buffer", put_text, AT(body), 0},
		{"policy", put_text, AT(policy), 0},
		{"M events/s", put_throughput, 0, COLUMN_RIGHT},
		{"reader %", put_effect, AT(consumer_cpu), COLUMN_RIGHT},
		{"lost", put_loss, 0, COLUMN_RIGHT},
		{"events/wakeup", put_per_wakeup, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(page, columns);

	put_points(&l, "flood");
	if (l.rows)
		page_caption(page, "Flood: what one reader took of a program that sends batches as "
				   "fast as it can. A reader below 100 %% could take more.");
	return listing_print(&l);
}

/* ---- wakeup policies ---- */

static void put_age_of(FILE *out, double ns)
{
	if (isnan(ns))
		fputc('-', out);
	else if (ns < 1e6)
		fprintf(out, ns < 1e4 ? "%.1f us" : "%.0f us", ns / 1e3);
	else
		fprintf(out, ns < 1e7 ? "%.1f ms" : "%.0f ms", ns / 1e6);
}

static void put_age(FILE *out, const struct entry *e)
{
	put_age_of(out, *(const double *)entry_member(e));
}

static void put_whole_rate(FILE *out, const struct entry *e)
{
	figure_count(out, (uint64_t) * (const double *)entry_member(e));
}

static void put_both(FILE *out, const struct entry *e)
{
	struct effect cpu = policies_cpu(e->row);

	put_effect_of(out, &cpu, UNIT_NS);
}

static void put_wakes(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;

	fprintf(out, "%.3f", p->received ? (double)p->wakeups / (double)p->received : 0);
}

static void put_lost(FILE *out, const struct entry *e)
{
	const struct event_point *p = e->row;

	figure_count(out, p->produced - p->received);
}

static int print_all(struct page *page, const double *rates, size_t n_rates)
{
	static const struct column columns[] = {
		{"rate/s", put_whole_rate, AT(rate_target), COLUMN_RIGHT},
		{"buffer", put_text, AT(body), 0},
		{"policy", put_text, AT(policy), 0},
		{"ns a call", put_effect, AT(overhead), COLUMN_RIGHT},
		{"reader %", put_effect, AT(consumer_cpu), COLUMN_RIGHT},
		{"both %", put_both, 0, COLUMN_RIGHT},
		{"wakes", put_wakes, 0, COLUMN_RIGHT},
		{"p50", put_age, AT(age_p50), COLUMN_RIGHT},
		{"p99", put_age, AT(age_p99), COLUMN_RIGHT},
		{"lost", put_lost, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(page, columns);
	const struct record *rec = page->rec;

	for (size_t r = 0; r < n_rates; r++) {
		if (r)
			listing_gap(&l);
		for (size_t i = 0; i < rec->n_event_points; i++)
			if (policies_point(&rec->event_points[i]) &&
			    cpu_cost_rate_same(rec->event_points[i].rate_target, rates[r]))
				listing_row(&l, &rec->event_points[i]);
	}
	page_caption(
		page,
		"Wakeup policies: the producer's typical cost a call over no probe, the reader's "
		"CPU, both together in %% of one CPU, and the age of an event when it is read.");
	return listing_print(&l);
}

/* The cheapest for a rate and an age; point NULL: none. */
struct choice {
	double rate, limit_ns;
	const struct event_point *point;
	size_t ties;
};

static void put_limit(FILE *out, const struct entry *e)
{
	double limit_ns = ((const struct choice *)e->row)->limit_ns;

	if (isfinite(limit_ns))
		put_age_of(out, limit_ns);
	else
		fputs("any", out);
}

static void put_cheapest(FILE *out, const struct entry *e)
{
	const struct event_point *p = ((const struct choice *)e->row)->point;

	escape_part(out, p ? p->body : "none", entry_format(e));
	fputs(p ? ": " : "", out);
	escape_part(out, p ? p->policy : "", entry_format(e));
}

/* A column of the cheapest, as it is in the table of all. */
static void put_its(FILE *out, const struct entry *e, void (*put)(FILE *, const struct entry *))
{
	const struct event_point *p = ((const struct choice *)e->row)->point;

	if (p)
		put(out, &(struct entry){p, e->column, e->list});
	else
		fputc('-', out);
}

static void put_its_cpu(FILE *out, const struct entry *e)
{
	put_its(out, e, put_both);
}

static void put_its_age(FILE *out, const struct entry *e)
{
	put_its(out, e, put_age);
}

static void put_ties(FILE *out, const struct entry *e)
{
	const struct choice *c = e->row;

	if (c->point)
		fprintf(out, "%zu", c->ties);
	else
		fputc('-', out);
}

static int print_choice(struct page *page, const double *rates, size_t n_rates)
{
	static const double limits_ns[] = {100e3, 1e6, 10e6, 100e6, INFINITY};
	static const struct column columns[] = {
		{"rate/s", put_whole_rate, offsetof(struct choice, rate), COLUMN_RIGHT},
		{"age p99 at most", put_limit, 0, COLUMN_RIGHT},
		{"cheapest", put_cheapest, 0, 0},
		{"both %", put_its_cpu, 0, COLUMN_RIGHT},
		{"its age p99", put_its_age, AT(age_p99), COLUMN_RIGHT},
		{"others as cheap", put_ties, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(page, columns);

	for (size_t r = 0; r < n_rates; r++) {
		if (r)
			listing_gap(&l);
		for (size_t i = 0; i < sizeof(limits_ns) / sizeof(limits_ns[0]); i++) {
			struct choice c = {.rate = rates[r], .limit_ns = limits_ns[i]};

			c.point = policies_cheapest(page->rec, c.rate, c.limit_ns, &c.ties);
			listing_row(&l, &c);
		}
	}
	page_caption(page, "The cheapest policy for a rate and an age limit, of those that lost "
			   "nothing; others as cheap: how many cannot be told from it.");
	return listing_print(&l);
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
		if (policies_point(p) && p->rate_target >= 0 && p->rate_target < 1e12 && known == n)
			rates[n++] = p->rate_target;
	}
	if (!n)
		return 0;
	err = print_all(page, rates, n);
	return err ? err : print_choice(page, rates, n);
}
