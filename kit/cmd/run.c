/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "bpf/load/attach.h"
#include "bpf/read/reader_host.h"
#include "bpf/load/reason.h"
#include "bpf/programs/shared.h"
#include "calib/clock.h"
#include "calib/counter_sets.h"
#include "calib/counters.h"
#include "calib/timer_overhead.h"
#include "calib/tsc.h"
#include "cpuset/isolate/isolate.h"
#include "kit/cmd/options/choices.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/system/folder.h"
#include "kit/probes/harness.h"
#include "kit/system/mounts.h"
#include "kit/timing/open_counters.h"
#include "kit/system/place.h"
#include "kit/probes/plan.h"
#include "kit/cmd/possible.h"
#include "kit/cmd/options/judging.h"
#include "kit/cmd/options/showing.h"
#include "kit/cmd/options/start.h"
#include "kit/cmd/running/cpu_claim.h"
#include "kit/cmd/running/record_head.h"
#include "kit/cmd/suite.h"
#include "kit/cmd/options/policy_words.h"
#include "kit/cmd/options/precision_word.h"
#include "kit/cmd/options/live.h"
#include "reports/record/record_rows.h"
#include "reports/show/render.h"

#define TSC_BUDGET_MS 300

/* Higher than any clock's rate: a wait limited to 2 ms of these ticks lasts at least 20 ms. */
#define UNTIMED_HZ 5e10

static struct {
	struct plan_options plan;
	bool untimed; /* the clock means nothing here: no costs are reported */
	const char *events, *counters, *dir;
	bool isolate, strict;
	char **words; /* after the options */
} args = {.plan = {.suite = "quick"}};

static const struct option_row suite_row[] = {
	{"suite",
	 "quick (default), full, matrix (the exact lab's), one of those below, calibrate "
	 "(instructions in "
	 "user space, for predict) or crosscheck (the "
	 "same variants as bpf_stats, bpftrace, perf stat and perf trace see them)",
	 "NAME", .text = &args.plan.suite, .values = choice_suite},
	{0}};

static const struct option_row selection[] = {
	{"variant",
	 "hook_program, e.g. 'kprobe_*'; repeatable; default: the suite's; see bpftoll list",
	 "GLOB", .list = OPTION_LIST(args.plan.variants), .values = choice_variant},
	{"syscall", "the syscall under test, e.g. munmap_einval; repeatable; default: the suite's",
	 "GLOB", .list = OPTION_LIST(args.plan.workloads), .values = choice_syscall},
	{"trigger", "", "GLOB", .hidden = true, .list = OPTION_LIST(args.plan.workloads)},
	{"wakeup-policy",
	 "when the kernel wakes the reader of events: per-event, none (the caller reads), "
	 "polled-1ms, buffer-full (nobody reads), busy-poll, every-N, spin; repeatable; default: "
	 "the suite's; see bpftoll list",
	 "POLICY", .list = OPTION_LIST(args.plan.wakeups), .values = policy_word,
	 .translate = policy_state},
	{"drain", "", "STATE", .hidden = true, .list = OPTION_LIST(args.plan.wakeups)},
	{"wake-every", "N of wakeup policy every-N, a power of two up to 1024; default: 64", "N",
	 .take = policy_take_every},
	{"cache",
	 "stirred (default): other code runs between two calls; hot: nothing does; cold: caches, "
	 "TLB and branch predictor evicted before each call; repeatable",
	 "STATE", .list = OPTION_LIST(args.plan.caches), .values = choice_cache},
	{0}};

