/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lean: what is predicted for one variant that the runs of a set did not measure, from the set's
 * lab records. It decides nothing: a verdict without a measurement stays INCONCLUSIVE.
 */
#ifndef BPFTOLL_REPORTS_PREDICT_LEAN_H
#define BPFTOLL_REPORTS_PREDICT_LEAN_H

#include "reports/judge/record_set.h"
#include "reports/stats/effect.h"

struct lean {
	struct effect ns;   /* typical, with nobody woken; NAN: withheld */
	char withheld[320]; /* why */
	char kernel[128];   /* whose instructions were counted */
	char nearest[64];   /* the measured variant that is most alike; "": none */
	double nearest_ns;
};

/* 0; -ENODATA: no lab record has its instructions; -ENOMEM. */
int lean_find(const struct record_set *set, const char *variant, struct lean *out);

#endif
