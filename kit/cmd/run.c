/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "calib/error.h"
#include "bpf/load/attach.h"
#include "bpf/read/consumer.h"
#include "bpf/load/others.h"
#include "bpf/load/reason.h"
#include "bpf/programs/shared.h"
#include "calib/counter_sets.h"
#include "calib/counters.h"
#include "calib/timer_overhead.h"
#include "calib/tsc.h"
#include "cpuset/isolate/isolate.h"
#include "kit/cmd/cli.h"
#include "kit/system/folder.h"
#include "kit/probes/harness.h"
#include "kit/system/host.h"
#include "kit/system/mounts.h"
#include "kit/cmd/nearest.h"
#include "kit/timing/open_counters.h"
#include "kit/system/place.h"
#include "kit/probes/plan.h"
#include "kit/cmd/suite.h"
#include "kit/cmd/version.h"
#include "reports/record/record_rows.h"
#include "reports/show/render.h"

#define TSC_BUDGET_MS 300

enum {
	KEY_SUITE = 256,
	KEY_VARIANT,
	KEY_WORKLOAD,
	KEY_WAKEUP,
	KEY_WAKE_EVERY,
	KEY_CACHE,
	KEY_ROUNDS,
	KEY_CALLS,
	KEY_SECONDS,
	KEY_SEED,
	KEY_CPU,
	KEY_READER_CPU,
	KEY_EVENTS,
	KEY_COUNTERS,
	KEY_ISOLATE,
	KEY_STRICT,
	KEY_UNIT,
	KEY_UNTIMED
};

static const struct argp_option options[] = {
	{0, 0, 0, 0, "What to measure:", 1},
	{"suite", KEY_SUITE, "NAME", 0,
	 "quick (default), full, matrix (the exact lab's), one of those below, or crosscheck (the "
	 "same variants as bpf_stats, bpftrace, perf stat and perf trace see them)",
	 0},
	{"variant", KEY_VARIANT, "GLOB", 0,
	 "hook_body, e.g. 'kprobe_*'; repeatable; see bpftoll list", 0},
	{"trigger", KEY_WORKLOAD, "GLOB", 0, "the timed operation, e.g. munmap_einval; repeatable",
	 0},
	{"drain", KEY_WAKEUP, "STATE", 0,
	 "how events are read: none, idle, caught_up, busy, sampled, polled_1ms, spin; repeatable; "
	 "see "
	 "bpftoll list",
	 0},
	{"wake-every", KEY_WAKE_EVERY, "N", 0,
	 "sampled: one event in N wakes the reader, a power of two up to 1024; default: 64", 0},
	{"cache", KEY_CACHE, "STATE", 0,
	 "stirred (default): other code runs between two calls; hot: nothing does; cold: caches, "
	 "TLB and branch predictor evicted before each call; repeatable",
	 0},
	{0, 0, 0, 0, "How long:", 2},
	{"rounds", KEY_ROUNDS, "N", 0, "each arm once, in random order, N times", 0},
	{"calls", KEY_CALLS, "N", 0, "timed calls of an arm in a round", 0},
	{"seconds", KEY_SECONDS, "N", 0, "as many rounds as fit into N seconds, instead", 0},
	{"seed", KEY_SEED, "N", 0, "of the order and the bootstrap; default: from the kernel", 0},
	{0, 0, 0, 0, "Where:", 3},
	{"cpu", KEY_CPU, "N", 0, "measuring CPU; default: isolated, nohz_full, else the quietest",
	 0},
	{"drain-cpu", KEY_READER_CPU, "N", 0, "CPU of the consumer", 0},
	{"isolate", KEY_ISOLATE, 0, 0,
	 "quiet the CPU (governor, turbo, IRQs, cgroup, …); all is put back at the end", 0},
	{"strict", KEY_STRICT, 0, 0, "exit 3 where conditions would degrade the run", 0},
	{0, 0, 0, 0, "Beside the time:", 4},
	{"events", KEY_EVENTS, "LIST", 0,
	 "counters by libpfm4's names, e.g. cycles:k,instructions:k (default: these, if there is a "
	 "PMU)",
	 0},
	{"counters", KEY_COUNTERS, "SET", 0,
	 "counters by question instead: " COUNTER_SET_NAMES "; what the CPU's model lacks is said",
	 0},
	{"unit", KEY_UNIT, "UNIT", 0,
	 "ns (default), or instructions where the clock counts them (bpftoll lab uses it)", 0},
	{"untimed", KEY_UNTIMED, 0, OPTION_HIDDEN, "the clock says nothing: bpftoll lab --cpus 2",
	 0},
	{"output", 'o', "DIR", 0,
	 "where the record goes, made with its parents; default: reports/runs/TIME", 0},
	{0}};

