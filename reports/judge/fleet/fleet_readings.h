/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fleet_readings: each run's figures of each configuration, and what they say together. */
#ifndef BPFTOLL_REPORTS_JUDGE_FLEET_READINGS_H
#define BPFTOLL_REPORTS_JUDGE_FLEET_READINGS_H

#include "reports/judge/fleet/fleet.h"

/* One run's figures of one row. NAN: not measured. */
struct fleet_reading {
	size_t row, machine, boot;
	double p99_most, p99_least; /* ns: estimate of the upper bound; the lower one's end */
	double cpu;		    /* % of one CPU */
	bool cpu_part;
	enum verdict loss;
	struct effect lost; /* % */
	double typical, error, df;
	enum verdict own; /* by the run alone */
};

struct fleet_readings {
	struct fleet_reading *readings;
	size_t n;
};

/* Judges every row of fleet by its readings. 0 or -ENOMEM. */
int fleet_conclude(struct fleet *fleet, const struct fleet_readings *readings);

#endif
