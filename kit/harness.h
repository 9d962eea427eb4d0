/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * harness: runs a plan: rounds of all arms of a panel in random order -> cells of the record.
 *
 * The record file is written after every cell. A stop (signal) is seen between two arms: finished panels stay,
 * the running one is evaluated when it has at least HARNESS_ROUNDS_LEAST rounds, and the record says partial.
 */
#ifndef BPFTOLL_HARNESS_H
#define BPFTOLL_HARNESS_H

#include <signal.h>
#include <stddef.h>

#include "calib/counters.h"
#include "calib/tsc.h"
#include "cpuset/pick.h"
#include "kit/plan.h"
#include "reports/record.h"

/* Below this an interval over rounds says little (t with 8 degrees of freedom is 18 % wider than normal). */
#define HARNESS_ROUNDS_LEAST 9

struct harness_env {
	const char *dir; /* of the record */
	const struct placement *placement;
	const struct tsc_rate *tsc; /* hz 1e9 and quantum 1 where ticks are instructions */
	uint64_t seed;
	struct counters *counters; /* NULL: none */
	struct evict *evict;	   /* of cold panels (cold.h); harness_run opens its own */
	bool keep_samples;
	const volatile sig_atomic_t *stop;
	/* share: 0 to 1 of the whole plan; what: the panel or step at hand */
	void (*progress)(double share, const char *what);
	/* NULL, or called after each round: what else is to be measured under the same conditions */
	void (*between)(void *ctx);
	void *between_ctx;
};

/*
 * 0: every cell of the plan is in the record, measured or not. -EINTR: stopped, the record is partial. Other -errno: the
 * record cannot be written, why says it.
 */
int harness_run(const struct plan *plan, const struct harness_env *env, struct record *record,
		char *why, size_t why_len);

#endif
