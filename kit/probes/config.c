/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "calib/arch/arch.h"
#include "kit/probes/config.h"
#include "kit/timing/steady.h"

#define REHEARSAL_CALLS	 64
#define HIT_ATTEMPTS	 20
#define FOREIGN_ATTEMPTS 3
/* Fewer calls a block: they are slow, and fewer are counted. */
#define FOREIGN_SLOW_CALLS 512
#define FOREIGN_FEW	   16
#define FOREIGN_MANY	   4096
#define FOREIGN_OFF	   0.05
#define SHORT_PILOT_CALLS  64
#define WARMUP_CHUNK	   50
#define SETTLING_CALLS	   16
/*
 * After an eviction the next 64 or so calls get steadily slower while kernel cache lines leave the
 * shared cache. Timing these too made the A/A difference 80 ns.
 */
#define COLD_SETTLING_CALLS 64
#define WARMUP_US	    1000
#define GATE_GAP_US	    10
#define GATE_PATIENCE_US    2000
/* More than fit into a 256 KiB buffer at the smallest record size. */
#define FILL_CALLS 20000

static bool is_foreign(const struct config *config)
{
	return config->variant && config->variant->foreign;
}

/*
 * N calls must give N runs of the program. Runs by other tasks' calls add to the count, so the
 * least of several tries is taken, and on a busy machine more runs than calls are no error (for a
 * program with output, event accounting shows whose runs they were); fewer are always one. A hook
 * on all syscalls also runs for the second read() of the count and for the messages between the two
 * processes.
 */
static void count_hits(struct config *config, struct bench *bench)
{
	bool all = hook_sees_all_syscalls(config->variant->hook);
	uint64_t own = all ? 1 : 0, best = UINT64_MAX;
	uint64_t expected = bench->workload->fires || all ? REHEARSAL_CALLS : 0;

	for (int i = 0; i < HIT_ATTEMPTS && best != expected; i++) {
		uint64_t before, after, missed_before, missed_after;
		int err = probe_hits(config->probe, &before, &missed_before);

		config_untimed(config, bench, config_run, REHEARSAL_CALLS);
		err = err ? err : probe_hits(config->probe, &after, &missed_after);
		if (err || missed_after != missed_before) {
			config_fail(config, RESULT_INVALID, "%s",
				    err ? strerror(-err)
					: "the kernel skipped runs (recursion_misses)");
			break;
		}
		if (after - before - own < best)
			best = after - before - own;
		/*
		 * each event wakes a reader, whose syscalls run such a hook too: another try would
		 * not help
		 */
		if (best < expected || (all && config->gated))
			break;
	}
	config->told.hits = (struct result_hits){expected, best};
	if (config->status == RESULT_MEASURED && best < expected)
		config_fail(config, RESULT_INVALID, "%llu calls gave %llu runs of the program",
			    (unsigned long long)expected, (unsigned long long)best);
}

/* Runs, events and their bytes in a number of calls. */
struct foreign_count {
	double runs, events, bytes;
};

/* One try of n calls; keeps the least runs, and the least events, of all tries. */
static int try_foreign(struct config *config, struct bench *bench, size_t n,
		       struct foreign_count *least)
{
	const struct probe_reader *reader = config->wakeup;
	uint64_t before, after, missed, was = 0, bytes = 0, sent;
	int err;

	config_settle(config);
	if (reader) {
		was = reader->counted.received + reader->counted.lost_records;
		bytes = reader->bytes;
	}
	err = probe_hits(config->probe, &before, &missed);
	config_untimed(config, bench, config_run, n);
	err = err ? err : probe_hits(config->probe, &after, &missed);
	if (err)
		return err;
	config_settle(config);
	least->runs = fmin(least->runs, (double)(after - before));
	sent = reader ? reader->counted.received + reader->counted.lost_records - was : 0;
	if (reader && (double)sent < least->events) {
		least->events = (double)sent;
		least->bytes = (double)(reader->bytes - bytes);
	}
	return 0;
}

