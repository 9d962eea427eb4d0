/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * live: the answer of a run while it goes on, on a terminal: printed after the second worker
 * process and again in its own place after later ones. It is drawn between two workers, when
 * nothing is timed.
 *
 * live_show …, each with the record as it was written -> live_end, which takes it away for the
 * answer that stays.
 */
#ifndef BPFTOLL_KIT_LIVE_H
#define BPFTOLL_KIT_LIVE_H

#include <stdbool.h>

/* Are stdout and stderr one terminal's, large enough, and is the answer asked for? */
bool live_possible(void);

/* dir: the record's folder, a string. What cannot be read, or has one process, is not shown. */
void live_show(void *dir);
void live_end(void);

#endif
