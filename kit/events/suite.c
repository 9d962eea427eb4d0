/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Suite events: cost, loss and age of events as their rate rises; `bpftoll run --suite events`.
 *
 * A scenario is a row of the table below. Each appends its rows to the record and writes it.
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "calib/error.h"
#include "bpf/load/reason.h"
#include "bpf/programs/shared.h"
#include "calib/clock.h"
#include "calib/tsc.h"
#include "cpuset/survey.h"
#include "kit/cmd/cli.h"
#include "calib/clock.h"
#include "kit/events/exposure.h"
#include "kit/events/scenario_list.h"
#include "kit/cmd/suite.h"

#define ROUNDS	      6
#define EXACT_ROUNDS  2
#define TSC_BUDGET_MS 20

static const double rates_default[] = {1e3, 10e3, 50e3, 100e3, 500e3, 1e6};
static const double rates_exact[] = {10e3, 100e3};

static const struct scenario {
	const char *name, *summary;
	bool on_request; /* runs only when named */
	int (*run)(const struct events *events, struct error *why);
} scenarios[] = {
	{"sweep", "every rate, buffer and wakeup policy", false, events_sweep},
	{"same_cpu", "the reader on the producer's own CPU", false, events_same_cpu},
	{"burst", "calls back to back, against buffer size", false, events_burst},
	{"stopped", "a reader that stands still for a while", false, events_stopped},
	{"buffer", "loss against buffer size at a steady rate", false, events_buffer},
	{"contention", "1 to all CPUs at once", false, events_contention},
	{"wakeup", "wakeup and poll policies", false, events_wakeup},
	{"flood", "what the reader can take", true, events_flood},
};
#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

static struct events_options options = {.buffer_bytes = RINGBUF_BYTES, .exposure_s = NAN};

static const char *scenario_at(size_t i)
{
	return i < SCENARIOS ? scenarios[i].name : NULL;
}

static const char *take_rate(const char *value)
{
	char *end;

	if (options.n_rates == SWEEP_RATES_MOST)
		return "is one rate too many";
	options.rates[options.n_rates++] = strtod(value, &end);
	return end == value || *end ? "is a number of calls a second" : NULL;
}

static const struct option_row rows[] = {
	{"rate", "calls a second; repeatable; default: 1000, 10000, 50000, 100000, 500000, 1000000",
	 "N", .take = take_rate},
	{"scenario",
	 "sweep, same_cpu, burst, stopped, buffer, contention, wakeup, flood; repeatable; default: "
	 "all but flood",
	 "NAME", .list = OPTION_LIST(options.scenarios), .values = scenario_at},
	{"buffer",
	 "size of the ring, or of each CPU's perf buffer: a power of two of pages; default: 262144",
	 "BYTES", .large = &options.buffer_bytes, .least = STREAM_BYTES_LEAST,
	 .most = STREAM_BYTES_MOST},
	{"exposure",
	 "shortest length of the windows that bound a loss; default: 10, or 0 (none) with "
	 "--seconds below 10",
	 "SECONDS", .real = &options.exposure_s, .per_second = 1, .most = 60},
	{0}};

/* ---- checks ---- */

static int check_rates(const struct plan_options *run, struct error *why)
{
	struct tsc_rate tsc = {.hz = 1e9, .quantum = 1};

	if (!options.n_rates)
		return 0;
	/* an unusable clock is reported later, by the run itself */
	if (run->unit == UNIT_NS && tsc_measure(TSC_BUDGET_MS, &tsc, why))
		return 0;
	for (size_t i = 0; i < options.n_rates; i++) {
		if (pace_check(options.rates[i], &tsc, why))
			return -EINVAL;
		for (size_t j = 0; j < i; j++)
			if (options.rates[i] == options.rates[j])
				return error_set(why, -EINVAL, "--rate %.12g twice",
						 options.rates[i]);
	}
	return 0;
}

static const char *sender_at(size_t i)
{
	for (size_t v = 0; v < variants_count; v++)
		if (body_output(variants[v].body) != OUTPUT_NONE && !i--)
			return variants[v].name;
	return NULL;
}

