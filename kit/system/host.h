/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host: the machine and kernel that a record is taken on, and what about them makes figures worse.
 */
#ifndef BPFTOLL_KIT_SYSTEM_HOST_H
#define BPFTOLL_KIT_SYSTEM_HOST_H

#include "calib/tsc.h"
#include "cpuset/pick.h"
#include "reports/record/record.h"

/* Fills host from uname, /proc and /sys. tsc may be NULL. */
void host_describe(const struct tsc_rate *tsc, struct record_host *host);

/*
 * Fills out's *_idle: how deep the CPUs of the placement may sleep. Call it after isolation_open,
 * which changes that.
 */
void host_idle(const struct placement *placement, struct record_placement *out);

/*
 * Something that makes figures worse here, and the command that would change it ("" when none
 * does). Called for each, most important first.
 */
void host_conditions(const struct placement *placement,
		     void (*say)(void *ctx, const char *what, const char *mend), void *ctx);

/* The same of what the kernel makes of programs alone: it interprets them, it blinds their
 * constants. */
void host_programs(void (*say)(void *ctx, const char *what, const char *mend), void *ctx);

#endif
