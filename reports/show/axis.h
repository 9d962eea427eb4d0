/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * axis: the distinct values of one member, in order of appearance: the rows or columns of a block.
 *
 * Internal to the rendering. What a forged record has beyond AXIS_MOST is left out of the block.
 */
#ifndef BPFTOLL_REPORTS_SHOW_AXIS_H
#define BPFTOLL_REPORTS_SHOW_AXIS_H

#include <stddef.h>

#define AXIS_MOST 32

struct axis {
	const char *name[AXIS_MOST];
	size_t n;
};

/* At most `most` of them (and AXIS_MOST); the string stays the caller's. */
void axis_add(struct axis *axis, const char *name, size_t most);

#endif
