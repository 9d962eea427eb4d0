/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Suite helpers: `bpftoll run --suite helpers`: the prices of helpers, from slopes, together with
 * the incremental programs' results on every hook, from which the waterfall is drawn.
 */
#include <errno.h>
#include <fnmatch.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "calib/clock.h"
#include "kit/helpers/slopes.h"
#include "kit/cmd/suite.h"

#define WORKLOAD "munmap_einval"

/* Time for the slopes; the incremental programs take as long again. */
#define SLOPES_SECONDS 60

#define EXACT_ROUNDS 2
#define EXACT_CALLS  64

/* Hooks whose costs differ by less count as equal: the one that can run more helpers is chosen. */
#define NEARLY_NS 3.0

static struct {
	struct name_list helpers, host_programs;
} args;

static const char *helper_at(size_t i)
{
	return i < helpers_count ? helpers[i].name : NULL;
}

static const char *host_program_at(size_t i)
{
	return i < HOST_PROGRAM_COUNT ? host_program_name((int)i) : NULL;
}

static const struct name_table host_program_names = {"host program", host_program_at, name_same};

static const struct option_row options[] = {
	{"helper",
	 "price only these, e.g. 'ktime_*', and no incremental programs unless --variant asks for "
	 "them; repeatable",
	 "GLOB", .list = OPTION_LIST(args.helpers), .values = helper_at},
	{"host-program",
	 "the hook that runs them, or test_run; repeatable (default: the cheapest hook, and "
	 "test_run to compare; in the lab all)",
	 "NAME", .list = OPTION_LIST(args.host_programs), .values = host_program_at},
	{"carrier", "", "NAME", .hidden = true, .list = OPTION_LIST(args.host_programs)},
	{0}};

/* A user who named a helper and no variant wants only the slopes. */
static bool wants_increments(const struct plan_options *run)
{
	return run->variants.n || !args.helpers.n;
}

static struct plan_options increments_options(const struct plan_options *run)
{
	struct plan_options increments = *run;

	/* half of the time; the other half is for the slopes */
	increments.seconds = run->seconds ? (run->seconds + 1) / 2 : SLOPES_SECONDS;
	if (run->unit == UNIT_INSTRUCTIONS) {
		increments.rounds = run->rounds ? run->rounds : EXACT_ROUNDS;
		increments.calls = run->calls ? run->calls : EXACT_CALLS;
	}
	return increments;
}

/* Options that have no meaning here are refused, not ignored. */
static int check_options(const struct plan_options *run, struct error *why)
{
	for (size_t i = 0; i < run->workloads.n; i++)
		if (fnmatch(run->workloads.names[i], WORKLOAD, 0) != 0)
			return error_set(
				why, -EINVAL,
				"--suite helpers times " WORKLOAD
				" only: a longer syscall shows the price of a helper less well");
	for (size_t i = 0; i < run->caches.n; i++)
		if (strcmp(run->caches.names[i], "cold") == 0)
			return error_set(
				why, -EINVAL,
				"--suite helpers has hot caches only: a program calls a helper "
				"several times in one hit, and the later calls find warm caches");
	return 0;
}

static int check(const struct plan_options *run, struct error *why)
{
	struct plan_options increments = increments_options(run);
	struct plan plan;
	int err;

	err = check_options(run, why);
	if (!err)
		err = name_list_check(&args.helpers, &slope_helpers, why);
	if (!err)
		err = name_list_check(&args.host_programs, &host_program_names, why);
	if (err)
		return err;
	err = plan_make(&increments, &plan, why);
	plan_free(&plan);
	return err;
}

/* ---- which host program runs what ---- */

/*
 * The hook that costs least; of those that cost nearly as little, the one that can run most
 * helpers. -1: none works.
 */
static int cheapest(const struct host_program_cost costs[HOOK_COUNT])
{
	double least = INFINITY;
	size_t most = 0;
	int best = -1;

	for (int h = 0; h < HOOK_COUNT; h++)
		if (!isnan(costs[h].cost))
			least = fmin(least, costs[h].cost);
	for (int h = 0; h < HOOK_COUNT; h++) {
		size_t can = 0;

		if (isnan(costs[h].cost) || costs[h].cost > least + NEARLY_NS)
			continue;
		for (size_t i = 0; i < helpers_count; i++)
			can += !helper_refused(&helpers[i], h);
		if (can > most) {
			most = can;
			best = h;
		}
	}
	return best;
}

static void say_costs(const struct host_program_cost costs[HOOK_COUNT], int best, enum unit unit)
{
	char text[512] = "";
	size_t at = 0;

	for (int h = 0; h < HOOK_COUNT && at < sizeof(text); h++)
		if (!isnan(costs[h].cost) && h != best)
			at += (size_t)snprintf(text + at, sizeof(text) - at, "%s %s %.0f",
					       at ? "," : ";", host_program_name(h), costs[h].cost);
	cli_progress_end();
	cli_say("helpers are run by %s, whose stub costs %.0f %s%s", host_program_name(best),
		costs[best].cost, unit_name(unit), text);
}