const struct option_row run_how_long[] = {
	{"rounds", "each configuration once, in random order, N times; default: what fits", "N",
	 .number = &args.plan.rounds, .least = 2, .most = 100000},
	{"calls",
	 "timed calls of a configuration in a round; default: the suite's (quick and measure: "
	 "1024)",
	 "N", .number = &args.plan.calls, .least = 8, .most = 4032},
	{"seconds",
	 "as many rounds as fit into so much time of measuring, e.g. 90 or 2m; the command takes "
	 "some seconds more, and at least eight rounds; default: 50 (quick), 10 (measure), 60 "
	 "(measure --tool)",
	 "N", .number = &args.plan.seconds, .per_second = 1, .least = 1, .most = 86400},
	{"precision",
	 "end when the 95 % interval of each row's typical cost is at most so far to either side, "
	 "e.g. 2ns, 0.5us or 5%; --seconds is then the most that it takes",
	 "HALF", .take = precision_take},
	{0}};

const struct option_row run_where[] = {
	{"isolate", "quiet the CPU (governor, turbo, IRQs, cgroup, …); all is put back at the end",
	 .flag = &args.isolate},
	{"strict", "exit 3 where there would be warnings", .flag = &args.strict},
	{0}};

const struct option_row run_beside[] = {
	{"events",
	 "counters by libpfm4's names, e.g. cycles:k,instructions:k (default: these, if there is a "
	 "PMU)",
	 "LIST", .text = &args.events},
	{"counters",
	 "counters by question instead: " COUNTER_SET_NAMES "; what the CPU's model lacks is said",
	 "SET", .text = &args.counters, .values = counter_set_name},
	{"unit", "ns (default), or instructions where the clock counts them (bpftoll lab uses it)",
	 "UNIT", .choice = &args.plan.unit, .values = choice_unit},
	{"untimed", "the clock says nothing: bpftoll lab --cpus 2", .hidden = true,
	 .flag = &args.untimed},
	{"output", "where the record goes, made with its parents; default: reports/runs/TIME",
	 "DIR", .letter = 'o', .text = &args.dir},
	{0}};

/* Everything a run holds, to be released in one place. */
struct job {
	struct start start;
	const struct suite *suite; /* NULL: a plan of experiments */
	struct plan plan;
	struct placement placement;
	struct claim claim;
	struct others others; /* tracing programs of others, before the run */
	struct tsc_rate tsc;
	struct isolation *isolation;
	struct counters *counters;
	const char *events; /* as they were opened; NULL: a set, or none */
	struct record *record;
	struct record_set beside; /* of the lab and of other machines, for predictions */
	char dir[PATH_MAX];
};

/*
 * With --unit instructions, checks that a loop of k instructions takes k ticks: only then are
 * counts exact.
 */
static int calibrate(struct job *s, struct error *why)
{
	if (args.plan.unit == UNIT_NS)
		return tsc_measure(TSC_BUDGET_MS, &s->tsc, why);
	s->tsc = (struct tsc_rate){.hz = 1e9, .quantum = 1, .invariant = true};
	if (args.untimed) {
		/* only used for time limits, since a wakeup in emulation takes milliseconds */
		s->tsc.hz = UNTIMED_HZ;
		return 0;
	}
	return timer_overhead_prove_instructions(why);
}

/*
 * Counters that are not available are reported, and the run goes on without them; but events named
 * by the user must be available.
 */
static int open_run_counters(struct job *s, struct error *why)
{
	int err;

	s->events = args.events ? args.events : args.counters ? NULL : counters_default_events();
	err = open_counters(s->events, args.counters, s->placement.cpu, &s->counters, why);
	if (!err || err == -ENOMEM || args.events)
		return err;
	record_add_warning(s->record, "no counters%s%s: %s", args.counters ? ", --counters " : "",
			   args.counters ? args.counters : "", why->text);
	return 0;
}

/* Returns 0, or -EINVAL with why: the word is not in the table. */
static int check_word(const char *word, const struct name_table *table, struct error *why)
{
	const struct name_list one = {{word}, 1};

	return name_list_check(&one, table, why);
}

static int check_counters(struct error *why)
{
	static const struct name_table sets = {"set of counters", counter_set_name, name_same};

	if (!args.counters)
		return 0;
	if (args.events)
		return error_set(why, -EINVAL, "--events and --counters: one or the other");
	return check_word(args.counters, &sets, why);
}

static bool may_set_sysctl(void)
{
	return args.isolate || args.plan.unit == UNIT_INSTRUCTIONS;
}

