/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * harness_env: what a run works with: the record's folder, CPUs, clock and counters, and how it is
 * stopped. Made by the command, read by everything that measures.
 */
#ifndef BPFTOLL_KIT_PROBES_HARNESS_ENV_H
#define BPFTOLL_KIT_PROBES_HARNESS_ENV_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "bpf/load/others.h"
#include "calib/counters.h"
#include "calib/tsc.h"
#include "cpuset/pick.h"
#include "kit/probes/checkpoint/checkpoint.h"

/* With fewer rounds an interval over rounds says little. */
#define HARNESS_ROUNDS_LEAST 9

struct harness_env {
	const char *dir; /* of the record */
	const struct placement *placement;
	const struct tsc_rate *tsc; /* hz 1e9 and quantum 1 where ticks are instructions */
	uint64_t seed;
	/* Counters opened in this process, and their names; NULL: none. */
	struct counters *counters;
	/* The same counters as names, for workers to open (open_counters.h); NULL: none. */
	const char *events, *counter_set;
	/* The same counters as they were named, where none is open (recover); NULL: ask counters.
	 */
	const struct counter *counted;
	/* The run is over: programs are not loaded to check what they report. */
	bool over;
	/* For workers: may attach change a sysctl (attach_allow_sysctl)? */
	bool allow_sysctl;
	bool keep_samples;
	/* Of others, loaded before the run: more are news. NULL: nobody looks. */
	struct others *others;
	struct checkpoint *checkpoint; /* NULL: the record is written at the end */
	double widen; /* factor of half-widths, for a run that ends when they are small; 0: 1 */
	const volatile sig_atomic_t *stop;
	/* share: 0 to 1 of the whole plan; what: the experiment or step in progress */
	void (*progress)(double share, const char *what);
	/*
	 * Called after each round, to measure something else under the same conditions; may be
	 * NULL.
	 */
	void (*between)(void *ctx);
	void *between_ctx;
	/* Called when the record was written between two workers; may be NULL. */
	void (*kept)(void *ctx);
	void *kept_ctx;
};

#endif
