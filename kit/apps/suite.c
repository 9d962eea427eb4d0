/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Suite apps: what probes cost real programs. Each file in kit/apps/ with a struct app is a
 * program; a session measures one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "cpuset/affinity.h"
#include "kit/apps/price.h"
#include "kit/apps/session.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/options/nearest.h"
#include "kit/cmd/suite.h"
#include "reports/record/record_rows.h"

static const struct app *const apps[] = {&app_redis,	&app_postgres, &app_python, &app_node,
					 &app_sysbench, &app_exec,     &app_pid};
#define APPS	     (sizeof(apps) / sizeof(apps[0]))
#define DEFAULT_APPS 5

/*
 * Hooks at a syscall's or function's entry, as in the default design; others are chosen by
 * --variant.
 */
static const enum hook entry_hooks[] = {HOOK_KPROBE, HOOK_KPROBE_MULTI, HOOK_TRACEPOINT,
					HOOK_RAW_TP, HOOK_TP_BTF,	HOOK_FENTRY};

static const struct {
	const char *name;
	unsigned int window_ms, seconds; /* seconds: for all windows of a program */
} scales[SCALE_COUNT] = {
	[SCALE_QUICK] = {"quick", 200, 54},
	[SCALE_FULL] = {"full", 2000, 600},
	[SCALE_TINY] = {"tiny", 50, 1},
};

static struct apps_options {
	struct name_list names;
	enum app_scale scale;
	pid_t pid;
	const char *price;
	unsigned int window_ms;
	char **command;
	hwloc_bitmap_t cpus; /* where this process may run, as it was before it was pinned */
} given;

static const char *app_name(size_t i)
{
	return i < APPS ? apps[i]->name : NULL;
}

static const char *scale_name(size_t i)
{
	return i < SCALE_COUNT ? scales[i].name : NULL;
}

static const struct option_row options[] = {
	{"app",
	 "redis, postgres, python, node, sysbench, exec or pid; repeatable; default: the first "
	 "five",
	 "NAME", .list = OPTION_LIST(given.names), .values = app_name},
	{"scale", "quick (default: a minute each), full (10 minutes each), tiny (for tests)",
	 "SCALE", .choice = &given.scale, .values = scale_name},
	{"pid", "the process of --app pid", "N", .index = &given.pid, .least = 1, .most = 1 << 22},
	{"price", "a run's record with the prices of calls; default: measured before the programs",
	 "DIR", .text = &given.price},
	{"window", "length of a window with or without the probes", "MS",
	 .number = &given.window_ms, .per_second = 1000, .least = 10, .most = 600000},
	{0}};

static const struct app *find_app(const char *name)
{
	for (size_t i = 0; i < APPS; i++)
		if (!strcmp(apps[i]->name, name))
			return apps[i];
	return NULL;
}

static bool wanted(const char *name)
{
	for (size_t i = 0; i < given.names.n; i++)
		if (!strcmp(given.names.names[i], name))
			return true;
	return false;
}

static int check_names(struct error *why)
{
	for (size_t i = 0; i < given.names.n; i++) {
		struct nearest near = {.wrong = given.names.names[i]};

		if (find_app(near.wrong))
			continue;
		for (size_t k = 0; k < APPS; k++)
			nearest_offer(&near, apps[k]->name);
		nearest_say(&near, "program", why);
		return -EINVAL;
	}
	return 0;
}

static bool wants_variant(const struct plan_options *run, const struct variant *variant)
{
	bool entry = false;

	if (body_output(variant->body) == OUTPUT_NONE)
		return false;
	if (run->variants.n)
		return name_list_has(&run->variants, &plan_variants, variant->name);
	for (size_t i = 0; i < sizeof(entry_hooks) / sizeof(entry_hooks[0]); i++)
		entry = entry || entry_hooks[i] == variant->hook;
	/* the corrected programs are what a daemon would run; as_written ones cost about as much */
	return entry && (variant->body == BODY_PERF || variant->body == BODY_RINGBUF);
}

