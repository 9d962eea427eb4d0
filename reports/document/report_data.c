/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the probes report: the finding for the summary, and the table where question 3 asks for the
 * same data. */
#include <stdbool.h>
#include <string.h>

#include "reports/show/costs/data_table.h"
#include "reports/document/report_parts.h"

/* The line as a paragraph of its own. */
static void put_finding(struct report *r)
{
	fputc('\0', r->page.line);
	fflush(r->page.line);
	fprintf(r->page.out, "\n**Wrong data.** %s\n", r->page.text);
}

void report_data_summary(struct report *r)
{
	if (data_findings(r->rec, RENDER_MARKDOWN, page_line(&r->page))) {
		put_finding(r);
		return;
	}
	/* a machine that cannot attach the kprobe under test: a guest can */
	for (size_t k = 0; k < r->e->n_labs; k++) {
		const struct record *lab = r->e->labs[k].record;

		if (!data_findings(lab, RENDER_MARKDOWN, page_line(&r->page)))
			continue;
		fprintf(r->page.line, " That was in a guest with kernel %s.",
			page_quote(&r->page, lab->host.kernel));
		put_finding(r);
		return;
	}
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
	int err;

	r->page.rec = r->rec;
	err = data_print(&r->page);
	for (size_t k = 0; k < r->e->n_labs && !err; k++) {
		const struct record *lab = r->e->labs[k].record;

		if (!data_findings(lab, RENDER_MARKDOWN, page_line(&r->page)))
			continue;
		fprintf(r->page.line, " (in a guest with kernel %s)",
			page_quote(&r->page, lab->host.kernel));
		page_note(&r->page);
	}
	return err;
}
