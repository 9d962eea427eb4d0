/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * neighbour: does the core's other hardware thread work now, and how fast is the core? Works
 * without a PMU.
 *
 * Two short loops of additions are timed. In the "steps" the core can do four additions per cycle,
 * which takes all adders of a usual core: work on the other hardware thread takes some of them, and
 * the steps take 10 to 100 % longer. In the "chain" each addition needs the one before: one per
 * cycle, whatever the neighbour does, so its time changes only with the core's frequency. The ratio
 * of both gives core cycles per step: 1 on a core that is alone.
 *
 * neighbour_read before and after each timed block, outside the timed region -> neighbour_classify
 * over all readings of a run -> neighbour_join of the readings around one comparison. The last two
 * are pure.
 */
#ifndef BPFTOLL_CALIB_NEIGHBOUR_H
#define BPFTOLL_CALIB_NEIGHBOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NEIGHBOUR_CHAIN_ADDS 1024.0 /* dependent additions timed by chain_ticks */
#define NEIGHBOUR_STEPS	     576.0  /* steps of four additions timed by throughput_ticks */

/*
 * Means of a few repeats, without those that an interrupt lengthened, less the time of the clock
 * reads.
 */
struct neighbour_reading {
	double throughput_ticks, chain_ticks;
};

/*
 * Takes about 4 us. Writes no memory except *out, and runs the same instructions each time apart
 * from which repeats it keeps.
 */
void neighbour_read(struct neighbour_reading *out);

/* Core cycles per step; NAN for an invalid reading (a chain of no time). */
double neighbour_cycles(const struct neighbour_reading *reading);

/*
 * The core's frequency by this reading, in Hz; ticks_per_s: the clock's rate (struct tsc_rate). NAN
 * as above.
 */
double neighbour_hz(const struct neighbour_reading *reading, double ticks_per_s);

/* What a reading shows; the values are those in the record (reports/effects/strata.h). */
enum neighbour_flag {
	NEIGHBOUR_UNKNOWN = -1,
	NEIGHBOUR_NONE = 0,
	NEIGHBOUR_SEEN = 1,
	NEIGHBOUR_PARTLY = 2, /* for several readings together: some NONE and some SEEN */
};

struct neighbour_level {
	double alone;	  /* cycles per step of the core alone, from the readings; NAN: unknown
			   */
	double threshold; /* a reading from this many cycles per step is SEEN */
	double seen;	  /* share of the readings that are SEEN, 0 to 1 */
	bool told;	  /* false: no reading can be called free of a neighbour; reason says why */
	char reason[192];
};

/*
 * Sets flags[i] for readings[i]. The level of the core alone is the lowest that the readings return
 * to: the median of those within 5 % of their second percentile, which must be at least 4 of them
 * and 2 %. SEEN is what lies 12 % above it, or further where the clock's step (quantum, ticks) is
 * so coarse that 4 standard deviations of a reading are more.
 *
 * The level must be one that four adders can reach (1 cycle per step, up to 1.12 with the loop's
 * own branch and the clock's step). Where it is higher, a neighbour was there all the time or the
 * core is narrower: what lies 12 % above it is SEEN all the same, the other readings are UNKNOWN.
 * With fewer than 8 readings all are UNKNOWN. 0 or -ENOMEM.
 */
int neighbour_classify(const struct neighbour_reading *readings, size_t n, double quantum,
		       signed char *flags, struct neighbour_level *level);

/*
 * For the readings around one comparison: NONE or SEEN if all are, PARTLY if some are; UNKNOWN if
 * any is, or there are none.
 */
enum neighbour_flag neighbour_join(const signed char *flags, size_t n);

#endif
