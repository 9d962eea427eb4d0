/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * selfcheck: proves the instrument on this machine, now: one line a figure, and what it means for
 * the results.
 *
 * selfcheck_intervals, _delays, _window, _hits, _books, _counters, _neighbour in any order, each
 * printing its figures as it has them -> selfcheck_conclude. Fill in the first part of struct
 * selfcheck, the rest zero; the calling thread is pinned to placement's CPU.
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

/* WASTE: safe, and worse than it could be; no fault. */
enum selfcheck_verdict { SELFCHECK_OK, SELFCHECK_WASTE, SELFCHECK_NOT_OK, SELFCHECK_SKIPPED };

/* What a figure speaks for. */
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
	const char *counter_check; /* of selfcheck_counters only this one; NULL: all */
	FILE *out;
	const volatile sig_atomic_t *stop;
	void (*progress)(double share, const char *what);
	/* results: figures of each topic by verdict */
	unsigned int figures[TOPIC_COUNT][SELFCHECK_SKIPPED + 1];
};

/* One figure: counted and printed. */
void selfcheck_say(struct selfcheck *check, enum selfcheck_topic topic,
		   enum selfcheck_verdict verdict, const char *name, const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

/*
 * The figure of n intervals of nothing. Too few that hold zero is a fault; too many are intervals
 * wider than needed, which is waste.
 */
void selfcheck_say_coverage(struct selfcheck *check, enum selfcheck_topic topic, const char *name,
			    const struct effect *intervals, size_t n);

/*
 * Each: 0, -EINTR (stopped; the part's figures are missing) or -ENOMEM. share: where the progress
 * stands before it, and how far it moves.
 */
struct selfcheck_share {
	double from, part;
};
int selfcheck_intervals(struct selfcheck *check, struct selfcheck_share share);	 /* null tests */
int selfcheck_delays(struct selfcheck *check, struct selfcheck_share share);	 /* planted */
int selfcheck_region(struct selfcheck *check, struct selfcheck_share share);	 /* floor, speed */
int selfcheck_hits(struct selfcheck *check, struct selfcheck_share share);	 /* N runs for N */
int selfcheck_accounting(struct selfcheck *check, struct selfcheck_share share); /* forced loss */
int selfcheck_counters(struct selfcheck *check, struct selfcheck_share share);	 /* the PMU */
int selfcheck_neighbour(struct selfcheck *check, struct selfcheck_share share);	 /* a load on it */
int selfcheck_repeat(struct selfcheck *check, struct selfcheck_share share);	 /* the next run */

/* Prints what may be trusted here and what not. The verdict of all: NOT_OK if any is, SKIPPED if
 * none ran, else OK. */
enum selfcheck_verdict selfcheck_conclude(const struct selfcheck *check);

#endif
