/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * price: what a call costs with each probe, and how much a program should lose by it.
 *
 * price_measure runs short experiments (munmap_einval, and getppid for calls that the probe does
 * not name) and adds their results to a record; any other record with these results will do.
 * price_predict multiplies prices by rates.
 */
#ifndef BPFTOLL_KIT_APPS_PRICE_H
#define BPFTOLL_KIT_APPS_PRICE_H

#include "calib/error.h"
#include "kit/apps/app_treatment.h"
#include "kit/probes/harness.h"

/* Returns 0; -EINTR: stopped; other -errno with why: the record cannot be written. */
int price_measure(const struct harness_env *env, const struct variant *const *variants,
		  size_t n_variants, struct record *record, struct error *why);

/* Rates of what a program does, a second, with their intervals over windows. */
struct price_load {
	struct effect calls;  /* munmap and madvise */
	struct effect others; /* all other syscalls */
	double wakeups_per_event;
	double cpu; /* its CPU time, in s a second */
};

/*
 * The share of the program's CPU time that the probe takes, in %, negative like a loss of
 * throughput; NAN where the record lacks a price.
 *
 * The price of an event is a mean of two: with the reader asleep, for the share of events that woke
 * it, and with nobody woken, for the rest. A hook on all syscalls runs both programs, that of
 * munmap and that of madvise, on every call; the second costs between nothing and as much as the
 * first.
 */
struct effect price_predict(const struct record *prices, const struct treatment *treatment,
			    const struct price_load *load);

#endif
