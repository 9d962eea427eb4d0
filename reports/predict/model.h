/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * model: what instructions of each class cost on a machine, from what probes cost there and how
 * many instructions of each class they add.
 *
 * ns = sum of price times count, no price negative (nnls.h), no constant. Rows are weighted by
 * their interval and by how far the model itself is off, in parts of the cost, which is estimated
 * from the residuals (the estimator of Paule & Mandel, J. Res. NBS 87, 1982). Classes that the rows
 * cannot tell apart are merged: from then on their instructions have one price.
 *
 * model_fit -> model_says. The range comes from what was seen when each mechanism was left out in
 * turn (holdout.h).
 */
#ifndef BPFTOLL_REPORTS_PREDICT_MODEL_H
#define BPFTOLL_REPORTS_PREDICT_MODEL_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"
#include "reports/predict/classes.h"

/* One variant: what it adds to a call, and what that costs. */
struct model_row {
	const char *hook, *variant, *wakeup;
	const char *mechanism; /* hooks with the same one are much alike; NULL: of its own */
	double counts[CLASS_COUNT];
	double ns, half; /* half: of its 95 % interval; 0: exact */
};

struct model_price {
	bool members[CLASS_COUNT]; /* the classes that share it */
	double ns;		   /* of one instruction */
	double inflation;	   /* of its variance, by what the other prices explain (VIF) */
};

struct model {
	struct model_price prices[CLASS_COUNT];
	size_t n_prices;
	bool unseen[CLASS_COUNT]; /* no row has an instruction of this class: no price */
	double discrepancy;	  /* of the model, in parts of a cost */
	double condition;	  /* of the weighted, scaled columns: largest by smallest sv */
	size_t rows;
};

/* What a row is left out with: its mechanism, or its hook where that is not known. */
const char *model_group(const struct model_row *row);

/*
 * Fits rows[] without those of the group left_out (NULL: all). With fewer rows than two for each
 * price, prices are merged till there are. 0; -ENODATA, why: fewer than two rows, or none with a
 * cost above 0; other -errno.
 */
int model_fit(const struct model_row *rows, size_t n, const char *left_out, struct model *out,
	      struct error *why);

/* The cost of these counts, in ns; NAN with the class in *missing where one has no price. */
double model_says(const struct model *model, const double *counts, enum instruction_class *missing);

/* The instructions that a price is for, of these counts. */
double model_count(const struct model_price *price, const double *counts);

/* "plain, loads and stores": the classes of a price. */
void model_name(const struct model_price *price, char *text, size_t len);

#endif
