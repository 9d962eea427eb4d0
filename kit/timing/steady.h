/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * steady: how many calls behind a change (an attach, a wait) until a series of timed calls no
 * longer falls.
 */
#ifndef BPFTOLL_KIT_TIMING_STEADY_H
#define BPFTOLL_KIT_TIMING_STEADY_H

#include <stddef.h>
#include <stdint.h>

#define STEADY_CALLS_MOST 2000

/* Calls to leave out of ticks[0 .. n), n at most STEADY_CALLS_MOST; see steady.c for the rule. */
size_t steady_after(const uint32_t *ticks, size_t n);

#endif
