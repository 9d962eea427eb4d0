/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bpf/consumer.h"
#include "calib/arch.h"
#include "calib/floor.h"
#include "kit/arm.h"

#define REHEARSAL_CALLS	  64
#define HIT_ATTEMPTS	  20
#define PILOT_CALLS	  2000
#define SHORT_PILOT_CALLS 64
#define STEADY_CHUNK	  50
#define SETTLING_CALLS	  16
/* cold calls grow dearer for as many, while the kernel's lines leave the shared cache: without them A/A read +80 ns */
#define COLD_SETTLING_CALLS 64
#define WARMUP_US	    1000
#define GATE_GAP_US	    10
#define GATE_PATIENCE_US    2000
/* More than a 256 KiB buffer holds of the smallest record. */
#define FILL_CALLS 20000

static void fail(struct arm *arm, enum cell_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void fail(struct arm *arm, enum cell_status status, const char *fmt, ...)
{
	va_list args;

	arm->status = status;
	va_start(args, fmt);
	vsnprintf(arm->reason, sizeof(arm->reason), fmt, args);
	va_end(args);
}

static bool sends(const struct arm *arm, const struct bench *bench)
{
	return arm->kind == ARM_PROBE && body_output(arm->variant->body) != OUTPUT_NONE &&
	       bench->trigger->fires;
}

static void open_drain(struct arm *arm, const struct bench *bench)
{
	struct drain_expect expect = {getpid(), bench->trigger->bytes, bench->trigger->target, 0,
				      body_as_written(arm->variant->body)};
	char why[256] = "";

	if (drain_open(body_output(arm->variant->body), arm->drain_state,
		       probe_events_fd(arm->probe), bench->measure_cpu, bench->drain_cpu, &expect,
		       &arm->drain, why, sizeof(why)))
		fail(arm, CELL_SKIPPED, "%s", why);
}

void arm_load(struct arm *arm, const struct bench *bench)
{
	char why[256] = "";

	if (arm->status != CELL_MEASURED || arm->kind != ARM_PROBE || arm->probe)
		return;
	/* exact counts can do without the consumer that a sampled wake-up finds asleep: the caller reads */
	if (drain_needs_cpu(arm->drain_state) && bench->drain_cpu < 0 &&
	    !(bench->exact && arm->drain_state == DRAIN_SAMPLED)) {
		fail(arm, CELL_SKIPPED, "a consumer needs a second CPU, and there is one");
		return;
	}
	if (probe_open(arm->variant, bench->trigger->target, drain_wake_policy(arm->drain_state),
		       &arm->probe, why, sizeof(why)) ||
	    (body_wants_hit(arm->variant->body) && probe_monitor(arm->probe, getpid()))) {
		fail(arm, CELL_SKIPPED, "%s", *why ? why : "monitored_pids cannot be filled");
		return;
	}
	if (!arm->facts.xlated_bytes)
		arm->facts = *probe_facts(arm->probe);
	arm->produced = 0;
	if (body_output(arm->variant->body) != OUTPUT_NONE)
		open_drain(arm, bench);
	arm->gate.drain = arm->drain;
}

/* n calls of the arm's operation, counted where each sends an event. */
static void run(struct arm *arm, const struct bench *bench, uint32_t *out, size_t n)
{
	struct evict *evict = arm->timing ? bench->evict : NULL;

	if (arm->kind == ARM_FLOOR) {
		if (evict)
			floor_cold_block(evict, out, n);
		else
			floor_block(out, n);
		return;
	}
	arm->gate.sent = arm->produced;
	arm->gate.missed = 0;
	trigger_block_cold(bench->trigger, bench->area, out, n, arm->gated ? &arm->gate : NULL,
			   evict);
	if (sends(arm, bench))
		arm->produced += n;
}

/*
 * N calls must give N runs. A hook that sees all syscalls also runs for the second read of the count itself. Other
 * tasks' calls add runs, so the count is the least of several tries, and more runs than calls on a busy machine is no
 * fault (an output body's books tell whose they were); fewer is one at once.
 */
static void count_hits(struct arm *arm, const struct bench *bench)
{
	bool all = hook_sees_all_syscalls(arm->variant->hook);
	uint64_t own = all ? 1 : 0, best = UINT64_MAX;
	uint64_t expected = bench->trigger->fires || all ? REHEARSAL_CALLS : 0;
	int fd = probe_count_hits();

	if (fd < 0) {
		fail(arm, CELL_INVALID, "hits cannot be counted (BPF_ENABLE_STATS): %s",
		     strerror(-fd));
		return;
	}
	for (int i = 0; i < HIT_ATTEMPTS && best != expected; i++) {
		uint64_t before, after, missed_before, missed_after;
		int err = probe_hits(arm->probe, &before, &missed_before);

		run(arm, bench, bench->scratch, REHEARSAL_CALLS);
		err = err ? err : probe_hits(arm->probe, &after, &missed_after);
		if (err || missed_after != missed_before) {
			fail(arm, CELL_INVALID, "%s",
			     err ? strerror(-err) : "the kernel skipped runs (recursion_misses)");
			break;
		}
		if (after - before - own < best)
			best = after - before - own;
		/* each event wakes a consumer, whose own syscalls such a hook sees: trying again is no use */
		if (best < expected || (all && arm->gated))
			break;
	}
	close(fd);
	arm->hits_expected = expected;
	arm->hits_counted = best;
	if (arm->status == CELL_MEASURED && best < expected)
		fail(arm, CELL_INVALID, "%llu calls gave %llu runs of the program",
		     (unsigned long long)expected, (unsigned long long)best);
}

static bool attach(struct arm *arm)
{
	char why[256] = "";

	if (arm->kind != ARM_PROBE)
		return true;
	if (probe_attach(arm->probe, why, sizeof(why))) {
		fail(arm, CELL_SKIPPED, "%s", why);
		return false;
	}
	snprintf(arm->mechanism, sizeof(arm->mechanism), "%s", probe_mechanism(arm->probe));
	if (arm->drain)
		drain_set_active(arm->drain, true);
	return true;
}

static void detach(struct arm *arm)
{
	if (arm->kind != ARM_PROBE)
		return;
	if (arm->drain)
		drain_set_active(arm->drain, false);
	probe_detach(arm->probe);
}

/* Keeps a buffer from filling, but for the state that wants it full. */
static void settle(struct arm *arm)
{
	int err;

	if (!arm->drain || arm->drain_state == DRAIN_NONE)
		return;
	err = drain_settle(arm->drain);
	if (err)
		fail(arm, CELL_INVALID, "the consumer is stuck: %s", consumer_error(err));
}

static void fill_buffer(struct arm *arm, const struct bench *bench)
{
	for (size_t i = 0; i < FILL_CALLS / REHEARSAL_CALLS && !probe_dropped(arm->probe); i++)
		run(arm, bench, bench->scratch, REHEARSAL_CALLS);
	if (!probe_dropped(arm->probe))
		fail(arm, CELL_INVALID, "the buffer did not fill up");
}

static int compare_ticks(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static uint32_t chunk_median(const uint32_t *ticks, size_t n)
{
	uint32_t copy[STEADY_CHUNK];

	memcpy(copy, ticks, n * sizeof(*copy));
	qsort(copy, n, sizeof(*copy), compare_ticks);
	return copy[n / 2];
}

/*
 * Steady from the first chunk of 50 calls whose median is within 2 % or 4 ticks of the second half's (medians: a
 * late outlier is no unsteadiness) and that only such chunks follow, up to the half.
 */
size_t arm_steady_after(const uint32_t *ticks, size_t n)
{
	size_t chunks = n / STEADY_CHUNK, steady = 0;
	uint32_t medians[PILOT_CALLS / STEADY_CHUNK], level;

	if (chunks < 4 || chunks > PILOT_CALLS / STEADY_CHUNK)
		return n / 2;
	for (size_t i = 0; i < chunks; i++)
		medians[i] = chunk_median(ticks + i * STEADY_CHUNK, STEADY_CHUNK);
	level = chunk_median(medians + chunks / 2, chunks - chunks / 2);
	for (size_t i = 0; i < chunks / 2; i++)
		if (medians[i] > level + 4 + level / 50)
			steady = i + 1;
	return (steady + 1) * STEADY_CHUNK;
}

/* What run() does for an arm whose probe is not there; its gate has no consumer to wait for. */
static void run_bare(struct arm *arm, const struct bench *bench, uint32_t *out, size_t n)
{
	struct gate gate = arm->gate;

	gate.drain = NULL;
	trigger_block_cold(bench->trigger, bench->area, out, n, arm->gated ? &gate : NULL,
			   arm->timing ? bench->evict : NULL);
}

typedef void (*block_fn)(struct arm *arm, const struct bench *bench, uint32_t *out, size_t n);

/* Untimed calls, as many as the pilot asked for and for a millisecond at least. Ticks a call took. */
static uint64_t warm_up(struct arm *arm, const struct bench *bench, block_fn block)
{
	uint64_t start = arch_clock();
	uint64_t least = bench->exact ? 0 : WARMUP_US * bench->ticks_per_us;
	size_t done = 0;

	while (done < (arm->gated ? STEADY_CHUNK : bench->warmup) || arch_clock() - start < least) {
		block(arm, bench, bench->scratch, STEADY_CHUNK);
		done += STEADY_CHUNK;
		/* nobody else reads an idle buffer */
		if (done % 1000 == 0 && !drain_needs_cpu(arm->drain_state))
			settle(arm);
	}
	return (arch_clock() - start) / (done ? done : 1);
}

/* An attached arm: counted hits, then its buffer brought into the state that is measured. */
static void rehearse(struct arm *arm, const struct bench *bench)
{
	if (arm->kind != ARM_PROBE) {
		/* what switching the counting on and off does to the kernel's text is no probe's cost */
		int fd = probe_count_hits();

		run(arm, bench, bench->scratch, REHEARSAL_CALLS);
		if (fd >= 0)
			close(fd);
		return;
	}
	/* where every run is the same, one count stands for all: to switch it patches a hundred places of the kernel */
	if (!bench->exact || !arm->rehearsed)
		count_hits(arm, bench);
	arm->rehearsed = true;
	if (arm->status == CELL_MEASURED && arm->drain_state == DRAIN_NONE && sends(arm, bench))
		fill_buffer(arm, bench);
}

void arm_pilot(struct arm *arm, struct bench *bench)
{
	size_t calls;

	arm->gated = arm->drain_state == DRAIN_CAUGHT_UP;
	arm->gate.idle_fd = bench->idle_fd;
	arm->gate.events = 1;
	arm->gate.gap_ticks = GATE_GAP_US * bench->ticks_per_us;
	arm->gate.patience_ticks = GATE_PATIENCE_US * bench->ticks_per_us;
	calls = arm->gated ? SHORT_PILOT_CALLS : PILOT_CALLS;
	arm_load(arm, bench);
	if (bench->exact) {
		/* instructions need no warmth, and whether it works the first round tells as well */
		arm->steady_calls = SHORT_PILOT_CALLS;
		return;
	}
	if (arm->status != CELL_MEASURED || !attach(arm))
		return;
	rehearse(arm, bench);
	if (arm->status == CELL_MEASURED) {
		settle(arm);
		run(arm, bench, bench->scratch, calls);
		arm->steady_calls = (double)arm_steady_after(bench->scratch, calls);
		settle(arm);
	}
	detach(arm);
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

/* The block, and around it the counters whose turn it is; never inside. */
static void counted_block(struct arm *arm, const struct bench *bench, uint32_t *out, double *counts,
			  block_fn block)
{
	unsigned int passes = bench->counters ? counters_passes(bench->counters) : 0;
	unsigned int pass = passes ? (unsigned int)(arm->rounds % passes) : 0;
	size_t n_events = counts && passes ? counters_count(bench->counters) : 0;

	/* the evictions between cold calls would be counted with them */
	if (bench->evict || arm->rounds >= arm->rounds_most ||
	    arm_counts_more(arm, bench->trigger) ||
	    (n_events && counters_begin(bench->counters, pass)))
		n_events = 0;
	arm->timing = true;
	if (bench->evict)
		block(arm, bench, bench->scratch, COLD_SETTLING_CALLS);
	block(arm, bench, out, arm->calls);
	arm->timing = false;
	if (!n_events || counters_end(bench->counters, pass))
		return;
	for (size_t i = 0; i < n_events; i++) {
		const struct counter *c = counters_at(bench->counters, i);

		if (c->pass == pass && c->valid && (c->rdpmc || !arm_hears_reads(arm)))
			counts[arm->rounds * n_events + i] = (double)c->count / (double)arm->calls;
	}
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

void arm_before(struct arm *arm, const struct bench *bench, uint32_t *out)
{
	choose_moment(arm, bench, warm_up(arm, bench, run_bare), run_bare);
	counted_block(arm, bench, out, arm->counts_before, run_bare);
}

static void wait_as_attach_does(const struct bench *bench)
{
	struct timespec ts = {.tv_nsec = bench->attach_ns < 999999999 ? (long)bench->attach_ns
								      : 999999999};

	nanosleep(&ts, NULL);
}

bool arm_round(struct arm *arm, struct bench *bench, uint32_t *out)
{
	uint64_t started = arch_clock();

	if (arm->kind == ARM_AA)
		wait_as_attach_does(bench);
	if (arm->status != CELL_MEASURED || !attach(arm))
		return false;
	if (arm->kind == ARM_PROBE)
		bench->attach_ns = (arch_clock() - started) * 1000 / bench->ticks_per_us;
	rehearse(arm, bench);
	if (arm->status == CELL_MEASURED) {
		uint64_t call_ticks = warm_up(arm, bench, run);

		settle(arm);
		choose_moment(arm, bench, call_ticks, run);
	}
	if (arm->status == CELL_MEASURED) {
		counted_block(arm, bench, out, arm->counts, run);
		settle(arm);
		if (arm->gate.missed * 2 > arm->calls)
			fail(arm, CELL_INVALID,
			     "%llu of %zu calls found the consumer still awake after 2 ms",
			     (unsigned long long)arm->gate.missed, arm->calls);
	}
	detach(arm);
	arm->rounds++;
	return arm->status == CELL_MEASURED;
}

static void check_books(struct arm *arm, const struct drain_books *b, uint64_t lost)
{
	if (body_output(arm->variant->body) == OUTPUT_PERF && b->lost_records != lost)
		fail(arm, CELL_INVALID,
		     "the books do not balance: the program saw %llu events fail, perf's LOST "
		     "records say %llu",
		     (unsigned long long)lost, (unsigned long long)b->lost_records);
	else if (b->foreign || arm->produced != b->received + lost)
		fail(arm, CELL_INVALID,
		     "the books do not balance: %llu produced, %llu received, %llu lost, %llu not "
		     "ours",
		     (unsigned long long)arm->produced, (unsigned long long)b->received,
		     (unsigned long long)lost, (unsigned long long)b->foreign);
}

static void close_books(struct arm *arm, const struct bench *bench)
{
	struct drain_books b;
	uint64_t lost;

	drain_settle(arm->drain);
	/* perf tells of what it lost in front of the next event that it can keep: send one */
	if (body_output(arm->variant->body) == OUTPUT_PERF && probe_dropped(arm->probe) &&
	    attach(arm)) {
		run(arm, bench, bench->scratch, 1);
		drain_settle(arm->drain);
		detach(arm);
	}
	drain_books(arm->drain, &b);
	lost = probe_dropped(arm->probe);
	if (arm->status == CELL_MEASURED)
		check_books(arm, &b, lost);
	arm->books.produced += arm->produced;
	arm->books.received += b.received;
	arm->books.lost += lost;
	arm->books.lost_records += b.lost_records;
	arm->books.wakeups += b.wakeups;
}

void arm_unload(struct arm *arm, struct bench *bench)
{
	if (arm->probe && arm->drain && sends(arm, bench))
		close_books(arm, bench);
	drain_close(arm->drain);
	probe_close(arm->probe);
	arm->drain = arm->gate.drain = NULL;
	arm->probe = NULL;
}

void arm_close(struct arm *arm)
{
	drain_close(arm->drain);
	probe_close(arm->probe);
	free(arm->counts);
	free(arm->counts_before);
	arm->drain = NULL;
	arm->probe = NULL;
	arm->counts = arm->counts_before = NULL;
}
