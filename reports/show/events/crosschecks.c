/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "reports/stats/combine.h"
#include "reports/show/events/crosschecks.h"
#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/show/listing.h"
#include "reports/record/record_rows.h"

static bool measured(const struct crosscheck *c)
{
	return c->status == RESULT_MEASURED;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static void put_more(FILE *out, const struct entry *e)
{
	const struct crosscheck *c = e->row;
	struct effect more = combine_difference(c->says, c->bpftoll);

	put_effect_of(out, &more, UNIT_NS);
}

/* The same but for the figures in them. */
static bool same_words(const char *a, const char *b)
{
	static const char figures[] = "0123456789.,+-";

	while (a && b) {
		a += strspn(a, figures);
		b += strspn(b, figures);
		if (*a != *b)
			return false;
		if (!*a++)
			return true;
		b++;
	}
	return a == b;
}

static bool same_why(const struct crosscheck *a, const struct crosscheck *b)
{
	return measured(a) && measured(b) && same_text(a->tool, b->tool) &&
	       same_text(a->quantity, b->quantity) && same_words(a->why, b->why);
}

/* Once for all rows of a tool whose reason is the same, with the first one's figures. */
static void put_why(struct page *page, size_t at)
{
	const struct crosscheck *rows = page->rec->crosschecks, *c = &rows[at];
	size_t more = 0;
	FILE *line;

	for (size_t i = 0; i < at; i++)
		if (same_why(&rows[i], c))
			return;
	for (size_t i = at + 1; i < page->rec->n_crosschecks; i++)
		more += same_why(&rows[i], c);
	line = page_line(page);
	fprintf(line, "%s of ", page_quote(page, c->tool));
	fprintf(line, "%s", page_quote(page, c->variant));
	if (more)
		fprintf(line, " (%zu more %s alike, with other figures)", more,
			more == 1 ? "is" : "are");
	fprintf(line, ": %s; ", page_quote(page, c->quantity));
	fprintf(line, "%s", page_quote(page, c->why));
	page_fact(page, "why");
}

static void put_commands(struct page *page)
{
	const struct record *rec = page->rec;

	for (size_t i = 0; i < rec->n_crosschecks; i++) {
		const struct crosscheck *c = &rec->crosschecks[i];
		bool told = !measured(c) || !c->command;

		for (size_t k = 0; k < i && !told; k++)
			told = measured(&rec->crosschecks[k]) &&
			       same_text(rec->crosschecks[k].tool, c->tool);
		if (!told)
			page_tell(page, "as run", "%s", page_quote(page, c->command));
	}
}

#define CHECK(member) offsetof(struct crosscheck, member)

int crosschecks_print(struct page *page)
{
	static const struct column columns[] = {
		{"variant", put_text, CHECK(variant), 0},
		{"syscall", put_text, CHECK(workload), COLUMN_VARIES},
		{"tool", put_text, CHECK(tool), 0},
		{"it says, ns", put_effect, CHECK(says), COLUMN_RIGHT},
		{"bpftoll, ns", put_effect, CHECK(bpftoll), COLUMN_RIGHT},
		{"more by", put_more, 0, COLUMN_RIGHT},
	};
	struct listing l = LISTING(page, columns);
	const struct record *rec = page->rec;
	const char *workload;
	int err;

	for (size_t i = 0; i < rec->n_crosschecks; i++)
		if (measured(&rec->crosschecks[i]))
			listing_row(&l, &rec->crosschecks[i]);
	if (!l.rows)
		return 0;
	workload = listing_same(&l, 1); /* quoted already */
	page_head(page, "Cross-check: what other tools say of the same probes");
	page_say(page, "%s%s%s ns a hit; more by: the tool's figure minus bpftoll's.",
		 workload ? "On " : "In", workload ? workload : "", workload ? "," : "");
	page_gap(page);
	err = listing_print(&l);
	page_gap(page);
	for (size_t i = 0; i < rec->n_crosschecks; i++)
		if (measured(&rec->crosschecks[i]) && rec->crosschecks[i].why)
			put_why(page, i);
	put_commands(page);
	return err;
}
