/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scenario_list: what suite events can run; a scenario is a function here and a row of the table in
 * suite_events.c.
 *
 * Each returns 0, -EINTR (stopped; what it finished is in the record), or another -errno and why
 * (the record cannot be written, memory is out). What cannot be measured is a row with its reason.
 */
#ifndef BPFTOLL_KIT_SCENARIO_LIST_H
#define BPFTOLL_KIT_SCENARIO_LIST_H

#include "calib/error.h"
#include "kit/events/scenarios.h"

#define EVENTS_BURST_MOST 100000 /* calls back to back */

int events_sweep(const struct events *events, struct error *why);
int events_same_cpu(const struct events *events, struct error *why);
int events_buffer(const struct events *events, struct error *why);
int events_wakeup(const struct events *events, struct error *why);
int events_burst(const struct events *events, struct error *why);
int events_stopped(const struct events *events, struct error *why);
int events_contention(const struct events *events, struct error *why);
int events_flood(const struct events *events, struct error *why);

/* Behind the sweep, whose rows it completes; and the calls that one of its windows makes at most.
 */
int events_exposure(const struct events *events, struct error *why);
size_t events_exposure_calls(const struct events *events);

/*
 * Rows of scenarios "contention" and "flood", before they are written. contention: overhead is ns
 * of the producers' CPU time a call over as many producers with nothing attached just before,
 * throughput events received a second; the consumer is on the reader CPU, which becomes a
 * producer's too when all CPUs produce: the policy says so. rounds: 0: their own number.
 *
 * 0; -EINTR: stopped, no rows; -EBADMSG: the event accounting of one do not balance (its row is
 * invalid), why; other -errno: why.
 */
int contention_run(const struct harness_env *env, const struct workload *workload, enum hook hook,
		   unsigned int rounds, struct record *record, struct error *why);
int flood_run(const struct harness_env *env, unsigned int rounds, struct record *record,
	      struct error *why);

#endif
