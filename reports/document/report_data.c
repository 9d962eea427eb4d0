/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the probes report: the finding for the summary, and the table where question 3 asks for the
 * same data. */
#include <stdbool.h>
#include <string.h>

#include "reports/show/costs/data_table.h"
#include "reports/document/report_parts.h"
#include "reports/document/report_words.h"
#include "reports/judge/costs/waterfall.h"
#include "reports/show/escape.h"

static const struct record_result *wrong_in(const struct record *rec, const char *workload)
{
	const struct record_result *first = NULL;

	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (!data_as_written(result) || !result->data.length ||
		    strcmp(result->data.length, "wrong") != 0)
			continue;
		if (strncmp(result->workload, workload, strcspn(workload, "_")) == 0)
			return result;
		if (!first)
			first = result;
	}
	return first;
}

const struct record_result *report_wrong_data(const struct report *r, const struct record **from)
{
	const struct record_set *e = r->e;

	/* a machine that cannot attach the kprobe under test: a guest can */
	for (size_t i = 0; i < e->n_runs + e->n_labs; i++) {
		const struct record_result *found;

		*from = i < e->n_runs ? e->runs[i].record : e->labs[i - e->n_runs].record;
		found = wrong_in(*from, r->v.workload);
		if (found)
			return found;
	}
	return NULL;
}

static bool is_answer(const char *word)
{
	return strcmp(word, "right") == 0 || strcmp(word, "wrong") == 0;
}

void report_data_of_hook(struct report *r, const char *hook, FILE *out)
{
	const char *here = data_of_hook(r->rec, hook);

	fputs(here, out);
	for (size_t k = 0; k < r->e->n_labs && !is_answer(here); k++) {
		const struct record *lab = r->e->labs[k].record;
		const char *there = data_of_hook(lab, hook);

		if (!is_answer(there))
			continue;
		fprintf(out, " here; %s in a guest with kernel %s", there,
			page_quote(&r->page, lab->host.kernel));
		return;
	}
}

int report_data(struct report *r)
{
	const struct record *from;
	const struct record_result *wrong = report_wrong_data(r, &from);
	int err;

	r->page.rec = r->rec;
	err = data_print(&r->page);
	if (wrong && from != r->rec && wrong->data.note) {
		FILE *line = page_line(&r->page);

		fputs("In ", line);
		words_record(line, r->e, from);
		fputs(", the code as written reports: *", line);
		escape_part(line, wrong->data.note, RENDER_MARKDOWN);
		fputs("*.", line);
		page_note(&r->page);
	}
	return err;
}