/* Faster than any clock: what is to take 2 ms at most has 20 of them or more. */
#define UNTIMED_HZ 5e10

struct args {
	struct plan_options plan;
	bool untimed; /* no reading means anything: every cost is withheld */
	uint64_t seed;
	int cpu, reader_cpu;
	const char *events, *counters, *dir;
	bool isolate, strict, seeded;
};

/* Everything a run holds, so that one place lets go of it. */
struct job {
	struct args args;
	const struct suite *suite; /* NULL: a plan of experiments */
	struct plan plan;
	struct placement placement;
	struct tsc_rate tsc;
	struct isolation *isolation;
	struct counters *counters;
	const char *events; /* as they were opened; NULL: a set, or none */
	struct record *record;
	char dir[512];
};

static void add_name(struct name_list *list, const char *name, const struct argp_state *state)
{
	if (list->n == PLAN_LIST_MAX)
		argp_error(state, "more than %d names", PLAN_LIST_MAX);
	list->names[list->n++] = name;
}

static error_t parse_numbers(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case KEY_ROUNDS:
		args->plan.rounds = (unsigned int)cli_number(arg, 2, 100000, "--rounds", state);
		return 0;
	case KEY_CALLS:
		args->plan.calls = (unsigned int)cli_number(arg, 8, 4032, "--calls", state);
		return 0;
	case KEY_SECONDS:
		args->plan.seconds = (unsigned int)cli_number(arg, 1, 86400, "--seconds", state);
		return 0;
	case KEY_WAKE_EVERY:
		if (reader_sampled_every((unsigned int)cli_number(arg, 2, READER_EVERY_MOST,
								  "--wake-every", state)))
			argp_error(state, "--wake-every is a power of two, not '%s'", arg);
		return 0;
	case KEY_SEED:
		args->seed = (uint64_t)cli_number(arg, 0, INT32_MAX, "--seed", state);
		args->seeded = true;
		return 0;
	case KEY_CPU:
		args->cpu = (int)cli_number(arg, 0, 1 << 16, "--cpu", state);
		return 0;
	case KEY_READER_CPU:
		args->reader_cpu = (int)cli_number(arg, 0, 1 << 16, "--drain-cpu", state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case KEY_SUITE:
		args->plan.suite = arg;
		return 0;
	case KEY_VARIANT:
		add_name(&args->plan.variants, arg, state);
		return 0;
	case KEY_WORKLOAD:
		add_name(&args->plan.workloads, arg, state);
		return 0;
	case KEY_WAKEUP:
		add_name(&args->plan.wakeups, arg, state);
		return 0;
	case KEY_CACHE:
		add_name(&args->plan.caches, arg, state);
		return 0;
	case KEY_EVENTS:
		args->events = arg;
		return 0;
	case KEY_COUNTERS:
		args->counters = arg;
		return 0;
	case KEY_ISOLATE:
		args->isolate = true;
		return 0;
	case KEY_STRICT:
		args->strict = true;
		return 0;
	case KEY_UNIT:
		if (!strcmp(arg, "instructions"))
			args->plan.unit = UNIT_INSTRUCTIONS;
		else if (strcmp(arg, "ns") != 0)
			argp_error(state, "--unit is ns or instructions, not '%s'", arg);
		return 0;
	case KEY_UNTIMED:
		args->plan.unit = UNIT_INSTRUCTIONS;
		args->untimed = true;
		return 0;
	case 'o':
		args->dir = arg;
		return 0;
	case ARGP_KEY_INIT:
		suite_inputs(state->child_inputs);
		return 0;
	default:
		return parse_numbers(key, arg, state);
	}
}

static void degrade(void *ctx, const char *what, const char *mend)
{
	struct job *s = ctx;

	(void)mend;
	record_add_warning(s->record, "%s", what);
}

