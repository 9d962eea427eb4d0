/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host: what machine and kernel a record was taken on, and what there keeps the figures from being
 * good.
 */
#ifndef BPFTOLL_KIT_SYSTEM_HOST_H
#define BPFTOLL_KIT_SYSTEM_HOST_H

#include "calib/tsc.h"
#include "cpuset/pick.h"
#include "reports/record/record.h"

/* Fills host from uname, /proc and /sys. tsc may be NULL. */
void host_describe(const struct tsc_rate *tsc, struct record_host *host);

/* How deep the CPUs of the placement may sleep, into out's *_idle. After what changes it
 * (isolation_open). */
void host_idle(const struct placement *placement, struct record_placement *out);

/*
 * A thing that makes figures worse here: what, and the command that would mend it ("" when none
 * does). Calls say for each, in order of weight.
 */
void host_conditions(const struct placement *placement,
		     void (*say)(void *ctx, const char *what, const char *mend), void *ctx);

#endif
