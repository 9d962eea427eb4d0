/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * withhold: what a guest with two virtual CPUs must not say. Each is a thread of the emulator's,
 * and the clock counts no instructions there (QEMU's -icount lets two CPUs take turns, and kernels
 * don't get through their boot). Hits, event event accounting and what the events report are as
 * good as ever.
 */
#ifndef BPFTOLL_KIT_LAB_GUEST_WITHHOLD_H
#define BPFTOLL_KIT_LAB_GUEST_WITHHOLD_H

#include <stddef.h>

#include "calib/error.h"
#include "reports/record/record.h"

/* Do the words for `bpftoll run` ask for results? Other suites are costs and nothing else. 0 or
 * -EINVAL, why. */
int withhold_check(const char *const *words, size_t n, struct error *why);

/* Makes every cost of the record unknown, removes its readings below dir, and says so among the
 * conditions. */
void withhold_costs(struct record *rec, const char *dir);

#endif
