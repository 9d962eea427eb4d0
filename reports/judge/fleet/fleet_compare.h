/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fleet_compare: two sides of a fleet (two kernels, two months) -> by machine type and
 * configuration, did the typical cost change?
 *
 * Machines are the unit: a machine's figure is the mean of its boots' means. Where two or more
 * machines are on both sides, their own differences (Student's t): what machines differ by is in
 * both and drops out. Else the machines of one side against those of the other (Welch). One machine
 * on both sides: its boots, and the interval is for that machine alone. Else it is withheld. 5 %
 * for all rows together (Holm). Types are never taken together; mitigations change with kernels and
 * are not part of the type here.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_FLEET_COMPARE_H
#define BPFTOLL_REPORTS_JUDGE_FLEET_COMPARE_H

#include "calib/error.h"
#include "reports/judge/fleet/fleet.h"

enum fleet_pairing { FLEET_WITHHELD, FLEET_ONE_MACHINE, FLEET_UNPAIRED, FLEET_PAIRED };

struct fleet_change {
	char *type, *id;
	size_t machines[2], boots[2], common; /* common: machines on both sides */
	enum fleet_pairing by;
	double from, to; /* ns; by pairs: of the common machines */
	struct effect change;
	double p, p_holm;
	bool changed;
};

struct fleet_comparison {
	struct fleet side[2]; /* places and gaps */
	struct fleet_change *rows;
	size_t n, changed, one_side; /* one_side: types' configurations that only one side has */
};

/* As fleet_judge. */
int fleet_compare(const char *const *a, size_t n_a, const char *const *b, size_t n_b,
		  const char *variant, struct fleet_comparison *out, struct error *why);
void fleet_comparison_free(struct fleet_comparison *c);

#endif
