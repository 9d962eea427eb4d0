/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stats: pure numbers in, pure numbers out. GSL underneath; no I/O, no globals.
 *
 * Rounds are the statistical unit: an interval is always taken over per-round values, never over
 * the calls pooled from all rounds. All intervals are 95 % unless a confidence is passed.
 */
#ifndef BPFTOLL_REPORTS_STATS_STATS_H
#define BPFTOLL_REPORTS_STATS_STATS_H

#include <stddef.h>
#include <stdint.h>
#include "reports/record/record.h"

/* Quantile p of sorted x[0..n), linear interpolation (Hyndman & Fan 1996, type 7). NAN for n = 0.
 */
double stats_quantile_sorted(const double *x, size_t n, double p);

/* Mean of the middle half of sorted x (weights at the quartiles' fractional edges). NAN for n = 0.
 */
double stats_interquartile_mean_sorted(const double *x, size_t n);

/* NAN for n = 0. */
double stats_mean(const double *x, size_t n);

/* Lag-1 autocorrelation of x in its order; 0 for n < 3 or a constant series. */
double stats_autocorrelation(const double *x, size_t n);

/*
 * The same, its bias taken off, where it can be told from chance: from 40 rounds on, else 0; and
 * 0..0.9. It is what the intervals below are widened by.
 */
double stats_long_lag1(const double *x, size_t n);

/* Student's t with df degrees of freedom: what 97.5 % lies below. */
double stats_t_quantile(double df);

/*
 * How many units (processes, rounds) a further run needs so that in four of five such runs the
 * upper end of its 95 % interval lies below the threshold, after a run of n units that gave value,
 * with half of an interval above it. The new run's figure differs from this one's by both runs'
 * scatter (predictive, Student's t with n - 1 degrees of freedom), so what lies near the threshold
 * needs no absurd length but has none: INFINITY. NAN for n < 2.
 */
double stats_units_needed(double value, double half, size_t n, double threshold);

/*
 * Mean of per-round values with a Student-t interval; where 40 rounds or more are
 * autocorrelated, the variance of their mean is larger by (1 + r)/(1 - r). n < 2: lo = hi = NAN.
 * When all rounds are the same, lo = hi = value.
 */
struct effect stats_mean_interval(const double *rounds, size_t n);

/*
 * The same for the 20 % trimmed mean over rounds (Yuen 1974: winsorised variance, t with h-1
 * degrees of freedom): one disturbed round does not own the estimate. Used for "typical" only.
 */
struct effect stats_trimmed_interval(const double *rounds, size_t n);

/*
 * How likely a trimmed mean this far from zero is by chance (two-sided, Yuen's t): the test that
 * belongs to stats_trimmed_interval. Rounds that are all the same: 1 for zero, else 0. n < 2: NAN.
 */
double stats_trimmed_p(const double *rounds, size_t n);

/*
 * Tail to cut from each side of a bootstrap distribution over n rounds, so that a percentile
 * interval is as wide as Student's t (Hesterberg 2015, "What teachers should know about the
 * bootstrap", expanded percentile): the bootstrap's own 2.5 % covers too little below 50 rounds.
 */
double stats_bootstrap_tail(size_t n);

/* Percentile interval of the replicates (sorted in place), made to hold value. */
struct effect stats_bootstrap_interval(double value, double *replicates, size_t n, double tail);

#endif