static int make_record(struct job *s, int argc, char **argv)
{
	struct record *rec = s->record = record_new();
	char names[128];
	int others, cpus[2];

	if (!rec)
		return -ENOMEM;
	rec->version = strdup(BPFTOLL_VERSION);
	rec->commit = *version_commit ? strdup(version_commit) : NULL;
	rec->seed = s->args.seed;
	rec->suite = strdup(s->args.plan.suite);
	rec->argv = calloc((size_t)argc + 1, sizeof(*rec->argv));
	for (int i = 0; rec->argv && i < argc; i++)
		rec->argv[rec->n_argv++] = strdup(argv[i]);
	host_describe(&s->tsc, &rec->host);
	rec->placement.measure_cpu = s->placement.cpu;
	rec->placement.reader_cpu = s->placement.reader_cpu;
	rec->placement.reason = strdup(s->placement.reason);
	if (s->args.plan.unit == UNIT_NS) {
		host_idle(&s->placement, &rec->placement);
		host_conditions(&s->placement, degrade, s);
		if (place_cpus(cpus, 2) < 2)
			record_add_warning(rec,
					   "one CPU: programs are loaded, attached and freed "
					   "where the calls are timed, and what the kernel defers "
					   "of that may preempt them");
	}
	others = others_loaded(names, sizeof(names));
	if (others > 0)
		record_add_warning(rec,
				   "%d other tracing program%s loaded (%s%s): where they are "
				   "attached, the baselines hold their cost",
				   others, others > 1 ? "s are" : " is", names,
				   others > 4 ? ", …" : "");
	return 0;
}

/* Where instructions are claimed, a loop of k of them must read k ticks: nothing else makes them
 * exact. */
static int calibrate(struct job *s, struct error *why)
{
	if (s->args.plan.unit == UNIT_NS)
		return tsc_measure(TSC_BUDGET_MS, &s->tsc, why);
	s->tsc = (struct tsc_rate){.hz = 1e9, .quantum = 1, .invariant = true};
	if (s->args.untimed) {
		/* deadlines only: an emulated wake-up takes milliseconds */
		s->tsc.hz = UNTIMED_HZ;
		return 0;
	}
	return timer_overhead_prove_instructions(why);
}

/* What cannot be counted is said, and the run goes on with the clock alone; events that the user
 * named must be there. */
static int open_run_counters(struct job *s, struct error *why)
{
	int err;

	s->events = s->args.events     ? s->args.events
		    : s->args.counters ? NULL
				       : counters_default_events();
	err = open_counters(s->events, s->args.counters, s->placement.cpu, &s->counters, why);
	if (!err || err == -ENOMEM || s->args.events)
		return err;
	record_add_warning(s->record, "no counters%s%s: %s",
			   s->args.counters ? ", --counters " : "",
			   s->args.counters ? s->args.counters : "", why->text);
	return 0;
}

static int check_counters(const struct args *args, struct error *why)
{
	struct nearest near = {.wrong = args->counters};

	if (!args->counters)
		return 0;
	if (args->events)
		return error_set(why, -EINVAL, "--events and --counters: one or the other");
	for (size_t i = 0; counter_set_name(i); i++) {
		if (!strcmp(counter_set_name(i), args->counters))
			return 0;
		nearest_offer(&near, counter_set_name(i));
	}
	nearest_say(&near, "set of counters", why);
	return -EINVAL;
}

static bool may_set_sysctl(const struct job *s)
{
	return s->args.isolate || s->args.plan.unit == UNIT_INSTRUCTIONS;
}

/* The programs of a slope wake once in a fixed number. */
static int check_wake_every(const struct args *args, struct error *why)
{
	if (strcmp(args->plan.suite, "helpers") != 0 ||
	    wakeup_policy_row(WAKEUP_SAMPLED)->every == WAKE_SAMPLE_EVERY)
		return 0;
	return error_set(why, -EINVAL,
			 "--wake-every: the prices of suite helpers are those of 1 in %d",
			 WAKE_SAMPLE_EVERY);
}

static int set_up(struct job *s, int argc, char **argv, struct error *why)
{
	struct error no;
	int err, refused;

	s->suite = suite_find(s->args.plan.suite);
	err = check_counters(&s->args, why);
	if (!err)
		err = check_wake_every(&s->args, why);
	if (!err)
		err = suite_check(s->suite, &s->args.plan, why);
	if (!err && !s->suite)
		err = plan_make(&s->args.plan, &s->plan, why);
	if (err)
		return EXIT_WRONG_USAGE;
	if (!s->args.seeded &&
	    getrandom(&s->args.seed, sizeof(s->args.seed), 0) != (ssize_t)sizeof(s->args.seed))
		s->args.seed = (uint64_t)time(NULL);
	s->args.seed &= INT32_MAX; /* what --seed takes, and every JSON reader keeps */
	refused = reason_refused(&no);
	mounts_complete();
	/* a wrong CPU is wrong usage for everybody; who may not measure is spared the survey of all
	 */
	if ((!refused || s->args.cpu >= 0) &&
	    place_choose(s->args.cpu, s->args.reader_cpu, &s->placement, why))
		return EXIT_WRONG_USAGE;
	if (refused)
		return error_set(why, EXIT_NOTHING, "%s", no.text);
	if (s->args.isolate) {
		err = isolation_open("", NULL, s->placement.cpu, s->placement.reader_cpu, stderr,
				     &s->isolation, why);
		if (err)
			return EXIT_FAILED;
	}
	attach_allow_sysctl(may_set_sysctl(s));
	/* before memory is filled, and where the process is to stay; a failure is told where a
	 * reader is wanted */
	if (s->placement.reader_cpu >= 0)
		consumer_prepare(why);
	*why->text = '\0';
	err = place_pin(&s->placement, why);
	if (err)
		return EXIT_FAILED;
	if (calibrate(s, why))
		return EXIT_NOTHING;
	if (make_record(s, argc, argv))
		return error_set(why, EXIT_FAILED, "out of memory");
	err = open_run_counters(s, why);
	if (err)
		return err == -ENOENT ? EXIT_WRONG_USAGE : EXIT_FAILED;
	if (folder_for_record(s->args.dir, s->dir, sizeof(s->dir), why))
		return EXIT_FAILED;
	return EXIT_DONE;
}

