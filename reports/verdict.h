/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict: evidence + a budget -> GREEN, YELLOW, RED or INCONCLUSIVE for each configuration (hook × output body × drain state).
 *
 * The rule, for a measured interval [lo, hi] and the thresholds green <= red (verdict_of):
 *	hi < green                  GREEN: all of the interval is below
 *	lo > red                    RED: all of it is above
 *	hi > red, lo <= red         INCONCLUSIVE: it reaches over the last threshold
 *	else                        YELLOW: surely not RED, not surely GREEN
 * Where there is no red threshold (loss) green is the last one, and all above it is YELLOW.
 *
 * A configuration is the worst of its three criteria: RED, else INCONCLUSIVE, else YELLOW, else GREEN. The run's verdict is the
 * best of the configurations that were measured (GREEN, YELLOW, INCONCLUSIVE, RED): one that may be shipped is enough. Drain state "none"
 * loses every event and is no configuration.
 *
 * p99: the shift of the p99 of the trigger's cell, 95 % over rounds. The difference of two p99s is not the p99 of the
 * cost; it is what the caller's p99 moves by. Where the A/A arm's p99 does not hold zero the interval is widened by that.
 * CPU: an event run's producer + consumer, in % of one CPU (10,000/s × 1,000 ns is 1 %: the machine's size must not
 * dilute it). Without one, rate × mean cost is the producer's part alone: it can prove RED, never GREEN.
 * Loss: of an event run at the rate; ends one-sided at 95 % (none among n: below 3/n). Without one: INCONCLUSIVE.
 */
#ifndef BPFTOLL_VERDICT_H
#define BPFTOLL_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include "reports/budget.h"
#include "reports/evidence.h"
#include "reports/record_rows.h"

/* From the best to the worst news of a run. */
enum verdict { VERDICT_GREEN, VERDICT_YELLOW, VERDICT_INCONCLUSIVE, VERDICT_RED };
enum criterion { CRITERION_P99, CRITERION_CPU, CRITERION_LOSS, CRITERIA };

struct judgement {
	struct effect measured; /* ns; % of one CPU; % of the events. NAN: not measured */
	enum verdict verdict;
	bool part;	 /* a lower bound: some of it was not measured */
	char rests[256]; /* the cells and points that it rests on; "" for none */
	char settle
		[512]; /* INCONCLUSIVE: what would settle it; YELLOW within reach of GREEN: the same */
};

struct configuration {
	const struct record_cell *cell; /* never NULL; its status may be skipped or invalid */
	struct judgement by[CRITERIA];
	enum verdict verdict;
	enum criterion decided;	 /* the criterion that is as bad as the verdict, the first one */
	struct effect budget_ns; /* mean cost of one event */
	struct effect overload_loss; /* % at the budget's overload rate; NAN: not measured */
	double instructions;	     /* its exact count in the lab (median); NAN: none */
	const char *instructions_kernel;
};

struct verdicts {
	struct budget budget;
	const struct evidence *evidence;
	const char *trigger;
	struct configuration *rows;
	size_t n;
	enum verdict run;
	double aa_p99_off; /* ns that p99 intervals were widened by; 0: the A/A arm holds zero */
	bool aa_measured;
};

/* Which cells: NULL means all (trigger: munmap_einval, else the first with an output body). variant: a glob. */
struct verdict_scope {
	const char *trigger, *variant, *drain;
};

enum verdict verdict_of(struct effect measured, struct bounds bounds);

/* lost among n, in %, each end at 95 % (Clopper & Pearson 1934; Wilson 1927 for large counts); n = 0: NAN. */
struct effect verdict_loss(unsigned long long lost, unsigned long long n);

/* 0 or -ENOMEM. No row: nothing in the evidence is a configuration in that scope, and run is INCONCLUSIVE. */
int verdict_judge(const struct evidence *e, const struct budget *budget,
		  const struct verdict_scope *scope, struct verdicts *out);
void verdict_free(struct verdicts *v);

const char *verdict_name(enum verdict verdict);	      /* "GREEN" */
const char *criterion_name(enum criterion criterion); /* "p99", "CPU", "loss" */

#endif
