/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "reports/data_table.h"
#include "reports/quote.h"
#include "reports/table.h"
#include "reports/waterfall.h"

static const char *const headers[] = {"hook", "bodies", "calls", "length", "pid", "tgid", "order"};
#define COLUMNS (sizeof(headers) / sizeof(headers[0]))

static bool known(const struct record_cell *cell)
{
	return cell->data.length || cell->data.pid || cell->data.tgid || cell->data.order ||
	       cell->data.note;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Of one hook, and the same answers: cells of one row. */
static bool same_row(const struct record_cell *a, const struct record_cell *b)
{
	return known(a) && known(b) && same(a->hook, b->hook) &&
	       same(a->data.length, b->data.length) && same(a->data.pid, b->data.pid) &&
	       same(a->data.tgid, b->data.tgid) && same(a->data.order, b->data.order) &&
	       same(a->data.note, b->data.note);
}

static bool is_first(const struct record *rec, size_t cell)
{
	for (size_t i = 0; i < cell; i++)
		if (same_row(rec->cells[i], rec->cells[cell]))
			return false;
	return known(rec->cells[cell]);
}

/* "munmap" of "munmap_einval": the syscall that the probe names. */
static int call_length(const struct record_cell *cell)
{
	return (int)strcspn(cell->trigger, "_");
}

static bool same_call(const struct record_cell *a, const struct record_cell *b)
{
	int n = call_length(a);

	return n == call_length(b) && strncmp(a->trigger, b->trigger, (size_t)n) == 0;
}

/* The distinct bodies (or syscalls) of the row that starts at cell first, with commas. */
static void put_list(FILE *out, const struct record *rec, size_t first, bool calls,
		     enum render_format format)
{
	for (size_t i = first, told = 0; i < rec->n_cells; i++) {
		const struct record_cell *cell = rec->cells[i];
		bool seen = !same_row(rec->cells[first], cell);

		for (size_t k = first; k < i && !seen; k++)
			seen = same_row(rec->cells[k], cell) &&
			       (calls ? same_call(rec->cells[k], cell)
				      : same(rec->cells[k]->body, cell->body));
		if (seen)
			continue;
		if (told++)
			fputs(", ", out);
		if (calls)
			fprintf(out, "%.*s", call_length(cell), cell->trigger);
		else
			quote_part(out, cell->body, format);
	}
}

static void put_word(struct table *t, const char *word, enum render_format format)
{
	quote_part(table_cell(t), word ? word : "-", format);
}

static void put_row(struct table *t, const struct record *rec, size_t i, enum render_format format)
{
	const struct record_cell *cell = rec->cells[i];

	quote_part(table_cell(t), cell->hook, format);
	put_list(table_cell(t), rec, i, false, format);
	put_list(table_cell(t), rec, i, true, format);
	put_word(t, cell->data.length, format);
	put_word(t, cell->data.pid, format);
	put_word(t, cell->data.tgid, format);
	put_word(t, cell->data.order, format);
}

static void print_notes(struct page *p)
{
	const struct record *rec = p->rec;

	for (size_t i = 0; i < rec->n_cells; i++) {
		FILE *line;

		if (!is_first(rec, i) || !rec->cells[i]->data.note)
			continue;
		line = page_line(p);
		quote_part(line, rec->cells[i]->hook, p->format);
		fputc(' ', line);
		put_list(line, rec, i, false, p->format);
		fputs(": ", line);
		quote_part(line, rec->cells[i]->data.note, p->format);
		page_fact(p, "reports");
	}
}

int data_print(struct page *p)
{
	const struct record *rec = p->rec;
	struct table *t = table_open(COLUMNS);
	int err = 0;

	if (!t)
		return -ENOMEM;
	for (size_t i = 0; i < COLUMNS; i++)
		fputs(headers[i], table_cell(t));
	for (size_t i = 0; i < rec->n_cells; i++)
		if (is_first(rec, i))
			put_row(t, rec, i, p->format);
	if (table_rows(t) > 1) {
		fputs("What each probe reports, held against calls whose length, thread, process "
		      "and order are known",
		      page_line(p));
		page_heading(p);
		page_gap(p);
		err = table_print(t, p->format, p->out);
		print_notes(p);
		page_gap(p);
	}
	table_close(t);
	return err;
}

static bool is_wrong(const struct record_cell *cell)
{
	const char *const words[] = {cell->data.length, cell->data.pid, cell->data.tgid,
				     cell->data.order};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i] && strcmp(words[i], "wrong") == 0)
			return true;
	return false;
}

const char *data_of_hook(const struct record *rec, const char *hook)
{
	bool checked = false, refused = false, unsaid = false;

	for (size_t i = 0; i < rec->n_cells; i++) {
		const struct record_cell *cell = rec->cells[i];

		if (strcmp(cell->hook, hook) != 0 || !waterfall_sends(cell) ||
		    data_as_written(cell))
			continue;
		if (is_wrong(cell))
			return "wrong";
		checked = checked || cell->data.length;
		refused = refused || cell->status == CELL_SKIPPED;
		unsaid = unsaid || (cell->status == CELL_MEASURED && !cell->data.length);
	}
	if (checked)
		return "right";
	return refused && !unsaid ? "not available" : "not checked";
}

size_t data_findings(const struct record *rec, enum render_format format, FILE *line)
{
	size_t n = 0;

	for (size_t i = 0; i < rec->n_cells; i++) {
		const struct record_cell *cell = rec->cells[i];

		if (!is_first(rec, i) || !is_wrong(cell))
			continue;
		if (n++)
			fputc(' ', line);
		quote_part(line, cell->hook, format);
		fputc(' ', line);
		put_list(line, rec, i, false, format);
		fputs(data_as_written(cell)
			      ? " (the design's own code) does not report what it should: "
			      : " does not report what it should: ",
		      line);
		quote_part(line, cell->data.note ? cell->data.note : "it is wrong", format);
		fputc('.', line);
	}
	return n;
}
