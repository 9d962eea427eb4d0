/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calib/arch.h"
#include "calib/floor.h"
#include "kit/arm_private.h"
#include "kit/steady.h"

#define REHEARSAL_CALLS	  64
#define HIT_ATTEMPTS	  20
#define SHORT_PILOT_CALLS 64
#define WARMUP_CHUNK	  50
#define SETTLING_CALLS	  16
/* cold calls grow dearer for as many, while the kernel's lines leave the shared cache: without them A/A read +80 ns */
#define COLD_SETTLING_CALLS 64
#define WARMUP_US	    1000
#define GATE_GAP_US	    10
#define GATE_PATIENCE_US    2000
/* More than a 256 KiB buffer holds of the smallest record. */
#define FILL_CALLS 20000

/* n windows in the panel's cache state. */
static void windows(struct arm *arm, const struct bench *bench, uint32_t *out, size_t n,
		    struct gate *gate)
{
	struct evict *evict = arm->timing ? bench->evict : NULL;
	bool stirred = bench->stir && !arm->rehearsing;

	if (arm->kind == ARM_FLOOR && stirred)
		trigger_floor_stirred(out, n, bench->stir);
	else if (arm->kind == ARM_FLOOR && evict)
		floor_cold_block(evict, out, n);
	else if (arm->kind == ARM_FLOOR)
		floor_block(out, n);
	else if (stirred)
		bench->trigger->stirred(bench->area, out, n, gate, bench->stir);
	else
		trigger_block_cold(bench->trigger, bench->area, out, n, gate, evict);
}

/* n calls of the arm's operation, counted where each sends an event. */
void arm_run(struct arm *arm, const struct bench *bench, uint32_t *out, size_t n)
{
	arm->gate.sent = arm->produced;
	arm->gate.missed = 0;
	windows(arm, bench, out, n, arm->gated ? &arm->gate : NULL);
	if (arm_sends(arm, bench))
		arm->produced += n;
}

/* What arm_run() does with nothing attached; its gate has no consumer to wait for. */
static void run_bare(struct arm *arm, const struct bench *bench, uint32_t *out, size_t n)
{
	struct gate gate = arm->gate;

	gate.drain = NULL;
	windows(arm, bench, out, n, arm->gated ? &gate : NULL);
}

/* What the timing process does: a block of an arm, all of it in shared memory. */
struct job {
	struct arm *arm;
	struct bench *bench;
	uint32_t *out;
	size_t n;
	block_fn block;
	uint64_t ticks; /* that n calls took, or that a call takes */
};

static void block_job(void *ctx)
{
	struct job *job = ctx;
	uint64_t start = arch_clock();

	job->block(job->arm, job->bench, job->out, job->n);
	job->ticks = arch_clock() - start;
}

uint64_t arm_untimed(struct arm *arm, struct bench *bench, block_fn block, size_t n)
{
	struct job job = {
		.arm = arm, .bench = bench, .out = bench->scratch, .n = n, .block = block};

	timing_do(bench->timing, block_job, &job, sizeof(job));
	return job.ticks;
}

/*
 * N calls must give N runs. A hook that sees all syscalls also runs for the second read of the count itself, and for what
 * the two processes say to each other. Other tasks' calls add runs, so the count is the least of several tries, and more runs
 * than calls on a busy machine is no fault (an output body's accounts tell whose they were); fewer is one at once.
 */
static void count_hits(struct arm *arm, struct bench *bench)
{
	bool all = hook_sees_all_syscalls(arm->variant->hook);
	uint64_t own = all ? 1 : 0, best = UINT64_MAX;
	uint64_t expected = bench->trigger->fires || all ? REHEARSAL_CALLS : 0;

	for (int i = 0; i < HIT_ATTEMPTS && best != expected; i++) {
		uint64_t before, after, missed_before, missed_after;
		int err = probe_hits(arm->probe, &before, &missed_before);

		arm_untimed(arm, bench, arm_run, REHEARSAL_CALLS);
		err = err ? err : probe_hits(arm->probe, &after, &missed_after);
		if (err || missed_after != missed_before) {
			arm_fail(arm, CELL_INVALID, "%s",
				 err ? strerror(-err)
				     : "the kernel skipped runs (recursion_misses)");
			break;
		}
		if (after - before - own < best)
			best = after - before - own;
		/* each event wakes a consumer, whose own syscalls such a hook sees: trying again is no use */
		if (best < expected || (all && arm->gated))
			break;
	}
	arm->hits_expected = expected;
	arm->hits_counted = best;
	if (arm->status == CELL_MEASURED && best < expected)
		arm_fail(arm, CELL_INVALID, "%llu calls gave %llu runs of the program",
			 (unsigned long long)expected, (unsigned long long)best);
}

