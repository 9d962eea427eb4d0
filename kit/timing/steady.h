/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steady: after a change (an attach, a wait), how many timed calls pass until their times no longer
 * fall.
 */
#ifndef BPFTOLL_KIT_TIMING_STEADY_H
#define BPFTOLL_KIT_TIMING_STEADY_H

#include <stddef.h>
#include <stdint.h>

#define STEADY_CALLS_MOST 2000

/*
 * The number of calls to leave out of ticks[0 .. n), n at most STEADY_CALLS_MOST. The rule is in
 * steady.c.
 */
size_t steady_after(const uint32_t *ticks, size_t n);

#endif
