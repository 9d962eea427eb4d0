/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * selfcheck: checks the instrument on this machine: one line for each figure, and what it means for
 * the results.
 *
 * selfcheck_intervals, _delays, _region, _hits, _accounting, _counters, _neighbour, _repeat in any
 * order, each of which prints its figures as it has them -> selfcheck_conclude. Fill in the first
 * part of struct selfcheck, and set the rest to zero; the calling thread must be pinned to
 * placement's CPU.
 */
#ifndef BPFTOLL_KIT_SELFCHECK_SELFCHECK_H
#define BPFTOLL_KIT_SELFCHECK_SELFCHECK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "calib/tsc.h"
#include "cpuset/pick.h"
#include "reports/record/record.h"

/* WASTE: correct, but intervals are wider than needed; not a fault. */
enum selfcheck_verdict { SELFCHECK_OK, SELFCHECK_WASTE, SELFCHECK_NOT_OK, SELFCHECK_SKIPPED };

/* What a figure is about. */
enum selfcheck_topic {
	TOPIC_TYPICAL,
	TOPIC_MEAN,
	TOPIC_DELAYS,
	TOPIC_REGION,
	TOPIC_SPEED,
	TOPIC_HITS,
	TOPIC_ACCOUNTING,
	TOPIC_COUNTERS,
	TOPIC_NEIGHBOUR,
	TOPIC_REPEAT,
	TOPIC_COUNT
};

struct selfcheck {
	const struct placement *placement;
	const struct tsc_rate *tsc;
	uint64_t seed;
	size_t trials;
	bool quick;
	const char *counter_check; /* only this check of selfcheck_counters; NULL: all */
	FILE *out;
	size_t width; /* columns of a line */
	const volatile sig_atomic_t *stop;
	void (*progress)(double share, const char *what);
	/* results: number of figures of each topic by verdict */
	unsigned int figures[TOPIC_COUNT][SELFCHECK_SKIPPED + 1];
};

/* Prints what is no figure. */
void selfcheck_tell(struct selfcheck *check, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Counts and prints one figure. */
void selfcheck_say(struct selfcheck *check, enum selfcheck_topic topic,
		   enum selfcheck_verdict verdict, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * The figure for n intervals of a difference that is zero. Too few that include zero is a fault;
 * too many means that they are wider than needed: WASTE.
 */
void selfcheck_say_coverage(struct selfcheck *check, enum selfcheck_topic topic, const char *name,
			    const struct effect *intervals, size_t n);

/*
 * Each returns 0, -EINTR (stopped; the part's figures are missing) or -ENOMEM. share: the progress
 * before it, and how far it moves.
 */
struct selfcheck_share {
	double from, part;
};
int selfcheck_intervals(struct selfcheck *check, struct selfcheck_share share);	 /* null tests */
int selfcheck_delays(struct selfcheck *check, struct selfcheck_share share);	 /* planted */
int selfcheck_region(struct selfcheck *check, struct selfcheck_share share);	 /* overhead */
int selfcheck_hits(struct selfcheck *check, struct selfcheck_share share);	 /* N for N calls */
int selfcheck_accounting(struct selfcheck *check, struct selfcheck_share share); /* forced loss */
int selfcheck_counters(struct selfcheck *check, struct selfcheck_share share);	 /* known loops */
int selfcheck_neighbour(struct selfcheck *check, struct selfcheck_share share);	 /* under load */
int selfcheck_repeat(struct selfcheck *check, struct selfcheck_share share);	 /* next run */

/*
 * Prints what can be trusted here and what not. The verdict of all: NOT_OK if any is, SKIPPED if
 * none ran, else OK.
 */
enum selfcheck_verdict selfcheck_conclude(const struct selfcheck *check);

#endif
