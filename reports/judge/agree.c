/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/judge/agree.h"
#include "reports/stats/holm.h"
#include "reports/stats/stats.h"

#define TRIM_KEEPS 0.6 /* of the rounds, in a 20 % trimmed mean: its degrees of freedom */

struct effect agree_figure(const struct record_result *result)
{
	return result->unit == UNIT_INSTRUCTIONS ? result->overhead.p50 : result->overhead.typical;
}

bool agree_estimate(const struct record_result *result, struct estimate *out)
{
	struct effect e = agree_figure(result);

	if (result->status != RESULT_MEASURED || isnan(e.value) ||
	    strcmp(result->hook, "none") == 0)
		return false;
	out->value = e.value;
	/* over processes: Student's t over their means; older records: Yuen's over trimmed rounds
	 */
	out->df = result->workers > 1 ? result->workers - 1.0
				      : fmax(1, floor(TRIM_KEEPS * result->rounds) - 1);
	out->error = fmax(e.hi - e.value, e.value - e.lo) / stats_t_quantile(out->df);
	return true;
}

/* Exact figures are the same or they are not. */
static double exact_p(const struct estimate *x, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (x[i].value < x[0].value || x[i].value > x[0].value)
			return 0;
	return 1;
}

double agree_p(const struct estimate *x, size_t n)
{
	double k = (double)n, sum = 0, mean = 0, between = 0, lambda = 0;
	size_t exact = 0;

	for (size_t i = 0; i < n; i++) {
		exact += x[i].error <= 0;
		if (isnan(x[i].error))
			return NAN;
	}
	if (n < 2)
		return NAN;
	if (exact)
		return exact == n ? exact_p(x, n) : NAN;
	for (size_t i = 0; i < n; i++)
		sum += 1 / (x[i].error * x[i].error);
	for (size_t i = 0; i < n; i++)
		mean += x[i].value / (x[i].error * x[i].error) / sum;
	for (size_t i = 0; i < n; i++) {
		double w = 1 / (x[i].error * x[i].error), d = x[i].value - mean;

		between += w * d * d / (k - 1);
		lambda += (1 - w / sum) * (1 - w / sum) / x[i].df;
	}
	return gsl_cdf_fdist_Q(between / (1 + 2 * (k - 2) / (k * k - 1) * lambda), k - 1,
			       (k * k - 1) / (3 * lambda));
}

/* Fills one row, if the result is in two runs or more and this is its first one. */
static bool weigh(const struct record *const *records, size_t n, size_t first, size_t at,
		  struct disagreement *row)
{
	const struct record_result *result = records[first]->results[at];
	struct estimate x[RECORD_SET_MOST];
	size_t found = 0;

	*row = (struct disagreement){
		.low = result, .high = result, .low_run = first, .high_run = first};
	for (size_t r = 0; r < n && found < RECORD_SET_MOST; r++) {
		const struct record_result *c = record_find_result(records[r], result->id);

		if (!c || c->unit != result->unit || !agree_estimate(c, &x[found]))
			continue;
		if (r < first)
			return false;
		found++;
		if (agree_figure(c).value < agree_figure(row->low).value) {
			row->low = c;
			row->low_run = r;
		}
		if (agree_figure(c).value > agree_figure(row->high).value) {
			row->high = c;
			row->high_run = r;
		}
	}
	row->p = found >= 2 ? agree_p(x, found) : NAN;
	return found >= 2;
}

static double apart_by(const struct disagreement *d)
{
	double low = agree_figure(d->low).value, high = agree_figure(d->high).value;

	return (high - low) / fmax(fabs(low), fabs(high));
}

static int by_share(const void *a, const void *b)
{
	double x = apart_by(a), y = apart_by(b);

	return (x < y) - (x > y);
}

static int correct(struct agreement *a)
{
	double *p = calloc(a->results + 1, sizeof(*p));
	int err = p ? 0 : -ENOMEM;

	for (size_t i = 0; i < a->results && !err; i++)
		p[i] = a->apart[i].p;
	if (!err)
		err = holm_correct(p, a->results);
	for (size_t i = 0; i < a->results && !err; i++) {
		a->apart[i].p = p[i];
		if (p[i] < AGREE_ALPHA)
			a->apart[a->n_apart++] = a->apart[i];
	}
	free(p);
	return err;
}

int agree_records(const struct record *const *records, size_t n, struct agreement *out)
{
	size_t room = 1;
	int err;

	*out = (struct agreement){0};
	for (size_t r = 0; r < n; r++)
		room += records[r]->n_results;
	out->apart = calloc(room, sizeof(*out->apart));
	if (!out->apart)
		return -ENOMEM;
	for (size_t r = 0; r < n; r++)
		for (size_t i = 0; i < records[r]->n_results; i++)
			out->results += weigh(records, n, r, i, &out->apart[out->results]);
	err = correct(out);
	if (err)
		agree_free(out);
	else
		qsort(out->apart, out->n_apart, sizeof(*out->apart), by_share);
	return err;
}

int agree_record_set(const struct record_set *e, struct agreement *out)
{
	const struct record *records[RECORD_SET_MOST];

	for (size_t i = 0; i < e->n_runs; i++)
		records[i] = e->runs[i].record;
	return agree_records(records, e->n_runs, out);
}

void agree_free(struct agreement *a)
{
	free(a->apart);
	*a = (struct agreement){0};
}

void agree_name(char *out, size_t len, size_t run)
{
	if (run < 26)
		snprintf(out, len, "run %c", 'A' + (int)run);
	else
		snprintf(out, len, "run %zu", run + 1);
}
