/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flood: how many events a second the consumer can take, from a program that sends as many as it
 * can: a batch a hit, as the kernel's own bench of its buffers does. It prices the consumer, not a
 * probe.
 */
#ifndef BPFTOLL_KIT_EVENTS_FLOOD_H
#define BPFTOLL_KIT_EVENTS_FLOOD_H

#include "calib/error.h"
#include "kit/probes/harness.h"
#include "reports/record/record.h"

/*
 * Rows of scenario "flood", a buffer and policy each. 0; -EINTR: stopped; -EBADMSG: the event
 * accounting of one do not balance (its row is invalid, why says it); other -errno: why. rounds: 0:
 * its own number.
 */
int flood_run(const struct harness_env *env, unsigned int rounds, struct record *record,
	      struct error *why);

#endif
