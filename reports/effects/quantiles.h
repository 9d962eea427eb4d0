/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * quantiles: the pooled quantiles of one configuration, and what they would be had other rounds
 * been drawn.
 *
 * Internal to compare. quantiles_open -> quantiles_at, quantiles_resampled … -> quantiles_close.
 * The calls of all rounds are pooled for the estimate; the rounds are what is resampled. A quantile
 * is an observed reading (the inverse of the empirical distribution, Hyndman & Fan 1996 type 1):
 * the mean of two neighbours is no length that the clock can show.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_QUANTILES_H
#define BPFTOLL_REPORTS_EFFECTS_QUANTILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "reports/effects/config_samples.h"

struct quantiles;

/*
 * resample: also build the table that quantiles_resampled needs (at most 16 MiB). 0, -ENOMEM, or
 * -E2BIG for more than 2^32 readings.
 */
int quantiles_open(const struct config_samples *config, bool resample, struct quantiles **out);
void quantiles_close(struct quantiles *q);

size_t quantiles_count(const struct quantiles *q); /* readings kept */
double quantiles_max(const struct quantiles *q);   /* ticks; NAN when none was kept */

/* Ticks. NAN where too few calls were kept for an interval to exist (quantiles_supported). */
double quantiles_at(const struct quantiles *q, double p);

/* The same when round r counts weight[r] times; within 0.2 % of the rank for more than 2,048
 * distinct readings. */
double quantiles_resampled(const struct quantiles *q, const uint32_t *weight, double p);

/*
 * Does a 95 % interval for quantile p exist with n calls? Its end is an order statistic, so the
 * outermost one must lie beyond the quantile with 97.5 %: p^n <= 0.025, and (1-p)^n. p99.9 needs
 * 3,688 calls.
 */
bool quantiles_supported(double p, size_t n);

#endif
