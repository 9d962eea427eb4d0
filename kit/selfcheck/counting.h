/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * counting: blocks of known length and what a counter reads around them, for the checks of
 * selfcheck --counters.
 */
#ifndef BPFTOLL_KIT_SELFCHECK_COUNTING_H
#define BPFTOLL_KIT_SELFCHECK_COUNTING_H

#include "calib/counters.h"
#include "kit/selfcheck/selfcheck.h"

#define COUNTING_TRIALS 20u
#define COUNTING_TURNS	100000u

/* Prints one line of the check: ok or not; or skipped, and why. */
void counting_say(struct selfcheck *check, bool ok, const char *name, const char *text);
void counting_skip(struct selfcheck *check, const char *name, const char *why);

/* Opens the events; or prints that they are skipped and why, and returns NULL. */
struct counters *counting_open(struct selfcheck *check, const char *name, const char *events,
			       int cpu);

/*
 * Work of known length: 2 * turns or 64 * turns user instructions, or `times` syscalls. Each is one
 * function: the code around its loop is the same for all lengths, and cancels in a difference.
 */
void counting_spin(uint64_t turns);
void counting_spin_long(uint64_t turns);
void counting_call(uint64_t times);

/* What event i counts around work(amount); UINT64_MAX: the count was not valid. */
uint64_t counting_count(struct counters *c, size_t i, void (*work)(uint64_t), uint64_t amount);

/*
 * Of COUNTING_TRIALS trials, how many read exactly `want` more for `amount` than for `base`;
 * *worst: the largest error; INT64_MAX: a count was not valid.
 */
unsigned int counting_trials(struct counters *c, size_t i, void (*work)(uint64_t), uint64_t base,
			     uint64_t amount, uint64_t want, int64_t *worst);
void counting_say_trials(struct selfcheck *check, const char *name, const char *what,
			 unsigned int exact, int64_t worst);

/*
 * The checks with others at work: other users of the PMU, other threads, other CPUs (shared_pmu.c).
 */
void counting_check_neighbours(struct selfcheck *check);
void counting_check_switches(struct selfcheck *check, bool by_read);
void counting_check_moves(struct selfcheck *check);

#endif
