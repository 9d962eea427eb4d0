/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * readings: any number of readings in 700 KiB: exact below 8,192 ticks, within 0.013 % above; the
 * longest ones exact.
 *
 * readings_open -> readings_take (a samples_take) … -> readings_at, readings_quantiles,
 * readings_longest -> readings_close.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_READ_READINGS_H
#define BPFTOLL_REPORTS_DOCUMENT_READ_READINGS_H

#include <stddef.h>
#include <stdint.h>

#define READINGS_LONGEST 64   /* kept one by one */
#define READINGS_EXACT	 8192 /* ticks: below it each reading is what it was */

struct readings;

/* NULL: out of memory. */
struct readings *readings_open(void);
void readings_close(struct readings *h);

/* Marked calls (samples.h) are left out. ctx: the readings. Returns 0. */
int readings_take(void *ctx, const uint32_t *ticks, size_t n);

uint64_t readings_count(const struct readings *h);
uint64_t readings_left_out(const struct readings *h);

/* The reading at a rank, 0 to count - 1, from the shortest; 0 for an empty one. */
double readings_at(const struct readings *h, uint64_t rank);

/*
 * The observed reading at each level (0 to 1, ascending), the inverse of the empirical distribution
 * (Hyndman & Fan 1996 type 1); 0 for an empty one.
 */
void readings_quantiles(const struct readings *h, const double *levels, size_t n, double *out);

/* The longest ones, longest first, at most `most` and READINGS_LONGEST; returns how many. */
size_t readings_longest(const struct readings *h, double *out, size_t most);

#endif
