/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/predict/holdout.h"
#include "reports/stats/stats.h"

/* Is it the first row of its hook or mechanism? */
static bool is_first(const struct model_row *rows, size_t i, bool mechanism)
{
	for (size_t k = 0; k < i; k++)
		if (mechanism ? !strcmp(model_group(&rows[k]), model_group(&rows[i]))
			      : !strcmp(rows[k].hook, rows[i].hook))
			return false;
	return true;
}

static size_t count_groups(const struct model_row *rows, size_t n, bool mechanism)
{
	size_t groups = 0;

	for (size_t i = 0; i < n; i++)
		groups += is_first(rows, i, mechanism);
	return groups;
}

static bool can_tell(const struct model_row *row)
{
	return row->ns > 0 && row->half <= row->ns / 2;
}

static int leave_out(const struct model_row *rows, size_t n, size_t n_known, const char *group,
		     struct holdout *out, struct error *why)
{
	struct model model;
	int err = model_fit(rows, n + n_known, group, &model, why);

	if (err)
		return err;
	for (size_t i = 0; i < n; i++) {
		struct holdout_row *row = &out->rows[i];

		if (strcmp(model_group(&rows[i]), group) != 0 || !can_tell(&rows[i]))
			continue;
		row->says = model_says(&model, rows[i].counts, NULL);
		if (!(row->says > 0)) {
			row->says = NAN;
			continue;
		}
		row->error = log(rows[i].ns / row->says);
		out->scored++;
	}
	return 0;
}

/* The mean square of a mechanism's errors; NAN: none was scored. */
static double mean_square(const struct model_row *rows, const struct holdout *h, size_t of)
{
	double sum = 0;
	size_t scored = 0;

	for (size_t i = 0; i < h->n; i++)
		if (!strcmp(model_group(&rows[i]), model_group(&rows[of])) &&
		    isfinite(h->rows[i].error)) {
			sum += pow(h->rows[i].error, 2);
			scored++;
		}
	return scored ? sum / (double)scored : NAN;
}

bool holdout_too_wide(double spread)
{
	return !(exp(2 * spread) <= HOLDOUT_WIDEST);
}

static double largest(const struct holdout *h)
{
	double most = 0;

	for (size_t i = 0; i < h->n; i++)
		if (isfinite(h->rows[i].error))
			most = fmax(most, fabs(h->rows[i].error));
	return most;
}

static void describe(struct holdout *h)
{
	size_t scored = 0;
	double *sizes = calloc(h->n, sizeof(*sizes));

	h->median = NAN;
	h->largest = largest(h);
	for (size_t i = 0; sizes && i < h->n; i++)
		if (isfinite(h->rows[i].error))
			sizes[scored++] = fabs(h->rows[i].error);
	if (sizes) {
		gsl_sort(sizes, 1, scored);
		h->median = stats_quantile_sorted(sizes, scored, 0.5);
	}
	free(sizes);
}

static void set_spread(struct holdout *h, double sum, size_t freedom, double most)
{
	h->freedom = freedom;
	h->scale = sqrt(sum / (double)freedom);
	h->spread = fmax(stats_t_quantile((double)freedom) * h->scale, most);
	h->inside = 0;
	for (size_t i = 0; i < h->n; i++)
		h->inside += fabs(h->rows[i].error) <= h->spread;
}

static void sum_up(const struct model_row *rows, struct holdout *h)
{
	double sum = 0;

	h->mechanisms = 0;
	for (size_t i = 0; i < h->n; i++) {
		double square = is_first(rows, i, true) ? mean_square(rows, h, i) : NAN;

		if (!isnan(square)) {
			sum += square;
			h->mechanisms++;
		}
	}
	describe(h);
	set_spread(h, sum, h->mechanisms, h->largest);
}

void holdout_pool(struct holdout *to, const struct holdout *others, size_t n, bool own)
{
	size_t freedom = own ? to->mechanisms : 0;
	double sum = own ? (double)freedom * pow(to->scale, 2) : 0, most = own ? to->largest : 0;

	for (size_t i = 0; i < n; i++) {
		freedom += others[i].mechanisms;
		sum += (double)others[i].mechanisms * pow(others[i].scale, 2);
		most = fmax(most, others[i].largest);
	}
	to->others = n;
	to->own = own;
	if (n)
		set_spread(to, sum, freedom, most);
}

int holdout_take(const struct model_row *rows, size_t n, size_t n_known, struct holdout *out,
		 struct error *why)
{
	int err = 0;

	*out = (struct holdout){.own = true};
	out->hooks = count_groups(rows, n, false);
	out->mechanisms = count_groups(rows, n, true);
	if (out->hooks < 3 || out->mechanisms < 2)
		return error_set(why, -ENODATA,
				 "%zu hooks with %zu mechanisms were measured: how far predictions "
				 "for another one are off takes 3 hooks and 2 mechanisms",
				 out->hooks, out->mechanisms);
	out->n = n;
	out->rows = calloc(n, sizeof(*out->rows));
	if (!out->rows)
		return error_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		out->rows[i] = (struct holdout_row){NAN, NAN};
	for (size_t i = 0; !err && i < n; i++)
		if (is_first(rows, i, true))
			err = leave_out(rows, n, n_known, model_group(&rows[i]), out, why);
	if (!err && !out->scored)
		err = error_set(why, -ENODATA, "no measured cost has an interval narrow enough");
	if (!err) {
		sum_up(rows, out);
		if (out->mechanisms < 2)
			err = error_set(why, -ENODATA,
					"only one mechanism has costs with narrow intervals");
	}
	if (err)
		holdout_free(out);
	return err;
}

void holdout_free(struct holdout *holdout)
{
	free(holdout->rows);
	memset(holdout, 0, sizeof(*holdout));
}
