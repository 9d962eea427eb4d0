/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/agree.h"
#include "reports/judge/matrix.h"
#include "reports/show/escape.h"
#include "reports/show/verdict_words.h"

static void put_conditions(struct page *page, const struct verdicts *v)
{
	const struct record_set *e = v->record_set;

	for (size_t r = 0; r < e->n_runs; r++) {
		const struct record *rec = e->runs[r].record;
		FILE *line = page_line(page);
		char label[16];

		agree_name(label, sizeof(label), r);
		escape_print(line, rec->created, page->format);
		fputs(", suite ", line);
		escape_print(line, rec->suite, page->format);
		fputs(", kernel ", line);
		escape_print(line, rec->host.kernel, page->format);
		fputs(", ", line);
		escape_print(line, rec->host.cpu, page->format);
		page_fact(page, e->n_runs > 1 ? label : "run");
		if (rec->partial) {
			fputs("the run was stopped before its plan was done", page_line(page));
			page_fact(page, "PARTIAL");
		}
		for (size_t i = 0; i < rec->n_warnings; i++) {
			escape_part(page_line(page), rec->warnings[i], page->format);
			page_fact(page, "DEGRADED");
		}
	}
	escape_part(page_line(page), v->workload, page->format);
	page_fact(page, "trigger");
	if (v->aa_p99_off > 0) {
		fprintf(page_line(page),
			"the p99 of two arms with nothing attached differs by %.0f ns: every p99 "
			"interval here is wider "
			"by that",
			v->aa_p99_off);
		page_fact(page, "A/A");
	} else if (!v->aa_measured && verdict_measured(v)) {
		fputs("not measured: nothing shows that zero is zero here", page_line(page));
		page_fact(page, "A/A");
	}
}

int matrix_first_lines(struct page *page, const struct verdicts *v)
{
	struct agreement agreement;
	int err = agree_record_set(v->record_set, &agreement);

	if (err)
		return err;
	verdict_say(page_line(page), v, page->format);
	page_fact(page, "VERDICT");
	if (agree_say(page_line(page), &agreement, page->format))
		page_fact(page, "DISAGREE");
	agree_free(&agreement);
	if (!v->narrowed && verdict_say_changes(page_line(page), v, page->format))
		page_fact(page, "changes");
	for (size_t i = 0; i < v->n; i++)
		if (verdict_first_of_hook(v, i)) {
			verdict_say_others(page_line(page), v, &v->rows[i], page->format);
			page_fact(page, "WARNING");
		}
	return 0;
}

static void heading(struct page *page, const char *text)
{
	fputs(text, page_line(page));
	page_heading(page);
}

int matrix_print(const struct verdicts *v, enum render_format format, FILE *out)
{
	const struct record *rec = v->record_set->n_runs ? v->record_set->runs[0].record : NULL;
	size_t measured = verdict_measured(v);
	struct page page;
	int err = page_open(&page, rec, format, out);

	if (err)
		return err;
	heading(&page, "Verdict");
	err = matrix_first_lines(&page, v);
	put_conditions(&page, v);
	matrix_budget(&page, v);
	heading(&page, "Decision matrix");
	if (!err)
		err = matrix_table(&page, v);
	if (!err && measured) {
		heading(&page, "What would settle what is open");
		matrix_settle(&page, v);
		heading(&page, "Budget check");
		err = matrix_check(&page, v);
	}
	if (!err && measured < v->n) {
		heading(&page, "Not measured on this machine");
		err = matrix_unmeasured(&page, v);
	}
	page_close(&page);
	return err;
}
