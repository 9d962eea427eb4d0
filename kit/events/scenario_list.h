/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_list: the scenarios of suite events. Each is a function declared here and a row of the
 * table in suite.c.
 *
 * They return 0; -EINTR: stopped, what was finished is in the record; another -errno with why: the
 * record cannot be written, or memory ran out. What cannot be measured is a row with its reason.
 */
#ifndef BPFTOLL_KIT_SCENARIO_LIST_H
#define BPFTOLL_KIT_SCENARIO_LIST_H

#include "calib/error.h"
#include "kit/events/scenarios.h"

#define EVENTS_BURST_MOST 100000 /* calls back to back in a burst */

int events_sweep(const struct events *events, struct error *why);
int events_same_cpu(const struct events *events, struct error *why);
int events_buffer(const struct events *events, struct error *why);
int events_wakeup(const struct events *events, struct error *why);
int events_burst(const struct events *events, struct error *why);
int events_stopped(const struct events *events, struct error *why);
int events_contention(const struct events *events, struct error *why);
int events_flood(const struct events *events, struct error *why);

/*
 * Runs after the sweep and completes its rows. events_exposure_calls: the most calls in one of its
 * windows.
 */
int events_exposure(const struct events *events, struct error *why);
size_t events_exposure_calls(const struct events *events);

/*
 * Both append the rows of scenarios "contention" and "flood" to the record, without writing it.
 *
 * contention: overhead is the producers' CPU time in ns a call, less that of the same producers
 * with nothing attached just before; throughput is events received a second. The reader is on the
 * reader CPU; when all CPUs produce, it shares that CPU with a producer, and the policy says so.
 * rounds 0: the scenario's own number.
 *
 * Return 0; -EINTR: stopped, no rows; -EBADMSG with why: in one row events are unaccounted for (the
 * row is invalid); other -errno with why.
 */
int contention_run(const struct harness_env *env, const struct workload *workload, enum hook hook,
		   unsigned int rounds, struct record *record, struct error *why);
int flood_run(const struct harness_env *env, unsigned int rounds, struct record *record,
	      struct error *why);

#endif
