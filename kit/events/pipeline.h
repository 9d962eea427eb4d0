/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pipeline: a program that sends events (bpf/load/stream.h) with its reader under one wakeup
 * policy, and windows of paced calls through both. In every valid window all events are accounted
 * for: produced = received + lost.
 *
 * pipeline_open (loads the program; not attached, no reader yet) -> pipeline_attach ->
 * pipeline_window … or [pipeline_begin, workload_paced …, pipeline_end] … -> pipeline_close.
 * Between attach and close this process must not free big memory: its own munmap would be an event.
 *
 * The wakeup policies are those of results (bpf/read/wakeup_policy.h).
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
	struct stream_options stream; /* its wakeup flags follow from the policy below */
	enum wakeup_policy wakeup;
	int producer_cpu, consumer_cpu; /* consumer_cpu: the reader's; -1: none available */
};

/*
 * The calls of one window: `lead` untimed ones, `calls` timed ones, and, if the last were late,
 * more untimed ones until one is on time: a rate is taken between calls that were on time. Event
 * accounting covers all of them.
 */
struct load {
	const struct workload *workload;
	char *area; /* opened by workload_open */
	double rate;
	uint64_t burst; /* as in pace_begin */
	size_t lead, calls;
	const volatile sig_atomic_t *stop;
};

struct window {
	size_t done; /* calls made, lead included */
	double seconds, achieved;
	struct event_counts events;
	uint64_t consumer_ns; /* CPU time of the reader's process, ns */
	double wall_s;	      /* the span over which that and machine were taken */
	struct cputime machine;
	bool machine_known, stuck;
	bool valid;
	char reason[256]; /* why it is not valid */
};

struct pipeline {
	struct pipeline_options options;
	struct stream *stream;
	struct collect *collect; /* NULL before pipeline_attach */
	size_t read_every;	 /* the caller must read after so many calls; 0: a process reads */
	/* values at the start of the window */
	struct stream_counts counts;
	struct collect_accounting read;
	uint64_t missed;
};

/* Both return 0 or -errno with why; -EOPNOTSUPP: the policy needs a second CPU. */
int pipeline_open(const struct pipeline_options *options, struct pipeline **out, struct error *why);
int pipeline_attach(struct pipeline *pipeline, const struct load *load, struct pace *pace,
		    struct error *why);
void pipeline_close(struct pipeline *pipeline); /* accepts NULL */

/* The calls of one load; pipeline NULL: with nothing attached. The readings are in pace. */
void pipeline_window(struct pipeline *pipeline, const struct load *load, struct pace *pace,
		     struct window *out);

/* The two ends of pipeline_window, for loads made in another way. pipeline may be NULL. */
void pipeline_begin(struct pipeline *pipeline, struct window *out);
void pipeline_end(struct pipeline *pipeline, const struct pace *pace, struct window *out);

/*
 * Under the policy "buffer full" nobody reads while calls are made: this closes the event
 * accounting of everything since pipeline_attach. Returns 0, or -EBADMSG with why: then none of its
 * windows is valid.
 */
int pipeline_check(struct pipeline *pipeline, struct error *why);

#endif
