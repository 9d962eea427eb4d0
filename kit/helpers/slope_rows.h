/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope_rows: which helper, size and wakeup policy is measured on which host program: turns options
 * into a list of rows.
 *
 * slope_rows_make -> measured by slopes.h, recorded by slope_record.h -> slope_rows_free.
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
 * How often a row's programs call the helper. The last two are the same program loaded twice, which
 * also shows the effect of its placement. Computed from the noise of 12 recorded rounds of 74 rows
 * that wake nobody, the precision at equal time, relative to {0, 1, 2, 4, 8}, is 1.68 (between
 * rounds) to 2.0 times (within a round); with {0, 0, 4, 16, 16} 1.35 to 1.72, {0, 2, 4, 16, 16}
 * 1.62 to 1.88, {0, 0, 4, 8, 16, 16} 1.28 to 1.22. 1 and 4 are kept to check that costs are on a
 * line, 0 and 1 to get the price of the first call.
 */
#define SLOPE_POINTS 5
extern const unsigned int slope_repeats[SLOPE_POINTS]; /* 0, 1, 4, 16, 16 */
/* 0, 1, 4, 8, 8: used if 16 is too many for the kernel */
extern const unsigned int slope_repeats_few[SLOPE_POINTS];

/*
 * Loads of each program in a round, at different times. More of them would leave time for fewer
 * rounds, and the interval depends on rounds.
 */
#define SLOPE_COPIES 2

/* One load of the row's programs. */
struct slope_visit {
	double costs[SLOPE_POINTS]; /* over the round's baseline, in the record's unit */
	double again;		    /* the last program, timed once more; NAN: it was not */
	size_t round;		    /* the round it belongs to */
	/* before and after it; 0: not taken. alone: neither saw a neighbour */
	struct neighbour_reading readings[2];
	bool alone;
};

struct slope_row {
	const struct helper *helper; /* NULL: not a helper's row (kit/calibrate), but name's */
	const char *name;
	unsigned int size;
	enum wakeup_policy wakeup;
	int host_program;
	enum result_status status;
	char reason[256];
	const unsigned int *repeats; /* SLOPE_POINTS elements */
	char few[256];		     /* why they are slope_repeats_few; empty: they are not */
	unsigned int copies;	     /* visits in a round */
	struct slope_visit *visit;
	size_t visits;
	size_t late; /* discarded visits: the reader did not fall asleep between calls */
	uint64_t calls, wakeups; /* of the longest program, over all visits */
};

struct slope_rows {
	struct slope_row *rows;
	size_t n;
};

/* The part of the rows that a host program measures. */
enum host_program_share {
	SHARE_NONE,
	SHARE_LACKING, /* what no host program of SHARE_ALL can run */
	SHARE_SOME,    /* one size with the policy "none", for comparison */
	SHARE_PLAIN,   /* every size with the policy "none" */
	SHARE_ALL
};

/* The values of --helper. */
extern const struct name_table slope_helpers;

/*
 * helpers_wanted may have wildcards; wakeups are names; empty: all. A row that no kernel could run
 * is included once, with the reason. Returns 0 or -ENOMEM; call slope_rows_free in both cases.
 */
int slope_rows_make(const struct name_list *helpers_wanted, const struct name_list *wakeups,
		    const enum host_program_share shares[HOST_PROGRAM_COUNT],
		    struct slope_rows *out);
void slope_rows_free(struct slope_rows *rows);

/* The row's next visit, empty; it counts once `visits` is one more. NULL: out of memory. */
struct slope_visit *slope_row_visit(struct slope_row *row, size_t round);

/* Removes the visits of the round in which a run was stopped: `done` are whole. */
void slope_rows_keep(struct slope_rows *rows, size_t done);

/* Switches to slope_repeats_few and discards what was measured. false: it uses them already. */
bool slope_row_fall_back(struct slope_row *row, const char *why);

/*
 * Counts a discarded visit whose reader stayed awake at most of the calls. If that is more than one
 * visit in four, the row becomes invalid.
 */
void slope_row_late(struct slope_row *row);

void slope_row_fail(struct slope_row *row, enum result_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#endif
