/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slopes: what one call of a helper costs, from programs that call it 0, 1, 4 and 16 times ->
 * slopes of the record.
 *
 * A row is a helper, a size, a wakeup policy and a host program. A round takes the host programs in
 * turn: nothing attached, attach the stub, all rows in random order, each a few times (its copies:
 * at different times of the round), detach. A visit loads the row's five programs, runs them in
 * random order and lets them go, within a few ms: a machine's drift between them is small, and
 * where the JIT puts them is drawn anew each time, so that a round's mean over its copies is one
 * over placements. Buffers, consumers and looked-up maps are made anew in every round as well.
 * Exact counts need none of that: everything is made once, and a row's rounds follow each other.
 */
#ifndef BPFTOLL_KIT_HELPERS_SLOPES_H
#define BPFTOLL_KIT_HELPERS_SLOPES_H

#include "calib/error.h"
#include "kit/probes/harness.h"
#include "kit/helpers/slope_rows.h"

struct slopes_options {
	unsigned int rounds, seconds; /* rounds 0: as many as fit into seconds */
	unsigned int calls;	      /* a block; 0: by the row's kind */
	bool exact;
};

struct slopes;

/* slopes_open -> slopes_round … (or slopes_rounds: as many as the options say) -> slopes_finish. 0
 * or -ENOMEM. */
int slopes_open(const struct harness_env *env, const struct slopes_options *options,
		struct slope_rows *rows, struct slopes **out);

/* Each row once. 0, or -EINTR: stopped in the middle, and this round does not count. */
int slopes_round(struct slopes *slopes);
int slopes_rounds(struct slopes *slopes);

/* Adds the rows to the record and writes it; frees. 0 or -errno, why. */
int slopes_finish(struct slopes *slopes, struct record *record, struct error *why);

/*
 * What a hit of each hook's stub costs that does nothing, over nothing attached: NAN where it
 * cannot be attached, then with the reason. For choosing a host program, not for the record.
 */
struct host_program_cost {
	double cost;
	struct error reason;
};
int slopes_pilot(const struct harness_env *env, bool exact,
		 struct host_program_cost costs[HOOK_COUNT]);

#endif
