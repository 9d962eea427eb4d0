/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/shared.h"
#include "calib/arch.h"
#include "kit/feed.h"

/* A consumer that has not read everything by then is stuck. */
#define SETTLE_S 2.0
/* Without a consumer a full buffer is made by this many calls at most. */
#define FILL_STEP 256
/* Calls between two looks at whether the schedule is kept again. */
#define CATCH_UP_CALLS 8

struct feed {
	struct feed_options options;
	struct stream *stream;
	struct collect *collect;
	size_t read_every; /* calls after which the caller must read; 0: a thread reads */
	/* when the window began */
	struct stream_counts counts;
	uint64_t missed, wakeups, consumer_ns, lost_records, clock;
	struct cputime machine;
};

int feed_open(const struct feed_options *options, struct feed **out, char *why, size_t why_len)
{
	struct feed *feed;
	int err;

	if (drain_needs_cpu(options->drain) && options->consumer_cpu < 0) {
		snprintf(why, why_len, "a consumer needs a second CPU, and there is one");
		return -EOPNOTSUPP;
	}
	feed = calloc(1, sizeof(*feed));
	if (!feed)
		return -ENOMEM;
	feed->options = *options;
	feed->options.stream.wake = reader_state(options->drain)->wake;
	feed->options.stream.wake_every = reader_state(options->drain)->every;
	err = stream_open(&feed->options.stream, &feed->stream, why, why_len);
	if (!err)
		err = stream_monitor(feed->stream, getpid());
	if (err)
		feed_close(feed);
	else
		*out = feed;
	return err;
}

static int open_collect(struct feed *feed, uint64_t bytes_freed, char *why, size_t why_len)
{
	const struct feed_options *options = &feed->options;
	const struct collect_options collect = {
		.consumer = reader_options(options->drain, options->consumer_cpu,
					   options->producer_cpu),
		.bytes_freed = bytes_freed,
		.ages = true,
	};

	if (!feed_has_reader(feed) && options->drain != DRAIN_NONE)
		feed->read_every = options->stream.buffer_bytes /
				   (2 * stream_record_bytes(options->stream.buffer));
	return collect_open(feed->stream, &collect, &feed->collect, why, why_len);
}

/* Until an event is dropped: then the buffer is full, and stays so. */
static int fill(struct feed *feed, const struct load *load, struct pace *pace, char *why,
		size_t why_len)
{
	size_t most = 2 * feed->options.stream.buffer_bytes /
		      stream_record_bytes(feed->options.stream.buffer);

	for (size_t i = 0; i < most && !stream_total(feed->stream).dropped; i += FILL_STEP)
		trigger_block(load->trigger, load->area, pace->call,
			      pace->most < FILL_STEP ? pace->most : FILL_STEP, NULL);
	if (stream_total(feed->stream).dropped)
		return 0;
	snprintf(why, why_len, "the buffer did not fill up");
	return -EPROTO;
}

int feed_attach(struct feed *feed, const struct load *load, struct pace *pace, char *why,
		size_t why_len)
{
	int err = open_collect(feed, load->trigger->bytes, why, why_len);

	if (!err)
		err = stream_attach(feed->stream, why, why_len);
	if (!err && feed->options.drain == DRAIN_NONE)
		err = fill(feed, load, pace, why, why_len);
	return err;
}

void feed_close(struct feed *feed)
{
	if (!feed)
		return;
	if (feed->stream)
		stream_detach(feed->stream);
	collect_close(feed->collect);
	stream_close(feed->stream);
	free(feed);
}

