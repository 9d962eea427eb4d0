/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * neighbours: can a neighbour on the core's other hardware thread be seen here? For doctor and
 * selfcheck.
 *
 * Both measure on the CPU of the calling thread, which is pinned.
 */
#ifndef BPFTOLL_KIT_TIMING_NEIGHBOURS_H
#define BPFTOLL_KIT_TIMING_NEIGHBOURS_H

#include <stddef.h>

#include "calib/neighbour.h"
#include "calib/tsc.h"

struct neighbours_sample {
	size_t readings;
	struct neighbour_level level;
	double beside; /* median cycles a step of what was SEEN; NAN: nothing was */
	double hz, hz_low,
		hz_high; /* the core's frequency: median, and where 95 % of the readings lie */
};

/* A reading each millisecond for about ms. 0 or -ENOMEM. */
int neighbours_sample(const struct tsc_rate *tsc, unsigned int ms, struct neighbours_sample *out);

/* In words, for one line: what was seen, and the frequency. */
void neighbours_say(const struct neighbours_sample *sample, char *text, size_t len);

/* The proof: with a load of our own on the other hardware thread, and without, in turns. */
struct neighbours_proof {
	struct neighbour_level level;
	double idle, loaded; /* share of the readings that were SEEN, 0 to 1 */
	bool holds;	     /* nearly all with the load, and far more than without */
};

/* 0; -ENOMEM; -EINVAL: no thread can run on the CPU `sibling`. About a second. */
int neighbours_prove(int sibling, double quantum, struct neighbours_proof *out);

/* The rule of `holds`. Pure. */
bool neighbours_proved(double idle, double loaded);

#endif
