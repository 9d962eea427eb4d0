/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lean: what is predicted for one variant that was not measured, and the measured one that is most
 * alike. It decides nothing: a verdict without a measurement stays INCONCLUSIVE.
 */
#ifndef BPFTOLL_REPORTS_PREDICT_LEAN_H
#define BPFTOLL_REPORTS_PREDICT_LEAN_H

#include "reports/judge/verdict.h"
#include "reports/predict/predicted.h"
#include "reports/stats/effect.h"

struct lean {
	struct effect ns;   /* typical, with nobody woken; NAN: withheld */
	char withheld[320]; /* why */
	char kernel[128];   /* whose instructions were counted */
	char nearest[64];   /* the measured variant that is most alike; "": none */
	double nearest_ns;
};

/* 0; -ENODATA: no prediction was asked for. */
int lean_find(const struct predicted *predicted, const char *variant, struct lean *out);

/*
 * The configuration that is most alike, where what is predicted is no clear way off it: as dear or
 * dearer than what is RED, as cheap or cheaper than what is GREEN. NULL: it leans to neither side.
 */
const struct configuration *lean_on(const struct verdicts *v, const struct configuration *c,
				    const struct lean *lean);

#endif