static void fill_buffer(struct arm *arm, struct bench *bench)
{
	for (size_t i = 0; i < FILL_CALLS / REHEARSAL_CALLS && !probe_dropped(arm->probe); i++)
		arm_untimed(arm, bench, arm_run, REHEARSAL_CALLS);
	if (!probe_dropped(arm->probe))
		arm_fail(arm, CELL_INVALID, "the buffer did not fill up");
}

/* Untimed calls, as many as the pilot asked for and for a millisecond at least. Ticks a call took. */
static uint64_t warm_up(struct arm *arm, struct bench *bench, block_fn block)
{
	uint64_t least = bench->exact ? 0 : WARMUP_US * bench->ticks_per_us, took = 0;
	size_t wanted = arm->gated ? WARMUP_CHUNK : bench->warmup, done = 0;

	while ((done < wanted || took < least) && !timing_died(bench->timing)) {
		took += arm_untimed(arm, bench, block, WARMUP_CHUNK);
		done += WARMUP_CHUNK;
		/* nobody else reads an idle buffer */
		if (done % 1000 == 0 && !drain_needs_cpu(arm->drain_state))
			arm_settle(arm);
	}
	return took / (done ? done : 1);
}

/* An attached arm: counted hits, then its buffer brought into the state that is measured. */
static void rehearse(struct arm *arm, struct bench *bench)
{
	int counting;

	/* where every run is the same, one count stands for all: to switch it patches a hundred places of the kernel */
	if (bench->exact && arm->rehearsed)
		return;
	counting = probe_count_hits();
	if (counting < 0) {
		arm_fail(arm, CELL_INVALID, "hits cannot be counted (BPF_ENABLE_STATS): %s",
			 strerror(-counting));
		return;
	}
	arm->rehearsing = true;
	count_hits(arm, bench);
	close(counting);
	if (arm->status == CELL_MEASURED && arm->drain_state == DRAIN_NONE && arm_sends(arm, bench))
		fill_buffer(arm, bench);
	arm->rehearsing = false;
	arm->rehearsed = true;
}

void arm_gate(struct arm *arm, const struct bench *bench)
{
	arm->gated = arm->drain_state == DRAIN_CAUGHT_UP;
	arm->gate.idle_fd = bench->idle_fd;
	arm->gate.events = 1;
	arm->gate.gap_ticks = GATE_GAP_US * bench->ticks_per_us;
	arm->gate.patience_ticks = GATE_PATIENCE_US * bench->ticks_per_us;
}

void arm_pilot(struct arm *arm, struct bench *bench)
{
	size_t n = arm->gated ? SHORT_PILOT_CALLS : STEADY_CALLS_MOST;

	arm->steady_calls = SHORT_PILOT_CALLS;
	/* instructions need no warmth, and whether it works the first round tells as well */
	if (bench->exact || !arm_has_probe(arm))
		return;
	arm_load(arm, bench);
	if (arm->status != CELL_MEASURED || !arm_attach(arm))
		return;
	rehearse(arm, bench);
	if (arm->status == CELL_MEASURED) {
		arm_settle(arm);
		arm_untimed(arm, bench, arm_run, n);
		arm->steady_calls = (double)steady_after(bench->scratch, n);
		arm_settle(arm);
	}
	arm_detach(arm);
	arm_unload(arm, bench);
}

bool arm_counts_more(const struct arm *arm, const struct trigger *trigger)
{
	/* the gate polls its consumer; a hook on all syscalls runs for the preparation's as well */
	return arm->gated || (arm->kind == ARM_PROBE && trigger->maps &&
			      hook_sees_all_syscalls(arm->variant->hook));
}

bool arm_hears_reads(const struct arm *arm)
{
	return arm->kind == ARM_PROBE && (hook_sees_all_syscalls(arm->variant->hook) ||
					  arm->variant->hook == HOOK_TRACEPOINT);
}

/*
 * In exact counts no timer tick may fall into the block; and the first call behind a sleep reads 2 instructions more in
 * some programs.
 */
static void choose_moment(struct arm *arm, const struct bench *bench, uint64_t call_ticks,
			  block_fn block)
{
	size_t calls = arm->calls + SETTLING_CALLS;

	if (!bench->exact)
		return;
	tick_dodge(&bench->tick, calls * call_ticks * 1000 / bench->ticks_per_us);
	block(arm, bench, bench->scratch, SETTLING_CALLS);
}

