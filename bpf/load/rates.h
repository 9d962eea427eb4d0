/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rates: how often the monitored processes call munmap, madvise (by its advice) and anything at
 * all.
 *
 * rates_open -> rates_monitor -> rates_attach … rates_counts … rates_detach -> rates_close.
 * Counting runs a program on every syscall of the machine while it is attached: windows that price
 * a probe must not have it.
 */
#ifndef BPFTOLL_BPF_LOAD_RATES_H
#define BPFTOLL_BPF_LOAD_RATES_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "calib/error.h"
#include "bpf/programs/shared.h"

struct rates;

/* 0 or -errno, why. */
int rates_open(struct rates **out, struct error *why);
void rates_close(struct rates *rates);

/* These and nobody else. 0 or -errno. */
int rates_monitor(struct rates *rates, const pid_t *tgids, size_t n);

int rates_attach(struct rates *rates, struct error *why);
void rates_detach(struct rates *rates);

/* Since it was opened, of all CPUs. */
struct rates_slot rates_counts(const struct rates *rates);

#endif
