/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the probes report: the finding for the summary, and the table where question 3 asks for the
 * same data. */
#include <stdbool.h>
#include <string.h>

#include "reports/show/costs/data_table.h"
#include "reports/show/escape.h"
#include "reports/document/report_parts.h"

void report_data_summary(struct report *r)
{
	FILE *line = page_line(&r->page);

	if (data_findings(r->rec, RENDER_MARKDOWN, line)) {
		fputc('\0', line);
		fflush(line);
		fprintf(r->page.out, "\n**Wrong data.** %s\n", r->page.text);
		return;
	}
	/* a machine that cannot attach the designed kprobe: a guest can */
	for (size_t k = 0; k < r->e->n_labs; k++) {
		const struct record *lab = r->e->labs[k].record;

		line = page_line(&r->page);
		if (!data_findings(lab, RENDER_MARKDOWN, line))
			continue;
		fputs(" That was in a guest with kernel ", line);
		escape_part(line, lab->host.kernel, RENDER_MARKDOWN);
		fputc('.', line);
		fputc('\0', line);
		fflush(line);
		fprintf(r->page.out, "\n**Wrong data.** %s\n", r->page.text);
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
		fprintf(out, " here; %s in a guest with kernel ", there);
		escape_part(out, lab->host.kernel, RENDER_MARKDOWN);
		return;
	}
}

int report_data(struct report *r)
{
	int err;

	r->page.rec = r->rec;
	err = data_print(&r->page);
	for (size_t k = 0; k < r->e->n_labs && !err; k++) {
		FILE *line = page_line(&r->page);

		if (!data_findings(r->e->labs[k].record, RENDER_MARKDOWN, line))
			continue;
		fputs(" (in a guest with kernel ", line);
		escape_part(line, r->e->labs[k].record->host.kernel, RENDER_MARKDOWN);
		fputs(")", line);
		page_note(&r->page);
	}
	return err;
}
