/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/events/event_accounting.h"
#include "reports/show/columns.h"

/* Rows to print: copies of results (their strings stay the record's) whose events are sums. */
struct accounting {
	struct record_result *row;
	const struct record_result **rows;
	size_t n;
};

static void add(struct accounting *accounting, const struct record_result *result)
{
	struct record_result *row = accounting->row;
	size_t i = 0;

	while (i < accounting->n && (strcmp(row[i].body, result->body) != 0 ||
				     strcmp(row[i].wakeup, result->wakeup) != 0))
		i++;
	if (i == accounting->n) {
		row[i] = *result;
		row[i].hook =
			row[0].hook; /* no part of a row here; a new hook would part the table */
		accounting->rows[accounting->n++] = &row[i];
		return;
	}
	row[i].events.produced += result->events.produced;
	row[i].events.received += result->events.received;
	row[i].events.lost += result->events.lost;
	row[i].events.lost_records += result->events.lost_records;
	row[i].events.wakeups += result->events.wakeups;
}

static int print_table(struct page *page, const struct accounting *accounting)
{
	bool mechanism_told;
	struct table *t = columns_table(page->rec, accounting->rows, accounting->n, SECTION_EVENTS,
					page->format, &mechanism_told);
	int err;

	if (!t)
		return -ENOMEM;
	page_gap(page);
	fputs("Event accounting, summed over the hooks: produced = received + lost, to the last "
	      "one. A "
	      "block of calls fits into the buffer and is read after it: that none is lost bounds "
	      "no "
	      "loss (run --suite events does).",
	      page_line(page));
	page_note(page);
	if (page->format == RENDER_MARKDOWN)
		page_gap(page);
	err = table_print(t, page->format, page->out);
	table_close(t);
	return err;
}

int accounting_print(struct page *page, const struct record_result *const *results, size_t n)
{
	struct accounting accounting = {.n = 0};
	int err = -ENOMEM;

	accounting.row = calloc(n + 1, sizeof(*accounting.row));
	accounting.rows =
		(const struct record_result **)calloc(n + 1, sizeof(struct record_result *));
	if (!accounting.row || !accounting.rows)
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (results[i]->events.present && results[i]->events.produced)
			add(&accounting, results[i]);
	}
	err = accounting.n ? print_table(page, &accounting) : 0;
out:
	free((void *)accounting.rows);
	free(accounting.row);
	return err;
}
