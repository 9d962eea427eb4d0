/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * columns: the one list of what a report says about a result; terminal, Markdown and CSV all come
 * from it.
 *
 * Internal to render. A new column is a row in columns.c.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COLUMNS_H
#define BPFTOLL_REPORTS_SHOW_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include "reports/record/record.h"
#include "reports/show/format.h"
#include "reports/show/table.h"

enum section {
	SECTION_COST = 1,   /* a workload's table */
	SECTION_EVENTS = 2, /* the event accounting of the bodies that send events */
	SECTION_ALL = 4,    /* CSV: everything, one row a result */
};

/*
 * A table of the results, to be printed and closed by the caller; NULL: out of memory. In text and
 * Markdown a column that says the same in every row and says it elsewhere too is left out; in text
 * mechanism is as well (*mechanism_told false) when the table would be wider than a page.
 */
struct table *columns_table(const struct record *rec, const struct record_result *const *results,
			    size_t n, enum section section, enum render_format format,
			    bool *mechanism_told);

#endif
