/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/predict/lean.h"
#include "reports/predict/prediction.h"

static bool has_features(const struct record *lab, const char *variant)
{
	for (size_t i = 0; i < lab->n_results; i++)
		if (lab->results[i]->features.present && !strcmp(lab->results[i]->variant, variant))
			return true;
	return false;
}

static void keep(const struct prediction *p, const char *variant, struct lean *out)
{
	for (size_t i = 0; i < p->n_rows; i++) {
		const struct prediction_row *row = &p->rows[i];

		if (strcmp(row->lab->variant, variant) != 0)
			continue;
		out->ns = row->ns;
		snprintf(out->withheld, sizeof(out->withheld), "%s", row->withheld);
		if (row->nearest) {
			snprintf(out->nearest, sizeof(out->nearest), "%s", row->nearest->variant);
			out->nearest_ns = row->nearest->ns;
		}
	}
}

static int try(const struct record *run, const struct record *lab, const char *variant,
	       struct lean *out)
{
	struct prediction prediction;
	struct error why = {0};
	int err = prediction_make(run, NULL, lab, lab, &prediction, &why);

	if (err) {
		snprintf(out->withheld, sizeof(out->withheld), "%.*s",
			 (int)sizeof(out->withheld) - 1, why.text);
		return err;
	}
	keep(&prediction, variant, out);
	prediction_free(&prediction);
	return 0;
}

int lean_find(const struct record_set *set, const char *variant, struct lean *out)
{
	int err = -ENODATA;

	for (size_t k = 0; k < set->n_labs; k++) {
		const struct record *lab = set->labs[k].record;

		if (!has_features(lab, variant))
			continue;
		for (size_t i = 0; i < set->n_runs; i++) {
			*out = (struct lean){.ns = {NAN, NAN, NAN}, .nearest_ns = NAN};
			snprintf(out->kernel, sizeof(out->kernel), "%s",
				 lab->host.kernel ? lab->host.kernel : "unknown");
			err = try(set->runs[i].record, lab, variant, out);
			if (!err || err == -ENOMEM)
				return err;
			err = 0;
		}
	}
	return err;
}
