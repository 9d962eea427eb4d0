/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rates: how often the monitored processes call munmap, madvise (by its advice) and anything at
 * all.
 *
 * A probe as any other (probe.h): rates_open -> probe_monitor -> probe_attach … rates_counts …
 * probe_detach -> probe_close. Counting runs a program on every syscall of the machine while it is
 * attached: windows that price a probe must not have it.
 */
#ifndef BPFTOLL_BPF_LOAD_RATES_H
#define BPFTOLL_BPF_LOAD_RATES_H

#include "calib/error.h"
#include "bpf/load/probe.h"
#include "bpf/programs/shared.h"

/* 0 or -errno, why. */
int rates_open(struct probe **out, struct error *why);

/* Since it was opened, of all CPUs. */
struct rates_slot rates_counts(const struct probe *rates);

#endif
