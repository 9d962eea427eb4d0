/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * nested: figures of runs, in boots, of machines of one type. A random effect for each level:
 *	run = type's mean + machine + boot in machine + run in boot (with its rounds' noise)
 *
 * nested_open -> nested_summary, nested_next_boot, nested_reml, nested_shares, nested_plan ->
 * nested_close.
 *
 * Intervals come from unweighted sums of squares (Burdick & Graybill 1992, "Confidence Intervals
 * on Variance Components", ch. 3 and 5): the variance of the machines' means, of the boots' means
 * in a machine, of the runs in a boot. What is needed of a level is a sum of these with positive
 * weights, so no component is ever cut off at zero; the interval takes the machines' part and the
 * rest as two estimated variances (nested_interval.c). With as many boots and runs everywhere this
 * is the analysis of variance. Components and shares are REML's, which also weighs unequal numbers
 * well.
 *
 * What cannot be told has a reason instead of a number: nothing is said of the next machine by one.
 */
#ifndef BPFTOLL_REPORTS_STATS_NESTED_H
#define BPFTOLL_REPORTS_STATS_NESTED_H

#include <stddef.h>
#include "reports/stats/effect.h"

enum nested_level { NESTED_MACHINE, NESTED_BOOT, NESTED_RUN, NESTED_ROUND, NESTED_LEVELS };

/* One run's figure. machine and boot are any numbers; boot is one of that machine alone. */
struct nested_run {
	size_t machine, boot;
	double value;
	double error; /* standard error by the run's own rounds or processes; NAN: not known */
	double df;    /* degrees of freedom of that error */
};

struct nested; /* the runs, ordered into machines and boots */

/*
 * All intervals 95 %; NAN where withheld, and then why says the reason. A run's figure means one
 * run, of as many rounds as those given.
 */
struct nested_summary {
	size_t machines, boots, runs;
	struct effect mean;	    /* of the type, over all its machines */
	struct effect next_machine; /* a run's figure in a boot of its own on a further machine */
	struct effect next_boot;    /* one machine: a run's figure in a further boot of it */
	const char *mean_why, *next_machine_why, *next_boot_why;
};

/* What each level adds to the variance of one run's figure. Figures squared; REML. */
struct nested_components {
	double mean; /* weighted by the components; nested_summary's weighs machines alike */
	double variance[NESTED_LEVELS];
	double criterion; /* -2 log of the restricted likelihood (without rounds) */
};

struct nested_shares {
	struct effect sd[NESTED_LEVELS];    /* in the unit of the figures */
	struct effect share[NESTED_LEVELS]; /* of the variance of one run's figure, 0..1 */
	/* The level stands for itself and all below down to this one: with one run a boot what
	 * boots and what runs add is one sum. */
	enum nested_level down_to[NESTED_LEVELS];
	const char *why[NESTED_LEVELS]; /* withheld; NULL: it is not */
};

/* What one more of each costs, in one unit (minutes of a machine, say). */
struct nested_costs {
	double machine, boot, run;
};

#define NESTED_EACH_MOST 1000 /* as many as it takes: what is above does not vary */

/* The cheapest numbers for the precision of the type's mean (Cochran 1977, Sampling Techniques,
 * 10.6). NAN, 0: not to be told. */
struct nested_plan {
	size_t runs;	 /* a boot */
	size_t boots;	 /* a machine */
	double machines; /* for the half-width asked for; INFINITY: none within 10,000 */
};

/* Copies n runs. 0; -EINVAL: no run, or a value that is no number; -ENOMEM. */
int nested_open(const struct nested_run *runs, size_t n, struct nested **out);
void nested_close(struct nested *t);

void nested_summary(const struct nested *t, struct nested_summary *out);

/*
 * A run's figure in a further boot of that machine: of the spread of all machines' boots. NAN: no
 * such machine, or no machine with two boots.
 */
struct effect nested_next_boot(const struct nested *t, size_t machine);

/* What is not to be told from the level above or below is 0 there. 0; -ERANGE: no maximum found. */
int nested_reml(const struct nested *t, struct nested_components *out);

/*
 * The same with intervals: generalised pivots (Weerahandi 1993), each sum of squares over its own
 * chi-square, by draws of a fixed seed: the same runs give the same figures. 0, -ENOMEM, -ERANGE.
 */
int nested_shares(const struct nested *t, struct nested_shares *out);

/*
 * Half-width of the interval of the type's mean that so many machines, with so many boots and runs
 * in all, would have. NAN: one machine.
 */
double nested_half_width(const struct nested_components *components, size_t machines, size_t boots,
			 size_t runs);

/* half: half-width of the interval of the type's mean that is wanted; NAN: none. */
void nested_plan(const struct nested_components *components, const struct nested_costs *costs,
		 double half, struct nested_plan *out);

#endif
