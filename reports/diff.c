/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/diff.h"
#include "reports/evidence.h"
#include "reports/stats.h"

#define ALPHA	   0.05
#define TRIM_KEEPS 0.6 /* of the rounds, in a 20 % trimmed mean: its degrees of freedom */

const char *diff_verdict_name(enum diff_verdict verdict)
{
	static const char *const names[] = {"same", "slower", "faster", "undecided"};

	return names[verdict];
}

static struct effect estimate(const struct record_cell *cell)
{
	return cell->unit == UNIT_INSTRUCTIONS ? cell->overhead.p50 : cell->overhead.typical;
}

static bool is_arm(const struct record_cell *cell)
{
	return cell->status == CELL_MEASURED && !isnan(estimate(cell).value) &&
	       strcmp(cell->hook, "none") != 0;
}

static bool is_exact(struct effect e)
{
	return !isnan(e.lo) && !(e.lo < e.hi);
}

static double freedom(const struct record_cell *cell)
{
	return fmax(1, floor(TRIM_KEEPS * cell->rounds) - 1);
}

/* Standard error, from the wider half of the interval. */
static double error_of(const struct record_cell *cell)
{
	struct effect e = estimate(cell);

	return fmax(e.hi - e.value, e.value - e.lo) / stats_t_quantile(freedom(cell));
}

/* Welch & Satterthwaite's degrees of freedom for sqrt(x² + y²). */
static double joint_freedom(double x, double x_df, double y, double y_df)
{
	double sum = x * x + y * y;

	return sum * sum / (x * x * x * x / x_df + y * y * y * y / y_df);
}

struct difference {
	double value, error, df;
};

/* b - factor * a */
static struct difference difference(const struct diff_pair *p, double factor)
{
	double x = factor * error_of(p->a), y = error_of(p->b);

	return (struct difference){p->to.value - factor * p->from.value, sqrt(x * x + y * y),
				   joint_freedom(x, freedom(p->a), y, freedom(p->b))};
}

static void weigh_exact(struct diff_pair *p, double margin)
{
	double d = p->to.value - p->from.value;

	p->p = p->p_holm = p->p_gate = NAN;
	p->change = (struct effect){d, d, d};
	p->verdict = d > 0 ? DIFF_SLOWER : d < 0 ? DIFF_FASTER : DIFF_SAME;
	p->past_gate = d > margin * fabs(p->from.value);
}

static void weigh(struct diff_pair *p, double margin)
{
	struct difference d = difference(p, 1), gate = difference(p, 1 + margin);
	double half;

	p->p = p->p_holm = p->p_gate = NAN;
	p->verdict = DIFF_UNDECIDED;
	p->change = (struct effect){p->to.value - p->from.value, NAN, NAN};
	if (!(d.error > 0) || !isfinite(d.error))
		return;
	half = d.error * gsl_cdf_tdist_Qinv(ALPHA / 2, d.df);
	p->change.lo = d.value - half;
	p->change.hi = d.value + half;
	p->p = 2 * gsl_cdf_tdist_Q(fabs(d.value) / d.error, d.df);
	p->p_gate = gsl_cdf_tdist_Q(gate.value / gate.error, gate.df);
}

/* Both ends of the simultaneous interval within the margin. */
static bool same_within(const struct diff_pair *p, double margin, size_t n)
{
	struct difference d = difference(p, 1);
	double half = d.error * gsl_cdf_tdist_Qinv(ALPHA / 2 / (double)n, d.df);
	double room = margin * fabs(p->from.value);

	return d.value - half > -room && d.value + half < room;
}

/* Holm's step-down: p[k] is replaced by its corrected value; NANs are no tests. */
static void holm(double *p, size_t n, size_t *order)
{
	size_t tests = 0, done = 0;
	double least = 0;

	for (size_t i = 0; i < n; i++)
		tests += !isnan(p[i]);
	/* NANs to the end, whatever the sort makes of them */
	for (size_t i = 0; i < n; i++)
		p[i] = isnan(p[i]) ? 2 : p[i];
	gsl_sort_index(order, p, 1, n);
	for (size_t k = 0; k < n; k++) {
		double *at = &p[order[k]];

		if (*at > 1) {
			*at = NAN;
			continue;
		}
		least = fmax(least, fmin(1, *at * (double)(tests - done++)));
		*at = least;
	}
}

static int correct(struct diff *d)
{
	double *p = calloc(2 * d->n + 1, sizeof(*p));
	size_t *order = calloc(d->n + 1, sizeof(*order));
	int err = p && order ? 0 : -ENOMEM;

	for (size_t i = 0; i < d->n && !err; i++) {
		p[i] = d->pairs[i].p;
		p[d->n + i] = d->pairs[i].p_gate;
	}
	if (!err) {
		holm(p, d->n, order);
		holm(p + d->n, d->n, order);
	}
	for (size_t i = 0; i < d->n && !err; i++) {
		struct diff_pair *pair = &d->pairs[i];

		if (!pair->a || isnan(pair->p))
			continue;
		pair->p_holm = p[i];
		pair->p_gate = p[d->n + i];
		if (pair->p_holm < ALPHA)
			pair->verdict = pair->change.value > 0 ? DIFF_SLOWER : DIFF_FASTER;
		else if (same_within(pair, d->margin, d->n))
			pair->verdict = DIFF_SAME;
		pair->past_gate = pair->p_gate < ALPHA;
	}
	free(p);
	free(order);
	return err;
}

static int pair_up(struct diff *d, char *why, size_t why_len)
{
	for (size_t i = 0; i < d->a->n_cells; i++) {
		const struct record_cell *a = d->a->cells[i], *b;
		struct diff_pair *p = &d->pairs[d->n];

		b = is_arm(a) ? record_find_cell(d->b, a->id) : NULL;
		if (!b || !is_arm(b))
			continue;
		if (a->unit != b->unit) {
			snprintf(why, why_len,
				 "%s is in %s in the first record and in %s in the second: these "
				 "do not "
				 "compare",
				 a->id, unit_name(a->unit), unit_name(b->unit));
			return -EINVAL;
		}
		*p = (struct diff_pair){.a = a, .b = b, .from = estimate(a), .to = estimate(b)};
		if (is_exact(p->from) && is_exact(p->to))
			weigh_exact(p, d->margin);
		else
			weigh(p, d->margin);
		d->n++;
	}
	if (d->n == 0) {
		snprintf(why, why_len,
			 "no cell was measured in both records: variant, trigger, drain and cache "
			 "state "
			 "must be the same");
		return -EINVAL;
	}
	return 0;
}

int diff_records(const struct record *a, const struct record *b, double margin, struct diff *out,
		 char *why, size_t why_len)
{
	int err;

	*out = (struct diff){.a = a, .b = b, .margin = margin};
	out->pairs = calloc(a->n_cells + 1, sizeof(*out->pairs));
	if (!out->pairs) {
		snprintf(why, why_len, "out of memory");
		return -ENOMEM;
	}
	err = pair_up(out, why, why_len);
	if (!err)
		err = correct(out);
	for (size_t i = 0; i < out->n && !err; i++)
		out->past_gate += out->pairs[i].past_gate;
	if (err)
		diff_free(out);
	return err;
}

void diff_free(struct diff *d)
{
	free(d->pairs);
	d->pairs = NULL;
	d->n = 0;
}