/* Programs of slopes are built for one fixed N of the policy every N. */
static int check_wake_every(struct error *why)
{
	if (strcmp(args.plan.suite, "helpers") != 0 ||
	    wakeup_policy_row(WAKEUP_SAMPLED)->every == WAKE_SAMPLE_EVERY)
		return 0;
	return error_set(why, -EINVAL,
			 "suite helpers has programs for a wakeup at one event in %d, not in %u: "
			 "--wakeup-policy every-%d",
			 WAKE_SAMPLE_EVERY, wakeup_policy_row(WAKEUP_SAMPLED)->every,
			 WAKE_SAMPLE_EVERY);
}

/* --app redis implies --suite apps. */
static int choose_named_suite(struct job *s, struct error *why)
{
	static const struct name_table names = {"suite", choice_suite, name_same};
	const char *named = options_given(suite_row) ? args.plan.suite : NULL, *implied;

	if (check_word(args.plan.suite, &names, why) || suite_of_options(named, &implied, why))
		return -EINVAL;
	if (implied && !named) {
		cli_say("these options belong to --suite %s, which is run", implied);
		args.plan.suite = implied;
	}
	s->suite = suite_find(args.plan.suite);
	if (s->suite && args.plan.precision.value > 0)
		return error_set(why, -EINVAL, "--precision: not of suite %s", args.plan.suite);
	return 0;
}

/* A command that is a suite of its own has chosen it. */
static int choose_suite(struct job *s, struct error *why)
{
	args.plan.precision = precision_asked();
	return s->suite ? 0 : choose_named_suite(s, why);
}

/* Finds everything that can be wrong with a command line before anything is touched. */
static int check_usage(struct job *s, struct error *why)
{
	int err = choose_suite(s, why);

	if (!err && args.words && (!s->suite || !s->suite->words))
		return options_wrong_word(args.words[0]);
	if (!err && s->suite && s->suite->words)
		*s->suite->words = args.words;
	if (args.untimed)
		args.plan.unit = UNIT_INSTRUCTIONS;
	if (!err)
		err = check_counters(why);
	if (!err)
		err = check_wake_every(why);
	if (!err && s->suite && s->suite->check)
		err = s->suite->check(&args.plan, why);
	if (!err && !s->suite)
		err = plan_make(&args.plan, &s->plan, why);
	if (!err)
		err = judging_labs(&s->beside, why);
	return err == -ENODATA ? EXIT_NOTHING : err ? EXIT_WRONG_USAGE : EXIT_DONE;
}

/*
 * If no variant can be attached, only baselines would be timed. Exceptions: records of the lab keep
 * such rows with their reasons, to compare kernels; a suite without a named variant chooses for
 * itself and gives reasons.
 */
static int check_possible(const struct job *s, struct error *why)
{
	struct error reasons;

	if (args.plan.unit != UNIT_NS || (s->suite && !args.plan.variants.n) ||
	    !possible_any(&args.plan.variants, &reasons))
		return 0;
	return error_set(why, -ENOTSUP,
			 "nothing that was asked for can be measured here: %s. bpftoll list shows "
			 "what can; bpftoll lab measures on other kernels",
			 reasons.text);
}

static int settle(struct job *s, struct error *why)
{
	int err = args.plan.unit == UNIT_NS
			  ? cpu_claim(&s->placement, s->start.wait, &s->claim, why)
			  : 0;

	if (err)
		return err == -EINTR ? EXIT_STOPPED : EXIT_FAILED;
	if (args.isolate && isolation_open("", NULL, s->placement.cpu, s->placement.reader_cpu,
					   stderr, &s->isolation, why))
		return EXIT_FAILED;
	attach_allow_sysctl(may_set_sysctl());
	/*
	 * before much memory is mapped and before the process is pinned; a failure is reported when
	 * a reader is wanted
	 */
	if (s->placement.reader_cpu >= 0)
		reader_host_start(why);
	*why->text = '\0';
	if (place_pin(&s->placement, why))
		return EXIT_FAILED;
	return calibrate(s, why) ? EXIT_NOTHING : EXIT_DONE;
}

