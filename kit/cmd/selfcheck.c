/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "calib/error.h"
#include "cpuset/survey.h"
#include "kit/cmd/cli.h"
#include "calib/clock.h"
#include "kit/system/mounts.h"
#include "kit/system/place.h"
#include "kit/selfcheck/selfcheck.h"

#define TSC_BUDGET_MS 300
#define TRIALS	      200
#define TRIALS_LEAST  50
#define TRIALS_MOST   100000

enum { KEY_CPU = 256, KEY_READER_CPU, KEY_SEED, KEY_TRIALS, KEY_QUICK, KEY_COUNTERS };

static const struct argp_option options[] = {
	{"trials", KEY_TRIALS, "N", 0, "A/A measurements (default 200)", 0},
	{"quick", KEY_QUICK, 0, 0, "no waits between the blocks of A/A: a third of the time", 0},
	{"counters", KEY_COUNTERS, "CHECK", OPTION_ARG_OPTIONAL,
	 "the PMU's counters and nothing else; CHECK: loop, call, split, group, passes, "
	 "neighbours, "
	 "switches, migrations or overflow alone",
	 0},
	{"seed", KEY_SEED, "N", 0, "of the order and the bootstrap; default: from the kernel", 0},
	{"cpu", KEY_CPU, "N", 0, "the CPU to examine; default: the one that run would take", 0},
	{"drain-cpu", KEY_READER_CPU, "N", 0, "the consumer's CPU, as run would have it", 0},
	{0}};

struct args {
	int cpu, reader_cpu;
	uint64_t seed;
	size_t trials;
	bool seeded, quick, counters;
	const char *counter_check;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case KEY_CPU:
		args->cpu = (int)cli_number(arg, 0, 1 << 16, "--cpu", state);
		return 0;
	case KEY_READER_CPU:
		args->reader_cpu = (int)cli_number(arg, 0, 1 << 16, "--drain-cpu", state);
		return 0;
	case KEY_SEED:
		args->seed = (uint64_t)cli_number(arg, 0, INT32_MAX, "--seed", state);
		args->seeded = true;
		return 0;
	case KEY_TRIALS:
		args->trials =
			(size_t)cli_number(arg, TRIALS_LEAST, TRIALS_MOST, "--trials", state);
		return 0;
	case KEY_COUNTERS:
		args->counters = true;
		args->counter_check = arg;
		return 0;
	case KEY_QUICK:
		args->quick = true;
		return 0;
	case ARGP_KEY_ARG:
		argp_error(state, "'%s' is no option of selfcheck", arg);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int examine(struct selfcheck *check, bool counters_only)
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

	if (counters_only)
		return selfcheck_counters(check, (struct selfcheck_share){0, 1});

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && !err; i++)
		err = parts[i].run(check, parts[i].share);
	return err;
}

/* What went on meanwhile: a figure that is not ok may be the machine's doing. */
static void say_conditions(const struct conditions *from, const struct conditions *to, double s)
{
	printf("         %-32s steal %.1f %%, %.0f interrupts and %.0f involuntary switches a "
	       "second\n",
	       "meanwhile on this CPU", (double)(to->steal_ticks - from->steal_ticks) / s,
	       (double)(to->interrupts - from->interrupts) / s,
	       (double)(to->context_switches_involuntary - from->context_switches_involuntary) / s);
}

static int check_here(const struct args *args, const struct placement *placement,
		      const struct tsc_rate *tsc)
{
	struct selfcheck check = {
		.placement = placement,
		.tsc = tsc,
		.seed = args->seed,
		.trials = args->trials,
		.quick = args->quick,
		.counter_check = args->counter_check,
		.out = stdout,
		.stop = &cli_stop,
		.progress = cli_progress,
	};
	struct conditions from, to;
	double started = clock_seconds();
	bool known = !survey_conditions(placement->cpu, &from);
	enum selfcheck_verdict verdict;
	int err;

	printf("         %-32s %s; seed %" PRIu64 "\n", "where", placement->reason, args->seed);
	printf("         %-32s %.6f GHz, steps by %.0f (%.2f ns)\n", "clock", tsc->hz / 1e9,
	       tsc->quantum, tsc->quantum / tsc->hz * 1e9);
	err = examine(&check, args->counters);
	cli_progress_end();
	if (known && !survey_conditions(placement->cpu, &to))
		say_conditions(&from, &to, clock_seconds() - started);
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

int cmd_selfcheck(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		NULL,
		"Proves the instrument on this machine, now: intervals of nothing hold zero as "
		"often "
		"as they say, the same run again is covered by them, delays of known length come "
		"back, the window costs what its clock "
		"reads cost, calls and runs agree, and events lost by force are accounted for, "
		"work on "
		"the core's other hardware thread is seen.\v"
		"One line a figure, with what is asked of it; then what may be trusted here and "
		"what not. Exit 3 when a figure is not ok; intervals that are wider than needed "
		"are waste and no fault. With 200 trials chance alone makes a perfect interval "
		"look too narrow about once in 40 times: --trials "
		"1000 tells. Hooks need root; without it the rest is examined.",
		0,
		0,
		0};
	struct args args = {.cpu = -1, .reader_cpu = -1, .trials = TRIALS};
	struct placement placement;
	struct tsc_rate tsc;
	struct error why = {0};

	argp_parse(&argp, argc, argv, 0, 0, &args);
	if (!args.seeded &&
	    getrandom(&args.seed, sizeof(args.seed), 0) != (ssize_t)sizeof(args.seed))
		args.seed = (uint64_t)time(NULL);
	args.seed &= INT32_MAX;
	mounts_complete();
	if (place_choose(args.cpu, args.reader_cpu, &placement, &why)) {
		cli_say("%s", why.text);
		return EXIT_WRONG_USAGE;
	}
	if (place_pin(&placement, &why)) {
		cli_say("%s", why.text);
		return EXIT_FAILED;
	}
	if (tsc_measure(TSC_BUDGET_MS, &tsc, &why)) {
		cli_say("%s", why.text);
		return EXIT_NOTHING;
	}
	return check_here(&args, &placement, &tsc);
}
