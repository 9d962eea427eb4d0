/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * harness_env: what a run works with: where its record goes, on which CPUs, with which clock and
 * counters, and how it is stopped. Made by the command, read by everything that measures.
 */
#ifndef BPFTOLL_KIT_PROBES_HARNESS_ENV_H
#define BPFTOLL_KIT_PROBES_HARNESS_ENV_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "calib/counters.h"
#include "calib/tsc.h"
#include "cpuset/pick.h"

/* Below this an interval over rounds says little. */
#define HARNESS_ROUNDS_LEAST 9

struct harness_env {
	const char *dir; /* of the record */
	const struct placement *placement;
	const struct tsc_rate *tsc; /* hz 1e9 and quantum 1 where ticks are instructions */
	uint64_t seed;
	struct counters
		*counters; /* NULL: none; what they are called, and what counts in this process */
	const char *events,
		*counter_set; /* how a worker opens the same (open_counters.h); NULL: it does not */
	bool allow_sysctl;    /* attach_allow_sysctl, for workers */
	bool keep_samples;
	const volatile sig_atomic_t *stop;
	/* share: 0 to 1 of the whole plan; what: the experiment or step at hand */
	void (*progress)(double share, const char *what);
	/* NULL, or called after each round: what else is to be measured under the same conditions
	 */
	void (*between)(void *ctx);
	void *between_ctx;
};

#endif
