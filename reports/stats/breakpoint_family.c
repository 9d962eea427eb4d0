/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "reports/stats/breakpoint_family.h"

static bool is_tested(const struct breakpoint *breakpoint)
{
	return !isnan(breakpoint->highest) && !isnan(breakpoint->p);
}

/* The smallest p of those not taken yet; n: none. */
static size_t smallest(const struct breakpoint *const *breakpoints, size_t n, const bool *taken)
{
	size_t best = n;

	for (size_t i = 0; i < n; i++)
		if (is_tested(breakpoints[i]) && breakpoints[i]->found && !taken[i] &&
		    (best == n || breakpoints[i]->p < breakpoints[best]->p))
			best = i;
	return best;
}

size_t breakpoint_family_holm(const struct breakpoint *const *breakpoints, size_t n, bool *stands,
			      size_t *tested)
{
	size_t left = 0, found = 0;

	for (size_t i = 0; i < n; i++) {
		stands[i] = false;
		left += is_tested(breakpoints[i]);
	}
	*tested = left;
	/* one that is not found has a p beyond any of theirs, or bends for the better: only the
	 * count matters */
	for (size_t i = smallest(breakpoints, n, stands);
	     i < n && breakpoints[i]->p * (double)left < BREAKPOINT_FAMILY_P;
	     i = smallest(breakpoints, n, stands)) {
		stands[i] = true;
		found++;
		left--;
	}
	return found;
}

int breakpoint_family_settle(struct record *rec)
{
	const struct breakpoint **breakpoints = (const struct breakpoint **)calloc(
		rec->n_breakpoints + 1, sizeof(struct breakpoint *));
	bool *stands = calloc(rec->n_breakpoints + 1, sizeof(*stands));
	size_t tested;
	int err = breakpoints && stands ? 0 : -ENOMEM;

	for (size_t i = 0; i < rec->n_breakpoints && !err; i++)
		breakpoints[i] = &rec->breakpoints[i];
	if (!err)
		breakpoint_family_holm(breakpoints, rec->n_breakpoints, stands, &tested);
	for (size_t i = 0; i < rec->n_breakpoints && !err; i++) {
		struct breakpoint *breakpoint = &rec->breakpoints[i];

		if (!is_tested(breakpoint) || stands[i])
			continue;
		breakpoint->found = false;
		breakpoint->rate = (struct effect){breakpoint->highest, NAN, NAN};
		breakpoint->slope_above = (struct effect){NAN, NAN, NAN};
	}
	free((void *)breakpoints);
	free(stands);
	return err;
}
