/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nearest: which valid name the user may have meant.
 *
 * Set wrong, offer every valid name, then nearest_say.
 */
#ifndef BPFTOLL_KIT_CMD_NEAREST_H
#define BPFTOLL_KIT_CMD_NEAREST_H

#include <stddef.h>

#include "calib/error.h"

/* Keeps the three names nearest to wrong by edit distance (Levenshtein 1966). */
struct nearest {
	const char *wrong;
	struct {
		const char *name;
		size_t distance;
	} best[3];
	size_t n;
};

void nearest_offer(struct nearest *near, const char *name);

/* Sets why to "no variant 'krpobe_empty'; nearest: kprobe_empty, kretprobe_empty, fexit_empty". */
void nearest_say(const struct nearest *near, const char *what, struct error *why);

#endif
