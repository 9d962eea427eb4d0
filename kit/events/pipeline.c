/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "bpf/programs/shared.h"
#include "calib/arch/arch.h"
#include "kit/events/pipeline.h"

/* A reader that has not read everything after this time is stuck. */
#define SETTLE_S 2.0
/* Where nobody reads, the buffer is filled by this many calls at a time. */
#define FILL_STEP 256
/* Calls from one check whether the schedule is kept again to the next. */
#define CATCH_UP_CALLS 8

int pipeline_open(const struct pipeline_options *options, struct pipeline **out, struct error *why)
{
	struct pipeline *pipeline;
	int err;

	if (wakeup_policy_needs_cpu(options->wakeup) && options->consumer_cpu < 0)
		return error_set(why, -EOPNOTSUPP, "a reader needs a second CPU, and there is one");
	pipeline = calloc(1, sizeof(*pipeline));
	if (!pipeline)
		return -ENOMEM;
	pipeline->options = *options;
	pipeline->options.stream.wake = wakeup_policy_row(options->wakeup)->wake;
	pipeline->options.stream.wake_every = wakeup_policy_row(options->wakeup)->every;
	err = stream_open(&pipeline->options.stream, &pipeline->stream, why);
	if (!err)
		err = probe_monitor_also(pipeline->stream->probe, getpid());
	if (err)
		pipeline_close(pipeline);
	else
		*out = pipeline;
	return err;
}

/* false: the caller reads. */
static bool has_reader(const struct pipeline *pipeline)
{
	return wakeup_policy_needs_cpu(pipeline->options.wakeup) &&
	       pipeline->options.consumer_cpu >= 0;
}

static int open_collect(struct pipeline *pipeline, uint64_t bytes_freed, struct error *why)
{
	const struct pipeline_options *options = &pipeline->options;
	const struct collect_options collect = {
		.consumer = reader_options(options->wakeup, options->consumer_cpu,
					   options->producer_cpu),
		.bytes_freed = bytes_freed,
		.ages = true,
	};

	if (!has_reader(pipeline) && options->wakeup != WAKEUP_NONE)
		pipeline->read_every = options->stream.buffer_bytes /
				       (2 * stream_record_bytes(options->stream.buffer));
	return collect_open(pipeline->stream, &collect, &pipeline->collect, why);
}

/* Makes calls until an event is dropped: from then on the buffer stays full. */
static int fill(struct pipeline *pipeline, const struct load *load, struct pace *pace,
		struct error *why)
{
	size_t most = 2 * pipeline->options.stream.buffer_bytes /
		      stream_record_bytes(pipeline->options.stream.buffer);

	for (size_t i = 0; i < most && !stream_total(pipeline->stream).dropped; i += FILL_STEP)
		workload_block(load->workload, load->area, pace->call,
			       pace->most < FILL_STEP ? pace->most : FILL_STEP, NULL);
	if (stream_total(pipeline->stream).dropped)
		return 0;
	return error_set(why, -EPROTO, "the buffer did not fill up");
}

int pipeline_attach(struct pipeline *pipeline, const struct load *load, struct pace *pace,
		    struct error *why)
{
	int err = open_collect(pipeline, load->workload->bytes, why);

	if (!err)
		err = probe_attach(pipeline->stream->probe, why);
	if (!err && pipeline->options.wakeup == WAKEUP_NONE)
		err = fill(pipeline, load, pace, why);
	return err;
}

void pipeline_close(struct pipeline *pipeline)
{
	if (!pipeline)
		return;
	if (pipeline->stream)
		probe_detach(pipeline->stream->probe);
	collect_close(pipeline->collect);
	stream_close(pipeline->stream);
	free(pipeline);
}

