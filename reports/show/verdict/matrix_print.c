/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/judge/agree.h"
#include "reports/show/events/budget_tables.h"
#include "reports/show/verdict/diff_print.h"
#include "reports/show/verdict/matrix.h"
#include "reports/show/verdict/verdict_words.h"

static void put_conditions(struct page *page, const struct verdicts *v)
{
	const struct record_set *e = v->record_set;

	for (size_t r = 0; r < e->n_runs; r++) {
		const struct record *rec = e->runs[r].record;
		char label[16];

		agree_name(label, sizeof(label), r);
		page_tell(page, e->n_runs > 1 ? label : "run", "%s, suite %s, kernel %s, %s",
			  page_quote(page, rec->created), page_quote(page, rec->suite),
			  page_quote(page, rec->host.kernel), page_quote(page, rec->host.cpu));
		if (rec->partial)
			page_tell(page, "PARTIAL", "the run was stopped before its plan was done");
		for (size_t i = 0; i < rec->n_warnings; i++)
			page_tell(page, "WARNING", "%s", page_quote(page, rec->warnings[i]));
	}
	page_tell(page, "syscall", "%s", page_quote(page, v->workload));
	if (v->aa_p99_off > 0)
		page_tell(page, "null test",
			  "with nothing attached, the p99 of two configurations differs by %.0f "
			  "ns: every p99 interval here is wider by that",
			  v->aa_p99_off);
	else if (!v->aa_measured && verdict_measured(v))
		page_tell(page, "null test",
			  "not measured: the smallest difference that can be seen is not known");
}

/*
 * What is decided, in facts: the verdict, runs that disagree, the configurations that pass as a
 * change, what other syscalls pay. 0 or -ENOMEM.
 */
static int matrix_first_lines(struct page *page, const struct verdicts *v)
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

/* What event runs alone say of the budget: CPU and loss at its rate. 0 or -errno. */
static int print_events(struct page *page, const struct verdicts *v)
{
	const struct record_set *e = v->record_set;
	const struct record *first = page->rec;
	int err = 0;

	page->budget = &v->budget;
	for (size_t r = 0; r < e->n_runs && !err; r++) {
		page->rec = e->runs[r].record;
		err = sweeps_print_accounting(page);
	}
	page->rec = first;
	return err;
}

int matrix_print(const struct verdicts *v, enum render_format format, FILE *out)
{
	const struct record *rec = v->record_set->n_runs ? v->record_set->runs[0].record : NULL;
	size_t measured = verdict_measured(v);
	struct page page;
	int err = page_open(&page, rec, format, out);

	if (err)
		return err;
	page_head(&page, "Verdict");
	err = matrix_first_lines(&page, v);
	put_conditions(&page, v);
	matrix_budget(&page, v);
	if (v->n)
		page_head(&page, "Decision matrix");
	if (!err)
		err = v->n ? matrix_table(&page, v) : print_events(&page, v);
	if (!err && measured) {
		page_head(&page, "What would settle what is open");
		matrix_settle(&page, v);
		page_head(&page, "Budget check");
		err = matrix_check(&page, v);
	}
	if (!err && measured < v->n) {
		page_head(&page, "Not measured on this machine");
		err = matrix_unmeasured(&page, v);
	}
	page_close(&page);
	return err;
}
