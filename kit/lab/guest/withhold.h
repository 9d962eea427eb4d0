/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * withhold: removes from a record what a guest with two virtual CPUs cannot measure. Each virtual
 * CPU is a thread of the emulator, and the clock does not count instructions then (with QEMU's
 * -icount two CPUs take turns, and kernels do not finish booting). Hits, event accounting and the
 * contents of events are as valid as elsewhere.
 */
#ifndef BPFTOLL_KIT_LAB_GUEST_WITHHOLD_H
#define BPFTOLL_KIT_LAB_GUEST_WITHHOLD_H

#include <stddef.h>

#include "calib/error.h"
#include "reports/record/record.h"

/* Do these words for `bpftoll run` ask for something other than costs? 0 or -EINVAL, why. */
int withhold_check(const char *const *words, size_t n, struct error *why);

/*
 * Sets every cost in the record to unknown, removes the samples below dir, and adds a line to the
 * record's warnings.
 */
void withhold_costs(struct record *rec, const char *dir);

#endif
