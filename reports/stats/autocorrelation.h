/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * autocorrelation: how alike neighbouring rounds are, estimated from many series together.
 *
 * The autocorrelation of ten rounds of one configuration is noise (it called 32 % of white series
 * correlated). What makes neighbouring rounds alike is the machine's state, which an experiment's
 * configurations share, so theirs is estimated once: autocorrelation_open -> autocorrelation_add …
 * -> autocorrelation_pool -> autocorrelation_close.
 */
#ifndef BPFTOLL_REPORTS_STATS_AUTOCORRELATION_H
#define BPFTOLL_REPORTS_STATS_AUTOCORRELATION_H

#include <stddef.h>

/* What the correlation of neighbours does to the interval of a mean of n values. */
struct serial {
	double lag1;	 /* correlation of neighbours, 0..0.9 */
	double ratio;	 /* variance of the mean over s^2 / n, at least 1 */
	double df_share; /* of the n - 1 degrees of freedom, that s^2 keeps (Bayley & Hammersley
			    1946), at most 1 */
};

#define SERIAL_WHITE ((struct serial){.lag1 = 0, .ratio = 1, .df_share = 1})

/* By how much a half-width of n white values grows. */
double serial_widen(const struct serial *serial, size_t n);

/* Degrees of freedom of n values. */
double serial_df(const struct serial *serial, size_t n);

struct autocorrelation;

/* Of series of at most n values. 0 or -ENOMEM (*out NULL, which autocorrelation_close takes). */
int autocorrelation_open(size_t n, struct autocorrelation **out);
void autocorrelation_close(struct autocorrelation *lags);

/* Copies the values. Each series counts alike, whatever its scatter; a constant one does not. 0 or
 * -ENOMEM. */
int autocorrelation_add(struct autocorrelation *lags, const double *values, size_t n);

/* SERIAL_WHITE when nothing could be estimated. */
struct serial autocorrelation_pool(const struct autocorrelation *lags);

#endif
