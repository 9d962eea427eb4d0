/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * combine: the interval of a sum or a difference of two figures that were measured apart.
 *
 * Their errors are independent, so the distances to the ends add in quadrature, each side by
 * itself: the square-and-add rule of Newcombe (1998), shown to hold its coverage for any two
 * intervals by Zou & Donner (2008, "Construction of confidence limits about effect measures: a
 * general approach", Stat. Med. 27); for symmetric intervals it is the root-sum-square of
 * half-widths. Configurations of one run share its drift, which a difference partly cancels: such
 * an interval is rather too wide. NAN ends stay NAN; exact figures stay exact.
 */
#ifndef BPFTOLL_REPORTS_STATS_COMBINE_H
#define BPFTOLL_REPORTS_STATS_COMBINE_H

#include "reports/record/record.h"

struct effect combine_sum(struct effect a, struct effect b);
struct effect combine_difference(struct effect a, struct effect b);

#endif
