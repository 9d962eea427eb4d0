/* SPDX-License-Identifier: GPL-3.0-or-later */
/* nested_tree: what the files of this folder share: runs in boots in machines, and their sums. */
#ifndef BPFTOLL_REPORTS_STATS_NESTED_TREE_H
#define BPFTOLL_REPORTS_STATS_NESTED_TREE_H

#include "reports/stats/nested/nested.h"

struct nested_boot {
	size_t runs;
	double mean, squares; /* about the boot's mean */
};

struct nested_machine {
	size_t machine; /* as given */
	size_t boots;
	const struct nested_boot *boot;
	double mean;	 /* of its boots' means */
	double per_runs; /* mean over its boots of 1 / runs */
};

/* Variances of means at one level and their expectation in components:
 *	run      = sr2
 *	boot     = sb2 + boot_run sr2
 *	machine  = sm2 + machine_boot sb2 + machine_run sr2                                     */
struct nested_squares {
	double run, boot, machine; /* 0 without degrees of freedom */
	double run_df, boot_df, machine_df;
	double boot_run, machine_boot, machine_run;
};

struct nested {
	struct nested_boot *boots;
	struct nested_machine *machines;
	size_t n_boots, n_machines, n_runs;
	double mean;		/* of the machines' means */
	double round, round_df; /* mean of the runs' own variances; NAN: not known of all */
	struct nested_squares squares;
};

/* The lowest level that has two of something: its component holds all that is below. */
static inline enum nested_level nested_lowest(const struct nested *t)
{
	return t->squares.run_df > 0	? NESTED_RUN
	       : t->squares.boot_df > 0 ? NESTED_BOOT
					: NESTED_MACHINE;
}

#endif