static const struct name_table scenario_names = {"scenario", scenario_at, name_same};
static const struct name_table senders = {"variant that sends events", sender_at, NULL};

/*
 * The one workload; the probe must fire in it, and each call must end when it returns. NULL: why
 * has the reason.
 */
static const struct workload *workload_of(const struct plan_options *run, struct error *why)
{
	const struct name_table exact = {plan_workloads.what, plan_workloads.at, name_same};
	const struct workload *workload;

	if (run->workloads.n > 1)
		return error_set(why, NULL, "--suite events takes one --syscall");
	if (name_list_check(&run->workloads, &exact, why))
		return NULL;
	workload = workload_find(run->workloads.n ? run->workloads.names[0] : "munmap_einval");
	if (workload->fires)
		return workload;
	return error_set(why, NULL, "--syscall %s runs no probe, so no events are sent",
			 workload->name);
}

/*
 * Without CAP_IPC_LOCK the pages of a perf buffer count against a per-user allowance
 * (perf_event_mlock_kb, kernel docs admin-guide/sysctl/kernel.rst) and, beyond that, against
 * RLIMIT_MEMLOCK; see perf_mmap() in the kernel.
 */
static int check_memlock(struct error *why)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct rlimit limit;
	unsigned long kib = 0;
	FILE *file;
	size_t most;

	if (reason_capable(CAP_IPC_LOCK) || getrlimit(RLIMIT_MEMLOCK, &limit) ||
	    limit.rlim_cur == RLIM_INFINITY)
		return 0;
	file = fopen("/proc/sys/kernel/perf_event_mlock_kb", "re");
	if (!file)
		return 0;
	if (fscanf(file, "%lu", &kib) != 1)
		kib = 0;
	fclose(file);
	most = limit.rlim_cur + kib * 1024 * (size_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (options.buffer_bytes + page <= most)
		return 0;
	return error_set(why, -EINVAL,
			 "a buffer of %zu bytes and a page: without CAP_IPC_LOCK at most %zu may "
			 "be locked (ulimit -l, and kernel.perf_event_mlock_kb for each CPU)",
			 options.buffer_bytes, most);
}

static int check_buffer(struct error *why)
{
	const struct stream_options ring = {
		.buffer = STREAM_RINGBUF,
		.buffer_bytes = options.buffer_bytes,
		.wake = WAKE_SAMPLED,
		.wake_every = wakeup_policy_row(WAKEUP_SAMPLED)->every,
	};
	const struct stream_options perf = {
		.buffer = STREAM_PERF,
		.buffer_bytes = options.buffer_bytes,
	};
	int err = stream_check(&perf, why);

	if (!err)
		err = stream_check(&ring, why);
	return err ? err : check_memlock(why);
}

static int check(const struct plan_options *run, struct error *why)
{
	int err;

	if (run->calls)
		return error_set(why, -EINVAL,
				 "--calls means nothing to --suite events: rates give them");
	if (run->rounds > SWEEP_ROUNDS_MOST)
		return error_set(why, -EINVAL, "--suite events takes --rounds 2 to %d",
				 SWEEP_ROUNDS_MOST);
	err = name_list_check(&options.scenarios, &scenario_names, why);
	if (!err)
		err = name_list_check(&run->wakeups, &plan_wakeups, why);
	if (!err)
		err = name_list_check(&run->variants, &senders, why);
	if (!err)
		err = check_buffer(why);
	if (!err && !workload_of(run, why))
		err = -EINVAL;
	return err ? err : check_rates(run, why);
}

/* ---- the run ---- */

static bool wants_scenario(const struct scenario *scenario)
{
	return options.scenarios.n
		       ? name_list_has(&options.scenarios, &scenario_names, scenario->name)
		       : !scenario->on_request;
}

