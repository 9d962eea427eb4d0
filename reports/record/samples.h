/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * samples: the raw readings of one result, in DIR/samples/NAME.gz.
 *
 * Format: gzip (one member a round, appended) of little-endian uint32 lengths of timed regions in
 * TSC ticks, nothing taken off, rounds × calls_per_round of them, in the order in which they were
 * taken. SAMPLE_MIGRATED marks a call whose timed region began and ended on different CPUs,
 * SAMPLE_CENSORED one whose reader was still awake after 2 ms (older files mark both alike, as
 * migrated); SAMPLE_MAX means "at least this long". A result names its own and its baseline's; in
 * records before 0.2 the baseline's is "before-" and its own.
 */
#ifndef BPFTOLL_REPORTS_RECORD_SAMPLES_H
#define BPFTOLL_REPORTS_RECORD_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

#define SAMPLE_MIGRATED UINT32_MAX
#define SAMPLE_MAX	(UINT32_MAX - 1)
#define SAMPLE_CENSORED (UINT32_MAX - 2)

/* A length, and no mark. */
static inline bool sample_kept(uint32_t ticks)
{
	return ticks < SAMPLE_CENSORED || ticks == SAMPLE_MAX;
}

/* A file name (no '/', ends in .gz) for a result id, in out. */
void samples_name(const char *result_id, char *out, size_t len);

/* Appends one round to DIR/samples/NAME, making the folder if needed. 0 or -errno, reason in why.
 */
int samples_append(const char *dir, const char *name, const uint32_t *ticks, size_t n,
		   struct error *why);

/*
 * Hands the readings of DIR/samples/NAME on in order, some thousands at a time, so that any number
 * fits into little memory. take: 0, or -errno to stop. Returns as samples_read does; what was
 * handed on before a fault was good.
 */
typedef int samples_take(void *ctx, const uint32_t *ticks, size_t n);
int samples_each(const char *dir, const char *name, samples_take *take, void *ctx,
		 struct error *why);

/*
 * Reads all of DIR/samples/NAME; *out is malloc'ed, *n its length. A damaged or truncated file:
 * -EINVAL, and why says after how many readings.
 */
int samples_read(const char *dir, const char *name, uint32_t **out, size_t *n, struct error *why);

/*
 * Cuts off a round that was being written when its run was killed. readings: those that are left. 0
 * or -errno, reason in why: the file is as it was.
 */
int samples_mend(const char *dir, const char *name, size_t *readings, struct error *why);

#endif
