/* SPDX-License-Identifier: GPL-3.0-or-later */
/* effect: one estimate with its 95 % interval. Signed; NAN where it does not exist. */
#ifndef BPFTOLL_REPORTS_STATS_EFFECT_H
#define BPFTOLL_REPORTS_STATS_EFFECT_H

struct effect {
	double value, lo, hi;
};

#endif
