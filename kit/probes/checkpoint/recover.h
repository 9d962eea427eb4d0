/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * recover: the record of a run that was killed, made of what it left in its folder: the record's
 * last checkpoint, the round log and samples/. Loads nothing into the kernel and needs no root.
 */
#ifndef BPFTOLL_KIT_PROBES_RECOVER_H
#define BPFTOLL_KIT_PROBES_RECOVER_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"

struct recovered {
	bool complete;	      /* the record is: nothing was to be done */
	bool logged;	      /* there was a round log, and the results are made of it */
	unsigned int workers; /* processes that timed the rounds */
	size_t rounds;	      /* complete ones of all experiments */
	size_t known;	      /* of those, how many the record had */
	size_t left_out;      /* rounds of which not all was written */
	struct error note; /* why the record's last checkpoint is all there is; empty: it isn't */
};

/* Mends the record in dir. 0 or -errno with why; the record is then as it was. */
int recover_record(const char *dir, struct recovered *out, struct error *why);

#endif
