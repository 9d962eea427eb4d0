/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "bpf/programs/shared.h"
#include "calib/arch/arch.h"
#include "kit/helpers/slope_block.h"
#include "reports/effects/compare.h"

#define CALLS_PLAIN    256
#define EVENTS_SAMPLED 1024 /* sixteen wakeups */
#define EVENTS_BUSY    256
#define CALLS_GATED    32
#define EXACT_SPARE    4 /* further rounds if some disagree */
#define CALLS_EXACT    64
/* a spinning reader has caught up at some events and not at others: mean over this many */
#define BUSY_PERIOD	 32
#define PAGE_BYTES	 4096
#define WARM_CALLS	 64
#define WARM_GATED	 8
#define BARE_WARM	 2000
#define HIT_CALLS	 64
#define HIT_ATTEMPTS	 20
#define FILL_TRIES	 1000
#define FILL_BYTES	 16 /* no record is smaller: if it does not fit, nothing does */
#define FILL_TIMES	 8
#define SETTLING	 16
#define EXACT_BURST_NS	 1500000 /* less than the time between two timer ticks */
#define GATE_GAP_US	 10
#define GATE_PATIENCE_US 2000
/*
 * bytes of a perf record: a header of 8, the size's 4 and the data, padded to 8
 * (perf_prepare_sample)
 */
#define PERF_RECORD(bytes) (8 + ((bytes) + 4 + 7) / 8 * 8)
#define RECORD_HEAD_BYTES  16 /* the most for a record's header and padding */

/* What a block runs, and the state of its buffer. */
struct block {
	struct channel *channel; /* NULL: nothing is sent */
	struct slope_sink *sink;
	enum output output;
	size_t record;	     /* bytes of a record in a perf buffer */
	unsigned int times;  /* events of a call, discarded ones too */
	unsigned int sent;   /* those of them that arrive or are lost */
	size_t calls, burst; /* calls: timed; burst: the most between two looks at the buffer */
	enum wakeup_policy wakeup;
	bool gated;
	uint64_t missed; /* calls at which the reader was still awake */
};

static struct gate make_gate(const struct slope_bench *bench, const struct block *block)
{
	uint64_t ticks_per_us = (uint64_t)(bench->env->tsc->hz / 1e6);

	return (struct gate){
		.wakeup = block->channel ? block->channel->reader : NULL,
		.idle_fd = bench->idle_fd,
		.gap_ticks = GATE_GAP_US * ticks_per_us,
		.patience_ticks = GATE_PATIENCE_US * ticks_per_us,
		.sent = block->channel ? block->channel->sent : 0,
		.events = block->sent,
	};
}

/*
 * For exact counts: no timer tick may fall into the next need_ns, and the first syscalls after a
 * sleep take slightly more instructions.
 */
static void quiet(const struct slope_bench *bench, uint64_t need_ns)
{
	tick_dodge(&bench->tick, need_ns);
	for (int i = 0; i < SETTLING; i++)
		arch_syscall3(SYS_getppid, 0, 0, 0);
}

/*
 * A perf buffer also wakes its reader each time this many bytes have been written, read or not
 * (kernel/events/ring_buffer.c, rb->watermark: the whole buffer, or half of it if the reader asked
 * for a number of events).
 */
static size_t perf_mark(const struct block *block)
{
	return block->wakeup == WAKEUP_SAMPLED ? RINGBUF_BYTES / 2 : RINGBUF_BYTES;
}

/*
 * Repeats what the kernel does to a perf buffer for so many records (kernel/events/ring_buffer.c,
 * __perf_output_begin; core.c, perf_output_sample), and returns how often the reader is woken
 * because of bytes. A wakeup because of the number of events moves the position of the next wakeup
 * by a byte.
 */
static unsigned int follow(const struct block *block, struct slope_sink *sink, size_t records)
{
	unsigned int woken = 0;

	if (block->output != OUTPUT_PERF || block->wakeup == WAKEUP_NONE)
		return 0;
	for (size_t i = 0; i < records; i++) {
		sink->head += block->record;
		if (sink->head - sink->wakeup > perf_mark(block)) {
			sink->wakeup += perf_mark(block);
			woken++;
		}
		if (block->wakeup == WAKEUP_SAMPLED && ++sink->events == WAKE_SAMPLE_EVERY) {
			sink->events = 0;
			sink->wakeup++;
		}
	}
	return woken;
}

/*
 * n calls, at most a burst. call_ns: duration of one where ticks are instructions; 0: they are not.
 */
