/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/predict/model.h"
#include "reports/predict/nnls.h"

/*
 * Belsley, Kuh & Welsch (Regression Diagnostics, 1980, chapter 3): dependencies among columns do
 * harm from a condition index of 30 on. Within a family, whose prices are alike, the usual limit of
 * 10 for the inflation of a price's variance is enough to merge.
 */
#define CONDITION_MOST 30
#define INFLATION_MOST 10
#define HALF_TO_SE     1.96
#define PASSES	       4
#define BISECTIONS     30

/* Classes of one family are merged with each other before any two of different ones. */
enum family { FAMILY_CODE, FAMILY_BRANCH, FAMILY_SLOW, FAMILY_CLOCK, FAMILY_OWN };

static const enum family families[] = {
	[CLASS_PLAIN] = FAMILY_CODE,	  [CLASS_LOAD] = FAMILY_CODE,
	[CLASS_STORE] = FAMILY_CODE,	  [CLASS_CONDITION] = FAMILY_CODE,
	[CLASS_JUMP] = FAMILY_CODE,	  [CLASS_CALL] = FAMILY_CODE,
	[CLASS_REPEAT] = FAMILY_CODE,	  [CLASS_INDIRECT] = FAMILY_BRANCH,
	[CLASS_RETURN] = FAMILY_BRANCH,	  [CLASS_ATOMIC] = FAMILY_SLOW,
	[CLASS_FLAGS] = FAMILY_SLOW,	  [CLASS_CLOCK] = FAMILY_CLOCK,
	[CLASS_USER_ACCESS] = FAMILY_OWN, [CLASS_SERIALISE] = FAMILY_OWN,
	[CLASS_CR3] = FAMILY_OWN,	  [CLASS_TRAP] = FAMILY_OWN,
	[CLASS_UNKNOWN] = FAMILY_OWN,	  [CLASS_UNPAIRED] = FAMILY_OWN,
};
_Static_assert(sizeof(families) / sizeof(families[0]) == CLASS_COUNT, "a family for each class");

struct fit {
	const struct model_row **rows;
	size_t n;
	double *a, *b, *weights, *fitted;
	struct model *model;
};

const char *model_group(const struct model_row *row)
{
	return row->mechanism && *row->mechanism ? row->mechanism : row->hook;
}

double model_count(const struct model_price *price, const double *counts)
{
	double sum = 0;

	for (size_t c = 0; c < CLASS_COUNT; c++)
		sum += price->members[c] ? counts[c] : 0;
	return sum;
}

static enum family family_of(const struct model_price *price)
{
	for (size_t c = 0; c < CLASS_COUNT; c++)
		if (price->members[c])
			return families[c];
	return FAMILY_OWN;
}

static void fill(struct fit *f)
{
	size_t columns = f->model->n_prices;

	for (size_t r = 0; r < f->n; r++) {
		for (size_t p = 0; p < columns; p++)
			f->a[r * columns + p] = f->weights[r] * model_count(&f->model->prices[p],
									    f->rows[r]->counts);
		f->b[r] = f->weights[r] * f->rows[r]->ns;
	}
}

/* The cosine of the angle between two columns. */
static double cosine(const struct fit *f, size_t x, size_t y)
{
	size_t columns = f->model->n_prices;
	double xy = 0, xx = 0, yy = 0;

	for (size_t r = 0; r < f->n; r++) {
		const double *row = f->a + r * columns;

		xy += row[x] * row[y];
		xx += row[x] * row[x];
		yy += row[y] * row[y];
	}
	return xy / sqrt(xx * yy);
}

static double inflation(double v, double s)
{
	return s > 0 ? pow(v / s, 2) : INFINITY;
}

/*
 * The condition of the columns scaled to one length, and each price's inflation: with the singular
 * values s and right vectors v of such columns, inflation = sum (v / s)^2.
 */