static int set_up(struct job *s, struct error *why)
{
	struct error no;
	int err, refused, code = check_usage(s, why);

	if (code != EXIT_DONE)
		return code;
	s->start = start_chosen();
	refused = reason_refused(&no);
	mounts_complete();
	/*
	 * if nothing can be measured, placement is checked only if a CPU was named, since a wrong
	 * one is wrong usage
	 */
	if (!refused && !args.isolate && check_possible(s, &no))
		refused = -ENOTSUP;
	if ((!refused || s->start.cpu >= 0) &&
	    place_choose(s->start.cpu, s->start.reader_cpu, &s->placement, why))
		return EXIT_WRONG_USAGE;
	if (refused)
		return error_set(why, EXIT_NOTHING, "%s%s", no.text,
				 refused == -ENOSYS && args.plan.unit == UNIT_NS
					 ? ". bpftoll lab measures on other kernels, in exact "
					   "instructions"
					 : "");
	code = settle(s, why);
	/* settings may be changed from here on, and kprobe_int3 needs one of them changed */
	if (code == EXIT_DONE && args.isolate && check_possible(s, why))
		code = EXIT_NOTHING;
	if (code != EXIT_DONE)
		return code;
	s->record = record_head_make(
		&(struct record_head){s->suite ? s->suite->name : args.plan.suite, s->start.seed,
				      &s->placement, &s->tsc, args.plan.unit},
		&s->others);
	if (!s->record)
		return error_set(why, EXIT_FAILED, "out of memory");
	err = open_run_counters(s, why);
	if (err)
		return err == -ENOENT ? EXIT_WRONG_USAGE : EXIT_FAILED;
	return folder_for_record(args.dir, s->dir, sizeof(s->dir), why) ? EXIT_FAILED : EXIT_DONE;
}

/* Shows the record as read from the file, so that what is shown is what was stored. */
static int show(struct job *s)
{
	struct record *kept;
	struct error why;
	int err;

	if (record_read(s->dir, &kept, &why))
		return cli_fail(EXIT_FAILED, &why);
	s->beside.runs[s->beside.n_runs++].record = kept;
	err = showing_full() ? render_record(kept, RENDER_TEXT, stdout)
			     : showing_run(kept, s->dir, &s->beside);
	fflush(stdout);
	if (showing_full() || showing_json())
		cli_say("record: %s", s->dir);
	if (err)
		return EXIT_FAILED;
	return record_has_figures(kept) ? EXIT_DONE : EXIT_NOTHING;
}

/* Suites look for others where they can; here nothing of ours is loaded. */
static void note_end(const struct job *s, const struct harness_env *env, double seconds,
		     const char *lost)
{
	size_t warnings = s->record->n_warnings;
	struct error why;

	harness_note_others(env, s->record, seconds);
	if (lost)
		record_add_warning(s->record, "%s: the run ended there", lost);
	if (s->record->n_warnings > warnings && record_write(s->record, s->dir, &why))
		cli_say("%s", why.text);
}

