/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "reports/predict/nnls.h"

#define ITERATIONS_MAX 300

struct problem {
	const double *a, *b;
	size_t rows, columns;
	bool passive[NNLS_COLUMNS_MAX]; /* free to be positive; the others are 0 */
	double x[NNLS_COLUMNS_MAX], z[NNLS_COLUMNS_MAX];
};

/* Unconstrained over the passive columns: z, 0 elsewhere. */
static int solve(struct problem *p)
{
	size_t where[NNLS_COLUMNS_MAX], n = 0;
	gsl_matrix *qr;
	gsl_vector *tau, *rhs, *x, *residual;
	int err = 0;

	memset(p->z, 0, sizeof(p->z));
	for (size_t c = 0; c < p->columns; c++)
		if (p->passive[c])
			where[n++] = c;
	if (!n)
		return 0;
	qr = gsl_matrix_alloc(p->rows, n);
	tau = gsl_vector_alloc(n);
	x = gsl_vector_alloc(n);
	rhs = gsl_vector_alloc(p->rows);
	residual = gsl_vector_alloc(p->rows);
	if (!qr || !tau || !x || !rhs || !residual)
		err = -ENOMEM;
	for (size_t r = 0; !err && r < p->rows; r++) {
		gsl_vector_set(rhs, r, p->b[r]);
		for (size_t c = 0; c < n; c++)
			gsl_matrix_set(qr, r, c, p->a[r * p->columns + where[c]]);
	}
	if (!err &&
	    (gsl_linalg_QR_decomp(qr, tau) || gsl_linalg_QR_lssolve(qr, tau, rhs, x, residual)))
		err = -EDOM;
	for (size_t c = 0; !err && c < n; c++) {
		p->z[where[c]] = gsl_vector_get(x, c);
		if (!isfinite(p->z[where[c]]))
			err = -EDOM;
	}
	gsl_matrix_free(qr);
	gsl_vector_free(tau);
	gsl_vector_free(x);
	gsl_vector_free(rhs);
	gsl_vector_free(residual);
	return err;
}

/* The column, of those at 0, whose increase lowers the sum of squares most; columns: none does. */
static size_t steepest(const struct problem *p)
{
	size_t best = p->columns;
	double most = 0;

	for (size_t c = 0; c < p->columns; c++) {
		double gradient = 0, scale = 0;

		for (size_t r = 0; r < p->rows; r++) {
			double fitted = 0, at = p->a[r * p->columns + c];

			for (size_t k = 0; k < p->columns; k++)
				fitted += p->a[r * p->columns + k] * p->x[k];
			gradient += at * (p->b[r] - fitted);
			scale += fabs(at * p->b[r]);
		}
		/* rounding leaves a gradient of some 1e-16 of its terms */
		if (!p->passive[c] && gradient > 1e-10 * scale && gradient > most) {
			most = gradient;
			best = c;
		}
	}
	return best;
}

/* From x towards z as far as nothing becomes negative; what then is 0 leaves the passive set. */
static void step_back(struct problem *p)
{
	double alpha = 1;

	for (size_t c = 0; c < p->columns; c++)
		if (p->passive[c] && p->z[c] <= 0)
			alpha = fmin(alpha, p->x[c] / (p->x[c] - p->z[c]));
	for (size_t c = 0; c < p->columns; c++) {
		p->x[c] += alpha * (p->z[c] - p->x[c]);
		if (p->passive[c] && p->x[c] <= 1e-14)
			p->passive[c] = false;
		if (!p->passive[c])
			p->x[c] = 0;
	}
}

static bool feasible(const struct problem *p)
{
	for (size_t c = 0; c < p->columns; c++)
		if (p->passive[c] && p->z[c] <= 0)
			return false;
	return true;
}

int nnls(const double *a, const double *b, size_t rows, size_t columns, double *x)
{
	struct problem p = {.a = a, .b = b, .rows = rows, .columns = columns};
	size_t column;

	if (columns > NNLS_COLUMNS_MAX || rows < columns)
		return -EINVAL;
	for (unsigned int i = 0; (column = steepest(&p)) < columns; i++) {
		int err;

		if (i == ITERATIONS_MAX)
			return -EDOM;
		p.passive[column] = true;
		err = solve(&p);
		for (unsigned int k = 0; !err && !feasible(&p); k++) {
			if (k == ITERATIONS_MAX)
				return -EDOM;
			step_back(&p);
			err = solve(&p);
		}
		if (err)
			return err;
		memcpy(p.x, p.z, sizeof(p.x));
	}
	memcpy(x, p.x, columns * sizeof(*x));
	return 0;
}
