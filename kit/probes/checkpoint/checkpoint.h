/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * checkpoint: a record that is written while its run goes on, so that a run that is killed leaves
 * one that can be read. It is marked partial.
 *
 * Suites whose rows are made at the end name a function that makes provisional ones; they are in
 * the file and not in the record that goes on. A checkpoint that cannot be written leaves the older
 * file as it is and the run goes on; that is said once.
 *
 * Called between rounds, never while something is timed: it returns when the file is on the disk.
 */
#ifndef BPFTOLL_KIT_PROBES_CHECKPOINT_H
#define BPFTOLL_KIT_PROBES_CHECKPOINT_H

#include <stdbool.h>

#include "reports/record/record.h"

/* Finished rounds are at most so old when they are written, or a round takes longer. */
#define CHECKPOINT_S 10.0

/* Adds rows to the record. 0 or -errno: the checkpoint is left out. */
typedef int checkpoint_rows(void *ctx, struct record *record);

struct checkpoint {
	checkpoint_rows *rows; /* NULL: the record has all rows */
	void *ctx;
	double written; /* clock_seconds() of the last one; 0: none */
	bool failed;	/* it was said */
};

/* Is one due? checkpoint NULL: none is kept. */
bool checkpoint_due(const struct checkpoint *checkpoint);

/* Writes one into dir. checkpoint NULL: nothing. */
void checkpoint_put(struct checkpoint *checkpoint, struct record *record, const char *dir);

/* Where one is due: writes it with the rows that this function makes. */
void checkpoint_rounds(struct checkpoint *checkpoint, struct record *record, const char *dir,
		       checkpoint_rows *rows, void *ctx);

#endif
