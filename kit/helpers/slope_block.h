/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope_block: the timed blocks of a slope: it selects a program, warms it up, keeps its buffer
 * from filling, and times it.
 *
 * Internal to slopes.c; a host program must be in use (slope_bench.h). Results are the typical
 * ticks of a block, or the mean where ticks are instructions: such a block has whole periods of
 * whatever repeats.
 */
#ifndef BPFTOLL_KIT_HELPERS_SLOPE_BLOCK_H
#define BPFTOLL_KIT_HELPERS_SLOPE_BLOCK_H

#include "kit/helpers/slope_bench.h"

/*
 * Ticks of a call with nothing attached, or with the empty program, whichever is in force. gated:
 * waits between calls as long as a reader takes to fall asleep.
 */
double slope_bare(struct slope_bench *bench, bool gated);

/*
 * N calls must give N runs, or more if other tasks' calls count too. Returns 0 or -errno with
 * bench->reason; -EPROTO: too few runs.
 */
int slope_count_hits(struct slope_bench *bench);

/*
 * Loads the row's programs and measures them `rounds` times; each time is added to the row as a
 * visit. If the kernel refuses the longest program, the row continues with fewer repetitions and
 * has the reason.
 */
void slope_row_rounds(struct slope_bench *bench, struct slope_row *row, size_t rounds);

/* Empties a full buffer, so that its event accounting can be closed. */
void slope_unfill(struct slope_bench *bench, enum output output);

#endif
