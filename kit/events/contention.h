/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * contention: 1, 2, 4 … all CPUs send events at once, into one ring buffer, a ring for each CPU, or
 * perf buffers.
 *
 * Two states of each: idle, where nobody is woken and buffers are large, prices what producers cost
 * each other alone; caught_up, with one reader that each event may wake and the mission's 256 KiB,
 * says what arrives.
 */
#ifndef BPFTOLL_KIT_EVENTS_CONTENTION_H
#define BPFTOLL_KIT_EVENTS_CONTENTION_H

#include "calib/error.h"
#include "bpf/load/variant.h"
#include "kit/probes/harness.h"
#include "kit/timing/workload.h"
#include "reports/record/record.h"

/*
 * Rows of scenario "contention". overhead: ns of the producers' CPU time a call, over the same
 * number of producers with nothing attached, just before. throughput: events received a second. The
 * consumer is on the reader CPU, which becomes a producer's too when all CPUs produce: the policy
 * says so. rounds: 0: its own number.
 *
 * 0; -EINTR: stopped, no rows; -EBADMSG: the event accounting of one do not balance (its row is
 * invalid), why; other -errno: why.
 */
int contention_run(const struct harness_env *env, const struct workload *workload, enum hook hook,
		   unsigned int rounds, struct record *record, struct error *why);

#endif
