/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nnls: least squares with no negative coefficient, min |A x - b| over x >= 0, by the active set
 * method of Lawson & Hanson (Solving Least Squares Problems, 1974, chapter 23). The unconstrained
 * problems within are solved by GSL's Householder QR.
 */
#ifndef BPFTOLL_REPORTS_PREDICT_NNLS_H
#define BPFTOLL_REPORTS_PREDICT_NNLS_H

#include <stddef.h>

#define NNLS_COLUMNS_MAX 24

/*
 * a: rows times columns, row by row; columns <= NNLS_COLUMNS_MAX, columns <= rows. x gets the
 * coefficients. 0; -EINVAL: too many columns, or fewer rows than columns; -EDOM: did not end, as
 * with columns that depend on each other; -ENOMEM.
 */
int nnls(const double *a, const double *b, size_t rows, size_t columns, double *x);

#endif
