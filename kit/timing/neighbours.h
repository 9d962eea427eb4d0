/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * neighbours: can a program on the core's other hardware thread be detected here? For doctor and
 * selfcheck.
 *
 * neighbours_sample observes for a while; neighbours_prove makes a load of its own. Both measure on
 * the CPU of the calling thread, which must be pinned.
 */
#ifndef BPFTOLL_KIT_TIMING_NEIGHBOURS_H
#define BPFTOLL_KIT_TIMING_NEIGHBOURS_H

#include <stddef.h>

#include "calib/neighbour.h"
#include "calib/tsc.h"

struct neighbours_sample {
	size_t readings;
	struct neighbour_level level;
	double beside; /* median cycles a step in readings flagged SEEN; NAN: none */
	/* the core's frequency: its median, and the range of 95 % of the readings */
	double hz, hz_low, hz_high;
};

/* Takes a reading each millisecond, ms in all. Returns 0 or -ENOMEM. */
int neighbours_sample(const struct tsc_rate *tsc, unsigned int ms, struct neighbours_sample *out);

/* Writes one line: what was seen, and the frequency. */
void neighbours_say(const struct neighbours_sample *sample, char *text, size_t len);

/* The proof: readings in turns with and without a load on the other hardware thread. */
struct neighbours_proof {
	struct neighbour_level level;
	double idle, loaded; /* share of readings flagged SEEN, 0 to 1 */
	bool holds;	     /* the rule is neighbours_proved */
};

/* Returns 0; -ENOMEM; -EINVAL: no thread can run on the CPU `sibling`. Takes about a second. */
int neighbours_prove(int sibling, double quantum, struct neighbours_proof *out);

/* Were nearly all readings with the load SEEN, and far fewer without? */
bool neighbours_proved(double idle, double loaded);

#endif
