/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How often the intervals over machines and boots hold what they are for: nested [TRIALS]. Part of
 * make bench. 2 to 8 machines of 2 to 5 boots of 1 to 3 runs, ratios of standard deviations from
 * none to large, equal and unequal numbers, normal and heavy-tailed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "tests/bench/nested_draw.h"

static const size_t machines[] = {2, 3, 5, 8}, boots[] = {2, 3, 5}, runs[] = {1, 3};
static const double spreads[][3] = {{0, 0, 1}, {0, 1, 1},  {1, 0, 1},  {1, 1, 1},
				    {1, 5, 1}, {10, 1, 1}, {10, 3, 1}, {0.3, 0.3, 1}};

#define COUNT(x) (sizeof(x) / sizeof(*(x)))

/* Lowest and mean coverage of one kind over designs. */
struct range {
	double least, most, sum;
	size_t n;
};

static void add(struct range *r, double x)
{
	r->least = r->n && r->least < x ? r->least : x;
	r->most = r->n && r->most > x ? r->most : x;
	r->sum += x;
	r->n++;
}

static void put(const char *name, const struct range *r)
{
	printf("  %-28s %5.1f %%  (%.1f to %.1f over %zu designs)\n", name,
	       100 * r->sum / (double)r->n, 100 * r->least, 100 * r->most, r->n);
}

static void all_designs(gsl_rng *rng, size_t trials, bool unequal, bool heavy)
{
	struct range mean = {0}, machine = {0}, boot = {0}, machine_sd = {0}, boot_sd = {0},
		     share = {0};

	for (size_t m = 0; m < COUNT(machines); m++)
		for (size_t k = 0; k < COUNT(boots) * COUNT(runs) * COUNT(spreads); k++) {
			const double *sd = spreads[k % COUNT(spreads)];
			struct nested_design d = {machines[m],
						  boots[k / COUNT(spreads) % COUNT(boots)],
						  runs[k / COUNT(spreads) / COUNT(boots)],
						  unequal,
						  heavy,
						  100,
						  sd[0],
						  sd[1],
						  sd[2]};
			struct nested_cover c = nested_cover(rng, &d, trials, false);
			size_t few = trials / 20;
			struct nested_cover s = nested_cover(rng, &d, few, true);

			add(&mean, c.mean);
			add(&machine, c.next_machine);
			if (!unequal) /* with one boot everywhere there is no such interval */
				add(&boot, c.next_boot);
			if (!unequal && d.runs > 1) {
				add(&machine_sd, s.machine_sd);
				add(&boot_sd, s.boot_sd);
				add(&share, s.boot_share);
			}
		}
	printf("%s numbers, %s\n", unequal ? "unequal" : "equal",
	       heavy ? "Student's t with 4 df" : "normal");
	put("mean of the type", &mean);
	put("next run, boot and machine", &machine);
	if (unequal)
		return;
	put("next boot of a machine", &boot);
	put("sd of machines", &machine_sd);
	put("sd of boots", &boot_sd);
	put("share of boots", &share);
}

int main(int argc, char **argv)
{
	size_t trials = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
	gsl_rng *rng = gsl_rng_alloc(gsl_rng_mt19937);

	if (!rng || trials < 20)
		return 2;
	printf("coverage of 95 %% intervals over machines and boots, %zu trials a design\n",
	       trials);
	for (int k = 0; k < 4; k++)
		all_designs(rng, trials, k & 1, k & 2);
	gsl_rng_free(rng);
	return 0;
}