static void plan_sweep(struct events *events)
{
	const struct plan_options *run = events->run;
	struct sweep_plan *plan = &events->plan;
	bool exact = run->unit == UNIT_INSTRUCTIONS;
	const double *rates = options.n_rates ? options.rates : exact ? rates_exact : rates_default;

	plan->n_rates = options.n_rates ? options.n_rates
			: exact		? sizeof(rates_exact) / sizeof(rates_exact[0])
					: sizeof(rates_default) / sizeof(rates_default[0]);
	memcpy(plan->rates, rates, plan->n_rates * sizeof(*rates));
	plan->rounds = exact ? EXACT_ROUNDS : ROUNDS;
	if (run->rounds)
		plan->rounds = run->rounds;
	else if (run->seconds)
		plan->rounds = SWEEP_ROUNDS_MOST;
	plan->seconds = run->seconds;
	events->exposure_s =
		isnan(options.exposure_s)
			? (run->seconds && run->seconds < EXPOSURE_SECONDS ? 0 : EXPOSURE_SECONDS)
			: options.exposure_s;
}

static int run_scenarios(struct events *events, struct error *why)
{
	struct sweep *sweep = events->sweep;
	size_t wanted = 0, done = 0;
	int err = 0;

	for (size_t i = 0; i < SCENARIOS; i++)
		wanted += wants_scenario(&scenarios[i]);
	for (size_t i = 0; i < SCENARIOS && !err; i++) {
		if (!wants_scenario(&scenarios[i]))
			continue;
		sweep->from = (double)done / (double)wanted;
		sweep->to = (double)++done / (double)wanted;
		err = scenarios[i].run(events, why);
	}
	return err;
}

/*
 * Conditions of the producer's CPU over the whole run; the steal of each row is in the record too.
 */
static void note_conditions(const struct harness_env *env, const struct conditions *before,
			    double wall_s, struct record *record)
{
	struct conditions after;
	uint64_t steal, switches;

	if (survey_conditions(env->placement->cpu, &after))
		return;
	steal = after.steal_ticks - before->steal_ticks;
	switches = after.context_switches_involuntary - before->context_switches_involuntary;
	if (steal)
		record_add_warning(record, "events: other guests used %.3g %% of CPU %d (steal)",
				   100.0 * (double)steal / (double)sysconf(_SC_CLK_TCK) / wall_s,
				   env->placement->cpu);
	if (switches)
		record_add_warning(record,
				   "events: other tasks ran on CPU %d %" PRIu64
				   " times in %.0f s (involuntary context switches)",
				   env->placement->cpu, switches, wall_s);
}

static int run_events(const struct harness_env *env, const struct plan_options *run,
		      struct record *record, struct error *why)
{
	struct sweep sweep = {.exact = run->unit == UNIT_INSTRUCTIONS};
	struct events events = {.run = run, .options = &options, .sweep = &sweep};
	bool exact = sweep.exact, known;
	struct conditions before;
	double started = clock_seconds();
	size_t most;
	int err;

	plan_sweep(&events);
	most = sweep_calls_most(&sweep, events.plan.rates, events.plan.n_rates);
	most = most < EVENTS_BURST_MOST ? EVENTS_BURST_MOST : most;
	if (!exact && wants_scenario(&scenarios[0]) && events_exposure_calls(&events) > most)
		most = events_exposure_calls(&events);
	err = sweep_prepare(&sweep, env, record, workload_of(run, why), exact, most, why);
	record->partial = true;
	known = !survey_conditions(env->placement->cpu, &before);
	if (exact)
		record_add_warning(
			record,
			"the clock counts instructions: the event accounting is exact, rates are "
			"those of 10^9 instructions a second, and times are withheld");
	if (!err)
		err = events_pick_hooks(&events, why);
	if (!err)
		err = run_scenarios(&events, why);
	if (!err || err == -EINTR) {
		int write_err;

		if (known && !exact)
			note_conditions(env, &before, clock_seconds() - started, record);
		record->partial = err == -EINTR;
		write_err = record_write(record, env->dir, why);
		err = write_err ? write_err : err;
	}
	if (!err && sweep.unbalanced)
		err = error_set(why, -EBADMSG, "%zu row%s invalid; the first: %s", sweep.unbalanced,
				sweep.unbalanced > 1 ? "s are" : " is", sweep.unbalanced_why.text);
	sweep_release(&sweep);
	return err;
}

const struct suite suite_events = {
	.name = "events",
	.summary = "cost, loss and age of events against their rate",
	.options = rows,
	.check = check,
	.run = run_events,
};
