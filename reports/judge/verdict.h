/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict: record set + a budget -> GREEN, YELLOW, RED or INCONCLUSIVE for each configuration (hook
 * × complete probe × wakeup policy), and for the run.
 *
 * The rule, for a measured interval [lo, hi] and the thresholds green <= red (verdict_of):
 *	hi < green                  GREEN: all of the interval is below
 *	lo > red                    RED: all of it is above
 *	hi > red, lo <= red         INCONCLUSIVE: it reaches over the last threshold
 *	else                        YELLOW: surely not RED, not surely GREEN
 * Where there is no red threshold (loss) green is the last one, and all above it is YELLOW. A
 * configuration is the worst of its three criteria: RED, else INCONCLUSIVE, else YELLOW, else
 * GREEN. Wakeup policy buffer-full loses every event and is not judged.
 *
 * The run's verdict answers for the probe under test: a kprobe with a perf buffer, each event wakes
 * the reader (variant kprobe_as_written, or kprobe_perf where no record has that; per-event).
 *	GREEN                       GREEN: proceed with the probe as it is
 *	YELLOW                      YELLOW: proceed with changes
 *	RED                         YELLOW where another configuration is GREEN or YELLOW (proceed
 *	                            with changes: the cheapest that passes), else RED: redesign
 *	INCONCLUSIVE, not measured  INCONCLUSIVE, whatever the others are
 * Where a scope names variants or a wakeup policy, it is the worst of the configurations asked for.
 *
 * p99: of the cost, which lies between p99_least.lo and p99_bound.hi under any dependence
 * (p99_bound.h): GREEN needs the upper bound below green, RED the lower one above red. Where the
 * null test's p99 does not include zero both are moved out by that. A record without bounds can be
 * RED (the median's shift less the baseline's p90 - p50 bounds it from below), never GREEN or
 * YELLOW. CPU: an event run's producer (mean) + reader + what the other syscalls pay
 * (other_syscalls.h), in % of one CPU (10,000/s × 1,000 ns is 1 %: the machine's size must not
 * dilute it). With a part missing it can prove RED, never GREEN. Loss: of an event run at the rate,
 * over at least 10 s and 10 buffer fills; ends one-sided at 95 % (none among n: below 3/n). Losses
 * come in stalls, so where some were seen the ends are no nearer than the stalls' own. Without one:
 * INCONCLUSIVE.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_VERDICT_H
#define BPFTOLL_REPORTS_JUDGE_VERDICT_H

#include <stdbool.h>
#include <stddef.h>
#include "reports/judge/costs/other_syscalls.h"
#include "reports/judge/verdict_criteria.h"

struct configuration {
	const struct record_result *result; /* never NULL; its status may be skipped or invalid */
	struct judgement by[CRITERIA];
	enum verdict verdict;
	enum criterion decided; /* the criterion that is as bad as the verdict, the first one */
	struct effect
		others_cpu; /* % of one CPU that other syscalls pay; 0: they don't; NAN: no price */
	struct effect budget_ns;     /* mean cost of one event */
	struct effect overload_loss; /* % at the budget's overload rate; NAN: not measured */
	double instructions;	     /* its exact count in the lab (median); NAN: none */
	const char *instructions_kernel;
};

struct verdicts {
	struct budget budget;
	const struct record_set *record_set;
	const char *workload;
	struct configuration *rows;
	size_t n;
	enum verdict run;
	const char *under_test_variant;
	const struct configuration
		*under_test; /* NULL: no record has its result, or it was not asked for */
	const struct configuration *change; /* the cheapest other one that passes; NULL: none */
	const struct configuration *worst;  /* narrowed: the one that decides; NULL: none */
	bool narrowed;			    /* only some were asked for: run is the worst of them */
	struct other_syscalls others;
	double aa_p99_off; /* ns that p99 intervals were widened by; 0: the null test includes
			      zero */
	bool aa_measured;
};

/* Which results: NULL means all (workload: munmap_einval, else the first with a complete probe).
 * variant: a glob. */
struct verdict_scope {
	const char *workload, *variant, *wakeup;
};

/* 0 or -ENOMEM. No row: nothing in the record set is a configuration in that scope, and run is
 * INCONCLUSIVE. */
int verdict_judge(const struct record_set *e, const struct budget *budget,
		  const struct verdict_scope *scope, struct verdicts *out);
void verdict_free(struct verdicts *v);

/* Of what was asked for, without changes to it: the worst of the configurations where some were
 * named, else the probe under test as it stands. INCONCLUSIVE: it was not measured. */
enum verdict verdict_asked(const struct verdicts *v);

/*
 * The configurations that pass (GREEN, then YELLOW, each by the CPU that they take), without the
 * probe under test and cold results: the first most of them in out, and how many there are.
 */
size_t verdict_passing(const struct verdicts *v, const struct configuration **out, size_t most);

size_t verdict_measured(const struct verdicts *v); /* configurations */

/* Is it the probe under test (or what stands for it in these records)? */
bool verdict_is_under_test(const struct verdicts *v, const struct record_result *result);

#endif