static void run(struct slope_bench *bench, struct block *block, uint32_t *out, size_t n,
		uint64_t call_ns)
{
	struct gate gate = make_gate(bench, block);

	if (block->channel && block->wakeup != WAKEUP_NONE)
		probe_reader_settle(block->channel->reader);
	if (call_ns)
		quiet(bench, n * call_ns);
	/*
	 * untimed: at the first event after a reader has read everything the kernel checks whether
	 * to wake it
	 */
	if (call_ns && block->output == OUTPUT_RINGBUF && block->channel) {
		workload_block(bench->workload, bench->area, out, 1, NULL);
		block->channel->sent += block->sent;
	}
	workload_block(bench->workload, bench->area, out, n, block->gated ? &gate : NULL);
	if (block->channel) {
		block->channel->sent += n * block->sent;
		follow(block, block->sink, n * block->sent);
	}
	block->missed += gate.missed;
}

/* Makes untimed calls. Returns the ticks of one. */
static uint64_t warm_up(struct slope_bench *bench, struct block *block, size_t calls)
{
	uint64_t start = arch_clock();

	for (size_t done = 0; done < calls; done += block->burst)
		run(bench, block, bench->out,
		    calls - done < block->burst ? calls - done : block->burst, 0);
	return (arch_clock() - start) / calls;
}

static size_t common_divisor(size_t a, size_t b)
{
	return b ? common_divisor(b, a % b) : a;
}

/*
 * For exact counts: the number of events after which their costs repeat. The period comes from the
 * wakeup for one event in N, a record's place in its page, and the wakeup because of bytes if that
 * occurs within it.
 */
static size_t turn_of(const struct block *block)
{
	size_t turn = PAGE_BYTES / common_divisor(block->record, PAGE_BYTES);
	size_t mark = perf_mark(block);

	if (block->output != OUTPUT_PERF || block->wakeup == WAKEUP_NONE)
		return WAKE_SAMPLE_EVERY;
	if (turn < WAKE_SAMPLE_EVERY)
		turn = WAKE_SAMPLE_EVERY;
	return turn * block->record <= mark ? turn : mark / common_divisor(block->record, mark);
}

/*
 * For exact counts: makes untimed calls until the next block has no wakeup because of bytes, if the
 * block is short enough to have none.
 */
static void pass_mark(struct slope_bench *bench, struct block *block)
{
	size_t records = block->calls * block->sent;
	struct slope_sink ahead;

	if (!bench->exact || !records || records * block->record > perf_mark(block))
		return;
	for (ahead = *block->sink; follow(block, &ahead, records); ahead = *block->sink)
		run(bench, block, bench->out, 1, 0);
}

/* The number of calls after which the costs of a block's events repeat. */
static size_t period_of(const struct block *block)
{
	size_t events = block->wakeup == WAKEUP_SAMPLED ? WAKE_SAMPLE_EVERY
			: block->wakeup == WAKEUP_BUSY	? BUSY_PERIOD
							: 1;
	size_t calls = block->times ? events / block->times : events;

	return calls ? calls : 1;
}

static double timed(struct slope_bench *bench, struct block *block, size_t warm)
{
	const struct compare_scale scale = {.quantum = bench->env->tsc->quantum,
					    .period = period_of(block)};
	uint64_t call_ticks = warm_up(bench, block, warm) + 1;
	double typical = NAN, mean = NAN;

	if (bench->exact && block->burst > EXACT_BURST_NS / call_ticks)
		block->burst = EXACT_BURST_NS / call_ticks + 1;
	pass_mark(bench, block);
	for (size_t done = 0, n; done < block->calls; done += n) {
		n = block->calls - done < block->burst ? block->calls - done : block->burst;
		run(bench, block, bench->out + done, n, bench->exact ? call_ticks : 0);
	}
	if (compare_block(bench->out, block->calls, &scale, &typical, &mean))
		return NAN;
	return bench->exact ? mean : typical;
}

double slope_bare(struct slope_bench *bench, bool gated)
{
	struct block block = {.calls = gated	      ? CALLS_GATED
				       : bench->exact ? CALLS_EXACT
						      : CALLS_PLAIN,
			      .burst = SLOPE_CALLS_MOST,
			      .gated = gated};

	return timed(bench, &block, gated || bench->exact ? CALLS_GATED : BARE_WARM);
}

