/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "reports/knee_family.h"

static bool is_tested(const struct knee *knee)
{
	return !isnan(knee->highest) && !isnan(knee->p);
}

/* The smallest p of those not taken yet; n: none. */
static size_t smallest(const struct knee *const *knees, size_t n, const bool *taken)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++)
		if (is_tested(knees[i]) && knees[i]->found && !taken[i] &&
		    (best == n || knees[i]->p < knees[best]->p))
			best = i;
	return best;
}

size_t knee_family_holm(const struct knee *const *knees, size_t n, bool *stands, size_t *tested)
{
	size_t left = 0, found = 0;

	for (size_t i = 0; i < n; i++) {
		stands[i] = false;
		left += is_tested(knees[i]);
	}
	*tested = left;
	/* one that is not found has a p beyond any of theirs, or bends for the better: only the count matters */
	for (size_t i = smallest(knees, n, stands);
	     i < n && knees[i]->p * (double)left < KNEE_FAMILY_P; i = smallest(knees, n, stands)) {
		stands[i] = true;
		found++;
		left--;
	}
	return found;
}

int knee_family_settle(struct record *rec)
{
	const struct knee **knees =
		(const struct knee **)calloc(rec->n_knees + 1, sizeof(struct knee *));
	bool *stands = calloc(rec->n_knees + 1, sizeof(*stands));
	size_t tested;
	int err = knees && stands ? 0 : -ENOMEM;

	for (size_t i = 0; i < rec->n_knees && !err; i++)
		knees[i] = &rec->knees[i];
	if (!err)
		knee_family_holm(knees, rec->n_knees, stands, &tested);
	for (size_t i = 0; i < rec->n_knees && !err; i++) {
		struct knee *knee = &rec->knees[i];

		if (!is_tested(knee) || stands[i])
			continue;
		knee->found = false;
		knee->rate = (struct effect){knee->highest, NAN, NAN};
		knee->slope_above = (struct effect){NAN, NAN, NAN};
	}
	free((void *)knees);
	free(stands);
	return err;
}
