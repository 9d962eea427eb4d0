/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenarios: what the scenarios of suite events share, and the scenarios.
 *
 * suite_events.c reads the options and calls events_pick_hooks, then each scenario. A scenario
 * returns 0, -EINTR (stopped; what it finished is in the record), or another -errno and why (the
 * record cannot be written, memory is out). What cannot be measured is a row with its reason.
 */
#ifndef BPFTOLL_KIT_EVENTS_SCENARIOS_H
#define BPFTOLL_KIT_EVENTS_SCENARIOS_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "kit/probes/plan.h"
#include "kit/events/sweep.h"

#define EVENTS_SCENARIOS_MOST 16
#define EVENTS_BURST_MOST     100000 /* calls back to back */

/* Of the suite's own options, as given. */
struct events_options {
	double rates[SWEEP_RATES_MOST];
	size_t n_rates;
	const char *scenarios[EVENTS_SCENARIOS_MOST];
	size_t n_scenarios;
	size_t buffer_bytes;
	bool buffer_given;
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

/* Is the variant, the wakeup policy among those that the user named? */
bool events_wants(const struct events *events, enum hook hook, enum stream_buffer buffer);
bool events_wants_wakeup(const struct events *events, enum wakeup_policy wakeup);

/* Tries every wanted hook with every buffer; what does not work is a row of the record with its
 * reason. */
int events_pick_hooks(struct events *events, struct error *why);

int events_sweep(const struct events *events, struct error *why);
/* Behind the sweep, whose rows it completes. */
int events_exposure(const struct events *events, struct error *why);
size_t
events_exposure_calls(const struct events *events); /* that one of its windows makes at most */

int events_same_cpu(const struct events *events, struct error *why);
int events_buffer(const struct events *events, struct error *why);
int events_burst(const struct events *events, struct error *why);
int events_stopped(const struct events *events, struct error *why);
int events_contention(const struct events *events, struct error *why);
int events_wakeup(const struct events *events, struct error *why);
int events_flood(const struct events *events, struct error *why);

#endif