int slope_count_hits(struct slope_bench *bench)
{
	struct block block = {.burst = HIT_CALLS};
	uint64_t before, after, missed_before, missed_after, best = UINT64_MAX;
	int fd = probe_count_hits(), err = fd < 0 ? fd : 0;

	if (fd == -EPERM)
		err = host_program_clear(bench->host_program);
	for (int i = 0; i < HIT_ATTEMPTS && best != HIT_CALLS && !err; i++) {
		err = host_program_hits(bench->host_program, &before, &missed_before);
		run(bench, &block, bench->out, HIT_CALLS, 0);
		if (!err)
			err = host_program_hits(bench->host_program, &after, &missed_after);
		if (!err && missed_after != missed_before)
			err = -EPROTO;
		if (!err && after - before < best)
			best = after - before;
	}
	if (fd >= 0)
		close(fd);
	else if (!err)
		err = host_program_select(bench->host_program, bench->stub_only);
	if (err)
		error_say(&bench->reason, "hits cannot be counted: %s", strerror(-err));
	else if (best < HIT_CALLS) {
		error_say(&bench->reason, "%d calls gave %llu runs of the host program", HIT_CALLS,
			  (unsigned long long)best);
		err = -EPROTO;
	}
	return err;
}

/* ---- a buffer that must be full ---- */

static const struct helper *filler(enum output output)
{
	for (size_t i = 0; i < helpers_count; i++)
		if (helpers[i].output == output && !helpers[i].discards)
			return &helpers[i];
	return NULL;
}

/*
 * Sends events of the smallest size into a buffer that nobody reads, in up to `blocks` blocks of
 * `calls` calls, until all events of a block are lost. Returns 0; -ENOSPC: that did not happen;
 * other -errno.
 */
static int send_some(struct slope_bench *bench, enum output output, unsigned int times,
		     size_t blocks, size_t calls)
{
	const struct helper *helper = filler(output);
	struct slope_sink *sink = slope_sink_of(bench, helper, WAKEUP_NONE, FILL_BYTES);
	struct block block = {.channel = sink->channel,
			      .sink = sink,
			      .times = times,
			      .sent = times,
			      .burst = calls,
			      .wakeup = WAKEUP_NONE};
	struct error why;
	int fd = slope_program(bench, helper, FILL_BYTES, WAKEUP_NONE, times, &why);
	int err = fd < 0 ? fd : host_program_select(bench->host_program, fd);
	uint64_t lost = 0;

	for (size_t i = 0; i < blocks && !err && lost < times * calls; i++) {
		lost = channel_dropped(block.channel);
		run(bench, &block, bench->out, calls, 0);
		lost = channel_dropped(block.channel) - lost;
	}
	host_program_select(bench->host_program, bench->stub_only);
	if (fd >= 0)
		close(fd);
	return err ? err : lost == times * calls ? 0 : -ENOSPC;
}

static int fill(struct slope_bench *bench, enum output output)
{
	int err = bench->filled[output]
			  ? 0
			  : send_some(bench, output, FILL_TIMES, FILL_TRIES, HIT_CALLS);

	bench->filled[output] = true;
	return err;
}

void slope_unfill(struct slope_bench *bench, enum output output)
{
	if (!bench->filled[output])
		return;
	bench->filled[output] = false;
	probe_reader_settle(bench->sinks[output][WAKEUP_NONE][0].channel->reader);
	/* perf reports lost events only in front of the next event that fits: send one */
	if (output == OUTPUT_PERF)
		send_some(bench, output, 1, 1, 1);
}

/* ---- a row ---- */

static struct block block_of(struct slope_bench *bench, const struct slope_row *row,
			     unsigned int times)
{
	unsigned int events = row->wakeup == WAKEUP_SAMPLED ? EVENTS_SAMPLED
			      : row->wakeup == WAKEUP_BUSY  ? EVENTS_BUSY
							    : 0;
	struct slope_sink *sink = slope_sink_of(bench, row->helper, row->wakeup, row->size);
	struct block block = {
		.channel = sink->channel,
		.sink = sink,
		.output = row->helper->output,
		.record = PERF_RECORD(row->size),
		.times = times,
		.sent = row->helper->output == OUTPUT_NONE || row->helper->discards ? 0 : times,
		.calls = events ? events / (times ? times : 1) : CALLS_PLAIN,
		.burst = SLOPE_CALLS_MOST,
		.wakeup = row->wakeup,
		.gated = row->wakeup == WAKEUP_CAUGHT_UP,
	};

	if (bench->exact)
		block.calls = block.sent ? turn_of(&block) / block.sent : CALLS_EXACT;
	if (bench->calls && !bench->exact)
		block.calls = bench->calls;
	if (block.gated && block.calls > CALLS_GATED)
		block.calls = CALLS_GATED;
	/* half a buffer: the reader may lag by that much */
	if (block.channel && row->wakeup != WAKEUP_NONE && times)
		block.burst = RINGBUF_BYTES / 2 / (row->size + RECORD_HEAD_BYTES) / times;
	return block;
}

