/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * holdout: how far predictions are off for a hook that the model was not fitted to. Each mechanism
 * is left out in turn, with all hooks that attach so (raw_tp and tp_btf), and what the others
 * predict for its variants is compared with what was measured, as the logarithm of measured by
 * predicted. A hook left out alone would be predicted from its twin, which a new one does not have.
 *
 * A new hook is one more of its kind, so mechanisms are what is counted, not variants: the errors
 * within one go together. The prediction range is Student's t for as many degrees of freedom as
 * there are mechanisms, on all machines that are pooled, times the root mean
 * square of the errors, and no less than the largest of them (conformal prediction with hooks as
 * the units: Dunn, Wasserman & Ramdas, "Distribution-free prediction sets for two-layer
 * hierarchical models", JASA 2023). Without the assumption that errors are normal it covers a new
 * hook with m of m + 1 only, m the number of mechanisms: 95 % would need 19.
 */
#ifndef BPFTOLL_REPORTS_PREDICT_HOLDOUT_H
#define BPFTOLL_REPORTS_PREDICT_HOLDOUT_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "reports/predict/model.h"

/* A range whose ends are further apart than this says nothing. */
#define HOLDOUT_WIDEST 2.0

struct holdout_row {
	double says;  /* predicted without its mechanism, ns; NAN: cannot be, or is not scored */
	double error; /* log(measured / says) */
};

struct holdout {
	struct holdout_row *rows; /* as many and in the order of the model's rows */
	size_t n;
	size_t hooks, mechanisms, scored, inside; /* inside: of scored, in their range */
	size_t freedom;				  /* mechanisms that scale rests on */
	bool own;				  /* some of them are this machine's */
	size_t others;		/* machines whose errors are pooled with this one's */
	double median, largest; /* of the errors' sizes, as logarithms */
	double scale;		/* root mean square of the errors, mechanisms weighing the same */
	double spread;		/* a range is from says / exp(spread) to says * exp(spread) */
};

/*
 * rows: n measured ones, and after them n_known (calibration.h) that each fit has and none leaves
 * out or scores.
 *
 * Rows whose interval is wider than half their value are not scored: they could not tell. 0;
 * -ENODATA, why: fewer than two mechanisms or none to score; other -errno.
 */
int holdout_take(const struct model_row *rows, size_t n, size_t n_known, struct holdout *out,
		 struct error *why);
void holdout_free(struct holdout *holdout);

/*
 * Widens or narrows the spread by what was seen on other machines: their mechanisms are as many
 * more degrees of freedom. own: this machine's errors count as well; if not, that its costs lie in
 * their ranges is told by errors that had no part in them.
 */
void holdout_pool(struct holdout *to, const struct holdout *others, size_t n, bool own);

/* Is a range of this spread too wide to be said? */
bool holdout_too_wide(double spread);

#endif
