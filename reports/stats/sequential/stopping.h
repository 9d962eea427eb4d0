/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stopping: when a run that goes on until its intervals are narrow enough may end, and what that
 * does to the intervals.
 *
 * A fixed-width sequential interval (Chow & Robbins, Ann. Math. Stat. 36, 1965; half-widths
 * relative to the value: Nadas 1969): worker processes are added until Student's t over them has
 * the half-width that was asked for. Looking after every process ends too early where the scatter
 * happened to look small, and the interval then covers less than it says. So
 *
 *	no look before STOPPING_PROCESSES_LEAST processes,
 *	each look at 5/4 as many processes as the one before (group-sequential),
 *	half-widths wider by STOPPING_WIDEN, whether the run was ended by a look or by its time.
 *
 * The figures were chosen by simulation (tests/bench/precision.c: 2,000 runs each, ended by a look
 * after 11 to 100 processes). Intervals hold the truth in 94.8 to 96.9 % with normal, heavy-tailed,
 * two-level and recorded noise, in 93.0 to 94.5 % where a log-normal level of processes dominates,
 * and in 90.8 to 92.5 % where an exponential one does (runs of a fixed length: 92.5 to 94.5 %).
 * Means of processes alone, looked at one by one from 8 on and none wider: 93.1 to 95.8 % normal,
 * 88.1 to 92.7 % log-normal, 85.9 to 90.4 % exponential.
 *
 * A row that is well below its target rests: later processes do not visit it, and its rounds stay
 * the first ones of the experiment. Whether it rests depends on half-widths alone, and it does not
 * come back. stopping_look at each look, stopping_next for the following one.
 */
#ifndef BPFTOLL_REPORTS_STATS_SEQUENTIAL_STOPPING_H
#define BPFTOLL_REPORTS_STATS_SEQUENTIAL_STOPPING_H

#include <stdbool.h>
#include <stddef.h>

#include "reports/stats/effect.h"

#define STOPPING_PROCESSES_LEAST 10
#define STOPPING_WIDEN		 1.10

/*
 * The half-width that is asked for. value 0: none. relative: as a part of the row's own value, else
 * in ns.
 */
struct precision {
	double value;
	bool relative;
};

/* One row of the run. */
struct stopping_row {
	struct effect effect; /* set by the caller; NAN ends: no interval */
	bool reached;	      /* its half-width is at or below the target */
	bool rests;	      /* kept from one look to the next */
};

/* The half-width that is asked of a row, in ns. */
double stopping_target(const struct precision *precision, const struct effect *effect);

/* The number of processes at the first look (done 0), or at the one that follows `done`. */
size_t stopping_next(size_t done);

/* Sets reached and rests of every row. Returns whether another process would be of use to any. */
bool stopping_look(const struct precision *precision, struct stopping_row *rows, size_t n);

#endif