static void invalid(struct window *out, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void invalid(struct window *out, const char *fmt, ...)
{
	va_list args;

	if (!out->valid)
		return; /* the first fault is the one to name */
	out->valid = false;
	va_start(args, fmt);
	vsnprintf(out->reason, sizeof(out->reason), fmt, args);
	va_end(args);
}

void feed_begin(struct feed *feed, struct window *out)
{
	*out = (struct window){.valid = true, .achieved = NAN};
	out->machine_known = !cputime_read(&out->machine);
	if (feed) {
		struct collect_books books;
		bool partial;

		/* what is in a full buffer came before: its books are closed by feed_check */
		if (feed->options.drain != DRAIN_NONE)
			collect_restart(feed->collect);
		collect_books(feed->collect, &books);
		feed->counts = stream_total(feed->stream);
		feed->wakeups = books.wakeups;
		feed->consumer_ns = books.cpu_ns;
		feed->lost_records = books.lost_records;
		if (stream_missed(feed->stream, &feed->missed, &partial))
			feed->missed = 0;
	}
}

/* Hits that never ran the program: calls that gave no event; the kernel's own count must allow for them. */
static void count_missed(struct feed *feed, struct window *out)
{
	uint64_t missed = feed->missed;
	bool partial = false;

	if (out->produced > out->done) {
		invalid(out, "%zu calls gave %" PRIu64 " events", out->done, out->produced);
		return;
	}
	out->missed = out->done - out->produced;
	if (stream_missed(feed->stream, &missed, &partial))
		missed = feed->missed;
	if (!partial && out->missed > missed - feed->missed)
		invalid(out,
			"%zu calls gave %" PRIu64 " events, and the kernel says it skipped %" PRIu64
			" hits",
			out->done, out->produced, missed - feed->missed);
}

/* The books of the window, producers at rest. */
static void close_books(struct feed *feed, struct window *out)
{
	struct stream_counts counts;
	struct collect_books books;
	char why[200] = "";

	if (feed->options.drain != DRAIN_NONE && collect_settle(feed->collect, SETTLE_S)) {
		invalid(out, "the consumer is stuck: it has not read everything within %.0f s",
			SETTLE_S);
		out->stuck = true;
		return;
	}
	counts = stream_total(feed->stream);
	collect_books(feed->collect, &books);
	out->produced = counts.produced - feed->counts.produced;
	out->dropped = counts.dropped - feed->counts.dropped;
	out->wakeups = books.wakeups - feed->wakeups;
	out->consumer_ns = books.cpu_ns - feed->consumer_ns;
	out->lost_records = books.lost_records - feed->lost_records;
	if (feed->options.drain == DRAIN_NONE)
		/* what found room is read at the end and checked then */
		out->received = out->produced - out->dropped;
	else
		out->received = books.received;
	if (feed->options.drain != DRAIN_NONE && collect_check(feed->collect, why, sizeof(why)))
		invalid(out, "the books don't balance: %s", why);
	count_missed(feed, out);
}

void feed_end(struct feed *feed, const struct pace *pace, struct window *out)
{
	struct cputime after;

	out->done = pace->done;
	out->achieved = pace_achieved(pace);
	out->seconds = (double)(arch_clock() - pace->start) / pace->hz;
	if (feed)
		close_books(feed, out);
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
 * A stall just before the end would leave the last calls late, and the window slower than its rate although a longer one would not
 * have been: calls go on until one is on time. They are booked, and not among the timed ones.
 */
static void catch_up(const struct load *load, struct pace *pace, uint64_t until)
{
	while (pace->done && pace->done + CATCH_UP_CALLS <= pace->most &&
	       pace->lag[pace->done - 1] > (uint32_t)fmin(pace->step, UINT32_MAX) &&
	       arch_clock() < until && !*load->stop)
		pace_run(pace, load->trigger, load->area, pace->done + CATCH_UP_CALLS, until,
			 load->stop);
}

void feed_window(struct feed *feed, const struct load *load, struct pace *pace, struct window *out)
{
	size_t total = load->lead + load->calls, step = feed ? feed->read_every : 0;
	uint64_t planned;

	feed_begin(feed, out);
	pace_begin(pace, load->rate, load->burst);
	/* what cannot be reached would go on for ever: a late window gets as much time again, and 20 ms */
	planned = (uint64_t)((double)total * pace->step * 2 + 0.02 * pace->hz);
	for (size_t until = 0; until < total && !*load->stop;) {
		until = step && total - until > step ? until + step : total;
		pace_run(pace, load->trigger, load->area, until, pace->start + planned, load->stop);
		if (step && collect_settle(feed->collect, SETTLE_S))
			break;
		if (pace->done < until)
			break;
	}
	/* the caller reads between steps, so a window of its own has no more calls than planned */
	if (!step && load->burst < 2)
		catch_up(load, pace, pace->start + planned);
	feed_end(feed, pace, out);
}

int feed_check(struct feed *feed, char *why, size_t why_len)
{
	if (feed->options.drain != DRAIN_NONE)
		return 0;
	if (collect_settle(feed->collect, SETTLE_S)) {
		snprintf(why, why_len, "the buffer could not be read");
		return -EBADMSG;
	}
	return collect_check(feed->collect, why, why_len);
}

struct stream *feed_stream(struct feed *feed)
{
	return feed->stream;
}

struct collect *feed_collect(struct feed *feed)
{
	return feed->collect;
}

bool feed_has_reader(const struct feed *feed)
{
	return drain_needs_cpu(feed->options.drain) && feed->options.consumer_cpu >= 0;
}

const char *feed_mechanism(const struct feed *feed)
{
	return stream_mechanism(feed->stream);
}