/* As many events as the calls of a block without output, where each may wake a reader. */
static size_t warm_calls(const struct block *block)
{
	size_t calls = wakeup_policy_needs_cpu(block->wakeup) && block->times
			       ? WARM_CALLS / block->times
			       : WARM_CALLS;

	if (block->gated)
		return WARM_GATED;
	return calls ? calls : 1;
}

static int measure_point(struct slope_bench *bench, struct slope_row *row, const int *progs,
			 size_t point, double *cost)
{
	unsigned int times = row->repeats[point];
	struct block block = block_of(bench, row, times);
	uint64_t woken = 0;
	double ns_a_tick = 1e9 / bench->env->tsc->hz;
	int err = host_program_select(bench->host_program, progs[point]);

	if (err) {
		slope_row_fail(row, RESULT_INVALID, "the host program does not take it: %s",
			       strerror(-err));
		return err;
	}
	if (block.channel)
		woken = consumer_wakeups(block.channel->reader->consumer);
	*cost = timed(bench, &block, warm_calls(&block)) -
		(block.gated ? bench->bare_gated : bench->bare);
	*cost *= ns_a_tick;
	if (block.channel && point == SLOPE_POINTS - 1) {
		row->calls += block.calls + warm_calls(&block);
		row->wakeups += consumer_wakeups(block.channel->reader->consumer) - woken;
	}
	if (block.missed * 2 > block.calls) {
		slope_row_late(row);
		return -EAGAIN;
	}
	return 0;
}

static int measure_round(struct slope_bench *bench, struct slope_row *row, const int *progs)
{
	/*
	 * times the last program twice, except where the reader affects the cost more than the
	 * program's placement, and in exact counts
	 */
	bool twice = !bench->exact && !wakeup_policy_needs_cpu(row->wakeup);
	size_t order[SLOPE_POINTS + 1], blocks = SLOPE_POINTS + twice;
	struct slope_visit *visit =
		slope_row_visit(row, bench->round + (bench->exact ? row->visits : 0));
	int err = 0;

	if (!visit) {
		slope_row_fail(row, RESULT_INVALID, "out of memory");
		return -ENOMEM;
	}
	for (size_t i = 0; i < blocks; i++)
		order[i] = i;
	gsl_ran_shuffle(bench->rng, order, blocks, sizeof(*order));
	if (!bench->exact)
		neighbour_read(&visit->readings[0]);
	for (size_t i = 0; i < blocks && !err; i++) {
		size_t point = order[i] < SLOPE_POINTS ? order[i] : SLOPE_POINTS - 1;
		double *cost = order[i] < SLOPE_POINTS ? &visit->costs[point] : &visit->again;

		err = measure_point(bench, row, progs, point, cost);
	}
	if (!bench->exact)
		neighbour_read(&visit->readings[1]);
	row->visits += !err;
	return err;
}

/*
 * Exact: are there enough identical rounds? Then only these are kept. An interrupt other than the
 * tick (RCU, a device) can only add instructions, and does in some rounds.
 */
static bool rounds_agree(struct slope_row *row, size_t wanted)
{
	const struct slope_visit *last = &row->visit[row->visits - 1];
	size_t same = 0;

	for (size_t i = 0; i < row->visits; i++) {
		size_t points = 0;

		while (points < SLOPE_POINTS && row->visit[i].costs[points] == last->costs[points])
			points++;
		same += points == SLOPE_POINTS;
	}
	if (same < wanted)
		return false;
	for (size_t i = 0; i < wanted; i++)
		memmove(row->visit[i].costs, last->costs, sizeof(last->costs));
	row->visits = wanted;
	return true;
}

void slope_row_rounds(struct slope_bench *bench, struct slope_row *row, size_t rounds)
{
	struct channel *channel =
		slope_sink_of(bench, row->helper, row->wakeup, row->size)->channel;
	int progs[SLOPE_POINTS] = {-1, -1, -1, -1, -1};
	int err = slope_programs(bench, row, progs);

	if (!err && row->wakeup == WAKEUP_NONE && fill(bench, row->helper->output)) {
		slope_row_fail(row, RESULT_INVALID, "the buffer did not fill up");
		err = -ENOSPC;
	}
	if (channel)
		consumer_set_active(channel->reader->consumer, true);
	for (size_t i = 0; !err && i < rounds + (bench->exact ? EXACT_SPARE : 0); i++) {
		err = measure_round(bench, row, progs);
		if (!err && bench->exact && rounds_agree(row, rounds))
			break;
	}
	if (channel)
		consumer_set_active(channel->reader->consumer, false);
	host_program_select(bench->host_program, bench->stub_only);
	slope_programs_close(progs);
}
