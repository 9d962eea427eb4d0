/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope_block: the timed blocks of a slope: what is selected, warmed up, kept from filling its
 * buffer, and timed.
 *
 * Internal to slopes.c. All while it has a host program at work; ticks are typical ones of a block,
 * or its mean where ticks are instructions (a block then holds whole turns of whatever repeats).
 */
#ifndef BPFTOLL_KIT_HELPERS_SLOPE_BLOCK_H
#define BPFTOLL_KIT_HELPERS_SLOPE_BLOCK_H

#include "kit/helpers/slope_bench.h"

/*
 * Nothing attached, or the program that does nothing, whichever is in force. gated: at the pace of
 * a consumer that falls asleep.
 */
double slope_bare(struct slope_bench *bench, bool gated);

/* N calls must give N runs, or more where other tasks' count too. 0 or -EPROTO with bench->reason.
 */
int slope_count_hits(struct slope_bench *bench);

/*
 * Loads the row's programs and measures them rounds times; each time's costs are put into the row
 * as a visit. Where the kernel refuses the longest program the row goes on with fewer repetitions,
 * and has the reason.
 */
void slope_row_rounds(struct slope_bench *bench, struct slope_row *row, size_t rounds);

/* Empties a full buffer again, so that its event accounting can be closed. */
void slope_unfill(struct slope_bench *bench, enum output output);

#endif
