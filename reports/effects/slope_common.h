/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope_common: what the prices of a round have in common (a neighbour on the core, the frequency,
 * a machine that drifts): estimated over all rows, taken off each one's rounds, and its own error
 * put back into the interval.
 *
 * Two models: price = row + round (a shift in the unit of the prices) and log price = row + round
 * (a factor). The data choose: each row's rounds are predicted by all other rows, and the model
 * that takes most off the spread is taken, none where both take off less than COMMON_LEAST. The
 * round's part is the 20 %-trimmed mean over the rows (of their prices minus, or over, their
 * medians), so that one row's disturbance is nobody else's.
 *
 * What is taken off is uncertain itself: the mean over rows and rounds of a two-way layout has the
 * variance of the row's own part plus that of the common part (Scheffe 1959, The Analysis of
 * Variance, ch. 8). So both intervals are added in quadrature. Where every row's rounds were alike
 * and independent nothing is gained by that; where the rounds drift together, the drift is seen in
 * one series that all rows share instead of guessed from each one's noise.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_SLOPE_COMMON_H
#define BPFTOLL_REPORTS_EFFECTS_SLOPE_COMMON_H

#include <stddef.h>
#include "reports/record/record.h"

enum slope_common_kind { COMMON_NONE, COMMON_SHIFT, COMMON_FACTOR };

#define COMMON_ROWS_LEAST   4 /* fewer share nothing that can be told from their own noise */
#define COMMON_ROUNDS_LEAST 9
#define COMMON_LEAST	    0.05 /* of a row's spread, median over the rows */

struct slope_common {
	enum slope_common_kind kind;
	struct effect typical; /* of the rounds' parts: a shift, or the log of a factor */
};

/*
 * prices: [row * rounds + round], NAN where a row lacks a round. round: room for one value a round,
 * what it has in common. Rows whose median is below three times their spread, or that have fewer
 * than half of the rounds, take no part in the estimate. 0 or -ENOMEM.
 */
int slope_common_fit(const double *prices, size_t rows, size_t rounds, struct slope_common *out,
		     double *round);

/*
 * A row's price with its interval (prices.h's unit) after the common part was taken off
 * prices[rounds], which is overwritten. COMMON_NONE: stats_trimmed_interval.
 */
struct effect slope_common_price(const struct slope_common *common, const double *round,
				 double *prices, size_t rounds);

/* "shift", "factor"; NULL for none. */
const char *slope_common_name(enum slope_common_kind kind);

#endif