static const char *misfit(const struct plan_options *run)
{
	if (run->workloads.n)
		return "--syscall: an application makes its own calls";
	if (run->wakeups.n)
		return "--wakeup-policy: the reader sleeps and each event wakes it, as in a daemon";
	if (run->caches.n)
		return "--cache: an application fills its own caches";
	if (run->calls)
		return "--calls: an application makes its own calls";
	if (run->unit != UNIT_NS)
		return "--unit: applications are measured in ns";
	if (wanted("exec") && !given.command)
		return "--app exec: no command; it comes last, after --: --app exec -- COMMAND "
		       "ARG…";
	if (given.command && !wanted("exec"))
		return "a command is given, but not --app exec";
	if (wanted("pid") && !given.pid)
		return "--app pid: which? --pid N";
	return NULL;
}

static int check(const struct plan_options *run, struct error *why)
{
	const char *fault;
	size_t n = 0;

	if (given.pid && !wanted("pid"))
		given.names.names[given.names.n++] = "pid";
	fault = misfit(run);
	if (fault)
		return error_set(why, -EINVAL, "%s", fault);
	for (size_t v = 0; v < variants_count; v++)
		n += wants_variant(run, &variants[v]);
	if (!n)
		return error_set(why, -EINVAL, "no variant that sends events matches --variant");
	given.cpus = hwloc_bitmap_alloc();
	if (given.cpus && affinity_get(given.cpus))
		hwloc_bitmap_zero(given.cpus);
	return check_names(why);
}

/* ---- where everything runs ---- */

struct cpus {
	hwloc_bitmap_t program, load;
};

/*
 * The reader has the reader CPU. The program gets the measuring CPU and half of the others, the
 * load generator the other half. With two or three CPUs the load shares the reader's, with one all
 * share it.
 */
static int place(const struct placement *placement, struct cpus *cpus)
{
	int all = hwloc_bitmap_weight(given.cpus), left = (all - 1) / 2, cpu;

	cpus->program = hwloc_bitmap_alloc();
	cpus->load = hwloc_bitmap_alloc();
	if (!cpus->program || !cpus->load)
		return -ENOMEM;
	if (placement->reader_cpu < 0) {
		hwloc_bitmap_copy(cpus->program, given.cpus);
		hwloc_bitmap_copy(cpus->load, given.cpus);
		return 0;
	}
	hwloc_bitmap_only(cpus->program, (unsigned int)placement->cpu);
	hwloc_bitmap_foreach_begin(cpu, given.cpus)
	{
		if (cpu == placement->cpu || cpu == placement->reader_cpu)
			continue;
		hwloc_bitmap_set(left-- > 1 ? cpus->program : cpus->load, (unsigned int)cpu);
	}
	hwloc_bitmap_foreach_end();
	if (hwloc_bitmap_iszero(cpus->load))
		hwloc_bitmap_set(cpus->load, (unsigned int)placement->reader_cpu);
	return 0;
}

static void say_place(const struct cpus *cpus, const struct placement *placement,
		      struct record *record)
{
	char program[128], load[128], more[400];
	char *old = record->placement.reason, *grown = NULL;

	hwloc_bitmap_list_snprintf(program, sizeof(program), cpus->program);
	hwloc_bitmap_list_snprintf(load, sizeof(load), cpus->load);
	snprintf(more, sizeof(more),
		 "applications on CPU %s, their load on CPU %s, the reader on CPU %d", program,
		 load, placement->reader_cpu < 0 ? placement->cpu : placement->reader_cpu);
	if (asprintf(&grown, "%s; %s", old ? old : "", more) < 0)
		return;
	record->placement.reason = grown;
	free(old);
}

/* ---- the run ---- */

struct job {
	const struct harness_env *env;
	/* prices: NULL, the same as record, or read from another file */
	struct record *record, *prices;
	struct treatment *treatments;
	size_t n_treatments;
	struct cpus cpus;
};

static void add_treatment(struct job *job, enum treatment_kind kind, const struct variant *variant,
			  bool hit)
{
	struct treatment *t = &job->treatments[job->n_treatments++];

	t->kind = kind;
	t->variant = variant;
	t->hit = hit;
}

/*
 * A miss ends at the lookup whatever the program does after a hit: one miss for each hook, with the
 * last program of that hook.
 */
