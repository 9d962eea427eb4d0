/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>

#include "reports/predict/calibration.h"
#include "reports/predict/predicted.h"

/*
 * The lab's record of this kernel series that has instructions by class; one without mitigations
 * only if there is no other. NULL: none.
 */
static const struct record *find_lab(const struct record_set *set, const char *series)
{
	const struct record *found = NULL;
	char of[32];

	for (size_t i = 0; i < set->n_labs && (!found || prediction_is_off(found)); i++) {
		const struct record *lab = set->labs[i].record;

		prediction_series(lab->host.kernel, of, sizeof(of));
		if (*of && !strcmp(of, series) && prediction_has_features(lab) &&
		    (!found || !prediction_is_off(lab)))
			found = lab;
	}
	return found;
}

static int no_lab(const char *series, struct error *why)
{
	return error_set(why, -ENOENT, "no --lab record has the instructions of kernel %s by class",
			 *series ? series : "(unknown)");
}

/* The prices of the run's machine; NULL: none. */
static const struct record *find_prices(const struct record_set *set, const struct record *run)
{
	const struct record *prices = calibration_find(set->others, set->n_others, run);

	for (size_t i = 0; i < set->n_runs && !prices; i++)
		prices = calibration_find(&set->runs[i].record, 1, run);
	return prices;
}

static int make(const struct record_set *set, const struct record *run, const struct record *prices,
		const char *kernel, struct prediction *out, struct error *why)
{
	const struct record *fit_lab, *lab;
	char series[32], wanted[32];

	prediction_series(run->host.kernel, series, sizeof(series));
	fit_lab = find_lab(set, series);
	if (!fit_lab)
		return no_lab(series, why);
	prediction_series(kernel ? kernel : series, wanted, sizeof(wanted));
	lab = find_lab(set, wanted);
	if (!lab)
		return no_lab(wanted, why);
	return prediction_make(run, prices, fit_lab, lab, out, why);
}

/* One kind of machine errs alike: its runs say nothing of machines. */
static bool same_cpu(const struct record *a, const struct record *b)
{
	return a->host.cpu && b->host.cpu && !strcmp(a->host.cpu, b->host.cpu);
}

/*
 * Takes the errors on the other machines into the ranges. Predictions with prices of suite
 * calibrate are less far off than those without: errors of the one kind say nothing of the other.
 */
static int pool(const struct record_set *set, bool others_alone, struct prediction *of,
		struct error *why)
{
	struct prediction other[RECORD_SET_MOST];
	struct holdout seen[RECORD_SET_MOST];
	size_t n = 0;
	int err = 0;

	for (size_t i = 0; i < set->n_others && !err; i++) {
		const struct record *prices = find_prices(set, set->others[i]);

		if (calibration_is(set->others[i]) || same_cpu(set->others[i], of->run) ||
		    (of->prices && !prices))
			continue;
		err = make(set, set->others[i], of->prices ? prices : NULL, NULL, &other[n], why);
		if (!err) {
			seen[n] = other[n].holdout;
			n++;
		}
	}
	if (!err && n)
		prediction_pool(of, seen, n, !others_alone);
	for (size_t i = 0; i < n; i++)
		prediction_free(&other[i]);
	if (err) {
		struct error of_other = *why;

		error_say(why, "of another machine's run: %s", of_other.text);
	}
	return err;
}

int predicted_open(const struct record_set *set, const char *kernel, bool others_alone,
		   struct predicted *out)
{
	struct error why;
	size_t tried = 0;

	memset(out, 0, sizeof(*out));
	out->err = -ENODATA;
	for (size_t i = 0; i < set->n_labs; i++)
		out->asked = out->asked || prediction_has_features(set->labs[i].record);
	error_say(&out->why, "prices of instructions alone, and no run to fit them to");
	for (size_t i = 0; i < set->n_runs && out->asked && out->err; i++) {
		int err;

		if (calibration_is(set->runs[i].record))
			continue;
		err = make(set, set->runs[i].record, find_prices(set, set->runs[i].record), kernel,
			   &out->of, &why);
		if (!err || !tried++) {
			out->err = err;
			out->why = why;
		}
	}
	if (out->asked && !out->err) {
		out->err = pool(set, others_alone, &out->of, &out->why);
		if (out->err)
			prediction_free(&out->of);
	}
	return out->err == -ENOMEM ? -ENOMEM : 0;
}

void predicted_close(struct predicted *predicted)
{
	if (predicted->asked && !predicted->err)
		prediction_free(&predicted->of);
	predicted->asked = false;
}

const struct prediction_row *predicted_find(const struct predicted *predicted, const char *hook,
					    const char *body, const char *wakeup)
{
	if (!predicted || !predicted->asked || predicted->err)
		return NULL;
	for (size_t i = 0; i < predicted->of.n_rows; i++) {
		const struct prediction_row *row = &predicted->of.rows[i];

		if (!strcmp(row->lab->hook, hook) && !strcmp(row->lab->body, body) &&
		    !strcmp(row->lab->wakeup, wakeup) && !*row->withheld)
			return row;
	}
	return NULL;
}
