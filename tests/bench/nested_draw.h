/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nested_draw: runs in boots of machines with planted standard deviations, for tests and benches.
 */
#ifndef BPFTOLL_TESTS_BENCH_NESTED_DRAW_H
#define BPFTOLL_TESTS_BENCH_NESTED_DRAW_H

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>

#include "reports/stats/nested/nested.h"

#define DRAWN_MOST 512

struct nested_design {
	size_t machines, boots, runs;
	bool unequal; /* 1..2 boots - 1 and 1..2 runs - 1, at random */
	bool heavy;   /* Student's t with 4 degrees of freedom instead of normal, at each level */
	double mean, machine, boot, run; /* standard deviations */
};

static inline double drawn(gsl_rng *rng, const struct nested_design *d, double sd)
{
	return d->heavy ? sd * gsl_ran_tdist(rng, 4) / sqrt(2) : gsl_ran_gaussian(rng, sd);
}

static inline size_t drawn_number(gsl_rng *rng, const struct nested_design *d, size_t about)
{
	return d->unequal ? 1 + gsl_rng_uniform_int(rng, 2 * about - 1) : about;
}

static inline double drawn_next(gsl_rng *rng, const struct nested_design *d, double at)
{
	return at + drawn(rng, d, d->boot) + drawn(rng, d, d->run);
}

/* Returns how many runs; first: what is true of machine 0. */
static inline size_t drawn_runs(gsl_rng *rng, const struct nested_design *d,
				struct nested_run *runs, double *first)
{
	size_t n = 0;

	for (size_t m = 0; m < d->machines; m++) {
		double machine = d->mean + drawn(rng, d, d->machine);
		size_t boots = drawn_number(rng, d, d->boots);

		if (!m)
			*first = machine;
		for (size_t b = 0; b < boots; b++) {
			double boot = machine + drawn(rng, d, d->boot);
			size_t times = drawn_number(rng, d, d->runs);

			for (size_t r = 0; r < times && n < DRAWN_MOST; r++)
				runs[n++] = (struct nested_run){m, b, boot + drawn(rng, d, d->run),
								NAN, NAN};
		}
	}
	return n;
}

struct nested_cover {
	double mean, next_machine, next_boot, machine_sd, boot_sd, boot_share; /* 0..1 */
};

/* How often the intervals hold what they are for. shares: those of the levels too, which is slow.
 */
static inline struct nested_cover nested_cover(gsl_rng *rng, const struct nested_design *d,
					       size_t trials, bool shares)
{
	double all = d->machine * d->machine + d->boot * d->boot + d->run * d->run;
	struct nested_cover held = {0};
	double each = 1 / (double)trials;

	for (size_t i = 0; i < trials; i++) {
		struct nested_run runs[DRAWN_MOST];
		struct nested_summary s;
		struct nested_shares level;
		struct effect boot;
		double first = 0, machine, next;
		size_t n = drawn_runs(rng, d, runs, &first);
		struct nested *t;

		if (nested_open(runs, n, &t))
			continue;
		nested_summary(t, &s);
		boot = nested_next_boot(t, 0);
		machine = drawn_next(rng, d, d->mean + drawn(rng, d, d->machine));
		next = drawn_next(rng, d, first);
		held.mean += s.mean.lo <= d->mean && d->mean <= s.mean.hi ? each : 0;
		held.next_machine +=
			s.next_machine.lo <= machine && machine <= s.next_machine.hi ? each : 0;
		held.next_boot += boot.lo <= next && next <= boot.hi ? each : 0;
		if (shares && !nested_shares(t, &level)) {
			struct effect sd = level.sd[NESTED_MACHINE], b = level.sd[NESTED_BOOT],
				      share = level.share[NESTED_BOOT];
			double true_share = d->boot * d->boot / all;

			held.machine_sd += sd.lo <= d->machine && d->machine <= sd.hi ? each : 0;
			held.boot_sd += b.lo <= d->boot && d->boot <= b.hi ? each : 0;
			held.boot_share +=
				share.lo <= true_share && true_share <= share.hi ? each : 0;
		}
		nested_close(t);
	}
	return held;
}

#endif
