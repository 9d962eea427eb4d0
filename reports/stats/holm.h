/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * holm: p values of several tests, corrected for their number (Holm 1979, step-down): the chance
 * that any true null hypothesis is rejected at level a stays below a, whatever the dependence of
 * the tests.
 */
#ifndef BPFTOLL_REPORTS_STATS_HOLM_H
#define BPFTOLL_REPORTS_STATS_HOLM_H

#include <stddef.h>

/* p[0..n): each replaced by its corrected value; a NAN is no test and stays. 0 or -ENOMEM. */
int holm_correct(double *p, size_t n);

#endif
