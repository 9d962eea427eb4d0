/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * render: a record -> a table that an expert would believe. One column table drives all formats.
 */
#ifndef BPFTOLL_REPORTS_SHOW_RENDER_H
#define BPFTOLL_REPORTS_SHOW_RENDER_H

#include <stdio.h>
#include "reports/record/record.h"
#include "reports/show/format.h"

/* The whole record: conditions, one table a workload, skipped rows grouped by reason. 0 or -errno.
 */
int render_record(const struct record *rec, enum render_format format, FILE *out);

struct page;

/* Parts of it, for the report: the tables of each workload, and how to read them. */
int render_groups(struct page *p);
void render_legend(struct page *p);

/*
 * The measured configurations of one workload and cache state, in the order of its table. *out is
 * malloc'ed (free it, also when *n is 0). 0 or -ENOMEM.
 */
int render_configs(const struct record *rec, const char *workload, const char *cache,
		   const struct record_result ***out, size_t *n);

#endif
