/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fleet_places: which records there are, each with the machine, kernel and boot it is of. */
#ifndef BPFTOLL_REPORTS_JUDGE_FLEET_PLACES_H
#define BPFTOLL_REPORTS_JUDGE_FLEET_PLACES_H

#include <stddef.h>
#include "calib/error.h"

struct fleet;

struct fleet_place {
	char *path;
	char *type; /* "AMD EPYC, 2 CPUs (KVM)", with the mitigations after a line's end */
	char *kernel, *node, *boot, *suite, *created;
	char *microcode; /* "": not recorded */
	size_t repeat;	 /* how many of that suite that boot had before */
};

/* Fills places in order, and gaps. 0 or -errno with why. */
int fleet_find(struct fleet *fleet, const char *const *paths, size_t n, struct error *why);

/*
 * The versions of microcode among the places of one type, which begin at first: n of them, and
 * "0x1, 0x2" in list. Returns where the next type begins.
 */
size_t fleet_microcodes(const struct fleet *fleet, size_t first, size_t *n, char *list, size_t len);

void fleet_place_free(struct fleet_place *place); /* what it holds */
void fleet_places_free(struct fleet *fleet);

#endif