/* A count a call, which is a whole number; NAN where other tasks leave it open. */
static double whole(double count)
{
	return fabs(count - round(count)) < FOREIGN_OFF ? round(count) : NAN;
}

static void tell_foreign(struct config *config, const struct foreign_count *few,
			 const struct foreign_count *many, double calls)
{
	struct result_foreign *told = &config->told.foreign;
	double events = fmax(many->events - few->events, 0);

	told->runs = whole((many->runs - few->runs) / calls);
	told->events = told->event_bytes = NAN;
	if (!config->wakeup)
		return;
	told->events = whole(events / calls);
	if (events > 0)
		told->event_bytes = (many->bytes - few->bytes) / events;
}

/*
 * Many calls must give as many runs of the program, or it has no cost here. How many a call gives
 * is the difference to few calls: what the messages between the two processes and the count itself
 * add is in both. Other tasks add to either, so the least of several tries is taken.
 */
static void count_foreign(struct config *config, struct bench *bench)
{
	struct foreign_count few = {.runs = INFINITY, .events = INFINITY}, many = few;
	bool slow = config->calls < FOREIGN_SLOW_CALLS;
	size_t n = slow ? FOREIGN_FEW : REHEARSAL_CALLS, more = 2 * n;
	int err = 0;

	for (int i = 0; i < FOREIGN_ATTEMPTS && !err; i++) {
		err = try_foreign(config, bench, n, &few);
		/* the messages run it too: in many calls what they add is little */
		if (!i && !slow && !config->wakeup && few.runs > (double)n)
			more = FOREIGN_MANY;
		if (!err)
			err = try_foreign(config, bench, n + more, &many);
		tell_foreign(config, &few, &many, (double)more);
		if (config->told.foreign.runs >= 1 || many.runs < (double)(n + more))
			break;
	}
	if (err) {
		config_fail(config, RESULT_INVALID, "%s", strerror(-err));
		return;
	}
	config->told.hits = (struct result_hits){n + more, (uint64_t)many.runs};
	if (many.runs < (double)(n + more))
		config_fail(config, RESULT_INVALID, "%zu calls of %s ran it %.0f times", n + more,
			    bench->workload->name, many.runs);
}

static void fill_buffer(struct config *config, struct bench *bench)
{
	for (size_t i = 0; i < FILL_CALLS / REHEARSAL_CALLS && !probe_dropped(config->probe); i++)
		config_untimed(config, bench, config_run, REHEARSAL_CALLS);
	if (!probe_dropped(config->probe))
		config_fail(config, RESULT_INVALID, "the buffer did not fill up");
}

/*
 * Makes untimed calls, as many as the pilot found necessary and for at least a millisecond. Returns
 * the ticks that one call took.
 */
static uint64_t warm_up(struct config *config, struct bench *bench, block_fn block)
{
	uint64_t least = bench->exact ? 0 : WARMUP_US * bench->ticks_per_us, took = 0;
	size_t wanted = config->gated ? WARMUP_CHUNK : bench->warmup, done = 0;

	while ((done < wanted || took < least) && !timing_died(bench->timing)) {
		took += config_untimed(config, bench, block, WARMUP_CHUNK);
		done += WARMUP_CHUNK;
		/* with this policy nobody else reads the buffer */
		if ((done % 1000 == 0 || is_foreign(config)) &&
		    !wakeup_policy_needs_cpu(config->wakeup_policy))
			config_settle(config);
	}
	return took / (done ? done : 1);
}

/* Counts runs of the attached program, or of the copy in its place, which is gone afterwards. */
static void count_runs(struct config *config, struct bench *bench)
{
	struct error why = {0};
	int counting = probe_count_hits();
	bool copied = counting == -EPERM && !probe_copy_begin(config->probe, &why);

	if (counting < 0 && !copied) {
		config_fail(config, RESULT_INVALID, "hits cannot be counted: %s",
			    *why.text ? why.text : strerror(-counting));
		return;
	}
	if (config->variant->foreign)
		count_foreign(config, bench);
	else
		count_hits(config, bench);
	if (!copied)
		close(counting);
	else if (probe_copy_end(config->probe, &why))
		config_fail(config, RESULT_INVALID, "it cannot be attached again: %s", why.text);
}

