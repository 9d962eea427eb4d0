/* SPDX-License-Identifier: GPL-3.0-or-later */
/* share: k of n -> the share with its interval. */
#ifndef BPFTOLL_REPORTS_STATS_SHARE_H
#define BPFTOLL_REPORTS_STATS_SHARE_H

#include "reports/stats/effect.h"

/*
 * k of n, in scale (1, or 100 for %), with tail outside of each end (Clopper & Pearson 1934; Wilson
 * 1927 for large counts). NAN for n = 0 or k > n.
 */
struct effect share_of(unsigned long long k, unsigned long long n, double tail, double scale);

#endif
