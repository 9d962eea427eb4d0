/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cpuset/survey.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/cmd/options/showing.h"
#include "calib/clock.h"
#include "kit/system/mounts.h"
#include "kit/system/place.h"
#include "kit/selfcheck/selfcheck.h"
#include "kit/cmd/options/start.h"
#include "kit/cmd/running/cpu_claim.h"

#define TSC_BUDGET_MS 300
#define TRIALS_LEAST  50
#define TRIALS_MOST   100000

static unsigned long trials = 200;
static bool quick, counters;
static const char *counter_check;

static const char *counter_check_name(size_t i)
{
	static const char *const names[] = {"loop",	"call",	      "split",
					    "group",	"passes",     "neighbours",
					    "switches", "migrations", "overflow"};

	return i < sizeof(names) / sizeof(names[0]) ? names[i] : NULL;
}

static const struct option_row options[] = {
	{"trials", "null tests (default 200)", "N", .large = &trials, .least = TRIALS_LEAST,
	 .most = TRIALS_MOST},
	{"quick", "no waits between the blocks of null tests: a third of the time", .flag = &quick},
	{"counters",
	 "the PMU's counters and nothing else; CHECK: loop, call, split, group, passes, "
	 "neighbours, switches, migrations or overflow alone",
	 "CHECK", .optional = true, .flag = &counters, .text = &counter_check,
	 .values = counter_check_name},
	{0}};

static int examine(struct selfcheck *check)
{
	static const struct {
		int (*run)(struct selfcheck *check, struct selfcheck_share share);
		struct selfcheck_share share;
	} parts[] = {
		{selfcheck_region, {0, 0.05}},	      {selfcheck_delays, {0.05, 0.14}},
		{selfcheck_neighbour, {0.19, 0.01}},  {selfcheck_hits, {0.20, 0.03}},
		{selfcheck_accounting, {0.23, 0.02}}, {selfcheck_counters, {0.25, 0}},
		{selfcheck_repeat, {0.25, 0.25}},     {selfcheck_intervals, {0.5, 0.5}},
	};
	int err = 0;

	if (counters)
		return selfcheck_counters(check, (struct selfcheck_share){0, 1});

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !err; i++)
		err = parts[i].run(check, parts[i].share);
	return err;
}

/* Reports the conditions during the checks: a figure that is not ok may be due to them. */
static void say_conditions(struct selfcheck *check, const struct conditions *from,
			   const struct conditions *to, double s)
{
	selfcheck_tell(
		check, "during the check, on this CPU",
		"steal %.1f %%, %.0f interrupts and %.0f involuntary switches a second",
		(double)(to->steal_ticks - from->steal_ticks) / s,
		(double)(to->interrupts - from->interrupts) / s,
		(double)(to->context_switches_involuntary - from->context_switches_involuntary) /
			s);
}

static int check_here(uint64_t seed, const struct placement *placement, const struct tsc_rate *tsc)
{
	struct selfcheck check = {
		.placement = placement,
		.tsc = tsc,
		.seed = seed,
		.trials = trials,
		.quick = quick,
		.counter_check = counter_check,
		.out = stdout,
		.width = showing_style().width,
		.stop = &cli_stop,
		.progress = cli_progress,
	};
	struct conditions from, to;
	double started = clock_seconds();
	bool known = !survey_conditions(placement->cpu, &from);
	enum selfcheck_verdict verdict;
	int err;

	selfcheck_tell(&check, "where", "%s; seed %" PRIu64, placement->reason, seed);
	selfcheck_tell(&check, "clock", "%.6f GHz, steps by %.0f ticks (%.2f ns)", tsc->hz / 1e9,
		       tsc->quantum, tsc->quantum / tsc->hz * 1e9);
	err = examine(&check);
	cli_progress_end();
	if (known && !survey_conditions(placement->cpu, &to))
		say_conditions(&check, &from, &to, clock_seconds() - started);
	if (err == -EINTR && place_lost()) {
		cli_say("%s: what is printed holds, the rest was not examined", place_lost());
		return EXIT_FAILED;
	}
	if (err == -EINTR) {
		cli_say("stopped: what is printed holds, the rest was not examined");
		return EXIT_STOPPED;
	}
	if (err) {
		cli_say("%s", strerror(-err));
		return EXIT_FAILED;
	}
	verdict = selfcheck_conclude(&check);
	if (verdict == SELFCHECK_SKIPPED)
		return EXIT_NOTHING;
	return verdict == SELFCHECK_OK ? EXIT_DONE : EXIT_GATE;
}

static int run(void)
{
	const struct start start = start_chosen();
	struct placement placement;
	struct claim claim = {.n = 0};
	struct tsc_rate tsc;
	int code = EXIT_DONE, err;
	struct error why = {0};

	mounts_complete();
	if (place_choose(start.cpu, start.reader_cpu, &placement, &why))
		code = EXIT_WRONG_USAGE;
	else if ((err = cpu_claim(&placement, start.wait, &claim, &why)))
		code = err == -EINTR ? EXIT_STOPPED : EXIT_FAILED;
	else if (place_pin(&placement, &why))
		code = EXIT_FAILED;
	else if (tsc_measure(TSC_BUDGET_MS, &tsc, &why))
		code = EXIT_NOTHING;
	code = code == EXIT_DONE ? check_here(start.seed, &placement, &tsc) : cli_fail(code, &why);
	claim_close(&claim);
	return code;
}

const struct command cmd_selfcheck = {
	.name = "selfcheck",
	.summary = "prove the instrument on this machine, now",
	.about = "Proves the instrument on this machine, now: intervals of null tests contain zero "
		 "as often as they say; they cover what the same run reads again; delays of known "
		 "length are read as they are; an empty timed region costs what its clock reads "
		 "cost; a call runs the program once; events lost on purpose are accounted for; "
		 "work on the core's other hardware thread is seen.",
	.more = "One line for each figure, with what is asked of it; then what may be trusted here "
		"and what may not. Exit 3 when a figure is not ok. Intervals that are wider than "
		"needed (waste) are no fault. With 200 trials chance alone makes a perfect "
		"interval look too narrow about once in 40 times: --trials 1000 tells. Hooks need "
		"root; without it the rest is examined.",
	.examples = "  bpftoll selfcheck --quick\n"
		    "  bpftoll selfcheck --counters=loop",
	.groups =
		(const struct option_group[]){
			{NULL, options}, {NULL, start_cpu_rows}, {NULL, start_seed_rows}, {0}},
	.run = run,
};
