/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
/*
 * Suite calibrate: `bpftoll run --suite calibrate`: what single instructions cost in user space.
 * Nothing is loaded into the kernel.
 *
 * A round visits each row many times in random order; a visit times its loops in random order, a
 * few readings each. Rounds of about half a second make the interval, as one of milliseconds would
 * share its disturbances with the next.
 */
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_statistics.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "calib/arch/arch.h"
#include "calib/neighbour.h"
#include "kit/calibrate/price_loops.h"
#include "kit/cmd/suite.h"
#include "kit/helpers/slope_record.h"
#include "kit/timing/rounds.h"
#include "reports/stats/slope.h"

#define SECONDS	   30
#define READINGS   5	/* of a loop in a visit: their median counts */
#define READING_US 20.0 /* of the longest loop, about */
#define TURNS_MOST 1000
#define COPIES	   50 /* visits of a row in a round: it takes about 0.4 s */

struct bench {
	const struct harness_env *env;
	struct record *record;
	struct slope_rows rows;
	const struct priced **what; /* [row] */
	const char **way;	    /* [row], of branches; else "-" */
	unsigned int *turns;	    /* [row], of a reading */
	size_t timed;		    /* rows that have loops: they come first */
	char *area;
	gsl_rng *rng;
	struct rounds rounds, visits;
};

static int check(const struct plan_options *run, struct error *why)
{
	if (run->variants.n || run->workloads.n || run->wakeups.n || run->caches.n)
		return error_set(why, -EINVAL,
				 "--suite calibrate times instructions in user space: it has no "
				 "variants, syscalls, wakeup policies or cache states");
	if (run->unit != UNIT_NS)
		return error_set(why, -EINVAL, "--suite calibrate measures time alone");
	return 0;
}

static double ticks_of(const struct bench *bench, size_t row, size_t point)
{
	uint64_t begin = arch_clock();

	bench->what[row]->loops[point](bench->area, bench->turns[row]);
	return (double)(arch_clock() - begin);
}

/* Turns of the row's loops, so that a reading of the longest takes READING_US. */
static void choose_turns(struct bench *bench, size_t row)
{
	double least = INFINITY, us;

	bench->turns[row] = 1;
	for (int i = 0; i < READINGS; i++)
		least = fmin(least, ticks_of(bench, row, SLOPE_POINTS - 1));
	us = least * 1e6 / bench->env->tsc->hz;
	bench->turns[row] = (unsigned int)fmax(1, fmin(TURNS_MOST, READING_US / us));
}

/* ---- visits ---- */

static void time_points(struct bench *bench, size_t row, struct slope_visit *visit)
{
	double per_turn = 1e9 / bench->env->tsc->hz / bench->turns[row];
	double ns[SLOPE_POINTS], readings[READINGS];
	int order[SLOPE_POINTS] = {0, 1, 2, 3, 4};

	gsl_ran_shuffle(bench->rng, order, SLOPE_POINTS, sizeof(*order));
	for (size_t p = 0; p < SLOPE_POINTS; p++) {
		for (size_t i = 0; i < READINGS; i++)
			readings[i] = ticks_of(bench, row, (size_t)order[p]);
		ns[order[p]] = gsl_stats_median(readings, 1, READINGS) * per_turn;
	}
	for (size_t p = 0; p < SLOPE_POINTS; p++)
		visit->costs[p] = ns[p];
}

static int visit_row(void *ctx, size_t i)
{
	struct bench *bench = ctx;
	size_t row = i % bench->timed;
	struct slope_row *to = &bench->rows.rows[row];
	struct slope_visit *visit = slope_row_visit(to, bench->rounds.done);

	if (!visit)
		return -ENOMEM;
	neighbour_read(&visit->readings[0]);
	time_points(bench, row, visit);
	neighbour_read(&visit->readings[1]);
	to->visits++;
	return 0;
}

static struct effect of_one(struct effect of_all, unsigned int n)
{
	return (struct effect){of_all.value / n, of_all.lo / n, of_all.hi / n};
}

/* A slope of the scratch record as a row of the real one. */
static int add_price(const struct bench *bench, size_t row, const struct slope *from,
		     struct record *record)
{
	struct instruction_price *to = record_add_instruction_price(record);
	const struct priced *what = bench->what[row];
	const char *way = bench->way[row];

	if (!to)
		return -ENOMEM;
	to->name = strdup(what->name);
	to->summary = strdup(what->summary);
	to->way = strdup(way);
	if (asprintf(&to->id, "%s/%s", what->name, way) < 0)
		to->id = NULL;
	to->status = from->status;
	to->reason = from->reason ? strdup(from->reason) : NULL;
	to->rounds = from->rounds;
	if (from->status == RESULT_MEASURED) {
		to->ns = of_one(from->slope, what->n);
		to->between = of_one(slope_marginal_range(from), what->n);
	}
	to->bent = from->nonlinear;
	to->contended_share = from->contended_share;
	return to->name && to->summary && to->way && to->id ? 0 : -ENOMEM;
}

