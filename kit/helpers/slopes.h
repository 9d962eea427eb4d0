/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slopes: what one call of a helper costs, from programs that call it 0, 1, 4 and 16 times; results
 * are slopes of the record.
 *
 * A row is a helper, a size, a wakeup policy and a host program. A round takes the host programs in
 * turn: times calls with nothing attached, attaches the host program, visits all rows in random
 * order, each a few times (its copies), detaches. A visit loads the row's five programs, runs them
 * in random order and unloads them, within a few ms: a machine drifts little in that time, and the
 * JIT places the programs anew, so a round's mean over its copies is one over placements. Buffers,
 * readers and maps are made anew in every round too.
 *
 * For exact counts none of that is necessary: everything is made once, and the rounds of a row
 * follow one another.
 */
#ifndef BPFTOLL_KIT_HELPERS_SLOPES_H
#define BPFTOLL_KIT_HELPERS_SLOPES_H

#include "calib/error.h"
#include "kit/probes/harness.h"
#include "kit/helpers/slope_rows.h"

struct slopes_options {
	unsigned int rounds, seconds; /* rounds 0: as many as fit into seconds */
	unsigned int calls;	      /* timed calls in a block; 0: by the kind of row */
	bool exact;
	struct record *record; /* for checkpoints */
};

struct slopes;

/*
 * slopes_open -> slopes_round … (or slopes_rounds: as many as the options say) -> slopes_finish.
 * Returns 0 or -ENOMEM.
 */
int slopes_open(const struct harness_env *env, const struct slopes_options *options,
		struct slope_rows *rows, struct slopes **out);

/* Can a row still be measured? Rounds without one take no time and bring nothing. */
bool slopes_left(const struct slopes *slopes);

/*
 * Measures each row once. Returns 0 or -EINTR: stopped, this round does not count. slopes_rounds
 * makes all rounds.
 */
int slopes_round(struct slopes *slopes);
int slopes_rounds(struct slopes *slopes);

/* Adds the rows to the record, writes it and frees slopes. Returns 0 or -errno with why. */
int slopes_finish(struct slopes *slopes, struct record *record, struct error *why);

/*
 * What a hit of each hook's empty host program costs, over nothing attached; NAN with the reason if
 * it cannot be attached. It serves to choose a host program and is not recorded.
 */
struct host_program_cost {
	double cost;
	struct error reason;
};
int slopes_pilot(const struct harness_env *env, bool exact,
		 struct host_program_cost costs[HOOK_COUNT]);

#endif
