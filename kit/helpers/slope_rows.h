/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope_rows: which helper, size and wakeup policy is priced on which host program: options -> a
 * list of rows.
 */
#ifndef BPFTOLL_KIT_HELPERS_SLOPE_ROWS_H
#define BPFTOLL_KIT_HELPERS_SLOPE_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/load/host_program.h"
#include "bpf/read/probe_reader.h"
#include "bpf/load/helper.h"
#include "calib/neighbour.h"
#include "kit/probes/plan.h"
#include "reports/record/record.h"

/*
 * How often the row's programs call the helper, the last two the same program loaded twice (which
 * also shows what its placement does). By the noise of 12 recorded rounds of 74 rows that do not
 * wake anybody, this gives 1.68 times (round by round) to 2.0 times (within a round) the precision
 * of {0, 1, 2, 4, 8} at equal time; {0, 0, 4, 16, 16} 1.35 to 1.72, {0, 2, 4, 16, 16} 1.62 to 1.88,
 * {0, 0, 4, 8, 16, 16} 1.28 to 1.22. 1 and 4 are left to check the line, and 0 and 1 to price the
 * first call.
 */
#define SLOPE_POINTS 5
extern const unsigned int slope_repeats[SLOPE_POINTS]; /* 0, 1, 4, 16, 16 */
extern const unsigned int
	slope_repeats_few[SLOPE_POINTS]; /* 0, 1, 4, 8, 8: where 16 cannot be had */

/* Loads of each program a round, at different times of it. More would be fewer rounds, and those
 * make the interval. */
#define SLOPE_COPIES 2

/* A load of the row's programs. */
struct slope_visit {
	double costs[SLOPE_POINTS]; /* over the round's baseline, in the record's unit */
	double again;		    /* of the last program, timed once more; NAN: it was not */
	size_t round;		    /* that it belongs to */
	/* before and after it; 0: none was taken. alone: neither saw a neighbour */
	struct neighbour_reading readings[2];
	bool alone;
};

struct slope_row {
	const struct helper *helper;
	unsigned int size;
	enum wakeup_policy wakeup;
	int host_program;
	enum result_status status;
	char reason[256];
	const unsigned int *repeats; /* [SLOPE_POINTS] */
	char few[256];		     /* why those are slope_repeats_few; empty: they are not */
	unsigned int copies;	     /* visits a round */
	struct slope_visit *visit;
	size_t visits;
	size_t late; /* visits that were dropped: their consumer did not fall asleep again */
	uint64_t calls, wakeups; /* of the program with the most repetitions, all visits */
};

struct slope_rows {
	struct slope_row *rows;
	size_t n;
};

/* How much of a helper's matrix a host program is asked for. */
enum host_program_share {
	SHARE_NONE,
	SHARE_LACKING, /* what no host program of SHARE_ALL can run */
	SHARE_SOME,    /* one size, nobody woken: to compare */
	SHARE_PLAIN,   /* every size, nobody woken */
	SHARE_ALL
};

/* What may be named. */
extern const struct name_table slope_helpers;

/*
 * helpers_wanted, wakeups: globs and names; empty: all. A row that no kernel could run is there
 * with its reason, once. 0 or -ENOMEM; freed with slope_rows_free also then.
 */
int slope_rows_make(const struct name_list *helpers_wanted, const struct name_list *wakeups,
		    const enum host_program_share shares[HOST_PROGRAM_COUNT],
		    struct slope_rows *out);
void slope_rows_free(struct slope_rows *rows);

/* Goes on with slope_repeats_few, what was measured is dropped. false: it does so already. */
bool slope_row_fall_back(struct slope_row *row, const char *why);

/* A visit is dropped whose consumer stayed awake for most calls; where that is more than one in
 * four, the row is invalid. */
void slope_row_late(struct slope_row *row);

void slope_row_fail(struct slope_row *row, enum result_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
