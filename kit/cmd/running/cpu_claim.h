/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cpu_claim: the CPUs of a measurement, for it alone (cpuset/claim.h), and what is said of that. */
#ifndef BPFTOLL_KIT_CMD_CPU_CLAIM_H
#define BPFTOLL_KIT_CMD_CPU_CLAIM_H

#include <stdbool.h>

#include "calib/error.h"
#include "cpuset/claim.h"
#include "cpuset/pick.h"

/*
 * Claims the placement's CPUs, and that of the measuring CPU's other hardware thread. wait: another
 * measurement is waited for, and named. BPFTOLL_LOCKS names another folder for the locks. 0;
 * -EBUSY, -EINTR: with why. Where no claims can be made that is said, and is no error.
 */
int cpu_claim(const struct placement *placement, bool wait, struct claim *out, struct error *why);

#endif
