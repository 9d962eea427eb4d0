/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * feed: a stream (bpf/stream.h) with its consumer in one drain state, and windows of paced calls through it whose books
 * balance to the event.
 *
 * feed_open (loads the program: attached to nothing, no consumer yet) -> feed_attach -> feed_window … or [feed_begin,
 * pace_run …, feed_end] … -> feed_close. Between attach and close no big memory is freed: an munmap of ours would be an
 * event.
 *
 * What a state means is in reader_state.h, the same as for cells.
 */
#ifndef BPFTOLL_FEED_H
#define BPFTOLL_FEED_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/collect.h"
#include "bpf/drain.h"
#include "bpf/stream.h"
#include "cpuset/cputime.h"
#include "kit/pace.h"
#include "kit/trigger.h"

struct feed_options {
	struct stream_options stream; /* its wake-up policy is the state's */
	enum drain_state drain;
	int producer_cpu, consumer_cpu; /* consumer_cpu -1: there is none to spare */
};

/*
 * The calls of one window: lead untimed ones (but booked), then calls timed ones, then untimed ones until one is on time
 * again, if the last were late: a rate is taken from one call in time to another.
 */
struct load {
	const struct trigger *trigger;
	char *area; /* the trigger's */
	double rate;
	uint64_t burst; /* see pace_begin */
	size_t lead, calls;
	const volatile sig_atomic_t *stop;
};

struct window {
	size_t done; /* calls made, the lead with them */
	double seconds, achieved;
	uint64_t produced, received, dropped, missed, lost_records, wakeups;
	uint64_t consumer_ns; /* CPU time of the consumer process */
	double wall_s;	      /* while that and the machine's time were taken */
	struct cputime machine;
	bool machine_known, stuck;
	bool valid;
	char reason[256]; /* why it is not */
};

struct feed;

/* 0 or -errno, why. -EOPNOTSUPP: the state needs a second CPU. */
int feed_open(const struct feed_options *options, struct feed **out, char *why, size_t why_len);
int feed_attach(struct feed *feed, const struct load *load, struct pace *pace, char *why,
		size_t why_len);
void feed_close(struct feed *feed); /* NULL is fine */

/* Calls of one load, with nothing attached where feed is NULL. The readings are in pace. */
void feed_window(struct feed *feed, const struct load *load, struct pace *pace, struct window *out);

/* The parts of feed_window, for loads that are more than calls. feed may be NULL. */
void feed_begin(struct feed *feed, struct window *out);
void feed_end(struct feed *feed, const struct pace *pace, struct window *out);

/*
 * Closes the books of a feed that is not read while it runs (drain state none): everything since feed_attach. 0, or
 * -EBADMSG and why: then none of its windows is worth anything.
 */
int feed_check(struct feed *feed, char *why, size_t why_len);

struct stream *feed_stream(struct feed *feed);
struct collect *feed_collect(struct feed *feed); /* NULL before feed_attach */
const char *feed_mechanism(const struct feed *feed);
bool feed_has_reader(const struct feed *feed); /* false: the caller reads */

#endif
