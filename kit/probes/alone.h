/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alone: which comparisons of an experiment were timed on a core whose other hardware thread was
 * idle, from the readings around their blocks (calib/neighbour.h).
 *
 * alone_open -> alone_masks, alone_store -> alone_close.
 */
#ifndef BPFTOLL_KIT_PROBES_ALONE_H
#define BPFTOLL_KIT_PROBES_ALONE_H

#include "calib/neighbour.h"
#include "kit/probes/totals.h"

struct alone {
	const struct totals *results;
	size_t experiment;
	double ticks_per_s;
	struct neighbour_level level; /* of the experiment's readings together */
	struct neighbour_reading
		*readings; /* configurations x rounds x CONFIG_READINGS; 0: none was taken */
	signed char *flag; /* of each configuration and round: STRATA_… of the configuration's
			      readings and its baseline's together */
	double *hz;	   /* the core's frequency in them; NAN: no reading */
};

/* 0 or -ENOMEM. Without readings (instructions are counted) every flag is unknown. */
int alone_open(const struct totals *results, size_t experiment, const struct tsc_rate *tsc,
	       struct alone *out);
void alone_close(struct alone *alone);

/*
 * Are the configuration's figures taken from the rounds that were alone? Where a neighbour came and
 * went, and what is surely alone still has rounds of most workers: else all rounds stand, and the
 * record says how many were contended.
 */
bool alone_masks(const struct alone *alone, size_t config);

/* Is this round of the configuration left out then? */
bool alone_excludes(const struct alone *alone, size_t config, size_t round);

/*
 * effect: of each round, contended ones too. Into the result's strata, after its overhead: where
 * that is of the rounds alone, it is the uncontended estimate. 0 or -ENOMEM.
 */
int alone_store(const struct alone *alone, size_t config, const double *effect,
		struct record_result *result);

/* The experiment's rounds in the record's conditions: readings, frequency, share of contended
 * comparisons. */
void alone_note_conditions(const struct alone *alone, const char *workload, const char *cache,
			   struct record *record);

#endif
