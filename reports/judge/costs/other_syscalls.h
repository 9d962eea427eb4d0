/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * other_syscalls: what a hook that is on the way of all syscalls costs those that the probe does
 * not name.
 *
 * Programs on sys_enter (raw_tp, tp_btf) run for every syscall of every task; a syscall tracepoint
 * puts all tasks on the kernel's slow entry path. The price is the control workload's (getppid),
 * the rate that of all syscalls of the machine: asked for, else the highest that an apps record
 * measured, else an assumption.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_COSTS_OTHER_SYSCALLS_H
#define BPFTOLL_REPORTS_JUDGE_COSTS_OTHER_SYSCALLS_H

#include <stdbool.h>
#include "reports/judge/record_set.h"

#define OTHER_SYSCALLS_CONTROL "getppid"
#define OTHER_SYSCALLS_ASSUMED 50000.0 /* a second */

enum other_syscalls_source { OTHER_ASKED, OTHER_MEASURED, OTHER_ASSUMED };

struct other_syscalls {
	double rate; /* a second */
	enum other_syscalls_source source;
	const char *app; /* OTHER_MEASURED: whose rate it is */
};

/* Do syscalls that the probe does not name pay for this hook (a name as in a result)? */
bool other_syscalls_pay(const char *hook);

/* asked: NAN or a rate. */
struct other_syscalls other_syscalls_rate(const struct record_set *e, double asked);

/*
 * The control workload's measured result that prices this result's hook, in the same cache state:
 * of the program that looks up and misses, else the empty one, the same variant, any. NULL: not
 * measured.
 */
const struct record_result *other_syscalls_result(const struct record_set *e,
						  const struct record_result *result);

/* Their price times the rate, in % of one CPU: mean, with its interval; zero for hooks that they do
 * not pay; NAN: no price. */
struct effect other_syscalls_cpu(const struct record_set *e, const struct record_result *result,
				 const struct other_syscalls *others);

#endif