static int share_out(const struct harness_env *env, const struct plan_options *run,
		     enum host_program_share shares[HOST_PROGRAM_COUNT], struct error *why)
{
	struct host_program_cost costs[HOOK_COUNT];
	bool exact = run->unit == UNIT_INSTRUCTIONS;
	int kind, best, err;

	memset(shares, 0, HOST_PROGRAM_COUNT * sizeof(*shares));
	for (size_t i = 0; i < args.host_programs.n; i++)
		if (host_program_find(args.host_programs.names[i], &kind))
			shares[kind] = SHARE_ALL;
	if (args.host_programs.n)
		return 0;
	err = slopes_pilot(env, exact, costs);
	if (err)
		return error_set(why, err, "%s", strerror(-err));
	best = cheapest(costs);
	if (best < 0) {
		/*
		 * every row is then skipped, with the reason from a hook that every kernel should
		 * have
		 */
		shares[HOOK_RAW_TP] = SHARE_ALL;
		return 0;
	}
	say_costs(costs, best, run->unit);
	for (int h = 0; h < HOOK_COUNT; h++)
		if (exact || !isnan(costs[h].cost))
			shares[h] = exact ? SHARE_SOME : SHARE_LACKING;
	shares[HOST_PROGRAM_TEST_RUN] = exact ? SHARE_SOME : SHARE_PLAIN;
	shares[best] = SHARE_ALL;
	return 0;
}

/* ---- the run ---- */

/* How the run's time is divided between the incremental programs and the slopes. */
struct halves {
	struct slopes *slopes;
	bool by_rounds; /* one round of slopes for each round of incremental programs */
	double started, slopes_s;
};

/* an error needs no action here: a stop is also seen by the harness */
static int next_round(struct halves *halves)
{
	double started = clock_seconds();
	int err = slopes_round(halves->slopes);

	halves->slopes_s += clock_seconds() - started;
	return err;
}

/*
 * Called after each round of the incremental programs. Where a round of slopes takes longer, it is
 * omitted after some of them.
 */
static void round_between(void *ctx)
{
	struct halves *halves = ctx;

	if (halves->by_rounds || 2 * halves->slopes_s <= clock_seconds() - halves->started)
		next_round(halves);
}

/*
 * A round of slopes follows each round of the incremental programs, so that parts and whole are
 * measured under the same conditions.
 */
static int run_increments(const struct harness_env *env, const struct plan_options *run,
			  struct slopes *slopes, struct record *record, struct error *why)
{
	struct plan_options increments = increments_options(run);
	struct harness_env part = *env;
	struct halves halves = {slopes, run->rounds > 0, clock_seconds(), 0};
	struct plan plan;
	int err = plan_make(&increments, &plan, why);

	/*
	 * exact counts always have the same conditions, and all rounds of a row follow one another
	 * there
	 */
	if (run->unit == UNIT_NS) {
		part.between = round_between;
		part.between_ctx = &halves;
	}
	if (!err)
		err = harness_run(&plan, &part, record, why);
	if (!err)
		checkpoint_put(env->checkpoint, record, env->dir);
	/*
	 * the slopes use what the incremental programs left of the time; all of it if nothing of
	 * those could be measured
	 */
	while (!err && part.between && !run->rounds && slopes_left(slopes) &&
	       halves.slopes_s < increments.seconds)
		err = next_round(&halves);
	plan_free(&plan);
	return err;
}

static int run_both(const struct harness_env *env, const struct plan_options *run,
		    struct slopes *slopes, struct record *record, struct error *why)
{
	bool increments = wants_increments(run);
	int err = 0;

	if (run->unit == UNIT_INSTRUCTIONS || !increments)
		err = slopes_rounds(slopes);
	if (!err && increments)
		err = run_increments(env, run, slopes, record, why);
	return err;
}

static int run(const struct harness_env *env, const struct plan_options *run, struct record *record,
	       struct error *why)
{
	bool exact = run->unit == UNIT_INSTRUCTIONS;
	struct slopes_options wanted = {
		.rounds = exact && !run->rounds ? EXACT_ROUNDS : run->rounds,
		.seconds = run->seconds ? run->seconds : SLOPES_SECONDS,
		.calls = run->calls,
		.exact = exact,
		.record = record,
	};
	enum host_program_share shares[HOST_PROGRAM_COUNT];
	struct slope_rows rows = {0};
	struct slopes *slopes = NULL;
	int err, kept;

	record->partial = true;
	err = share_out(env, run, shares, why);
	if (!err)
		err = slope_rows_make(&args.helpers, &run->wakeups, shares, &rows);
	if (!err)
		err = slopes_open(env, &wanted, &rows, &slopes);
	if (!err) {
		err = run_both(env, run, slopes, record, why);
		record->partial = err == -EINTR;
		kept = slopes_finish(slopes, record, why);
		err = err ? err : kept;
	}
	if (err && err != -EINTR && !*why->text)
		error_say(why, "%s", strerror(-err));
	slope_rows_free(&rows);
	return err;
}

const struct suite suite_helpers = {
	.name = "helpers",
	.summary = "what one call of each helper and each step of a probe costs",
	.options = options,
	.check = check,
	.run = run,
};
