/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "reports/stats/nested/nested.h"
#include "reports/stats/stats.h"

#define MACHINES_MOST 10000

/*
 * The number n that makes (fixed + spread / n) * (n * each + once) smallest: spread is divided by
 * n, each of them costs. n = sqrt(spread / fixed * once / each), and its neighbour. 0: not told.
 */
static size_t cheapest(double spread, double fixed, double each, double once)
{
	double n = sqrt(spread / fixed * once / each), best;

	if (!(spread > 0) || !(once > 0))
		return 1;
	if (!(n < NESTED_EACH_MOST))
		return NESTED_EACH_MOST;
	best = fmax(1, floor(n));
	if ((fixed + spread / best) * (best * each + once) >
	    (fixed + spread / (best + 1)) * ((best + 1) * each + once))
		best++;
	return (size_t)best;
}

/* Machines until Student's interval of their mean is that narrow. */
static double machines_for(double variance, double half)
{
	for (size_t n = 2; n <= MACHINES_MOST; n++) {
		if (stats_t_quantile((double)n - 1) * sqrt(variance / (double)n) <= half)
			return (double)n;
	}
	return INFINITY;
}

double nested_half_width(const struct nested_components *c, size_t machines, size_t boots,
			 size_t runs)
{
	double run = c->variance[NESTED_RUN] + c->variance[NESTED_ROUND];
	double variance = c->variance[NESTED_MACHINE] / (double)machines +
			  c->variance[NESTED_BOOT] / (double)boots + run / (double)runs;

	return machines < 2 ? NAN : stats_t_quantile((double)machines - 1) * sqrt(variance);
}

void nested_plan(const struct nested_components *c, const struct nested_costs *costs, double half,
		 struct nested_plan *out)
{
	double run = c->variance[NESTED_RUN] + c->variance[NESTED_ROUND], boot, cost;

	*out = (struct nested_plan){.machines = NAN};
	if (!(costs->run > 0) || !(costs->boot >= 0) || !(costs->machine >= 0))
		return;
	out->runs = cheapest(run, c->variance[NESTED_BOOT], costs->run, costs->boot);
	boot = c->variance[NESTED_BOOT] + run / (double)out->runs;
	cost = costs->boot + (double)out->runs * costs->run;
	out->boots = cheapest(boot, c->variance[NESTED_MACHINE], cost, costs->machine);
	if (half > 0)
		out->machines =
			machines_for(c->variance[NESTED_MACHINE] + boot / (double)out->boots, half);
}