/* Counts the hits of an attached probe, then brings its buffer into the state to be measured. */
static void rehearse(struct config *config, struct bench *bench)
{

	/*
	 * runs are all equal there, and switching the count on patches about a hundred places in
	 * the kernel
	 */
	if (bench->exact && config->rehearsed)
		return;
	config->rehearsing = true;
	count_runs(config, bench);
	if (config->status == RESULT_MEASURED && config->wakeup_policy == WAKEUP_NONE &&
	    config_sends(config, bench))
		fill_buffer(config, bench);
	config->rehearsing = false;
	config->rehearsed = true;
}

void config_gate(struct config *config, const struct bench *bench)
{
	config->gated = config->wakeup_policy == WAKEUP_CAUGHT_UP;
	config->gate.idle_fd = bench->idle_fd;
	/* how many events a foreign program sends is its own affair: the reader must sleep */
	config->gate.events = is_foreign(config) ? 0 : 1;
	config->gate.gap_ticks = GATE_GAP_US * bench->ticks_per_us;
	config->gate.patience_ticks = GATE_PATIENCE_US * bench->ticks_per_us;
}

void config_pilot(struct config *config, struct bench *bench)
{
	size_t n = config->gated ? SHORT_PILOT_CALLS : STEADY_CALLS_MOST;

	/* as many as a block has: more may take long, and send more than a buffer holds */
	if (!config->gated && is_foreign(config))
		n = config->calls;

	config->steady_calls = SHORT_PILOT_CALLS;
	/* instruction counts need no warm-up, and the first round shows whether it works */
	if (bench->exact || !config_has_probe(config))
		return;
	config_load(config, bench);
	if (config->status != RESULT_MEASURED || !config_attach(config))
		return;
	rehearse(config, bench);
	if (config->status == RESULT_MEASURED) {
		config_settle(config);
		config_untimed(config, bench, config_run, n);
		config->steady_calls = (double)steady_after(bench->scratch, n);
		config_settle(config);
	}
	config_detach(config);
	config_unload(config, bench);
}

/*
 * Would a counter around the block also count syscalls other than the timed ones? Then nothing is
 * counted.
 */
static bool counts_more(const struct config *config, const struct workload *workload)
{
	/*
	 * the gate polls its reader; a hook on all syscalls also runs for those that prepare a call
	 */
	return config->gated || (config->kind == CONFIG_PROBE && workload->maps &&
				 hook_sees_all_syscalls(config->variant->hook));
}

bool config_hears_reads(const struct variant *variant)
{
	return hook_sees_all_syscalls(variant->hook) || variant->hook == HOOK_TRACEPOINT;
}

/*
 * Where instructions are counted: waits until no timer tick can fall into the block, then makes
 * some untimed calls, because in some programs the first call after a sleep takes 2 instructions
 * more.
 */
static void choose_moment(struct config *config, const struct bench *bench, uint64_t call_ticks,
			  block_fn block)
{
	size_t calls = config->calls + SETTLING_CALLS;

	if (!bench->exact)
		return;
	tick_dodge(&bench->tick, calls * call_ticks * 1000 / bench->ticks_per_us);
	block(config, bench, bench->scratch, SETTLING_CALLS);
}

static void take_counts(const struct config *config, const struct bench *bench, unsigned int pass)
{
	bool hears = config->kind == CONFIG_PROBE && config_hears_reads(config->variant);

	for (size_t i = 0; i < counters_count(bench->counters); i++) {
		const struct counter *c = counters_at(bench->counters, i);

		if (c->pass == pass && c->valid && (c->rdpmc || !hears))
			config->counts[i] = (double)c->count / (double)config->calls;
	}
}

/* A block with the counters of this pass read before and after it, never within. */
static void counted_block(struct config *config, const struct bench *bench, uint32_t *out,
			  block_fn block)
{
	unsigned int passes = counters_passes(bench->counters);
	unsigned int pass = passes ? (unsigned int)(config->rounds % passes) : 0;
	bool counting = passes && !counters_begin(bench->counters, pass);

	block(config, bench, out, config->calls);
	if (counting && !counters_end(bench->counters, pass))
		take_counts(config, bench, pass);
}

