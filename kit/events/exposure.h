/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * exposure: one long window in which a reader could lose events. Paced calls go on without a pause
 * for many buffer fills, and nothing is settled or emptied during it (reports/judge/loss.h says
 * what it proves).
 *
 * exposure_seconds says how long, exposure_window measures.
 */
#ifndef BPFTOLL_KIT_EVENTS_EXPOSURE_H
#define BPFTOLL_KIT_EVENTS_EXPOSURE_H

#include "kit/events/pipeline.h"
#include "reports/record/record_rows.h"

/* A planned stall, to test that its losses are found: the reader is stopped between two calls. */
struct exposure_stall {
	size_t from, to; /* numbers of calls; from == to: no stall */
};

/* seconds between two checks for losses; losses in adjacent slices are one stall */
#define EXPOSURE_SLICE_S   0.01
#define EXPOSURE_BATCHES   64 /* at most, each of one second */
#define EXPOSURE_SECONDS   10.0
#define EXPOSURE_RATE_MOST 200e3 /* calls a second; readings of all calls are kept in memory */

/*
 * How many seconds it takes to fill the wanted number of buffers at this rate; at least `seconds`.
 */
double exposure_seconds(double rate, enum stream_buffer buffer, size_t bytes, double seconds);

/*
 * Makes load->calls calls, or as many as fit into load->calls / load->rate seconds, and fills the
 * exposure fields of the row. pace must have room for them. Returns false if the window is not
 * valid (window->reason) or was stopped; the row is then unchanged.
 */
bool exposure_window(struct pipeline *pipeline, const struct load *load, struct pace *pace,
		     const struct exposure_stall *stall, struct window *window,
		     struct event_point *row);

#endif
