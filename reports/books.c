/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/books.h"
#include "reports/columns.h"

/* Rows to print: copies of cells (their strings stay the record's) whose events are sums. */
struct books {
	struct record_cell *row;
	const struct record_cell **rows;
	size_t n;
};

static void add(struct books *books, const struct record_cell *cell)
{
	struct record_cell *row = books->row;
	size_t i = 0;

	while (i < books->n &&
	       (strcmp(row[i].body, cell->body) != 0 || strcmp(row[i].drain, cell->drain) != 0))
		i++;
	if (i == books->n) {
		row[i] = *cell;
		row[i].hook =
			row[0].hook; /* no part of a row here; a new hook would part the table */
		books->rows[books->n++] = &row[i];
		return;
	}
	row[i].events.produced += cell->events.produced;
	row[i].events.received += cell->events.received;
	row[i].events.lost += cell->events.lost;
	row[i].events.lost_records += cell->events.lost_records;
	row[i].events.wakeups += cell->events.wakeups;
}

static int print_table(struct page *page, const struct books *books)
{
	bool mechanism_told;
	struct table *t = columns_table(page->rec, books->rows, books->n, SECTION_EVENTS,
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

int books_print(struct page *page, const struct record_cell *const *cells, size_t n)
{
	struct books books = {.n = 0};
	int err = -ENOMEM;

	books.row = calloc(n + 1, sizeof(*books.row));
	books.rows = (const struct record_cell **)calloc(n + 1, sizeof(struct record_cell *));
	if (!books.row || !books.rows)
		goto out;
	for (size_t i = 0; i < n; i++) {
		if (cells[i]->events.present && cells[i]->events.produced)
			add(&books, cells[i]);
	}
	err = books.n ? print_table(page, &books) : 0;
out:
	free((void *)books.rows);
	free(books.row);
	return err;
}
