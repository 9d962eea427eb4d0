/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * alone: which comparisons of a panel were timed on a core whose other hardware thread was idle, from the readings around
 * their blocks (calib/neighbour.h).
 *
 * alone_open -> alone_masks, alone_store -> alone_close.
 */
#ifndef BPFTOLL_ALONE_H
#define BPFTOLL_ALONE_H

#include "calib/neighbour.h"
#include "kit/results.h"

struct alone {
	const struct results *results;
	size_t panel;
	double ticks_per_s;
	struct neighbour_level level;	    /* of the panel's readings together */
	struct neighbour_reading *readings; /* arms x rounds x ARM_READINGS; 0: none was taken */
	signed char *
		flag; /* of each arm and round: STRATA_… of the arm's readings and its baseline's together */
	double *hz; /* the core's frequency in them; NAN: no reading */
};

/* 0 or -ENOMEM. Without readings (instructions are counted) every flag is unknown. */
int alone_open(const struct results *results, size_t panel, const struct tsc_rate *tsc,
	       struct alone *out);
void alone_close(struct alone *alone);

/*
 * Are the arm's figures taken from the rounds that were alone? Where a neighbour came and went, and what is surely alone
 * still has rounds of most workers: else all rounds stand, and the record says how many were contended.
 */
bool alone_masks(const struct alone *alone, size_t arm);

/* Is this round of the arm left out then? */
bool alone_excludes(const struct alone *alone, size_t arm, size_t round);

/*
 * effect: of each round, contended ones too. Into the cell's strata, after its overhead: where that is of the rounds alone, it
 * is the uncontended estimate. 0 or -ENOMEM.
 */
int alone_store(const struct alone *alone, size_t arm, const double *effect,
		struct record_cell *cell);

/* The panel's rounds in the record's conditions: readings, frequency, share of contended comparisons. */
void alone_note_conditions(const struct alone *alone, const char *trigger, const char *cache,
			   struct record *record);

#endif
