/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * p99_bound: what the p99 of a cost can be, given the calls with the probe (configuration) and
 * those without (baseline).
 *
 * The cost of one call is its length with the probe minus what the same call would have taken
 * without: the second was never seen, so how cost and call depend on each other is unknown, and the
 * difference of two p99s says nothing of the p99 of the cost. For any dependence (Makarov 1981;
 * Williamson & Downs 1990, "Probabilistic arithmetic", Int. J. Approx. Reasoning 4):
 *
 *	p99(cost) <= Q_config(0.99 + a) - Q_baseline(a)	for every 0 <= a <= 0.01; a = 0:
 * p99(configuration) - min(baseline) p99(cost) >= Q_config(b) - Q_baseline(b + 0.01)	for every 0
 * <= b <= 0.99
 *
 * compare_p99_bound gives the first with a = 0, compare_p99_least the second with b = 0.5 or 0.9,
 * whichever is higher. Only the upper end of the one and the lower end of the other prove anything.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_P99_BOUND_H
#define BPFTOLL_REPORTS_EFFECTS_P99_BOUND_H

#include "reports/effects/compare.h"

/*
 * p99(configuration) - min(baseline), with the interval of the configuration's own p99, in scale's
 * unit. The minimum is the shortest reading kept: one that was read too short makes the bound
 * higher, never lower; readings unseen below it are fewer than 3 in n. The upper end has a step of
 * the clock added, which is what a reading may be short by. NAN where compare_own_quantiles has
 * none, where the baseline has no reading, and where more than 0.5 % of the configuration's calls
 * were left out: the tail may be among them. 0 or -errno.
 */
int compare_p99_bound(const struct config_samples *config, const struct config_samples *baseline,
		      const struct compare_scale *scale, struct effect *out);

/*
 * The lower bound: the shift of the median (or p90) less Q_baseline(b + 0.01) - Q_baseline(b), with
 * the shift's interval from compare_overhead, a fifth wider since the higher of two is taken
 * (Bonferroni: t at 1.25 % over t at 2.5 %, from 7 degrees of freedom on). 0 or -errno.
 */
int compare_p99_least(const struct config_samples *baseline, const struct compare_scale *scale,
		      const struct overhead *overhead, struct effect *out);

/* Both, into the result whose overhead is known already. 0 or -errno. */
int p99_bounds(const struct config_samples *config, const struct config_samples *baseline,
	       const struct compare_scale *scale, struct record_result *result);

#endif