/* The lines are fitted as those of helpers are, in a record of their own. */
static int add_prices(const struct bench *bench, struct record *record)
{
	struct record *scratch = record_new();
	int err = scratch ? 0 : -ENOMEM;

	if (!err) {
		scratch->host.tsc_quantum = record->host.tsc_quantum;
		err = slope_rows_record(&bench->rows, UNIT_NS, scratch);
	}
	for (size_t i = 0; !err && i < bench->rows.n; i++)
		err = add_price(bench, i, &scratch->slopes[i], record);
	record_free(scratch);
	return err;
}

static int provisional_rows(void *ctx, struct record *record)
{
	const struct bench *bench = ctx;

	return bench->rounds.done ? add_prices(bench, record) : 0;
}

static int one_round(void *ctx, size_t i)
{
	struct bench *bench = ctx;

	(void)i;
	return rounds_once(&bench->visits, visit_row, bench);
}

static void after_round(void *ctx)
{
	struct bench *bench = ctx;

	checkpoint_rounds(bench->env->checkpoint, bench->record, bench->env->dir, provisional_rows,
			  bench);
}

/* ---- the run ---- */

static struct slope_row *add_row(struct bench *bench, const struct priced *what, const char *way)
{
	struct slope_row *row = &bench->rows.rows[bench->rows.n];

	bench->way[bench->rows.n] = way;
	bench->what[bench->rows.n++] = what;
	*row = (struct slope_row){
		.name = what->name, .wakeup = WAKEUP_OFF, .repeats = price_repeats};
	return row;
}

/* Of branches that user space cannot make as this kernel does: the row of the name, skipped. */
static void add_skipped(struct bench *bench, const char *name, const char *why)
{
	size_t i = 0;

	while (i < priced_count && strcmp(priced[i].name, name) != 0)
		i++;
	if (i < priced_count && *why)
		slope_row_fail(add_row(bench, &priced[i], "-"), RESULT_SKIPPED, "%s", why);
}

static const char *way_of(const struct priced *what)
{
	if (what->indirect >= 0)
		return indirect_way_name((enum indirect_way)what->indirect);
	return what->returns >= 0 ? return_way_name((enum return_way)what->returns) : "-";
}

static int choose_rows(struct bench *bench)
{
	struct kernel_branches branches = kernel_branches_here();

	bench->rows.rows = calloc(priced_count + 2, sizeof(*bench->rows.rows));
	bench->what = calloc(priced_count + 2, sizeof(const struct priced *));
	bench->way = calloc(priced_count + 2, sizeof(const char *));
	bench->turns = calloc(priced_count + 2, sizeof(*bench->turns));
	bench->area =
		mmap(NULL, PRICE_AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bench->area == MAP_FAILED)
		bench->area = NULL;
	if (!bench->rows.rows || !bench->what || !bench->way || !bench->turns || !bench->area)
		return -ENOMEM;
	madvise(bench->area, PRICE_AREA, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < priced_count; i++)
		if (price_applies(&priced[i], &branches))
			add_row(bench, &priced[i], way_of(&priced[i]));
	bench->timed = bench->rows.n;
	for (size_t i = 0; i < bench->timed; i++)
		choose_turns(bench, i);
	add_skipped(bench, "call_return", branches.no_return.text);
	add_skipped(bench, "indirect_call_return",
		    *branches.no_return.text ? branches.no_return.text : branches.no_indirect.text);
	return 0;
}

static int open_bench(struct bench *bench, const struct plan_options *run)
{
	const struct harness_env *env = bench->env;
	int err = choose_rows(bench);

	if (err)
		return err;
	bench->visits =
		(struct rounds){.n = bench->timed * COPIES, .seed = env->seed, .stop = env->stop};
	err = rounds_open(&bench->visits);
	bench->rng = bench->visits.rng;
	bench->rounds = (struct rounds){.n = 1,
					.rng = bench->rng,
					.stop = env->stop,
					.most = run->rounds,
					.least = HARNESS_ROUNDS_LEAST,
					.seconds = run->rounds	  ? 0
						   : run->seconds ? run->seconds
								  : SECONDS,
					.progress = env->progress,
					.what = "instructions",
					.to = 1,
					.after = after_round};
	return err ? err : rounds_open(&bench->rounds);
}

static void close_bench(struct bench *bench)
{
	rounds_close(&bench->rounds);
	rounds_close(&bench->visits);
	slope_rows_free(&bench->rows);
	free(bench->what);
	free(bench->way);
	free(bench->turns);
	if (bench->area)
		munmap(bench->area, PRICE_AREA);
}

static int run(const struct harness_env *env, const struct plan_options *run, struct record *record,
	       struct error *why)
{
	struct bench bench = {.env = env, .record = record};
	int err = open_bench(&bench, run), kept;

	if (!err) {
		record->partial = true;
		err = rounds_run(&bench.rounds, one_round, &bench);
		record->partial = err == -EINTR;
		slope_rows_keep(&bench.rows, bench.rounds.done);
		kept = add_prices(&bench, record);
		if (!kept)
			kept = record_write(record, env->dir, why);
		err = kept ? kept : err;
	}
	if (err && err != -EINTR && !*why->text)
		error_say(why, "%s", strerror(-err));
	close_bench(&bench);
	return err;
}

const struct suite suite_calibrate = {
	.name = "calibrate",
	.summary =
		"what single instructions cost in user space, and this kernel's ways of branching",
	.check = check,
	.run = run,
};
