/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "calib/evict.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/arch/arch.h"
#include "calib/counter_sets.h"
#include "calib/counters.h"
#include "calib/arch/emit.h"
#include "calib/evict_private.h"

#define PAGE	 4096ul
#define LINE	 ((size_t)EMIT_LINE)
#define REPEAT	 32 /* repetitions of each state */
#define ATTEMPTS 3  /* tries, since a loaded machine disturbs one */
#define WARM	 64 /* runs after which a predictor knows a pattern of 64 branches */

/*
 * Three loads per page, each of which depends on the one before, at places that no prefetcher
 * guesses and that share an L1 set with at most one other. Another line of the page is loaded
 * first, so that the translation is there and only the loads' own latency is measured.
 */
static const unsigned char places[] = {37, 19, 51};
#define LOADS	   (EVICT_PROBE_PAGES * sizeof(places))
#define LINES_PAGE (PAGE / LINE)

static size_t place_of(size_t i)
{
	/* visits the pages in steps of 13, which is coprime to their number */
	size_t page = i / sizeof(places) * 13 % EVICT_PROBE_PAGES;

	return page * PAGE + (page + places[i % sizeof(places)]) % LINES_PAGE * LINE;
}

static void make_chain(struct evict *e)
{
	for (size_t i = 0; i < LOADS; i++)
		*(void **)(void *)(e->probe + place_of(i)) = e->probe + place_of(i + 1);
}

static void touch_pages(struct evict *e)
{
	for (size_t page = 0; page < EVICT_PROBE_PAGES; page++)
		(void)*(volatile char *)(e->probe + page * PAGE + page * LINE);
}

/* Ticks of the chain of LOADS loads. */
static double walk(struct evict *e)
{
	void *volatile *at = (void *volatile *)(void *)(e->probe + place_of(0));
	uint64_t start;

	touch_pages(e);
	start = arch_clock();
	for (size_t i = 0; i < LOADS; i++)
		at = *at;
	__asm__ volatile("" ::"r"(at) : "memory");
	return (double)(arch_clock() - start) / LOADS;
}

static double run_ticks(struct evict *e, size_t offset)
{
	uint64_t start = arch_clock();

	evict_run(e, offset);
	return (double)(arch_clock() - start);
}

/* The lower quartile, since neighbours and interrupts only add time. */
static double usual(double *x)
{
	gsl_sort(x, 1, REPEAT);
	return x[REPEAT / 4];
}

enum state { HOT, NEAR, EVICTED, TWICE, FAR, STATES };

/*
 * Brings the probe's lines into a state: all in L1, all in L2, after one or two evictions, or in
 * memory.
 */
static void bring(struct evict *e, enum state state)
{
	size_t near_pages = 4 * (e->sizes.l1d ? e->sizes.l1d : 64 * 1024) / PAGE;

	walk(e);
	walk(e);
	if (state == NEAR)
		evict_sweep(e, near_pages < e->plan.pages ? near_pages : e->plan.pages,
			    PAGE / LINE);
	if (state == EVICTED || state == TWICE)
		evict_all(e);
	if (state == TWICE)
		evict_all(e);
	for (size_t i = 0; state == FAR && i < LOADS; i++)
		emit_flush(e->probe + place_of(i));
}

/*
 * Is the data out of L2? A load must take clearly longer than one from L2, and not much less than
 * after a second eviction, which would have removed what the first one left. Where L3 is evicted as
 * well, the lines must come from memory.
 */
bool evict_judge_data(const struct evict *e, struct evict_proof *p, double twice)
{
	bool from_memory = p->evicted > 0.7 * p->far;
	bool out_of_l2 = p->evicted > 1.5 * p->near && p->evicted > 0.75 * fmin(twice, p->far);

	if (!out_of_l2)
		snprintf(p->note, sizeof(p->note), "lines that were hot still come from L2");
	else if (from_memory)
		snprintf(p->note, sizeof(p->note), "out of every cache: they come from memory");
	else if (e->plan.last_level && e->sizes.l3)
		snprintf(p->note, sizeof(p->note), "L3 was swept, and still has them");
	else
		snprintf(p->note, sizeof(p->note), "out of L1 and L2: they come from L3 or memory");
	return out_of_l2 && (from_memory || !e->plan.last_level || !e->sizes.l3);
}

/*
 * The states are measured in turn, so that a neighbour's use of the shared cache affects all alike.
 */
static void check_data(struct evict *e, struct evict_proof *p)
{
	double x[STATES][REPEAT];

	make_chain(e);
	*p = (struct evict_proof){.what = "data", .measure = "a load"};
	for (int attempt = 0; attempt < ATTEMPTS && !p->holds; attempt++) {
		for (size_t i = 0; i < REPEAT; i++)
			for (int state = HOT; state < STATES; state++) {
				bring(e, (enum state)state);
				x[state][i] = walk(e);
			}
		p->hot = usual(x[HOT]);
		p->near = usual(x[NEAR]);
		p->evicted = usual(x[EVICTED]);
		p->far = usual(x[FAR]);
		p->holds = evict_judge_data(e, p, usual(x[TWICE]));
	}
}