static int make_treatments(struct job *job, const struct plan_options *run)
{
	const struct variant *last[HOOK_COUNT] = {NULL};

	job->treatments = calloc(2 * variants_count + 2, sizeof(*job->treatments));
	if (!job->treatments)
		return -ENOMEM;
	add_treatment(job, TREATMENT_NONE, NULL, false);
	add_treatment(job, TREATMENT_COUNTING, NULL, false);
	for (size_t v = 0; v < variants_count; v++) {
		if (!wants_variant(run, &variants[v]))
			continue;
		add_treatment(job, TREATMENT_PROBE, &variants[v], true);
		last[variants[v].hook] = &variants[v];
	}
	for (int hook = 0; hook < HOOK_COUNT; hook++)
		if (last[hook])
			add_treatment(job, TREATMENT_PROBE, last[hook], false);
	return 0;
}

static int find_prices(struct job *job, struct error *why)
{
	const struct variant *priced[PLAN_LIST_MAX];
	size_t n = 0;
	int err;

	if (given.price)
		return record_read(given.price, &job->prices, why);
	for (size_t i = 0; i < job->n_treatments && n < PLAN_LIST_MAX; i++)
		if (job->treatments[i].kind == TREATMENT_PROBE && job->treatments[i].hit)
			priced[n++] = job->treatments[i].variant;
	err = price_measure(job->env, priced, n, job->record, why);
	if (!err)
		job->prices = job->record;
	return err;
}

static unsigned int count_apps(void)
{
	return given.names.n ? (unsigned int)given.names.n : DEFAULT_APPS;
}

static int run_app(struct job *job, const struct plan_options *run, const struct app *app,
		   unsigned int at, struct error *why)
{
	const struct app_options chosen = {given.scale, given.command, given.pid};
	unsigned int window_ms = given.window_ms ? given.window_ms : scales[given.scale].window_ms;
	struct session session = {
		.env = job->env,
		.record = job->record,
		.prices = job->prices,
		.scale = scales[given.scale].name,
		.window_s = window_ms * 1e-3,
		.seconds = run->seconds		  ? run->seconds
			   : app == &app_sysbench ? scales[given.scale].seconds / 4
						  : scales[given.scale].seconds,
		.blocks = run->rounds,
		.share_before = (double)at / count_apps(),
		.share = 1.0 / count_apps(),
		.run = {.app = app,
			.options = &chosen,
			.program_cpus = job->cpus.program,
			.load_cpus = job->cpus.load,
			.all_cpus = given.cpus,
			.stop = job->env->stop},
	};
	int err = session_run(&session, job->treatments, job->n_treatments, why), kept;

	job->record->partial = true;
	kept = record_write(job->record, job->env->dir, why);
	return kept ? kept : err;
}

static int run_apps(struct job *job, const struct plan_options *run, struct error *why)
{
	int err = 0;

	for (unsigned int i = 0; i < count_apps() && !err; i++)
		err = run_app(job, run, given.names.n ? find_app(given.names.names[i]) : apps[i], i,
			      why);
	if (err && err != -EINTR)
		return err;
	job->record->partial = err == -EINTR;
	return record_write(job->record, job->env->dir, why) ? -EIO : err;
}

static int run_suite(const struct harness_env *env, const struct plan_options *run,
		     struct record *record, struct error *why)
{
	struct job job = {.env = env, .record = record};
	int consumer = env->placement->reader_cpu, err;

	if (consumer < 0)
		consumer = env->placement->cpu;
	record->partial = true;
	err = make_treatments(&job, run);
	if (!err)
		err = place(env->placement, &job.cpus);
	if (!err)
		err = find_prices(&job, why);
	if (err)
		goto out;
	/* from here on this thread only waits and reads clocks: it stays off the program's CPU */
	affinity_pin(consumer);
	say_place(&job.cpus, env->placement, record);
	for (size_t i = 0; i < job.n_treatments; i++)
		treatment_open(&job.treatments[i], consumer);
	err = run_apps(&job, run, why);
out:
	for (size_t i = 0; i < job.n_treatments; i++)
		treatment_close(&job.treatments[i]);
	free(job.treatments);
	hwloc_bitmap_free(job.cpus.program);
	hwloc_bitmap_free(job.cpus.load);
	hwloc_bitmap_free(given.cpus);
	given.cpus = NULL;
	if (job.prices != record)
		record_free(job.prices);
	return err;
}

const struct suite suite_apps = {
	.name = "apps",
	.summary = "what Redis, PostgreSQL, Python, Node.js, sysbench or a command of yours feel",
	.options = options,
	.words = &given.command,
	.check = check,
	.run = run_suite,
};
