/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "reports/show/costs/data_table.h"
#include "reports/show/escape.h"
#include "reports/show/listing.h"
#include "reports/judge/costs/waterfall.h"

static bool known(const struct record_result *result)
{
	return result->data.length || result->data.pid || result->data.tgid || result->data.order ||
	       result->data.note;
}

static bool same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Of one hook, and the same answers: results of one row. */
static bool same_row(const struct record_result *a, const struct record_result *b)
{
	return known(a) && known(b) && same(a->hook, b->hook) &&
	       same(a->data.length, b->data.length) && same(a->data.pid, b->data.pid) &&
	       same(a->data.tgid, b->data.tgid) && same(a->data.order, b->data.order) &&
	       same(a->data.note, b->data.note);
}

static bool is_first(const struct record *rec, size_t result)
{
	for (size_t i = 0; i < result; i++)
		if (same_row(rec->results[i], rec->results[result]))
			return false;
	return known(rec->results[result]);
}

/* "munmap" of "munmap_einval": the syscall that the probe names. */
static int call_length(const struct record_result *result)
{
	return (int)strcspn(result->workload, "_");
}

static bool same_call(const struct record_result *a, const struct record_result *b)
{
	int n = call_length(a);

	return n == call_length(b) && strncmp(a->workload, b->workload, (size_t)n) == 0;
}

/* The distinct programs (or syscalls) of the row that starts at result first, with commas. */
static void put_list(FILE *out, const struct record *rec, size_t first, bool calls,
		     enum render_format format)
{
	for (size_t i = first, told = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];
		bool seen = !same_row(rec->results[first], result);

		for (size_t k = first; k < i && !seen; k++)
			seen = same_row(rec->results[k], result) &&
			       (calls ? same_call(rec->results[k], result)
				      : same(rec->results[k]->body, result->body));
		if (seen)
			continue;
		if (told++)
			fputs(", ", out);
		if (calls)
			fprintf(out, "%.*s", call_length(result), result->workload);
		else
			escape_part(out, result->body, format);
	}
}

/* A row is the first result of those that say the same: its number in the record. */
static size_t number_of(const struct entry *e)
{
	const struct record_result *const *at = e->row;

	return (size_t)(at - (const struct record_result *const *)e->list->page->rec->results);
}

static void put_programs(FILE *out, const struct entry *e)
{
	put_list(out, e->list->page->rec, number_of(e), false, entry_format(e));
}

static void put_calls(FILE *out, const struct entry *e)
{
	put_list(out, e->list->page->rec, number_of(e), true, entry_format(e));
}

static void put_word(FILE *out, const struct entry *e)
{
	const struct record_result *const *at = e->row;

	put_text(out, &(struct entry){*at, e->column, e->list});
}

static void print_notes(struct page *p)
{
	const struct record *rec = p->rec;

	for (size_t i = 0; i < rec->n_results; i++) {
		FILE *line;

		if (!is_first(rec, i) || !rec->results[i]->data.note)
			continue;
		line = page_line(p);
		fprintf(line, "%s ", page_quote(p, rec->results[i]->hook));
		put_list(line, rec, i, false, p->format);
		fprintf(line, ": %s", page_quote(p, rec->results[i]->data.note));
		page_fact(p, "reports");
	}
}

#define RESULT(member) offsetof(struct record_result, member)

int data_print(struct page *p)
{
	static const struct column columns[] = {
		{"hook", put_word, RESULT(hook), 0},
		{"programs", put_programs, 0, 0},
		{"calls", put_calls, 0, 0},
		{"length", put_word, RESULT(data.length), 0},
		{"pid", put_word, RESULT(data.pid), 0},
		{"tgid", put_word, RESULT(data.tgid), 0},
		{"order", put_word, RESULT(data.order), 0},
	};
	struct listing l = LISTING(p, columns);
	const struct record *rec = p->rec;
	int err;

	for (size_t i = 0; i < rec->n_results; i++)
		if (is_first(rec, i))
			listing_row(&l, &rec->results[i]);
	if (!l.rows)
		return 0;
	page_head(p, "What each probe reports, checked by calls whose length, thread, process and "
		     "order are known");
	page_gap(p);
	err = listing_print(&l);
	print_notes(p);
	page_gap(p);
	return err;
}

static bool is_wrong(const struct record_result *result)
{
	const char *const words[] = {result->data.length, result->data.pid, result->data.tgid,
				     result->data.order};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (words[i] && strcmp(words[i], "wrong") == 0)
			return true;
	return false;
}

const char *data_of_hook(const struct record *rec, const char *hook)
{
	bool checked = false, refused = false, unsaid = false;

	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (strcmp(result->hook, hook) != 0 || !waterfall_sends(result) ||
		    data_as_written(result))
			continue;
		if (is_wrong(result))
			return "wrong";
		checked = checked || result->data.length;
		refused = refused || result->status == RESULT_SKIPPED;
		unsaid = unsaid || (result->status == RESULT_MEASURED && !result->data.length);
	}
	if (checked)
		return "right";
	return refused && !unsaid ? "not available" : "not checked";
}

size_t data_findings(const struct record *rec, enum render_format format, FILE *line)
{
	size_t n = 0;

	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (!is_first(rec, i) || !is_wrong(result))
			continue;
		if (n++)
			fputc(' ', line);
		escape_part(line, result->hook, format);
		fputc(' ', line);
		put_list(line, rec, i, false, format);
		fputs(data_as_written(result) ? " (the code of the probe under test) does not "
						"report what it should: "
					      : " does not report what it should: ",
		      line);
		escape_part(line, result->data.note ? result->data.note : "it is wrong", format);
		fputc('.', line);
	}
	return n;
}
