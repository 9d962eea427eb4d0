/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lags: how alike neighbouring rounds are, estimated from many series together.
 *
 * The autocorrelation of ten rounds of one arm is noise (it called 32 % of white series correlated). What makes neighbouring
 * rounds alike is the machine's state, which a panel's arms share, so theirs is estimated once: lags_open -> lags_add … ->
 * lags_pool -> lags_close.
 */
#ifndef BPFTOLL_LAGS_H
#define BPFTOLL_LAGS_H

#include <stddef.h>

/* What the correlation of neighbours does to the interval of a mean of n values. */
struct serial {
	double lag1;  /* correlation of neighbours, 0..0.9 */
	double ratio; /* variance of the mean over s^2 / n, at least 1 */
	double df_share; /* of the n - 1 degrees of freedom, that s^2 keeps (Bayley & Hammersley 1946), at most 1 */
};

#define SERIAL_WHITE ((struct serial){.lag1 = 0, .ratio = 1, .df_share = 1})

/* By how much a half-width of n white values grows. */
double serial_widen(const struct serial *serial, size_t n);

/* Degrees of freedom of n values. */
double serial_df(const struct serial *serial, size_t n);

struct lags;

/* Of series of at most n values. 0 or -ENOMEM (*out NULL, which lags_close takes). */
int lags_open(size_t n, struct lags **out);
void lags_close(struct lags *lags);

/* Copies the values. Each series counts alike, whatever its scatter; a constant one does not. 0 or -ENOMEM. */
int lags_add(struct lags *lags, const double *values, size_t n);

/* SERIAL_WHITE when nothing could be estimated. */
struct serial lags_pool(const struct lags *lags);

#endif