static int measure(struct job *s, struct error *why)
{
	struct checkpoint checkpoint = {.rows = NULL};
	struct harness_env env = {
		.dir = s->dir,
		.checkpoint = args.plan.unit == UNIT_NS ? &checkpoint : NULL,
		.others = &s->others,
		.placement = &s->placement,
		.tsc = &s->tsc,
		.seed = s->start.seed,
		.counters = s->counters,
		.events = s->events,
		.counter_set = args.counters,
		.allow_sysctl = may_set_sysctl(),
		.keep_samples = true,
		.stop = &cli_stop,
		.progress = cli_progress,
		.kept = live_possible() ? live_show : NULL,
		.kept_ctx = s->dir,
	};
	double started = clock_seconds();
	const char *lost;
	int err, code;

	if (args.strict && s->record->n_warnings) {
		for (size_t i = 0; i < s->record->n_warnings; i++)
			cli_say("%s", s->record->warnings[i]);
		return error_set(why, EXIT_GATE,
				 "--strict: nothing was measured; bpftoll doctor says more");
	}
	err = s->suite ? s->suite->run(&env, &args.plan, s->record, why)
		       : harness_run(&s->plan, &env, s->record, why);
	cli_progress_end();
	live_end();
	if (err && err != -EINTR && err != -EBADMSG)
		return EXIT_FAILED;
	lost = err == -EINTR ? place_lost() : NULL;
	note_end(s, &env, clock_seconds() - started, lost);
	code = show(s);
	if (lost)
		return error_set(why, EXIT_FAILED, "%s: what was complete by then is kept in %s",
				 lost, s->dir);
	if (err == -EBADMSG)
		return EXIT_FAILED;
	if (args.strict && code == EXIT_DONE && s->record->n_warnings) {
		error_say(why, "--strict: there are warnings, see above");
		code = EXIT_GATE;
	}
	return err == -EINTR ? EXIT_STOPPED : code;
}

int run_with(const struct suite *suite)
{
	struct job s = {.suite = suite};
	struct error why = {0};
	int code = set_up(&s, &why);

	if (code == EXIT_DONE)
		code = measure(&s, &why);
	cli_progress_end();
	if (*why.text && code != EXIT_DONE && code != EXIT_STOPPED)
		cli_say("%s", why.text);
	if (code == EXIT_STOPPED && *s.dir)
		cli_say("stopped: what was finished is kept in %s", s.dir);
	counters_close(s.counters);
	if (isolation_close(s.isolation))
		cli_say("not everything could be put back; run bpftoll restore");
	record_free(s.record);
	record_set_close(&s.beside);
	plan_free(&s.plan);
	claim_close(&s.claim);
	return code;
}

static int run(void)
{
	return run_with(NULL);
}

const struct command cmd_run = {
	.name = "run",
	.summary = "measure on this machine, and print the answer",
	.about =
		"Measures what each probe adds to a syscall on this machine, and prints the table.",
	.more = "A probe's cost is the difference to the same call with nothing attached, in the "
		"same round. A run is made by several fresh processes one after another, and the "
		"intervals are over those. Two null tests are part of it: nothing attached, as two "
		"configurations, and one probe, as two: both differences must be zero within their "
		"intervals. What this kernel cannot attach is a skipped row with its reason; where "
		"it can attach none of what was asked for, nothing is measured (exit 4).\n\n"
		"Suite quick takes about a minute. On munmap_einval, with every hook: empty, "
		"lookup_miss, lookup_hit, perf, ringbuf and the kprobe as_written, those that send "
		"events with wakeup policies none, per-event and polled-1ms. On munmap_4k and "
		"madvise_dontneed_4k: empty, perf, ringbuf and as_written, with none. On getppid, "
		"which no probe watches: empty and lookup_miss, the price of every other "
		"syscall.\n\n"
		"Needs root, or CAP_BPF and CAP_PERFMON. An option that belongs to one suite "
		"chooses that suite. Older names of options stay valid: --trigger, --drain, "
		"--drain-cpu, --carrier.",
	.examples = "  bpftoll run\n"
		    "  bpftoll run --variant 'raw_tp_*' --wakeup-policy per-event --seconds 2m\n"
		    "  bpftoll run --suite events --rate 10000 --scenario sweep -o events\n"
		    "  bpftoll run --app exec -- make -j2",
	.groups = (const struct option_group[]){{"What to measure:", suite_row},
						{NULL, selection},
						{"How long:", run_how_long},
						{NULL, start_seed_rows},
						{"Where:", start_cpu_rows},
						{NULL, run_where},
						{"Beside the time:", run_beside},
						{"What is shown:", showing_rows},
						{NULL, judging_lab_rows},
						{0}},
	.more_groups = suite_option_groups,
	.operands = "[-- COMMAND...]",
	.rest = &args.words,
	.run = run,
};
