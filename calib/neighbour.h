/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * neighbour: is the core's other hardware thread at work now, and how fast is the core? Without a
 * PMU.
 *
 * Two short loops of additions are timed. In the "steps" each cycle can take four additions, which
 * needs all of a usual core's adders: work on the other hardware thread takes some of them, and the
 * steps take 10 to 100 % longer. In the "chain" each addition needs the one before: a cycle each,
 * whatever the neighbour does, so its length moves with the core's frequency alone. The steps'
 * cycles = steps over chain: 1 a step on a core that is alone.
 *
 * neighbour_read before and after each timed block, outside the window -> neighbour_classify over
 * all readings of a run -> neighbour_join of the readings around one comparison. The last two are
 * pure.
 */
#ifndef BPFTOLL_CALIB_NEIGHBOUR_H
#define BPFTOLL_CALIB_NEIGHBOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEIGHBOUR_CHAIN_ADDS 1024.0 /* dependent additions that chain_ticks is the time of */
#define NEIGHBOUR_STEPS	     576.0  /* steps of four additions, that throughput_ticks times */

/* Means of a few repeats, without those that an interrupt lengthened and without the clock reads'
 * own time. */
struct neighbour_reading {
	double throughput_ticks, chain_ticks;
};

/* About 4 us. Uses no memory but *out, and the same instructions each time but for which repeats
 * are kept. */
void neighbour_read(struct neighbour_reading *out);

/* Core cycles a step; NAN for a reading that is none (a chain of no time). */
double neighbour_cycles(const struct neighbour_reading *reading);

/* The core's frequency by this reading, Hz; ticks_per_s: the clock's rate (struct tsc_rate). NAN as
 * above. */
double neighbour_hz(const struct neighbour_reading *reading, double ticks_per_s);

/* What a reading says; the values are those of the record's (reports/effects/strata.h). */
enum neighbour_flag {
	NEIGHBOUR_UNKNOWN = -1,
	NEIGHBOUR_NONE = 0,
	NEIGHBOUR_SEEN = 1,
	NEIGHBOUR_PARTLY = 2, /* of several readings together: one NONE, another SEEN */
};

struct neighbour_level {
	double alone; /* cycles a step of the core alone, learned from the readings; NAN: none */
	double threshold; /* cycles a step from which a reading says SEEN */
	double seen;	  /* share of the readings above it, 0 to 1 */
	bool told; /* false: no reading can be called free of a neighbour, and reason says why */
	char reason[192];
};

/*
 * flags[i] of readings[i]. The level of the core alone is the lowest that the readings return to:
 * the median of those within 5 % of their second percentile, at least 4 of them and 2 in a hundred.
 * SEEN is what lies 12 % above it, or further where the clock's step (quantum, ticks) is so coarse
 * that 4 standard deviations of a reading are more.
 *
 * That level must be what four adders can do (1 cycle a step, up to 1.12 with the loop's own branch
 * and the clock's step). Where it is higher, a neighbour was there all the time or the core is
 * narrower: what lies 12 % above is SEEN all the same, the others are UNKNOWN. Below 8 readings all
 * are UNKNOWN. 0 or -ENOMEM.
 */
int neighbour_classify(const struct neighbour_reading *readings, size_t n, double quantum,
		       signed char *flags, struct neighbour_level *level);

/* Of the readings around one comparison: NONE or SEEN if all are, PARTLY if some are; UNKNOWN if
 * any is, or there are none. */
enum neighbour_flag neighbour_join(const signed char *flags, size_t n);

#endif