/* From the file: what is shown is what was kept. */
static int show(const struct job *s)
{
	struct record *kept;
	struct error why;
	size_t measured;

	if (record_read(s->dir, &kept, &why)) {
		cli_say("%s", why.text);
		return EXIT_FAILED;
	}
	render_record(kept, RENDER_TEXT, stdout);
	fflush(stdout);
	measured = record_rows_measured(kept);
	for (size_t i = 0; i < kept->n_results; i++)
		measured += kept->results[i]->status == RESULT_MEASURED &&
			    strcmp(kept->results[i]->hook, "none") != 0;
	record_free(kept);
	cli_say("record: %s", s->dir);
	return measured ? EXIT_DONE : EXIT_NOTHING;
}

static int measure(struct job *s, struct error *why)
{
	struct harness_env env = {
		.dir = s->dir,
		.placement = &s->placement,
		.tsc = &s->tsc,
		.seed = s->args.seed,
		.counters = s->counters,
		.events = s->events,
		.counter_set = s->args.counters,
		.allow_sysctl = may_set_sysctl(s),
		.keep_samples = true,
		.stop = &cli_stop,
		.progress = cli_progress,
	};
	int err, code;

	if (s->args.strict && s->record->n_warnings) {
		for (size_t i = 0; i < s->record->n_warnings; i++)
			cli_say("%s", s->record->warnings[i]);
		return error_set(why, EXIT_GATE,
				 "--strict: nothing was measured; bpftoll doctor says more");
	}
	err = s->suite ? s->suite->run(&env, &s->args.plan, s->record, why)
		       : harness_run(&s->plan, &env, s->record, why);
	cli_progress_end();
	if (err && err != -EINTR && err != -EBADMSG)
		return EXIT_FAILED;
	code = show(s);
	if (err == -EBADMSG)
		return EXIT_FAILED;
	if (s->args.strict && code == EXIT_DONE && s->record->n_warnings) {
		error_say(why, "--strict: the run is degraded, see above");
		code = EXIT_GATE;
	}
	return err == -EINTR ? EXIT_STOPPED : code;
}

int cmd_run(int argc, char **argv)
{
	const struct argp argp = {options,
				  parse,
				  NULL,
				  "Measures what each probe adds to a syscall on this "
				  "machine, and prints the table.\v"
				  "A probe's cost is the difference to the same call with "
				  "nothing attached, in the same round. A run is made by "
				  "several fresh processes one after another, and the "
				  "intervals are over those. Nothing is attached twice (A/A) "
				  "and one probe is measured twice (B/B): both differences "
				  "must hold zero. What this kernel cannot attach is a "
				  "skipped row with its reason.",
				  suite_children(),
				  0,
				  0};
	struct job s = {.args = {.plan = {.suite = "quick"}, .cpu = -1, .reader_cpu = -1}};
	struct error why = {0};
	int code;

	argp_parse(&argp, argc, argv, 0, 0, &s.args);
	code = set_up(&s, argc, argv, &why);
	if (code == EXIT_DONE)
		code = measure(&s, &why);
	cli_progress_end();
	if (*why.text && code != EXIT_DONE && code != EXIT_STOPPED)
		cli_say("%s", why.text);
	if (code == EXIT_STOPPED)
		cli_say("stopped: what was finished is kept in %s", s.dir);
	counters_close(s.counters);
	if (isolation_close(s.isolation))
		cli_say("not everything could be put back; run bpftoll restore");
	record_free(s.record);
	plan_free(&s.plan);
	return code;
}
