/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * price: what a call costs with each probe, and what a program should then lose.
 *
 * price_measure runs short experiments of the harness (munmap_einval, and getppid for the calls
 * that the probe does not name) into the record; any other record will do as well. price_predict
 * multiplies.
 */
#ifndef BPFTOLL_KIT_APPS_PRICE_H
#define BPFTOLL_KIT_APPS_PRICE_H

#include "calib/error.h"
#include "kit/apps/app_treatment.h"
#include "kit/probes/harness.h"

/* 0; -EINTR: stopped; other -errno: the record cannot be written, why. */
int price_measure(const struct harness_env *env, const struct variant *const *variants,
		  size_t n_variants, struct record *record, struct error *why);

/* What a program does, a second; the rates with their intervals over windows. */
struct price_load {
	struct effect calls;  /* munmap and madvise */
	struct effect others; /* other syscalls */
	double wakeups_per_event;
	double cpu; /* its CPU time, in s */
};

/*
 * The share of its CPU time, in %, that the probe takes (negative, as a loss of throughput is);
 * unknown (NAN) where the record lacks a price.
 *
 * An event costs what it costs with the consumer asleep as often as one woke it, else what it costs
 * with nobody woken. A hook that sees all syscalls runs both programs, munmap's and madvise's, on
 * every call: the second one costs between nothing and what the first does.
 */
struct effect price_predict(const struct record *prices, const struct treatment *treatment,
			    const struct price_load *load);

#endif