/*
 * Runs the timed block. Counters are read around it if nothing else runs between its calls; in a
 * stirred block the code in between would be counted too, so a block of hot calls after it is
 * counted.
 */
static void timed_job(void *ctx)
{
	const struct config_job *job = ctx;
	struct config *config = job->config;
	struct bench *bench = job->bench;
	bool count = bench->counters && config->counts && !bench->evict &&
		     !counts_more(config, bench->workload);

	if (!bench->exact) {
		neighbour_read(&config->neighbour[0]);
		/*
		 * restores the branch predictor to what a block of hot calls leaves, after the
		 * reading
		 */
		if (!config->gated && !bench->evict)
			job->block(config, bench, bench->scratch, SETTLING_CALLS);
	}
	choose_moment(config, bench, job->ticks, job->block);
	config->timing = true;
	if (bench->evict)
		job->block(config, bench, bench->scratch, COLD_SETTLING_CALLS);
	if (count && !bench->stir)
		counted_block(config, bench, job->out, job->block);
	else
		job->block(config, bench, job->out, config->calls);
	config->timing = false;
	if (!bench->exact)
		neighbour_read(&config->neighbour[1]);
	if (!count || !bench->stir)
		return;
	config->rehearsing = true;
	counted_block(config, bench, bench->scratch, job->block);
	config->rehearsing = false;
}

static void time_block(struct config *config, struct bench *bench, uint32_t *out, block_fn block)
{
	struct config_job job = {.config = config, .bench = bench, .out = out, .block = block};

	job.ticks = warm_up(config, bench, block);
	config_settle(config);
	timing_do(bench->timing, timed_job, &job, sizeof(job));
	if (timing_died(bench->timing))
		config_fail(config, RESULT_INVALID, "%s", timing_died(bench->timing));
}

/*
 * Counts hits of the attached probe, then times a block into out; with out NULL (a sham visit)
 * makes only the untimed calls.
 */
static void visit_attached(struct config *config, struct bench *bench, uint32_t *out)
{
	rehearse(config, bench);
	if (config->status == RESULT_MEASURED && !out) {
		warm_up(config, bench, config_run);
		config_settle(config);
	} else if (config->status == RESULT_MEASURED) {
		config_settle(config);
		time_block(config, bench, out, config_run);
		if (config->gate.missed * 2 > config->calls)
			config_fail(config, RESULT_INVALID,
				    "%llu of %zu calls found the reader still awake after 2 ms",
				    (unsigned long long)config->gate.missed, config->calls);
		config_settle(config);
	}
	config_detach(config);
}

/*
 * Does to the machine what a visit to a probe of the group does, before the baseline is timed. If
 * the probe fails here, the baseline is timed without it.
 */
static void sham(struct config *config, struct bench *bench)
{
	if (!config_has_probe(config) || bench->exact)
		return;
	config_load(config, bench);
	if (config->status == RESULT_MEASURED && config_attach(config))
		visit_attached(config, bench, NULL);
	config_unload(config, bench);
	if (config->status != RESULT_MEASURED) {
		config->status = RESULT_MEASURED;
		config->variant = NULL;
	}
}

bool config_visit(struct config *config, struct bench *bench, uint32_t *out)
{
	if (config->status != RESULT_MEASURED)
		return false;
	if (config->kind != CONFIG_PROBE) {
		sham(config, bench);
		time_block(config, bench, out,
			   config->kind == CONFIG_BARE ? config_run_bare : config_run);
	} else {
		config_load(config, bench);
		if (config->status == RESULT_MEASURED && config_attach(config))
			visit_attached(config, bench, out);
		/* before Linux 5.13 a trampoline takes a program only once */
		if (!bench->exact || config->variant->foreign)
			config_unload(config, bench);
	}
	config->rounds++;
	return config->status == RESULT_MEASURED;
}
