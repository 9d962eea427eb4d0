/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * readings: any number of readings in 200 KiB: exact below 2,048 ticks, within 0.1 % above.
 *
 * readings_open -> readings_take (a samples_take) … -> readings_at, readings_above ->
 * readings_close.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_DRAW_READINGS_H
#define BPFTOLL_REPORTS_DOCUMENT_DRAW_READINGS_H

#include <stddef.h>
#include <stdint.h>

struct readings;

/* NULL: out of memory. */
struct readings *readings_open(void);
void readings_close(struct readings *h);

/* Migrated calls are left out. ctx: the readings. Returns 0. */
int readings_take(void *ctx, const uint32_t *ticks, size_t n);

uint64_t readings_count(const struct readings *h);

/* The reading at a rank, 0 to count - 1, from the shortest; 0 for an empty one. */
double readings_at(const struct readings *h, uint64_t rank);

#endif
