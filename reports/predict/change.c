/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/predict/change.h"

static double price_of(const struct model *model, enum instruction_class class)
{
	for (size_t p = 0; p < model->n_prices; p++)
		if (model->prices[p].members[class])
			return model->prices[p].ns;
	return NAN;
}

bool change_price(const struct model *model, const double *from, const double *to, double *added,
		  double *removed, enum instruction_class *missing)
{
	*added = *removed = 0;
	for (size_t c = 0; c < CLASS_COUNT; c++) {
		double more = to[c] - from[c];
		double ns = c == CLASS_SERIALISE ? NAN : price_of(model, c);

		if (more == 0)
			continue;
		if (isnan(ns)) {
			*missing = c;
			return false;
		}
		*added += fmax(0, more) * ns;
		*removed += fmax(0, -more) * ns;
	}
	return true;
}

struct effect change_range(double added, double removed, double spread)
{
	double most = exp(spread);

	return (struct effect){added - removed, added / most - removed * most,
			       added * most - removed / most};
}

/*
 * What the branches of a call cost more than straight code does: all that can be saved. NAN: they
 * have no price of their own.
 */
static double branches_ns(const struct model *model, const double *counts)
{
	double sum = 0;

	for (size_t p = 0; p < model->n_prices; p++) {
		const struct model_price *price = &model->prices[p];

		for (enum instruction_class c = CLASS_INDIRECT; c <= CLASS_RETURN; c++) {
			if (!price->members[c] || counts[c] == 0)
				continue;
			if (price->members[CLASS_PLAIN])
				return NAN;
			sum += counts[c] * fmax(0, price->ns - price_of(model, CLASS_PLAIN));
		}
	}
	return sum;
}

static void make_row(const struct prediction *p, bool off, struct change_row *row)
{
	double from[CLASS_COUNT] = {0}, to[CLASS_COUNT] = {0}, branches;
	enum instruction_class missing = CLASS_PLAIN;

	row->ns = (struct effect){NAN, NAN, NAN};
	row->instructions = row->to->features.instructions - row->from->features.instructions;
	if (!class_counts(&row->from->features, from) || !class_counts(&row->to->features, to))
		snprintf(row->withheld, sizeof(row->withheld), "instructions by class are unknown");
	else if (!change_price(&p->model, from, to, &row->added, &row->removed, &missing))
		snprintf(row->withheld, sizeof(row->withheld),
			 "%+.0f %s, for which there is no price", to[missing] - from[missing],
			 class_name(missing));
	else if (holdout_too_wide(p->holdout.spread))
		snprintf(row->withheld, sizeof(row->withheld),
			 "the range of a cost would span a factor of %.1f",
			 exp(2 * p->holdout.spread));
	else
		row->ns = change_range(row->added, row->removed, p->holdout.spread);
	if (!off || *row->withheld)
		return;
	branches = branches_ns(&p->model, to) * exp(p->holdout.spread);
	row->ns.value = NAN;
	if (isnan(branches)) {
		row->ns.lo = row->ns.hi = NAN;
		snprintf(row->withheld, sizeof(row->withheld),
			 "branches have no price of their own");
	} else {
		row->ns.lo -= branches;
	}
}

static const struct record_result *find(const struct record *lab, const char *variant)
{
	for (size_t i = 0; i < lab->n_results; i++)
		if (lab->results[i]->features.present && !strcmp(lab->results[i]->variant, variant))
			return lab->results[i];
	return NULL;
}

int change_make(const struct prediction *p, const struct record *lab, struct change *out,
		struct error *why)
{
	int err = prediction_check_lab(p->run, lab, why);

	*out = (struct change){.lab = lab};
	if (err)
		return err;
	out->off = prediction_is_off(lab);
	if (!out->off && prediction_has_retpolines(lab) != prediction_has_retpolines(p->fit_lab))
		return error_set(why, -EINVAL,
				 "the kernel of %s was counted with other mitigations",
				 lab->host.kernel);
	out->rows = calloc(lab->n_results + 1, sizeof(*out->rows));
	if (!out->rows)
		return error_set(why, -ENOMEM, "out of memory");
	for (size_t i = 0; i < lab->n_results; i++) {
		struct change_row *row = &out->rows[out->n];

		if (!lab->results[i]->features.present)
			continue;
		row->to = lab->results[i];
		row->from = find(p->fit_lab, row->to->variant);
		if (!row->from)
			continue;
		make_row(p, out->off, row);
		out->n++;
	}
	return 0;
}

void change_free(struct change *change)
{
	free(change->rows);
	memset(change, 0, sizeof(*change));
}

/* The same program and wakeup policy at another mechanism, and both known well enough? */
static bool is_pair(const struct prediction *p, size_t a, size_t b)
{
	const struct model_row *x = &p->measured[a], *y = &p->measured[b];

	return !strcmp(p->results[a]->body, p->results[b]->body) && !strcmp(x->wakeup, y->wakeup) &&
	       strcmp(model_group(x), model_group(y)) != 0 && isfinite(p->holdout.rows[a].error) &&
	       isfinite(p->holdout.rows[b].error);
}

int change_check(const struct prediction *p, struct change_seen *out)
{
	*out = (struct change_seen){0};
	for (size_t a = 0; a < p->n_measured; a++) {
		const struct model_row *x = &p->measured[a];
		struct model model;
		struct error why;
		int err = model_fit(p->measured, p->n_measured + p->n_known, model_group(x), &model,
				    &why);

		if (err == -ENOMEM)
			return err;
		for (size_t b = 0; !err && b < p->n_measured; b++) {
			const struct model_row *y = &p->measured[b];
			enum instruction_class missing;
			double added, removed, off, half;
			struct effect range;

			if (!is_pair(p, a, b) ||
			    !change_price(&model, y->counts, x->counts, &added, &removed, &missing))
				continue;
			range = change_range(added, removed, p->holdout.spread);
			off = x->ns - y->ns - range.value;
			half = off > 0 ? range.hi - range.value : range.value - range.lo;
			out->pairs++;
			out->inside += fabs(off) <= hypot(half, hypot(x->half, y->half));
		}
	}
	return 0;
}