static int diagnose(struct fit *f)
{
	struct model *m = f->model;
	size_t columns = m->n_prices;
	gsl_matrix *u = gsl_matrix_alloc(f->n, columns), *v = gsl_matrix_alloc(columns, columns);
	gsl_vector *s = gsl_vector_alloc(columns), *work = gsl_vector_alloc(columns);
	int err = u && v && s && work ? 0 : -ENOMEM;

	for (size_t p = 0; !err && p < columns; p++) {
		double length = 0;

		for (size_t r = 0; r < f->n; r++)
			length = hypot(length, f->a[r * columns + p]);
		for (size_t r = 0; r < f->n; r++)
			gsl_matrix_set(u, r, p, f->a[r * columns + p] / length);
	}
	if (!err && gsl_linalg_SV_decomp(u, v, s, work))
		err = -EDOM;
	for (size_t p = 0; !err && p < columns; p++) {
		m->prices[p].inflation = 0;
		for (size_t k = 0; k < columns; k++)
			m->prices[p].inflation +=
				inflation(gsl_matrix_get(v, p, k), gsl_vector_get(s, k));
	}
	if (!err)
		m->condition = gsl_vector_get(s, 0) / gsl_vector_get(s, columns - 1);
	gsl_matrix_free(u);
	gsl_matrix_free(v);
	gsl_vector_free(s);
	gsl_vector_free(work);
	return err;
}

static void merge(struct model *m, size_t x, size_t y)
{
	for (size_t c = 0; c < CLASS_COUNT; c++)
		m->prices[x].members[c] |= m->prices[y].members[c];
	m->prices[y] = m->prices[--m->n_prices];
}

/* The most alike two prices, of one family (with one inflated too much) or of any. */
static bool find_pair(const struct fit *f, bool one_family, size_t *x, size_t *y)
{
	const struct model *m = f->model;
	double most = -1;

	*x = *y = 0;

	for (size_t i = 0; i < m->n_prices; i++)
		for (size_t k = i + 1; k < m->n_prices; k++) {
			double alike = cosine(f, i, k);

			if (one_family && (family_of(&m->prices[i]) != family_of(&m->prices[k]) ||
					   !(fmax(m->prices[i].inflation, m->prices[k].inflation) >
					     INFLATION_MOST)))
				continue;
			if (alike > most) {
				most = alike;
				*x = i;
				*y = k;
			}
		}
	return most >= 0;
}

static int merge_alike(struct fit *f)
{
	struct model *m = f->model;
	size_t x, y;

	for (;;) {
		bool too_many = f->n < 2 * m->n_prices;
		int err;

		fill(f);
		/* GSL ends the program for a matrix that is wider than high */
		err = f->n < m->n_prices ? 0 : diagnose(f);
		if (err || m->n_prices < 2)
			return err;
		if (!find_pair(f, true, &x, &y) && !(too_many && find_pair(f, false, &x, &y)) &&
		    (m->condition <= CONDITION_MOST || !find_pair(f, false, &x, &y)))
			return 0;
		merge(m, x, y);
	}
}

/* A price for each class that is seen; repetitions go with stores, which they are. */
static void begin(struct fit *f)
{
	struct model *m = f->model;

	memset(m, 0, sizeof(*m));
	m->rows = f->n;
	for (size_t c = 0; c < CLASS_COUNT; c++) {
		double seen = 0;

		for (size_t r = 0; r < f->n; r++)
			seen += fabs(f->rows[r]->counts[c]);
		m->unseen[c] = seen == 0;
		if (m->unseen[c] || c == CLASS_REPEAT)
			continue;
		m->prices[m->n_prices].members[c] = true;
		m->prices[m->n_prices++].inflation = INFINITY;
	}
	for (size_t p = 0; p < m->n_prices; p++)
		if (m->prices[p].members[CLASS_STORE])
			m->prices[p].members[CLASS_REPEAT] = !m->unseen[CLASS_REPEAT];
}

static void weigh(struct fit *f, double discrepancy)
{
	for (size_t r = 0; r < f->n; r++)
		f->weights[r] = 1 / fmax(1e-6, hypot(f->rows[r]->half / HALF_TO_SE,
						     discrepancy * f->fitted[r]));
}

