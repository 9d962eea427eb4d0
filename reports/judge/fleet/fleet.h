/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fleet: records of many machines + a budget -> a verdict for each machine type, kernel and
 * configuration, that holds for the next machine of the type.
 *
 * A machine type is what changes what a program costs: CPU model and number, hypervisor,
 * architecture, mitigations. Its microcode is not: what that changes beyond mitigations is part of
 * what machines of a type differ by, which the interval covers; the answer names the versions.
 * Nothing is taken together over two types or two kernels. Records of one boot are one run; where
 * it has several of one suite, the second is a second run, and so on.
 *
 * p99 and CPU: each run's figure as in verdict.h; their interval is the one of a run in a boot of
 * its own on a further machine of the type (reports/stats/nested). For the p99 the upper bound's
 * interval must lie below the threshold, or the lower bound's above. One machine shows nothing of
 * the next: the type is INCONCLUSIVE, and the interval is of that machine's next boot. Loss has no
 * interval over boots: each run's own bound is judged, and the worst of them counts.
 *
 * fleet_judge reads every record twice and keeps none: memory is by configurations, not by records.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_FLEET_H
#define BPFTOLL_REPORTS_JUDGE_FLEET_H

#include <stdbool.h>
#include <stddef.h>
#include "calib/error.h"
#include "reports/judge/verdict.h"
#include "reports/stats/nested/nested.h"

#define FLEET_RECORDS_MOST 100000
#define FLEET_BOOT_COSTS   5 /* runs: a reboot of minutes, runs of one */

/* For which run an interval holds. */
enum fleet_covers { FLEET_NOTHING, FLEET_NEXT_BOOT, FLEET_NEXT_MACHINE };

struct fleet_criterion {
	enum fleet_covers covers;
	struct effect measured; /* lo, hi: of the run that it covers; NAN where it covers none */
	enum verdict verdict;
	const char *why; /* it covers no next machine, or no figure; NULL: it does */
	bool part;	 /* a lower bound: some of it was not measured */
};

struct fleet_row {
	const char *type, *kernel; /* of fleet.places */
	char *variant, *wakeup, *cache;
	bool under_test;
	char *reason;		      /* no run measured it: why; NULL: measured */
	size_t machines, boots, runs; /* that measured it */
	size_t seen[VERDICT_RED + 1]; /* runs by the verdict of their own intervals */
	struct fleet_criterion by[CRITERIA];
	enum verdict verdict;
	enum criterion decided;
	struct nested_summary typical; /* ns; of the typical cost */
	struct nested_shares shares;   /* of its spread */
	bool shares_known;
	struct nested_components components;
};

/* A record that is not in the figures, or a type and kernel without what was asked for. */
struct fleet_gap {
	char *where, *why;
};

struct fleet_place; /* fleet_places.h */

struct fleet {
	struct budget budget;
	struct fleet_place *places; /* by type, kernel, machine, boot, time */
	size_t n_places;
	struct fleet_row *rows; /* by type, kernel; the probe under test first */
	size_t n_rows;
	struct fleet_gap *gaps;
	size_t n_gaps;
	size_t types, kernels, machines, boots;
	double boot_costs; /* in runs, for a plan; the caller's to set */
	bool narrowed;
	enum verdict worst; /* of what was asked for: of the probe under test, or of all in scope */
};

/*
 * paths: records, or folders that hold some at any depth (links are not followed). 0; -ENOENT: no
 * record at all; -E2BIG, -ENOMEM; why. A damaged record is a gap, not an error. fleet_free whatever
 * it returns.
 */
int fleet_judge(const char *const *paths, size_t n, const struct budget *budget,
		const struct verdict_scope *scope, struct fleet *out, struct error *why);
void fleet_free(struct fleet *fleet);

/* Is the row one of those that decide? */
bool fleet_asked(const struct fleet *fleet, const struct fleet_row *row);

/* Adds a gap (printf format of why). 0 or -ENOMEM. */
int fleet_add_gap(struct fleet *fleet, const char *where, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
