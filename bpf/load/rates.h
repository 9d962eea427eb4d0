/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rates: how often the monitored processes call munmap, madvise (by its advice) and any syscall.
 *
 * It is a probe (probe.h): rates_open -> probe_monitor -> probe_attach … rates_counts …
 * probe_detach -> probe_close. While it is attached it runs a program on every syscall of the
 * machine, so it must not be attached while the cost of a probe is measured.
 */
#ifndef BPFTOLL_BPF_LOAD_RATES_H
#define BPFTOLL_BPF_LOAD_RATES_H

#include "calib/error.h"
#include "bpf/load/probe.h"
#include "bpf/programs/shared.h"

/* 0 or -errno, why. */
int rates_open(struct probe **out, struct error *why);

/* Sums over all CPUs since rates_open. */
struct rates_slot rates_counts(const struct probe *rates);

#endif