static void invalid(struct window *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void invalid(struct window *out, const char *fmt, ...)
{
	va_list args;

	if (!out->valid)
		return; /* only the first fault is reported */
	out->valid = false;
	va_start(args, fmt);
	vsnprintf(out->reason, sizeof(out->reason), fmt, args);
	va_end(args);
}

void pipeline_begin(struct pipeline *pipeline, struct window *out)
{
	*out = (struct window){.valid = true, .achieved = NAN};
	out->machine_known = !cputime_read(&out->machine);
	if (pipeline) {
		bool partial;

		/* a full buffer's content came before; pipeline_check accounts for it */
		if (pipeline->options.wakeup != WAKEUP_NONE)
			collect_restart(pipeline->collect);
		collect_accounting(pipeline->collect, &pipeline->read);
		pipeline->counts = stream_total(pipeline->stream);
		if (stream_missed(pipeline->stream, &pipeline->missed, &partial))
			pipeline->missed = 0;
	}
}

/*
 * Hits that did not run the program: calls without an event. There may be no more of them than the
 * kernel itself has counted as skipped.
 */
static void count_missed(struct pipeline *pipeline, struct window *out)
{
	uint64_t missed = pipeline->missed;
	bool partial = false;

	if (out->events.produced > out->done) {
		invalid(out, "%zu calls gave %" PRIu64 " events", out->done, out->events.produced);
		return;
	}
	out->events.missed = out->done - out->events.produced;
	if (stream_missed(pipeline->stream, &missed, &partial))
		missed = pipeline->missed;
	if (!partial && out->events.missed > missed - pipeline->missed)
		invalid(out,
			"%zu calls gave %" PRIu64 " events, and the kernel says it skipped %" PRIu64
			" hits",
			out->done, out->events.produced, missed - pipeline->missed);
}

/* Event accounting of the window; no calls are being made. */
static void close_accounting(struct pipeline *pipeline, struct window *out)
{
	struct stream_counts counts;
	struct collect_accounting accounting;
	struct error why = {0};

	if (pipeline->options.wakeup != WAKEUP_NONE &&
	    consumer_settle(pipeline->collect->consumer, SETTLE_S)) {
		invalid(out, "the reader is stuck: it has not read everything within %.0f s",
			SETTLE_S);
		out->stuck = true;
		return;
	}
	counts = stream_total(pipeline->stream);
	collect_accounting(pipeline->collect, &accounting);
	out->events.produced = counts.produced - pipeline->counts.produced;
	out->events.dropped = counts.dropped - pipeline->counts.dropped;
	out->events.wakeups = accounting.wakeups - pipeline->read.wakeups;
	out->consumer_ns = accounting.cpu_ns - pipeline->read.cpu_ns;
	out->events.lost_records = accounting.lost_records - pipeline->read.lost_records;
	if (pipeline->options.wakeup == WAKEUP_NONE)
		/* the events that found room are read and checked at the end */
		out->events.received = out->events.produced - out->events.dropped;
	else
		out->events.received = accounting.received;
	if (pipeline->options.wakeup != WAKEUP_NONE && collect_check(pipeline->collect, &why))
		invalid(out, "the event accounting does not balance: %s", why.text);
	count_missed(pipeline, out);
}

void pipeline_end(struct pipeline *pipeline, const struct pace *pace, struct window *out)
{
	struct cputime after;

	out->done = pace->done;
	out->achieved = pace_achieved(pace);
	out->seconds = (double)(arch_clock() - pace->start) / pace->hz;
	if (pipeline)
		close_accounting(pipeline, out);
	out->wall_s = (double)(arch_clock() - pace->start) / pace->hz;
	if (out->machine_known && !cputime_read(&after)) {
		out->machine.busy = after.busy - out->machine.busy;
		out->machine.idle = after.idle - out->machine.idle;
		out->machine.steal = after.steal - out->machine.steal;
	} else {
		out->machine_known = false;
	}
}

/*
 * Makes more calls until one is on time. A stall just before the end would otherwise leave the last
 * calls late, and the window slower than its rate, although a longer one would have reached it.
 * These calls are in the event accounting but not timed.
 */
static void catch_up(const struct load *load, struct pace *pace, uint64_t until)
{
	while (pace->done && pace->done + CATCH_UP_CALLS <= pace->most &&
	       pace->lag[pace->done - 1] > (uint32_t)fmin(pace->step, UINT32_MAX) &&
	       arch_clock() < until && !*load->stop)
		workload_paced(load->workload, load->area, pace, pace->done + CATCH_UP_CALLS, until,
			       load->stop);
}

void pipeline_window(struct pipeline *pipeline, const struct load *load, struct pace *pace,
		     struct window *out)
{
	size_t total = load->lead + load->calls, step = pipeline ? pipeline->read_every : 0;
	uint64_t planned;

	pipeline_begin(pipeline, out);
	pace_begin(pace, load->rate, load->burst);
	/*
	 * a rate that cannot be reached would never end: at most double the planned time and 20 ms
	 */
	planned = (uint64_t)((double)total * pace->step * 2 + 0.02 * pace->hz);
	for (size_t until = 0; until < total && !*load->stop;) {
		until = step && total - until > step ? until + step : total;
		workload_paced(load->workload, load->area, pace, until, pace->start + planned,
			       load->stop);
		if (step && consumer_settle(pipeline->collect->consumer, SETTLE_S))
			break;
		if (pace->done < until)
			break;
	}
	/* where the caller reads between steps, no calls are made beyond the planned ones */
	if (!step && load->burst < 2)
		catch_up(load, pace, pace->start + planned);
	pipeline_end(pipeline, pace, out);
}

int pipeline_check(struct pipeline *pipeline, struct error *why)
{
	if (pipeline->options.wakeup != WAKEUP_NONE)
		return 0;
	if (consumer_settle(pipeline->collect->consumer, SETTLE_S))
		return error_set(why, -EBADMSG, "the buffer could not be read");
	return collect_check(pipeline->collect, why);
}
