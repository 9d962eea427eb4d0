/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * budget: what a probe may cost: the thresholds of a verdict, and the small JSON file that sets
 * others.
 *
 * The file has exactly these members; one that is unknown or missing is refused, with its place:
 *
 *	{"schema": "bpftoll-budget/1", "rate": 10000, "overload_rate": 100000, "tick_percent": 1,
 *	 "p99_ns": {"green": 1000, "red": 2000}, "cpu_percent": {"green": 1, "red": 3},
 *	 "loss_percent": {"green": 0.01, "red": null}}
 *
 * and, if wanted, "other_syscalls": 50000 (a second; other_syscalls.h).
 */
#ifndef BPFTOLL_REPORTS_JUDGE_BUDGET_H
#define BPFTOLL_REPORTS_JUDGE_BUDGET_H

#include <stddef.h>

#include "calib/error.h"

#define BUDGET_SCHEMA "bpftoll-budget/1"

/* Below green it is good; above red it is not to be had; NAN: there is no such threshold (red
 * only). */
struct bounds {
	double green, red;
};

struct budget {
	double rate;	       /* events a second at which CPU and loss are judged */
	double overload_rate;  /* at which the decision matrix tells the loss */
	double tick_percent;   /* share of a tick (1 s / rate) that a probe may take */
	double other_syscalls; /* a second, of the machine; NAN: not stated */
	struct bounds p99_ns, cpu_percent, loss_percent;
};

/* The default: 1,000 and 2,000 ns; 1 and 3 % of one CPU and 0.01 % lost at 10,000 events/s. */
void budget_default(struct budget *out);

/* Reads the file. 0 or -errno; -EINVAL with the first fault and its place in why. */
int budget_read(const char *path, struct budget *out, struct error *why);

/* The same from memory; name is used in messages. For tests and the fuzzer. */
int budget_parse(const char *text, size_t len, const char *name, struct budget *out,
		 struct error *why);

#endif
