/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * page_parts: the sections of the page's document. Internal to reports/document/page.
 *
 * Each returns a new value for one member of the document; NULL: out of memory. record: an index
 * into "records", which has the runs, then the lab's records.
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_PARTS_H
#define BPFTOLL_REPORTS_DOCUMENT_PAGE_PAGE_PARTS_H

#include <jansson.h>

#include "reports/document/page/page_samples.h"
#include "reports/judge/record_set.h"
#include "reports/judge/verdict.h"

/* What the page is made of, and what it leaves out. */
struct page_source {
	const struct record_set *e;
	const struct verdicts *v;
	struct page_samples *samples;
	json_t *left_out; /* sentences */
};

/* The k-th of "records". dir: may be NULL. */
size_t page_records(const struct record_set *e);
const struct record *page_record(const struct record_set *e, size_t k, const char **dir);

/* Appends what the caps of this page left out. */
void page_leaves_out(const struct page_source *s, size_t n, const char *what);

json_t *page_budget(const struct budget *budget);
json_t *page_decision(const struct verdicts *v);
json_t *page_record_list(const struct record_set *e);
/* What must be known of the records together: runs that disagree, probes that report wrong data. */
json_t *page_findings(const struct record_set *e);
json_t *page_results(const struct page_source *s);

/* All rows of one kind, each with its record. */
json_t *page_rows(const struct record_set *e, const char *kind);
json_t *page_prices(const struct record_set *e);
json_t *page_claims(const struct record_set *e);
json_t *page_waterfalls(const struct record_set *e);
json_t *page_cold(const struct record_set *e);
json_t *page_conditions(const struct page_source *s);
json_t *page_curves(const struct page_source *s);
json_t *page_lab(const struct record_set *e);
/* null: no lab record has instructions by class. */
json_t *page_predicted(const struct record_set *e);
json_t *page_xrays(const struct page_source *s);

#endif