/* Solves with these weights, and returns the weighted sum of squares; NAN: it cannot. */
static double solve(struct fit *f)
{
	struct model *m = f->model;
	double x[CLASS_COUNT], sum = 0;

	fill(f);
	if (nnls(f->a, f->b, f->n, m->n_prices, x))
		return NAN;
	for (size_t p = 0; p < m->n_prices; p++)
		m->prices[p].ns = x[p];
	for (size_t r = 0; r < f->n; r++) {
		double fitted = model_says(m, f->rows[r]->counts, NULL);

		sum += pow(f->weights[r] * (f->rows[r]->ns - fitted), 2);
	}
	return sum;
}

/* The discrepancy at which the sum of squares is the degrees of freedom; 0 where it is below. */
static double settle(struct fit *f)
{
	double low = 0, high = 2, freedom = (double)(f->n - f->model->n_prices);

	weigh(f, 0);
	if (solve(f) <= freedom)
		return 0;
	for (int i = 0; i < BISECTIONS; i++) {
		double middle = (low + high) / 2;

		weigh(f, middle);
		if (solve(f) > freedom)
			low = middle;
		else
			high = middle;
	}
	return high;
}

/* The fitted costs are what the discrepancy is a part of: they and it are found in turns. */
static int iterate(struct fit *f)
{
	struct model *m = f->model;
	int err;

	for (size_t r = 0; r < f->n; r++)
		f->fitted[r] = fmax(fabs(f->rows[r]->ns), f->rows[r]->half);
	weigh(f, 0.1);
	err = merge_alike(f);
	if (err)
		return err;
	if (f->n < 2 * m->n_prices)
		return -ENODATA;
	for (int pass = 0; pass < PASSES; pass++) {
		m->discrepancy = settle(f);
		weigh(f, m->discrepancy);
		if (isnan(solve(f)))
			return -EDOM;
		for (size_t r = 0; r < f->n; r++)
			f->fitted[r] = model_says(m, f->rows[r]->counts, NULL);
	}
	fill(f);
	return diagnose(f);
}

int model_fit(const struct model_row *rows, size_t n, const char *left_out, struct model *out,
	      struct error *why)
{
	struct fit f = {.model = out};
	double *numbers = calloc((n + 1) * (CLASS_COUNT + 3), sizeof(*numbers));
	bool positive = false;
	int err = 0;

	f.rows = calloc(n + 1, sizeof(const struct model_row *));
	if (!numbers || !f.rows)
		err = -ENOMEM;
	for (size_t i = 0; !err && i < n; i++)
		if (!left_out || strcmp(model_group(&rows[i]), left_out) != 0) {
			f.rows[f.n++] = &rows[i];
			positive |= rows[i].ns > 0;
		}
	f.a = numbers;
	f.b = numbers + (n + 1) * CLASS_COUNT;
	f.weights = f.b + n + 1;
	f.fitted = f.weights + n + 1;
	if (!err)
		begin(&f);
	if (!err && (!positive || !out->n_prices || f.n < 2))
		err = -ENODATA;
	if (!err)
		err = iterate(&f);
	if (err == -ENODATA)
		error_say(why, "%zu measured variants are too few for prices of instructions", f.n);
	else if (err)
		error_say(why, "no fit: %s", strerror(-err));
	free(f.rows);
	free(numbers);
	return err;
}

double model_says(const struct model *model, const double *counts, enum instruction_class *missing)
{
	double sum = 0;

	for (size_t c = 0; c < CLASS_COUNT; c++)
		if (model->unseen[c] && counts[c] != 0) {
			if (missing)
				*missing = c;
			return NAN;
		}
	for (size_t p = 0; p < model->n_prices; p++)
		sum += model->prices[p].ns * model_count(&model->prices[p], counts);
	return sum;
}

void model_name(const struct model_price *price, char *text, size_t len)
{
	size_t used = 0;

	*text = '\0';
	for (size_t c = 0; c < CLASS_COUNT && used < len; c++)
		if (price->members[c])
			used += (size_t)snprintf(text + used, len - used, "%s%s", used ? ", " : "",
						 class_name(c));
}