/* Straight code: no branches to predict, only lines to fetch. */
static void check_instructions(struct evict *e, struct evict_proof *p)
{
	size_t straight = e->plan.code_lines * LINE;
	double hot[REPEAT], cold[REPEAT];

	*p = (struct evict_proof){.what = "instructions",
				  .measure = "64 lines of straight code",
				  .near = NAN,
				  .far = NAN};
	for (size_t i = 0; i < REPEAT; i++) {
		for (size_t w = 0; w < WARM; w++)
			evict_run(e, straight);
		hot[i] = run_ticks(e, straight);
		evict_all(e);
		cold[i] = run_ticks(e, straight);
	}
	p->hot = usual(hot);
	p->evicted = usual(cold);
	p->holds = p->evicted > 3 * p->hot;
	snprintf(p->note, sizeof(p->note), "%s",
		 p->holds ? "the lines are fetched anew" : "the lines are still close by");
}

/*
 * Ticks of a known pattern, after one run of the opposite directions, which brings the code into
 * the cache.
 */
static double pattern_ticks(struct evict *e, bool evicted, double *known)
{
	size_t branches = e->plan.code_lines * LINE + PAGE;
	double x[REPEAT], hot[REPEAT];

	for (size_t i = 0; i < REPEAT; i++) {
		uint64_t pattern = 0xb5c0fbcfec4d3b2fu;

		e->bits[0] = pattern;
		for (size_t w = 0; w < WARM; w++)
			evict_run(e, branches);
		hot[i] = run_ticks(e, branches);
		if (evicted)
			evict_all(e);
		e->bits[0] = ~pattern;
		evict_run(e, branches);
		e->bits[0] = pattern;
		x[i] = run_ticks(e, branches);
	}
	*known = usual(hot);
	return usual(x);
}

/*
 * 64 branches of fixed random directions, run until the predictor knows them. A run of the opposite
 * directions in between brings the code back into the cache; without an eviction it disturbs the
 * predictor only a little, which is the state to compare with.
 */
static void check_branches(struct evict *e, struct evict_proof *p)
{
	*p = (struct evict_proof){
		.what = "branches", .measure = "64 branches of a known pattern", .far = NAN};
	p->near = pattern_ticks(e, false, &p->hot);
	p->evicted = pattern_ticks(e, true, &p->hot);
	p->holds = p->evicted > 1.25 * p->near && p->evicted > 1.25 * p->hot;
	snprintf(p->note, sizeof(p->note), "%s",
		 p->holds ? "their directions are forgotten" : "the predictor still knows them");
}

/* Misses per load of one walk; NAN where they cannot be counted. */
static double count_walk(struct evict *e, struct counters *c, enum state state)
{
	const struct counter *counter = counters_at(c, 0);

	bring(e, state);
	if (counters_begin(c, 0))
		return NAN;
	walk(e);
	if (counters_end(c, 0) || !counter->valid)
		return NAN;
	return (double)counter->count / LOADS;
}

/*
 * Adds the PMU's count where there is one: misses of L2 where the model has that event, else of L1.
 */
static void count_misses(struct evict *e, int cpu, struct evict_proof *p)
{
	struct counter_request *list, wanted = {"misses", "perf::L1-dcache-load-misses:u", NULL};
	struct counters *c = NULL;
	size_t n, told = strlen(p->note);
	struct error why;
	double hot, evicted;

	if (counter_set_requests("caches", &list, &n))
		return;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(list[i].name, "l2-misses:u") && list[i].event)
			wanted.event = list[i].event;
	if (!counters_open_list(&wanted, 1, cpu, &c, &why)) {
		hot = count_walk(e, c, HOT);
		evicted = count_walk(e, c, EVICTED);
		if (!isnan(hot) && !isnan(evicted)) {
			snprintf(p->note + told, sizeof(p->note) - told,
				 "; counted: %.2f misses a load hot, %.2f behind an eviction (%s)",
				 hot, evicted, wanted.event);
			p->holds = p->holds && evicted > 0.75 && evicted > 2 * hot;
		}
	}
	counters_close(c);
	counter_set_free(list, n);
}

bool evict_check(struct evict *e, int cpu, struct evict_proof proofs[EVICT_PROOFS], double *ticks)
{
	double took[REPEAT];

	for (size_t i = 0; i < REPEAT; i++) {
		uint64_t start = arch_clock();

		evict_all(e);
		took[i] = (double)(arch_clock() - start);
	}
	*ticks = usual(took);
	check_data(e, &proofs[EVICT_DATA]);
	count_misses(e, cpu, &proofs[EVICT_DATA]);
	check_instructions(e, &proofs[EVICT_INSTRUCTIONS]);
	check_branches(e, &proofs[EVICT_BRANCHES]);
	return proofs[EVICT_DATA].holds && proofs[EVICT_INSTRUCTIONS].holds;
}
