/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/predict/calibration.h"
#include "reports/predict/prediction.h"

#define COST_MOST 1e9 /* ns: more is no cost of a probe */

/* Policies that wake nobody; the reader's part is on another CPU. */
static bool wakes_nobody(const char *wakeup)
{
	static const char *const names[] = {"-", "idle", "polled_1ms", "polled_10ms"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!strcmp(wakeup, names[i]))
			return true;
	return false;
}

static bool is_of_probe(const struct record_result *r)
{
	return r->status == RESULT_MEASURED && r->baseline_id && !r->foreign.present &&
	       strcmp(r->hook, "none") != 0 && !strcmp(r->workload, PREDICTION_WORKLOAD) &&
	       wakes_nobody(r->wakeup) && isfinite(r->overhead.typical.value);
}

static const struct result_features *features_of(const struct record *lab, const char *variant)
{
	for (size_t i = 0; i < lab->n_results; i++)
		if (lab->results[i]->features.present && !strcmp(lab->results[i]->variant, variant))
			return &lab->results[i]->features;
	return NULL;
}

bool prediction_has_features(const struct record *lab)
{
	for (size_t i = 0; i < lab->n_results; i++)
		if (lab->results[i]->features.present)
			return true;
	return false;
}

void prediction_series(const char *kernel, char *text, size_t len)
{
	size_t n = 0, dots = 0;

	while (kernel && (isdigit((unsigned char)kernel[n]) || (kernel[n] == '.' && !dots)) &&
	       n + 1 < len) {
		dots += kernel[n] == '.';
		text[n] = kernel[n];
		n++;
	}
	text[dots ? n : 0] = '\0';
}

static bool same_series(const struct record *a, const struct record *b)
{
	char of_a[32], of_b[32];

	prediction_series(a->host.kernel, of_a, sizeof(of_a));
	prediction_series(b->host.kernel, of_b, sizeof(of_b));
	return *of_a && !strcmp(of_a, of_b);
}

static void note(struct prediction *p, const char *text)
{
	if (p->n_notes < sizeof(p->notes) / sizeof(p->notes[0]))
		snprintf(p->notes[p->n_notes++], sizeof(p->notes[0]), "%s", text);
}

bool prediction_has_retpolines(const struct record *lab)
{
	double branches = 0, retpolines = 0;

	for (size_t i = 0; i < lab->n_results; i++) {
		const struct result_features *f = &lab->results[i]->features;

		branches += f->present ? f->indirect : 0;
		retpolines += f->present ? f->retpoline : 0;
	}
	return retpolines > branches / 2;
}

bool prediction_is_off(const struct record *lab)
{
	return lab->host.cmdline && strstr(lab->host.cmdline, "mitigations=off");
}

int prediction_check_lab(const struct record *run, const struct record *lab, struct error *why)
{
	if (!prediction_has_features(lab))
		return error_set(why, -ENODATA,
				 "the lab's record has no instructions by class: bpftoll lab "
				 "--features writes them");
	if (run->host.arch && lab->host.arch && strcmp(run->host.arch, lab->host.arch) != 0)
		return error_set(why, -EINVAL,
				 "the lab counted instructions of %s, the run is of %s",
				 lab->host.arch, run->host.arch);
	if (run->host.jit != lab->host.jit)
		return error_set(
			why, -EINVAL,
			"programs were %s where the run was taken, and %s on the kernel of "
			"%s that was counted",
			run->host.jit ? "machine code" : "interpreted",
			lab->host.jit ? "machine code" : "interpreted", lab->host.kernel);
	if (run->version && lab->version && strcmp(run->version, lab->version) != 0)
		return error_set(why, -EINVAL,
				 "bpftoll %s measured and %s counted: their programs may differ",
				 run->version, lab->version);
	return 0;
}

static int check(struct prediction *p, struct error *why)
{
	int err = prediction_check_lab(p->run, p->fit_lab, why);

	if (!err)
		err = prediction_check_lab(p->run, p->lab, why);
	if (!err && p->prices)
		err = calibration_check(p->run, p->prices, why);
	if (err)
		return err;
	if (!same_series(p->run, p->fit_lab))
		return error_set(why, -EINVAL,
				 "prices need the instructions of the run's own kernel series: %s "
				 "was measured, %s counted",
				 p->run->host.kernel, p->fit_lab->host.kernel);
	if (prediction_has_retpolines(p->fit_lab) != prediction_has_retpolines(p->lab) ||
	    prediction_is_off(p->lab))
		return error_set(why, -EINVAL,
				 "the kernel of %s was counted with other mitigations: the prices "
				 "of branches here are those of this machine's",
				 p->lab->host.kernel);
	if (!p->run->version)
		note(p, "the run is of a version of bpftoll that did not say which: its programs "
			"may differ from those that were counted");
	if (p->run->host.mitigations && p->fit_lab->host.mitigations &&
	    strcmp(p->run->host.mitigations, p->fit_lab->host.mitigations) != 0)
		note(p, "machine and guest have other mitigations: branches are at this machine's "
			"price; other entry code is not modelled");
	return 0;
}

/* The cache state that most of the run's results have: prices are those of one state. */
static const char *choose_cache(const struct record *run)
{
	const char *best = NULL;
	size_t most = 0;

	for (size_t i = 0; i < run->n_results; i++) {
		size_t n = 0;

		if (!is_of_probe(run->results[i]))
			continue;
		for (size_t k = 0; k < run->n_results; k++)
			n += is_of_probe(run->results[k]) &&
			     !strcmp(run->results[k]->cache, run->results[i]->cache);
		if (n > most) {
			most = n;
			best = run->results[i]->cache;
		}
	}
	return best;
}

