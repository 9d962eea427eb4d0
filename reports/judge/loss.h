/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loss: what an event run proves about lost events.
 *
 * A window that sends no more than the buffer holds cannot lose, whatever its reader does. A bound
 * needs exposure: events sent without a pause, the buffer not emptied for the test in between, over
 * LOSS_FILLS_LEAST buffers and LOSS_SECONDS_LEAST seconds (event_point's exposure_s and what
 * follows it).
 *
 * Losses cluster: a reader that stands still loses a row of events at once. So events are bounded
 * twice. None lost among n: below 3/n, which takes losses for independent; beside it stands the
 * bound on stalls, 3 in the seconds seen (Hanley & Lippman-Hand 1983), each longer than it takes to
 * fill the buffer. Some lost: an interval over batches of a second (loss_of_batches).
 */
#ifndef BPFTOLL_REPORTS_JUDGE_LOSS_H
#define BPFTOLL_REPORTS_JUDGE_LOSS_H

#include <stdbool.h>
#include <stddef.h>

#include "reports/record/record_rows.h"

#define LOSS_SECONDS_LEAST 10.0
#define LOSS_FILLS_LEAST   10.0

/* lost among n, in %, each end at 95 % (share.h): none among n is below 3/n. n = 0: NAN. */
struct effect loss_share(uint64_t lost, uint64_t n);

struct loss_bound {
	bool shown;	       /* the exposure could have lost something */
	struct effect percent; /* of the events; each end at 95 %. NAN unless shown */
	struct effect stalls_per_s;
	double stall_ms; /* a reader that stands still so long overflows the buffer */
};

/* Returns out->shown. */
bool loss_bound(const struct event_point *point, struct loss_bound *out);

/* k in so many seconds, Poisson, each end at 95 % (Garwood 1936): none seen is below 3 / seconds.
 * NAN without seconds. */
struct effect loss_stalls_per_s(uint64_t stalls, double seconds);

/*
 * The share of sent that was lost, in %, from n batches of equal time, where the scatter between
 * batches is the error: Student's t over batches, one-sided 95 % each; where fewer than half of
 * them lost any, at least what a Poisson count of these batches allows. Never narrower than
 * independent losses would be. NAN for no batch or nothing sent.
 */
struct effect loss_of_batches(const uint64_t *lost, const uint64_t *sent, size_t n);

#endif
