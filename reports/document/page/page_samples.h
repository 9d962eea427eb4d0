/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page_samples: all calls of a configuration -> its quantile function at a few hundred levels, and
 * the longest calls one by one.
 *
 * page_samples_open -> page_samples_add … -> page_samples_take -> page_samples_close. A file that
 * serves many results (a baseline's) is read once. Readings are streamed: any number of them takes
 * 700 KiB. Quantiles are observed readings (as in quantiles.h), exact below 8,192 ticks and within
 * 0.013 % above; the tail is exact.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_SAMPLES_H
#define BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_SAMPLES_H

#include <jansson.h>
#include <stddef.h>

#include "reports/record/record.h"

#define PAGE_SAMPLES_MOST 800 /* 2.5 KB each */
#define PAGE_SAMPLES_TAIL 50

struct page_samples;

/* NULL: out of memory. */
struct page_samples *page_samples_open(void);
void page_samples_close(struct page_samples *s);

/*
 * The index of DIR/samples/NAME among the page's samples. p50: the record's, of the same calls; NAN
 * where it does not say. -ENOENT: not kept, or damaged; -E2BIG:
 * the page has as many as it takes; -ENOMEM.
 */
int page_samples_add(struct page_samples *s, const struct record *rec, const char *dir,
		     const char *name, double p50);

/* How many files were left out for that, and for being damaged. */
size_t page_samples_left_out(const struct page_samples *s);
size_t page_samples_unreadable(const struct page_samples *s);

/* "quantile_levels", and "samples": taken once, the caller's. NULL: out of memory. */
json_t *page_samples_levels(void);
json_t *page_samples_take(struct page_samples *s);

#endif
