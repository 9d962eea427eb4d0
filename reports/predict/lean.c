/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/predict/lean.h"

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

int lean_find(const struct predicted *predicted, const char *variant, struct lean *out)
{
	const char *kernel;

	*out = (struct lean){.ns = {NAN, NAN, NAN}, .nearest_ns = NAN};
	if (!predicted || !predicted->asked)
		return -ENODATA;
	if (predicted->err) {
		snprintf(out->withheld, sizeof(out->withheld), "%.*s",
			 (int)sizeof(out->withheld) - 1, predicted->why.text);
		return 0;
	}
	kernel = predicted->of.lab->host.kernel;
	snprintf(out->kernel, sizeof(out->kernel), "%s", kernel ? kernel : "unknown");
	keep(&predicted->of, variant, out);
	if (isnan(out->ns.value) && !*out->withheld)
		snprintf(out->withheld, sizeof(out->withheld), "the lab did not count it");
	return 0;
}

const struct configuration *lean_on(const struct verdicts *v, const struct configuration *c,
				    const struct lean *lean)
{
	for (size_t i = 0; i < v->n; i++) {
		const struct configuration *other = &v->rows[i];

		if (other->result->status != RESULT_MEASURED ||
		    strcmp(other->result->variant, lean->nearest) != 0 ||
		    strcmp(other->result->wakeup, c->result->wakeup) != 0 ||
		    other->verdict == VERDICT_INCONCLUSIVE)
			continue;
		if ((other->verdict == VERDICT_GREEN || lean->nearest_ns <= lean->ns.hi) &&
		    (other->verdict == VERDICT_RED || lean->nearest_ns >= lean->ns.lo))
			return other;
	}
	return NULL;
}
