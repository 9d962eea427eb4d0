/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "kit/events/exposure.h"
#include "reports/judge/loss.h"

struct batches {
	uint64_t lost[EXPOSURE_BATCHES], sent[EXPOSURE_BATCHES];
	size_t n;
};

/* Adds the losses of a slice to the batch of its second. */
static void book(struct batches *batches, double at_s, uint64_t sent, uint64_t lost)
{
	size_t i = (size_t)fmin(fmax(at_s, 0), EXPOSURE_BATCHES - 1);

	batches->sent[i] += sent;
	batches->lost[i] += lost;
	batches->n = i + 1 > batches->n ? i + 1 : batches->n;
}

double exposure_seconds(double rate, enum stream_buffer buffer, size_t bytes, double seconds)
{
	const size_t events = bytes / stream_record_bytes(buffer);
	double holds = (double)events;

	/*
	 * slightly longer than necessary: the last call is due before the end, and a late one must
	 * not make the window too short
	 */
	return fmax(1.01 * seconds, 1.05 * LOSS_FILLS_LEAST * holds / rate);
}

static void make_stall(struct pipeline *pipeline, const struct exposure_stall *stall, size_t before,
		       size_t now)
{
	if (stall->from == stall->to)
		return;
	if (before < stall->from && now >= stall->from)
		consumer_pause(pipeline->collect->consumer);
	if (before < stall->to && now >= stall->to)
		consumer_resume(pipeline->collect->consumer);
}

/*
 * Returns the number of stalls. Between two slices it only reads a counter; reader and buffer are
 * left alone.
 */
static uint64_t slices(struct pipeline *pipeline, const struct load *load, struct pace *pace,
		       const struct exposure_stall *stall, struct batches *batches)
{
	const struct stream *stream = pipeline->stream;
	struct stream_counts before = stream_total(stream);
	size_t slice = (size_t)fmax(load->rate * EXPOSURE_SLICE_S, 1);
	/*
	 * allow half as long again, so that all calls are made on a machine that falls behind for a
	 * while
	 */
	uint64_t end = pace->start + (uint64_t)(1.5 * (double)load->calls * pace->step);
	uint64_t stalls = 0;
	bool losing = false;

	for (size_t until = 0; until < load->calls && !*load->stop;) {
		struct stream_counts now;
		size_t done = pace->done;

		until = load->calls - until > slice ? until + slice : load->calls;
		workload_paced(load->workload, load->area, pace, until, end, load->stop);
		now = stream_total(stream);
		book(batches, (double)(pace->last - pace->start) / pace->hz,
		     now.produced - before.produced, now.dropped - before.dropped);
		stalls += now.dropped != before.dropped && !losing;
		losing = now.dropped != before.dropped;
		before = now;
		make_stall(pipeline, stall, done, pace->done);
		if (pace->done < until)
			break; /* time is over */
	}
	/* the reader resumes even if time was over before the call at which it should */
	make_stall(pipeline, stall, pace->done, SIZE_MAX);
	return stalls;
}

bool exposure_window(struct pipeline *pipeline, const struct load *load, struct pace *pace,
		     const struct exposure_stall *stall, struct window *window,
		     struct event_point *row)
{
	static const struct exposure_stall none;
	const struct stream_options *options = &pipeline->stream->options;
	const size_t holds = options->buffer_bytes / stream_record_bytes(options->buffer);
	struct batches batches = {.n = 0};
	uint64_t stalls;
	double seconds;

	pipeline_begin(pipeline, window);
	pace_begin(pace, load->rate, 0);
	stalls = slices(pipeline, load, pace, stall ? stall : &none, &batches);
	seconds = (double)(pace->last - pace->start) / pace->hz;
	pipeline_end(pipeline, pace, window);
	if (!window->valid || *load->stop || !pace->done)
		return false;
	/* hits that did not run the program are lost events too; in which second is unknown */
	if (window->events.missed)
		book(&batches, seconds, window->events.missed, window->events.missed);
	row->exposure_s = seconds;
	row->exposure_produced = window->events.produced + window->events.missed;
	row->exposure_lost = window->events.dropped + window->events.missed;
	row->buffer_fills = (double)window->events.produced / (double)holds;
	row->stalls = stalls ? stalls : window->events.missed > 0;
	row->stalls_per_s = loss_stalls_per_s(row->stalls, seconds);
	row->exposure_loss = loss_of_batches(batches.lost, batches.sent, batches.n);
	return true;
}
