/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenarios: what the scenarios of suite events share: what the user asked for, which hooks and
 * buffers work here, and the names of their rows.
 *
 * suite_events.c reads the options and calls events_pick_hooks, then each scenario
 * (scenario_list.h).
 */
#ifndef BPFTOLL_KIT_EVENTS_SCENARIOS_H
#define BPFTOLL_KIT_EVENTS_SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "kit/probes/plan.h"
#include "kit/events/sweep.h"

/* Of the suite's own options, as given. */
struct events_options {
	double rates[SWEEP_RATES_MOST];
	size_t n_rates;
	struct name_list scenarios;
	size_t buffer_bytes;
	double exposure_s; /* NAN: not given */
};

struct events {
	const struct plan_options *run;
	const struct events_options *options;
	struct sweep *sweep;
	struct sweep_plan plan; /* rates and rounds of the sweep */
	double exposure_s;	/* of a window that could lose; 0: none */
	bool works[HOOK_COUNT][STREAM_BUFFER_COUNT];
	bool any;	 /* one of them does */
	enum hook first; /* the hook that scenarios of one hook use; where any does */
};

/* Buffers of the sweep. ring_per_cpu with its only producer is a ring buffer: it has its place
 * where there are several. */
#define EVENTS_BUFFERS	    3
#define EVENTS_BUFFER_KINDS 2 /* the first of them: a perf buffer, a ring; for scenarios of both \
			       */
extern const enum stream_buffer events_buffers[EVENTS_BUFFERS];

/* Buffer sizes, where those are what is varied. */
#define EVENTS_SIZES 7
struct events_size {
	size_t bytes;
	const char *name;
};
extern const struct events_size events_sizes[EVENTS_SIZES];

/* Is the wakeup policy among those that the user named? */
bool events_wants_wakeup(const struct events *events, enum wakeup_policy wakeup);

/* A row's name: of the first hook that works, with a buffer of the size asked for. */
struct series_name events_name(const struct events *events, const char *scenario,
			       enum stream_buffer buffer, enum wakeup_policy wakeup);

/* Tries every wanted hook with every buffer; what does not work is a row of the record with its
 * reason. */
int events_pick_hooks(struct events *events, struct error *why);

#endif
