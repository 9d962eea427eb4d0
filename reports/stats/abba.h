/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * abba: what a treatment does to a program, from windows with and without it that alternate as ABBA
 * or BAAB.
 *
 * A pair is two neighbouring windows, one with and one without; both orders come equally often, so
 * a drift cancels over a block of four. The pair is the statistical unit. Windows of a program that
 * lives on are no independent runs of it: an interval says nothing about another start of the
 * program.
 */
#ifndef BPFTOLL_REPORTS_STATS_ABBA_H
#define BPFTOLL_REPORTS_STATS_ABBA_H

#include <stdbool.h>
#include <stddef.h>

#include "reports/record/record.h"

struct abba_pair {
	double without, with;
};

struct abba_change {
	struct effect without, with; /* 20 %-trimmed means over the pairs */
	struct effect percent;	     /* with against without, paired */
	size_t pairs;		     /* those whose both figures are known */
};

/*
 * percent: where both figures of every pair are above zero, from the logarithms of their ratios (an
 * interval that is as wide up as down); else the differences over the mean without. NAN when that
 * is zero. 0 or -ENOMEM.
 */
int abba_change(const struct abba_pair *pairs, size_t n, struct abba_change *out);

/*
 * The smallest change that four runs in five like this one would show as different from none (80 %
 * power): 1.43 half-widths, which is (1.960 + 0.842) / 1.960. At one half-width every other run
 * misses it. NAN without an interval.
 */
double abba_visible(struct effect percent);

/* The largest change, either way, that the interval allows. NAN without one. */
double abba_allowed(struct effect percent);

enum abba_answer {
	ABBA_SEEN,     /* the interval excludes zero */
	ABBA_EXCLUDED, /* it holds zero and lies within ±limit */
	ABBA_OPEN      /* neither: this run cannot tell */
};

/* Is there a change of limit per cent? */
enum abba_answer abba_answer(struct effect percent, double limit);

/* Do two intervals meet? false where one is unknown. */
bool abba_agree(struct effect a, struct effect b);

#endif
