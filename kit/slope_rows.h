/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope_rows: which helper, size and drain state is priced on which carrier: options -> a list of rows.
 */
#ifndef BPFTOLL_SLOPE_ROWS_H
#define BPFTOLL_SLOPE_ROWS_H

#include <stdbool.h>
#include <stddef.h>

#include "bpf/carrier.h"
#include "bpf/drain.h"
#include "bpf/helper.h"
#include "kit/plan.h"
#include "reports/record.h"

#define SLOPE_POINTS 5
extern const unsigned int slope_repeats[SLOPE_POINTS]; /* 0, 1, 2, 4, 8 */

struct slope_row {
	const struct helper *helper;
	unsigned int size;
	enum drain_state drain;
	int carrier;
	enum cell_status status;
	char reason[256];
	double *costs; /* [round * SLOPE_POINTS + point], over the round's baseline, in the record's unit */
	size_t rounds;		 /* whole ones */
	uint64_t calls, wakeups; /* of the program with the most repetitions, all rounds */
};

struct slope_rows {
	struct slope_row *rows;
	size_t n;
};

/* How much of a helper's matrix a carrier is asked for. */
enum carrier_share {
	SHARE_NONE,
	SHARE_LACKING, /* what no carrier of SHARE_ALL can run */
	SHARE_SOME,    /* one size, drain idle: to compare */
	SHARE_PLAIN,   /* every size, drain idle */
	SHARE_ALL
};

/*
 * helpers, drains: globs and names, none: all. A row that no kernel could run is there with its reason, once. 0 or
 * -ENOMEM; freed with slope_rows_free also then.
 */
int slope_rows_make(const struct name_list *helpers_wanted, const struct name_list *drains,
		    const enum carrier_share shares[CARRIER_COUNT], struct slope_rows *out);
void slope_rows_free(struct slope_rows *rows);

void slope_row_fail(struct slope_row *row, enum cell_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Fits the rows and adds them to the record, skipped ones too. 0 or -ENOMEM. */
int slope_rows_record(const struct slope_rows *rows, enum unit unit, struct record *record);

#endif
