/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenarios: what the scenarios of suite events share: the user's options, which hooks and buffers
 * work here, and the names of rows.
 *
 * suite.c reads the options and calls events_pick_hooks, then each scenario (scenario_list.h).
 */
#ifndef BPFTOLL_KIT_EVENTS_SCENARIOS_H
#define BPFTOLL_KIT_EVENTS_SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "kit/probes/plan.h"
#include "kit/events/sweep.h"

/* The suite's own options, as given. */
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
	double exposure_s;	/* of an exposure window; 0: none wanted */
	bool works[HOOK_COUNT][STREAM_BUFFER_COUNT];
	bool any; /* at least one of them works */
	/* The hook for scenarios that use only one; valid where any is set. */
	enum hook first;
};

/*
 * Buffers of the sweep. ring_per_cpu is not among them: with a single producer it is a ring buffer;
 * it is measured in scenario contention. Scenarios of the two kinds use the first of each.
 */
#define EVENTS_BUFFERS	    3
#define EVENTS_BUFFER_KINDS 2
extern const enum stream_buffer events_buffers[EVENTS_BUFFERS];

/* The sizes in scenarios that vary the buffer size. */
#define EVENTS_SIZES 7
struct events_size {
	size_t bytes;
	const char *name;
};
extern const struct events_size events_sizes[EVENTS_SIZES];

/* Did the user name this wakeup policy, or none at all? */
bool events_wants_wakeup(const struct events *events, enum wakeup_policy wakeup);

/* The name of a row for the first hook that works, with a buffer of the size asked for. */
struct series_name events_name(const struct events *events, const char *scenario,
			       enum stream_buffer buffer, enum wakeup_policy wakeup);

/*
 * Tries every wanted hook with every buffer. What does not work becomes a row of the record with
 * its reason. Returns 0 or -errno with why.
 */
int events_pick_hooks(struct events *events, struct error *why);

#endif
