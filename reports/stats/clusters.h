/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clusters: an interval over the processes that timed the rounds, not over the rounds.
 *
 * A process keeps its address space, stack and pages for all its rounds, so its rounds repeat its
 * luck: 14 fresh processes of 3 s scattered by 13 ns where each one's own standard error was 2
 * to 3. The interval that covers the next run is Student's t over the processes' means (Kalibera &
 * Jones 2013; Georges et al. 2007), with one degree of freedom fewer than there are processes. With
 * one process it is Student's t over its rounds, and covers that process alone.
 */
#ifndef BPFTOLL_REPORTS_STATS_CLUSTERS_H
#define BPFTOLL_REPORTS_STATS_CLUSTERS_H

#include <stddef.h>
#include <stdint.h>
#include "reports/stats/autocorrelation.h"
#include "reports/record/record.h"

/*
 * Numbers the processes of n rounds from 0, in the order in which they come (worker NULL: one
 * process; number may be NULL). Returns how many there are, SIZE_MAX when memory is out.
 */
size_t clusters_number(const uint32_t *worker, size_t n, uint32_t *number);

/*
 * Mean of per-round values x[0..n) with its 95 % interval. Two or more processes: t over their
 * means, each weighted by its rounds, but by no more than the median number (a process that was
 * stopped early counts for less). One (or worker NULL): t over the rounds. serial: how alike
 * neighbours are, of the processes or of the rounds, whichever the interval is over. error2 is
 * added to the variance of the mean: what a fitted subtraction has of its own. lo = hi = NAN below
 * two values; value NAN for n = 0 or when memory is out.
 */
struct effect clusters_mean(const double *x, const uint32_t *worker, size_t n,
			    const struct serial *serial, double error2);

/*
 * Takes a disturbed round back to a fence, in place: the distance of each value from its process's
 * median is cut to 3 interquartile ranges of all such distances beyond their quartiles (Tukey's
 * outer fence: 2 normal values in a million). A process that differs as a whole is left as it is:
 * that is what the interval is about. Below 8 rounds nothing is cut. 0 or -ENOMEM.
 */
int clusters_fence(double *x, const uint32_t *worker, size_t n);

#endif
