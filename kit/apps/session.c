/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "calib/error.h"
#include "cpuset/cputime.h"
#include "kit/apps/session.h"
#include "calib/clock.h"
#include "kit/system/tasks.h"
#include "reports/record/record_rows.h"

/* just after an attach calls of a tracepoint cost 12 times as much as later */
#define LEAD_S	    0.015
#define TURNS_LEAST 3 /* two turns have all treatments then (see all_blocks) */
#define WINDOWS	    4 /* in a block */

/* What is read at each end of a window. */
struct snapshot {
	double time, program, harness;
	int lost; /* -errno: the program is not there any more */
	struct cputime machine;
	struct app_mark mark;
	struct tally tally;
};

static double own_cpu(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

/*
 * CPU time of the program in s. If a process has ended it is NAN, so the window has no figure, and
 * the process is removed from the list.
 */
static double program_cpu(struct app_run *run)
{
	double sum = 0;
	size_t kept = 0;

	for (size_t i = 0; i < run->n_pids; i++) {
		double cpu = task_cpu(run->pids[i]);

		sum += cpu;
		if (!isnan(cpu))
			run->pids[kept++] = run->pids[i];
	}
	run->n_pids = kept;
	return sum;
}

static void take(struct session *s, const struct treatment *treatment, struct snapshot *out)
{
	*out = (struct snapshot){.mark = {NAN, NAN, NAN, NAN}};
	if (treatment)
		treatment_tally(treatment, &out->tally);
	if (s->run.app->mark)
		out->lost = s->run.app->mark(&s->run, &out->mark);
	cputime_read(&out->machine);
	out->program = program_cpu(&s->run);
	out->harness = own_cpu();
	out->time = clock_seconds();
}

static void fill_calls(const struct rates_slot *a, const struct rates_slot *b, double seconds,
		       double *value)
{
	double dontneed = (double)(b->madvise_dontneed - a->madvise_dontneed) / seconds;
	double freed = (double)(b->madvise_free - a->madvise_free) / seconds;
	double other = (double)(b->madvise_other - a->madvise_other) / seconds;

	value[Q_SYSCALLS] = (double)(b->all - a->all) / seconds;
	value[Q_MUNMAP] = (double)(b->munmap - a->munmap) / seconds;
	value[Q_MADVISE_DONTNEED] = dontneed;
	value[Q_MADVISE_FREE] = freed;
	value[Q_MADVISE_OTHER] = other;
	value[Q_MADVISE] = dontneed + freed + other;
}

static void fill_events(const struct tally *a, const struct tally *b,
			const struct treatment *treatment, double seconds, double *value)
{
	bool foreign = treatment->kind == TREATMENT_FOREIGN, hit = foreign || treatment->hit;
	double received = 0, dropped = 0, each[TARGET_COUNT];

	for (int t = 0; t < TARGET_COUNT; t++) {
		double in = (double)(b->received[t] - a->received[t]);
		double out = (double)(b->dropped[t] - a->dropped[t]);

		received += in;
		dropped += out;
		each[t] = in + out;
	}
	value[Q_CONSUMER_CPU] = 100 * (double)(b->consumer_ns - a->consumer_ns) * 1e-9 / seconds;
	if (!hit)
		return;
	if (!foreign) {
		value[Q_MUNMAP] = each[TARGET_MUNMAP] / seconds;
		value[Q_MADVISE] = each[TARGET_MADVISE] / seconds;
	}
	value[Q_EVENTS] = (received + dropped) / seconds;
	if (received + dropped > 0) {
		value[Q_LOSS] = 100 * dropped / (received + dropped);
		value[Q_WAKEUPS] = (double)(b->wakeups - a->wakeups) / (received + dropped);
	}
}

static void fill(const struct treatment *treatment, const struct snapshot *a,
		 const struct snapshot *b, struct window *w)
{
	double seconds = b->time - a->time, *value = w->value;
	/* the kernel's waiting for I/O may go down (proc_stat(5)) */
	double busy = (double)b->machine.busy - (double)a->machine.busy;
	double steal = (double)b->machine.steal - (double)a->machine.steal;
	double all = busy + steal + (double)b->machine.idle - (double)a->machine.idle;

	/* with `once` the app has filled these itself */
	if (!w->start) {
		w->start = a->time;
		w->end = b->time;
		value[Q_PROGRAM_CPU] = 100 * (b->program - a->program) / seconds;
		value[Q_THROUGHPUT] = (b->mark.operations - a->mark.operations) / seconds;
	}
	value[Q_HARNESS_CPU] = 100 * (b->harness - a->harness) / seconds;
	value[Q_MACHINE_CPU] = all > 0 ? 100 * busy / all : NAN;
	value[Q_STEAL] = all > 0 ? 100 * steal / all : NAN;
	value[Q_EVICTIONS] = (b->mark.evictions - a->mark.evictions) / seconds;
	value[Q_FRAGMENTATION] = b->mark.fragmentation;
	value[Q_HEAP] = b->mark.heap_bytes / (1 << 20);
	if (treatment && treatment->kind == TREATMENT_COUNTING)
		fill_calls(&a->tally.calls, &b->tally.calls, seconds, value);
	if (treatment && treatment->variant)
		fill_events(&a->tally, &b->tally, treatment, seconds, value);
}

static void joined(struct app_run *run)
{
	struct treatment *treatment = run->running_ctx;

	if (treatment)
		treatment_join(treatment, run->pids, run->n_pids);
}

/* treatment NULL: a window with nothing attached. */
static int one_window(struct session *s, struct treatment *treatment, struct window *w,
		      struct error *why)
{
	struct snapshot before, after;
	int err = 0, off;

	window_clear(w);
	w->with = treatment != NULL;
	if (s->run.app->once)
		s->run.n_pids = 0;
	if (treatment)
		err = treatment_on(treatment, s->run.pids, s->run.n_pids, why);
	s->run.running = joined;
	s->run.running_ctx = treatment;
	if (!err && !s->run.app->once)
		err = app_sleep(&s->run, clock_seconds() + LEAD_S, why);
	take(s, treatment, &before);
	if (!err && s->run.app->once)
		err = s->run.app->once(&s->run, w, why);
	else if (!err)
		err = app_sleep(&s->run, before.time + s->window_s, why);
	take(s, treatment, &after);
	if (!err && after.lost) {
		error_say(why, "the program does not answer any more: %s", strerror(-after.lost));
		err = after.lost;
	}
	off = treatment ? treatment_off(treatment) : 0;
	if (!err && off) {
		error_say(why, "%s: the reader does not keep up", treatment_name(treatment));
		err = off;
	}
	fill(treatment, &before, &after, w);
	return err;
}

static int one_block(struct session *s, struct session_config *config, bool flip, struct error *why)
{
	struct session_pair pairs[WINDOWS / 2];

	for (int i = 0; i < WINDOWS; i++) {
		bool with = (i == 1 || i == 2) != flip;
		struct session_pair *pair = &pairs[i / 2];
		bool nothing = config->treatment->kind == TREATMENT_NONE;
		int err = one_window(s, with && !nothing ? config->treatment : NULL,
				     with ? &pair->with : &pair->without, why);

		if (err)
			return err;
	}
	if (config->n + WINDOWS / 2 > config->room) {
		size_t room = config->room ? 2 * config->room : 16;
		struct session_pair *grown = reallocarray(config->pair, room, sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		config->pair = grown;
		config->room = room;
	}
	memcpy(config->pair + config->n, pairs, sizeof(pairs));
	config->n += WINDOWS / 2;
	return 0;
}

static bool is_hit(const struct treatment *treatment)
{
	return treatment->kind == TREATMENT_FOREIGN ||
	       (treatment->kind == TREATMENT_PROBE && treatment->hit);
}

/*
 * Where time is the limit, every second turn has only the probes with the program monitored, which
 * are the main question.
 */
static int visit(void *ctx, size_t i)
{
	struct session *s = ctx;
	struct session_config *config = &s->configs[i];

	if (!s->blocks && s->turns.done % 2 && !is_hit(config->treatment))
		return 0;
	return one_block(s, config, gsl_rng_uniform(s->turns.rng) < 0.5, &s->why);
}

/* What only the program's log tells, which it closes at its end, is not in these rows. */
static int provisional_rows(void *ctx, struct record *record)
{
	(void)record; /* the session's */
	return session_evaluate(ctx);
}

static void keep_turn(void *ctx)
{
	const struct session *s = ctx;

	checkpoint_rounds(s->env->checkpoint, s->record, s->env->dir, provisional_rows, ctx);
}

/* Every treatment once, in random order; again while another turn fits. */
static int all_blocks(struct session *s)
{
	int err;

	s->turns = (struct rounds){
		.n = s->n_configs,
		.seed = s->env->seed,
		.stop = s->env->stop,
		.most = s->blocks,
		.least = TURNS_LEAST,
		.seconds = s->blocks ? 0 : s->seconds,
		.fits = 0.5,
		.progress = s->env->progress,
		.what = s->run.app->name,
		.from = s->share_before,
		.to = s->share_before + s->share,
		.after = keep_turn,
	};
	err = rounds_open(&s->turns);
	if (!err)
		err = rounds_run(&s->turns, visit, s);
	rounds_close(&s->turns);
	return err;
}

static int add_reason(struct session *s, const char *variant, const char *monitored,
		      const char *reason)
{
	struct app_result *row = session_add_row(s, variant, monitored, quantity_name(Q_THROUGHPUT),
						 quantity_measure(Q_THROUGHPUT));

	if (!row)
		return -ENOMEM;
	row->window_s = NAN;
	row->status = RESULT_SKIPPED;
	row->reason = strdup(reason);
	return 0;
}

static int make_configs(struct session *s, struct treatment *treatments, size_t n)
{
	int err = 0;

	s->configs = calloc(n + 1, sizeof(*s->configs));
	if (!s->configs)
		return -ENOMEM;
	for (size_t i = 0; i < n && !err; i++) {
		struct treatment *t = &treatments[i];

		if (t->status == RESULT_MEASURED)
			s->configs[s->n_configs++].treatment = t;
		else
			err = add_reason(s, treatment_name(t), treatment_monitored(t),
					 t->reason.text);
	}
	return err;
}

static void release(struct session *s)
{
	for (size_t i = 0; i < s->n_configs; i++)
		free(s->configs[i].pair);
	free(s->configs);
	s->configs = NULL;
	s->n_configs = 0;
	timeline_free(&s->run.operations);
	timeline_free(&s->run.pauses);
	timeline_free(&s->run.latencies);
	timeline_free(&s->run.heap);
}

/* From start to finish. The caller stops the program in any case. */
static int measure(struct session *s)
{
	const struct app *app = s->run.app;
	int err, finished;

	s->env->progress(s->share_before, app->name);
	err = app->start(&s->run, &s->why);
	if (err)
		return err;
	err = all_blocks(s);
	if (err && err != -EINTR)
		return err;
	finished = app->finish ? app->finish(&s->run, &s->why) : 0;
	return finished ? finished : err;
}

static bool enough(const struct session *s)
{
	for (size_t i = 0; i < s->n_configs; i++)
		if (s->configs[i].n)
			return true;
	return false;
}

/* The program ended, or could not be measured: what was complete before is kept. */
static int tell_end(struct session *s, const char *why)
{
	if (!enough(s))
		return add_reason(s, "none", "-", why);
	return record_add_warning(s->record,
				  "%s ended before its time (%s): its rows are of the windows "
				  "until then",
				  s->run.app->name, why);
}

int session_run(struct session *s, struct treatment *treatments, size_t n, struct error *why)
{
	int err = make_configs(s, treatments, n), kept = 0;

	if (err)
		goto out;
	err = measure(s);
	s->run.app->stop(&s->run);
	app_stop(&s->run);
	if (!err || enough(s))
		kept = session_evaluate(s);
	if (!kept && err && err != -EINTR)
		kept = tell_end(s, *s->why.text ? s->why.text : strerror(-err));
	if (err != -EINTR)
		err = 0;
	if (kept)
		err = kept;
out:
	if (err && err != -EINTR)
		error_say(why, "%s", strerror(-err));
	release(s);
	return err;
}