static int take_measured(struct prediction *p, struct error *why)
{
	p->cache = choose_cache(p->run);
	p->measured = calloc(p->run->n_results + CALIBRATION_ROWS_MOST, sizeof(*p->measured));
	p->results = calloc(p->run->n_results + 1, sizeof(const struct record_result *));
	if (!p->measured || !p->results)
		return error_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < p->run->n_results; i++) {
		const struct record_result *r = p->run->results[i];
		const struct result_features *features = features_of(p->fit_lab, r->variant);
		struct model_row *row = &p->measured[p->n_measured];

		if (!is_of_probe(r) || r->unit != UNIT_NS || !features ||
		    strcmp(r->cache, p->cache) != 0)
			continue;
		*row = (struct model_row){
			.hook = r->hook,
			.variant = r->variant,
			.wakeup = r->wakeup,
			.mechanism = r->mechanism,
			.ns = r->overhead.typical.value,
			.half = (r->overhead.typical.hi - r->overhead.typical.lo) / 2,
		};
		if (!class_counts(features, row->counts) || !(fabs(row->ns) <= COST_MOST) ||
		    !(row->half >= 0 && row->half <= COST_MOST))
			continue;
		p->results[p->n_measured++] = r;
	}
	if (p->prices)
		p->n_known = calibration_rows(p->prices, p->measured + p->n_measured);
	return 0;
}

static bool is_measured(const struct prediction *p, const char *variant)
{
	for (size_t i = 0; i < p->n_measured; i++)
		if (!strcmp(p->measured[i].variant, variant))
			return same_series(p->run, p->lab);
	return false;
}

/* How far two variants' instructions are apart, in ns at these prices. */
static double distance(const struct model *model, const double *a, const double *b)
{
	double sum = 0;

	for (size_t k = 0; k < model->n_prices; k++)
		sum += model->prices[k].ns *
		       fabs(model_count(&model->prices[k], a) - model_count(&model->prices[k], b));
	return sum;
}

static const struct model_row *find_nearest(const struct prediction *p, const double *counts,
					    const char *body)
{
	const struct model_row *nearest = NULL;
	bool same = false;

	for (size_t i = 0; i < p->n_measured; i++) {
		bool of_body = !strcmp(p->results[i]->body, body);

		if (nearest &&
		    (same > of_body ||
		     (same == of_body && distance(&p->model, p->measured[i].counts, counts) >=
						 distance(&p->model, nearest->counts, counts))))
			continue;
		nearest = &p->measured[i];
		same = of_body;
	}
	return nearest;
}

static void set_range(struct prediction_row *row, double spread)
{
	row->ns = (struct effect){NAN, NAN, NAN};
	if (isnan(row->says))
		return;
	*row->withheld = '\0';
	if (holdout_too_wide(spread))
		snprintf(row->withheld, sizeof(row->withheld),
			 "the range would span a factor of %.1f", exp(2 * spread));
	else
		row->ns = (struct effect){row->says, row->says * exp(-spread),
					  row->says * exp(spread)};
}

/* All that has no price: "no price for exceptions, serialising". */
static void say_unpriced(const struct prediction *p, struct prediction_row *row)
{
	size_t used = 0, len = sizeof(row->withheld);

	for (size_t c = 0; c < CLASS_COUNT && used < len; c++)
		if (p->model.unseen[c] && row->counts[c] != 0)
			used += (size_t)snprintf(row->withheld + used, len - used, "%s%s",
						 used ? ", " : "no price for ", class_name(c));
}

static void predict_one(struct prediction *p, const struct record_result *lab)
{
	struct prediction_row *row = &p->rows[p->n_rows];

	if (!class_counts(&lab->features, row->counts))
		return;
	p->n_rows++;
	row->lab = lab;
	row->nearest = find_nearest(p, row->counts, lab->body);
	row->says = model_says(&p->model, row->counts, NULL);
	if (isnan(row->says))
		say_unpriced(p, row);
	set_range(row, p->holdout.spread);
}

void prediction_pool(struct prediction *prediction, const struct holdout *others, size_t n,
		     bool own)
{
	holdout_pool(&prediction->holdout, others, n, own);
	for (size_t i = 0; i < prediction->n_rows; i++)
		set_range(&prediction->rows[i], prediction->holdout.spread);
}

static int predict_all(struct prediction *p, struct error *why)
{
	p->rows = calloc(p->lab->n_results + 1, sizeof(*p->rows));
	if (!p->rows)
		return error_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < p->lab->n_results; i++)
		if (p->lab->results[i]->features.present &&
		    !is_measured(p, p->lab->results[i]->variant))
			predict_one(p, p->lab->results[i]);
	return 0;
}

int prediction_make(const struct record *run, const struct record *prices,
		    const struct record *fit_lab, const struct record *lab, struct prediction *out,
		    struct error *why)
{
	int err;

	memset(out, 0, sizeof(*out));
	out->run = run;
	out->fit_lab = fit_lab;
	out->lab = lab;
	out->prices = prices;
	err = check(out, why);
	if (!err)
		err = take_measured(out, why);
	if (!err)
		err = model_fit(out->measured, out->n_measured + out->n_known, NULL, &out->model,
				why);
	if (!err)
		err = holdout_take(out->measured, out->n_measured, out->n_known, &out->holdout,
				   why);
	if (!err)
		err = predict_all(out, why);
	if (err)
		prediction_free(out);
	return err;
}

void prediction_free(struct prediction *prediction)
{
	free(prediction->measured);
	free((void *)prediction->results);
	free(prediction->rows);
	holdout_free(&prediction->holdout);
	memset(prediction, 0, sizeof(*prediction));
}
