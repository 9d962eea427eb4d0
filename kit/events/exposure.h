/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exposure: one long window in which a reader could lose events: paced calls without a pause, over
 * many buffers, nothing settled or emptied during it (reports/judge/loss.h says what it proves).
 */
#ifndef BPFTOLL_KIT_EVENTS_EXPOSURE_H
#define BPFTOLL_KIT_EVENTS_EXPOSURE_H

#include "kit/events/pipeline.h"
#include "reports/record/record_rows.h"

/* A reader that is made to stand still from one call to another, to see that the loss this makes is
 * found. */
struct exposure_stall {
	size_t from, to; /* calls; from == to: none */
};

#define EXPOSURE_SLICE_S \
	0.01 /* losses are looked for so often; of neighbouring slices they are one stall */
#define EXPOSURE_BATCHES   64 /* at most, of a second each */
#define EXPOSURE_SECONDS   10.0
#define EXPOSURE_RATE_MOST 200e3 /* readings of all calls are in memory */

/* How long a rate takes to fill the buffers wanted, at least `seconds`. */
double exposure_seconds(double rate, enum stream_buffer buffer, size_t bytes, double seconds);

/*
 * load->calls calls, or as many as fit into load->calls / load->rate seconds, into the row's
 * exposure fields. pace has room for them. false: the window is not valid (window->reason), or it
 * was stopped; the row is as it was.
 */
bool exposure_window(struct pipeline *pipeline, const struct load *load, struct pace *pace,
		     const struct exposure_stall *stall, struct window *window,
		     struct event_point *row);

#endif
