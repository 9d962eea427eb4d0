/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alone: finds the rounds of an experiment that ran while the core's other hardware thread was
 * idle, from the readings taken before and after each timed block (calib/neighbour.h). A round in
 * which another program used that thread is called contended.
 *
 * alone_open -> alone_masks, alone_excludes, alone_store -> alone_close.
 */
#ifndef BPFTOLL_KIT_PROBES_ALONE_H
#define BPFTOLL_KIT_PROBES_ALONE_H

#include "calib/neighbour.h"
#include "kit/probes/totals.h"

struct alone {
	const struct totals *results;
	size_t experiment;
	double ticks_per_s;
	struct neighbour_level level; /* of all readings of the experiment */
	/* configurations x rounds x CONFIG_READINGS; 0: no reading taken */
	struct neighbour_reading *readings;
	/*
	 * For each configuration and round, one of STRATA_…, from the readings around its own block
	 * and around its baseline's.
	 */
	signed char *flag;
	double *hz; /* core frequency in each round; NAN: no reading */
};

/*
 * Returns 0 or -ENOMEM. Where instructions are counted there are no readings: every flag is
 * unknown.
 */
int alone_open(const struct totals *results, size_t experiment, const struct tsc_rate *tsc,
	       struct alone *out);
void alone_close(struct alone *alone);

/*
 * Is the configuration's result computed from uncontended rounds only? Yes if some rounds were
 * contended and the uncontended ones still come from most workers. Otherwise all rounds are used,
 * and the record says how many were contended.
 */
bool alone_masks(const struct alone *alone, size_t config);

/* Is this round left out of such a result? */
bool alone_excludes(const struct alone *alone, size_t config, size_t round);

/*
 * Stores the configuration's contended and uncontended estimates in result->strata. Call it after
 * result->overhead has been filled. effect: of every
 * round, contended ones included. widen: factor of half-widths (compare_scale.h). Returns 0 or
 * -ENOMEM.
 */
int alone_store(const struct alone *alone, size_t config, const double *effect, double widen,
		struct record_result *result);

/*
 * Adds the experiment's readings, core frequency and share of contended rounds to the record's
 * conditions.
 */
void alone_note_conditions(const struct alone *alone, const char *workload, const char *cache,
			   struct record *record);

#endif
