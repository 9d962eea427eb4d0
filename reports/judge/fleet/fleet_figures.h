/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fleet_figures: the typical cost of each configuration in each record, in ns, with its place. */
#ifndef BPFTOLL_REPORTS_JUDGE_FLEET_FIGURES_H
#define BPFTOLL_REPORTS_JUDGE_FLEET_FIGURES_H

#include "reports/judge/fleet/fleet.h"
#include "reports/judge/fleet/fleet_places.h"

struct fleet_figure {
	const struct fleet_place *place;
	size_t type_len; /* of its type, what is of one kind over kernels: without mitigations */
	char *id;	 /* variant/workload/wakeup/cache */
	double value;
};

struct fleet_figures {
	struct fleet_figure *all;
	size_t n;
};

/* Of all places, those of variants that match (NULL: all). 0 or -ENOMEM; what cannot be read is a
 * gap. fleet_figures_free whatever it returns; places must outlive it. */
int fleet_figures_read(struct fleet *fleet, const char *variant, struct fleet_figures *out);
void fleet_figures_free(struct fleet_figures *figures);

/* Orders by type and configuration. 0: one kind. */
int fleet_figure_kind(const struct fleet_figure *a, const struct fleet_figure *b);
/* Orders by machine, boot, file. */
int fleet_figure_place(const struct fleet_figure *a, const struct fleet_figure *b);

#endif