static void take_counts(const struct arm *arm, const struct bench *bench, unsigned int pass)
{
	for (size_t i = 0; i < counters_count(bench->counters); i++) {
		const struct counter *c = counters_at(bench->counters, i);

		if (c->pass == pass && c->valid && (c->rdpmc || !arm_hears_reads(arm)))
			arm->counts[i] = (double)c->count / (double)arm->calls;
	}
}

/* A block, and around it the counters whose turn it is; never inside. */
static void counted_block(struct arm *arm, const struct bench *bench, uint32_t *out, block_fn block)
{
	unsigned int passes = counters_passes(bench->counters);
	unsigned int pass = passes ? (unsigned int)(arm->rounds % passes) : 0;
	bool counting = passes && !counters_begin(bench->counters, pass);

	block(arm, bench, out, arm->calls);
	if (counting && !counters_end(bench->counters, pass))
		take_counts(arm, bench, pass);
}

/*
 * The timed block. Counters are read around it where nothing else is done between its calls, else around a block of hot
 * calls behind it: what stirs would be counted with the calls.
 */
static void timed_job(void *ctx)
{
	const struct job *job = ctx;
	struct arm *arm = job->arm;
	struct bench *bench = job->bench;
	bool count = bench->counters && arm->counts && !bench->evict &&
		     !arm_counts_more(arm, bench->trigger);

	if (!bench->exact) {
		neighbour_read(&arm->neighbour[0]);
		/* what the reading left in the predictor is no part of a block of hot calls */
		if (!arm->gated && !bench->evict)
			job->block(arm, bench, bench->scratch, SETTLING_CALLS);
	}
	choose_moment(arm, bench, job->ticks, job->block);
	arm->timing = true;
	if (bench->evict)
		job->block(arm, bench, bench->scratch, COLD_SETTLING_CALLS);
	if (count && !bench->stir)
		counted_block(arm, bench, job->out, job->block);
	else
		job->block(arm, bench, job->out, arm->calls);
	arm->timing = false;
	if (!bench->exact)
		neighbour_read(&arm->neighbour[1]);
	if (!count || !bench->stir)
		return;
	arm->rehearsing = true;
	counted_block(arm, bench, bench->scratch, job->block);
	arm->rehearsing = false;
}

static void time_block(struct arm *arm, struct bench *bench, uint32_t *out, block_fn block)
{
	struct job job = {.arm = arm, .bench = bench, .out = out, .block = block};

	job.ticks = warm_up(arm, bench, block);
	arm_settle(arm);
	timing_do(bench->timing, timed_job, &job, sizeof(job));
	if (timing_died(bench->timing))
		arm_fail(arm, CELL_INVALID, "%s", timing_died(bench->timing));
}

/* The probe, attached: hits counted, then timed (out) or run as long as if it were (NULL: a sham). */
static void visit_attached(struct arm *arm, struct bench *bench, uint32_t *out)
{
	rehearse(arm, bench);
	if (arm->status == CELL_MEASURED && !out) {
		warm_up(arm, bench, arm_run);
		arm_settle(arm);
	} else if (arm->status == CELL_MEASURED) {
		arm_settle(arm);
		time_block(arm, bench, out, arm_run);
		if (arm->gate.missed * 2 > arm->calls)
			arm_fail(arm, CELL_INVALID,
				 "%llu of %zu calls found the consumer still awake after 2 ms",
				 (unsigned long long)arm->gate.missed, arm->calls);
		arm_settle(arm);
	}
	arm_detach(arm);
}

/* What the treated blocks of the group go through, before the baseline is timed. Where it cannot be, the baseline is bare. */
static void sham(struct arm *arm, struct bench *bench)
{
	if (!arm_has_probe(arm) || bench->exact)
		return;
	arm_load(arm, bench);
	if (arm->status == CELL_MEASURED && arm_attach(arm))
		visit_attached(arm, bench, NULL);
	arm_unload(arm, bench);
	if (arm->status != CELL_MEASURED) {
		arm->status = CELL_MEASURED;
		arm->variant = NULL;
	}
}

bool arm_visit(struct arm *arm, struct bench *bench, uint32_t *out)
{
	if (arm->status != CELL_MEASURED)
		return false;
	if (arm->kind != ARM_PROBE) {
		sham(arm, bench);
		time_block(arm, bench, out, arm->kind == ARM_BARE ? run_bare : arm_run);
	} else {
		arm_load(arm, bench);
		if (arm->status == CELL_MEASURED && arm_attach(arm))
			visit_attached(arm, bench, out);
		if (!bench->exact)
			arm_unload(arm, bench);
	}
	arm->rounds++;
	return arm->status == CELL_MEASURED;
}
