/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The appendix: each record's conditions, how to measure the same again, where the raw tables are,
 * and what could not be measured. */
#include <string.h>

#include "reports/document/report_parts.h"
#include "reports/document/report_words.h"
#include "reports/export/tables.h"
#include "reports/show/conditions.h"
#include "reports/show/escape.h"
#include "reports/show/unmeasured.h"

#define COMMAND_MOST 400

static const struct record *record_of(const struct record_set *e, size_t i)
{
	return i < e->n_runs ? e->runs[i].record : e->labs[i - e->n_runs].record;
}

static void put_command(struct report *r, size_t i)
{
	const struct record *rec = record_of(r->e, i);
	char command[COMMAND_MOST] = "";
	bool lab = i >= r->e->n_runs;
	size_t used = 0;

	for (size_t k = 0; k < rec->n_argv && used < sizeof(command); k++)
		used += (size_t)snprintf(command + used, sizeof(command) - used, "%s%s",
					 k ? " " : "", rec->argv[k]);
	fprintf(page_line(&r->page), "%s%s: ", lab ? "in a guest, " : "",
		tables_letter(lab ? i - r->e->n_runs : i, lab).text);
	if (rec->n_argv)
		words_code(r->page.line, command);
	else
		fputs("the command was not kept", r->page.line);
	fprintf(r->page.line, ", seed %llu", (unsigned long long)rec->seed);
	report_bullet(r);
}

static void put_system(struct report *r, size_t i)
{
	const struct record *rec = r->e->runs[i].record;
	char hosts[8], title[64];

	snprintf(title, sizeof(title), "Conditions of record %s", tables_letter(i, false).text);
	/* the host is told once: all records are of one machine */
	if (i == 0 || record_set_hosts_differ(r->e->runs[0].record, rec, hosts, sizeof(hosts))) {
		report_heading(r, title);
		r->page.rec = rec;
		conditions_facts(&r->page);
		r->page.rec = r->rec;
		return;
	}
	if (rec->n_warnings == 0 && !rec->partial)
		return;
	report_heading(r, title);
	for (size_t k = 0; k < rec->n_warnings; k++)
		page_tell(&r->page, "WARNING", "%s", page_quote(&r->page, rec->warnings[k]));
	if (rec->partial)
		page_tell(&r->page, "PARTIAL", "the run was stopped before its plan was done");
}

int report_appendix(struct report *r)
{
	int err = 0;

	report_section(r, "Appendix");
	if (*r->tables) {
		report_heading(r, "Raw tables");
		report_text(r,
			    "All rows of all records, with every member, are beside this report: "
			    "`%s`. Their first column is the record's letter.",
			    r->tables);
	}
	report_heading(r, "Commands that measure this again");
	for (size_t i = 0; i < r->e->n_runs + r->e->n_labs; i++)
		put_command(r, i);
	report_text(r, "The order of configurations follows from the seed. Times will differ "
		       "within their intervals, counts of instructions will not.");
	for (size_t i = 0; i < r->e->n_runs; i++)
		put_system(r, i);
	report_heading(r, "Not measured, and why");
	for (size_t i = 0; i < r->e->n_runs && !err; i++) {
		r->page.rec = r->e->runs[i].record;
		err = unmeasured_print(&r->page);
		r->page.rec = r->rec;
	}
	return err;
}
