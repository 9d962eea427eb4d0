/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pipeline: a stream (bpf/load/stream.h) with its consumer in one wakeup policy, and windows of
 * paced calls through it whose event accounting balance to the event.
 *
 * pipeline_open (loads the program: attached to nothing, no consumer yet) -> pipeline_attach ->
 * pipeline_window … or [pipeline_begin, workload_paced …, pipeline_end] … -> pipeline_close.
 * Between attach and close no big memory is freed: an munmap of ours would be an event.
 *
 * What a state means is in wakeup_policy_row.h, the same as for results.
 */
#ifndef BPFTOLL_KIT_EVENTS_PIPELINE_H
#define BPFTOLL_KIT_EVENTS_PIPELINE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "bpf/read/collect.h"
#include "bpf/read/probe_reader.h"
#include "bpf/load/stream.h"
#include "cpuset/cputime.h"
#include "kit/events/point.h"
#include "kit/timing/pace.h"
#include "kit/timing/workload.h"

struct pipeline_options {
	struct stream_options stream; /* its wake-up policy is the state's */
	enum wakeup_policy wakeup;
	int producer_cpu, consumer_cpu; /* consumer_cpu -1: there is none to spare */
};

/*
 * The calls of one window: lead untimed ones (but booked), then calls timed ones, then untimed ones
 * until one is on time again, if the last were late: a rate is taken from one call in time to
 * another.
 */
struct load {
	const struct workload *workload;
	char *area; /* the workload's */
	double rate;
	uint64_t burst; /* see pace_begin */
	size_t lead, calls;
	const volatile sig_atomic_t *stop;
};

struct window {
	size_t done; /* calls made, the lead with them */
	double seconds, achieved;
	struct event_counts events;
	uint64_t consumer_ns; /* CPU time of the consumer process */
	double wall_s;	      /* while that and the machine's time were taken */
	struct cputime machine;
	bool machine_known, stuck;
	bool valid;
	char reason[256]; /* why it is not */
};

struct pipeline {
	struct pipeline_options options;
	struct stream *stream;
	struct collect *collect; /* NULL before pipeline_attach */
	size_t read_every;	 /* calls after which the caller must read; 0: a thread reads */
	/* when the window began */
	struct stream_counts counts;
	struct collect_accounting read;
	uint64_t missed;
};

/* 0 or -errno, why. -EOPNOTSUPP: the state needs a second CPU. */
int pipeline_open(const struct pipeline_options *options, struct pipeline **out, struct error *why);
int pipeline_attach(struct pipeline *pipeline, const struct load *load, struct pace *pace,
		    struct error *why);
void pipeline_close(struct pipeline *pipeline); /* NULL is fine */

/* Calls of one load, with nothing attached where feed is NULL. The readings are in pace. */
void pipeline_window(struct pipeline *pipeline, const struct load *load, struct pace *pace,
		     struct window *out);

/* The parts of pipeline_window, for loads that are more than calls. feed may be NULL. */
void pipeline_begin(struct pipeline *pipeline, struct window *out);
void pipeline_end(struct pipeline *pipeline, const struct pace *pace, struct window *out);

/*
 * Closes the event accounting of a feed that is not read while it runs (wakeup policy none):
 * everything since pipeline_attach. 0, or -EBADMSG and why: then none of its windows is worth
 * anything.
 */
int pipeline_check(struct pipeline *pipeline, struct error *why);

#endif
