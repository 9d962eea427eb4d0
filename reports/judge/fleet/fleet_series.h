/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fleet_series: the cost of each configuration along kernels or days, and where it changed.
 *
 * One series for each machine type (CPU model and number, hypervisor, architecture: mitigations
 * change with kernels) and configuration; a point is a kernel or a day: the mean over machines of
 * their boots' means of typical. Change points by reports/stats/series, at 5 % for all series
 * together (Holm). Where machines are not the same at all points, a change may be theirs.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_FLEET_SERIES_H
#define BPFTOLL_REPORTS_JUDGE_FLEET_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include "calib/error.h"
#include "reports/judge/fleet/fleet.h"
#include "reports/stats/series/change_point.h"

enum series_axis { SERIES_KERNEL, SERIES_DAY };

struct series_point {
	char *label; /* the kernel's release, or "2026-11-25" */
	double value;
	size_t machines, runs;
	char **nodes; /* ordered, each once */
};

struct series {
	char *type, *id; /* id: variant/workload/wakeup/cache */
	struct series_point *points;
	size_t n;
	bool machines_change;
	struct change_points changes;
	const char *why; /* not tested; NULL: it was */
};

struct fleet_series {
	struct fleet found; /* places and gaps */
	struct series *series;
	size_t n, tested, changed;
	double alpha; /* of each series that is not shown to have changed */
};

#define SERIES_ALPHA 0.05 /* of all together */

/* As fleet_judge. variant: a glob; NULL: all. */
int fleet_series(const char *const *paths, size_t n, enum series_axis axis, const char *variant,
		 struct fleet_series *out, struct error *why);
void fleet_series_free(struct fleet_series *all);

#endif
