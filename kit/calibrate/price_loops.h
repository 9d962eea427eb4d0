/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * price_loops: the table of what is priced in user space. Each row is a loop whose body stands in
 * it 16, 32, 48 and 64 times (two copies of the last, at other addresses); what one body more costs
 * is the price.
 */
#ifndef BPFTOLL_KIT_CALIBRATE_PRICE_LOOPS_H
#define BPFTOLL_KIT_CALIBRATE_PRICE_LOOPS_H

#include <stddef.h>
#include <stdint.h>

#include "kit/calibrate/kernel_branches.h"
#include "kit/helpers/slope_rows.h"

typedef void price_loop(void *area, uint64_t turns);

struct priced {
	const char *name, *summary;
	unsigned int n;			 /* of what is priced, in one body */
	price_loop *loops[SLOPE_POINTS]; /* price_repeats times the body */
	/* of rows that belong to one kind of kernel: -1: to each */
	int returns, indirect; /* enum return_way, enum indirect_way */
};

extern const unsigned int price_repeats[SLOPE_POINTS];
extern const struct priced priced[];
extern const size_t priced_count;

#define PRICE_PAGE 4096
#define PRICE_AREA (65 * PRICE_PAGE) /* bytes of what the loops work in, on a page's boundary */

/* Is the row of a kernel that branches so? Rows of another are left out, not skipped. */
int price_applies(const struct priced *row, const struct kernel_branches *branches);

#endif
