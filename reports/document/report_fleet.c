/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many machines: the verdict for each machine type and kernel, and what is missing. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/document/report_parts.h"
#include "reports/judge/fleet/fleet.h"
#include "reports/judge/fleet/fleet_places.h"
#include "reports/show/escape.h"
#include "reports/show/listing.h"

#define GAPS_MOST 40 /* named; a campaign that failed altogether is not a report's appendix */

/* "A" for the first type. */
static const char *type_name(const struct fleet *f, const char *type, char name[8])
{
	size_t n = 0;

	for (size_t i = 0; i < f->n_places && strcmp(f->places[i].type, type) != 0; i++)
		n += i + 1 < f->n_places && strcmp(f->places[i].type, f->places[i + 1].type) != 0;
	if (n < 26)
		snprintf(name, 8, "%c", (char)('A' + (char)n));
	else
		snprintf(name, 8, "%u", (unsigned int)(n + 1) % 100000);
	return name;
}

static void put_type(FILE *out, const struct entry *e)
{
	char name[8];

	fputs(type_name(e->list->with, ((const struct fleet_row *)e->row)->type, name), out);
}

static void put_number(FILE *out, const struct entry *e)
{
	figure_count(out, *(const size_t *)entry_member(e));
}

static void put_range(FILE *out, const struct fleet_row *row, enum criterion k)
{
	const struct fleet_criterion *c = &row->by[k];
	struct effect m = c->measured;

	if (c->part)
		m.hi = NAN;
	if (row->reason) {
		fputc('-', out);
	} else if (isnan(m.lo) && isnan(m.hi)) {
		fputs(c->covers == FLEET_NOTHING ? "withheld" : "unknown", out);
	} else if (isnan(m.lo) || isnan(m.hi)) {
		fputs(isnan(m.lo) ? "at most " : "at least ", out);
		figure_plain(out, isnan(m.lo) ? m.hi : m.lo, 3);
	} else {
		figure_plain(out, m.lo, 3);
		fputs(" to ", out);
		figure_plain(out, m.hi, 3);
	}
}

static void put_p99(FILE *out, const struct entry *e)
{
	put_range(out, e->row, CRITERION_P99);
}

static void put_cpu(FILE *out, const struct entry *e)
{
	put_range(out, e->row, CRITERION_CPU);
}

static void put_covers(FILE *out, const struct entry *e)
{
	static const char *const words[] = {"the runs", "next boot", "next machine"};
	const struct fleet_row *row = e->row;

	fputs(row->reason ? "-" : words[row->by[CRITERION_P99].covers], out);
}

static void put_result(FILE *out, const struct entry *e)
{
	const struct fleet_row *row = e->row;

	fputs(row->reason ? "skipped" : verdict_name(row->verdict), out);
}

/* What decides, and the configurations that the report speaks of. fleet.html has them all. */
static bool is_shown(const struct report *r, const struct fleet *f, const struct fleet_row *row)
{
	const struct configuration *named[] = {r->best, r->cheapest};
	bool shown = fleet_asked(f, row);

	for (size_t i = 0; i < sizeof(named) / sizeof(named[0]) && !shown; i++)
		shown = named[i] && !strcmp(named[i]->result->variant, row->variant) &&
			!strcmp(named[i]->result->wakeup, row->wakeup);
	return shown;
}

#define ROW(member) offsetof(struct fleet_row, member)

static int put_rows(struct report *r, const struct fleet *f)
{
	static const struct column columns[] = {
		{"type", put_type, 0, 0},
		{"kernel", put_text, ROW(kernel), 0},
		{"configuration", put_text, ROW(variant), 0},
		{"wakeup", put_wakeup_name, ROW(wakeup), 0},
		{"cache", put_text, ROW(cache), COLUMN_VARIES},
		{"machines", put_number, ROW(machines), COLUMN_RIGHT},
		{"boots", put_number, ROW(boots), COLUMN_RIGHT},
		{"p99 added, ns", put_p99, 0, COLUMN_RIGHT},
		{"CPU, %", put_cpu, 0, COLUMN_RIGHT},
		{"holds for", put_covers, 0, 0},
		{"result", put_result, 0, 0},
	};
	struct listing l = LISTING(&r->page, columns);

	l.with = f;
	for (size_t i = 0; i < f->n_rows; i++)
		if (is_shown(r, f, &f->rows[i]))
			listing_row(&l, &f->rows[i]);
	page_gap(&r->page);
	if (!l.rows)
		report_text(r, "None of these records has the probe under test.");
	return listing_print(&l);
}

static void put_types(struct report *r, const struct fleet *f)
{
	for (size_t i = 0; i < f->n_places; i++) {
		const char *type = f->places[i].type;
		char name[8], shown[200];

		if (i && !strcmp(type, f->places[i - 1].type))
			continue;
		snprintf(shown, sizeof(shown), "%.*s", (int)strcspn(type, "\n"), type);
		fprintf(page_line(&r->page), "%s: %s", type_name(f, type, name),
			page_quote(&r->page, shown));
		report_bullet(r);
	}
}

static void put_gaps(struct report *r, const struct fleet *f)
{
	if (!f->n_gaps)
		return;
	report_heading(r, "Missing or left out");
	for (size_t i = 0; i < f->n_gaps && i < GAPS_MOST; i++) {
		const char *where = page_quote(&r->page, f->gaps[i].where);

		fprintf(page_line(&r->page), "%s: %s", where, page_quote(&r->page, f->gaps[i].why));
		report_bullet(r);
	}
	if (f->n_gaps > GAPS_MOST)
		report_text(r, "%zu more are not listed here.", f->n_gaps - GAPS_MOST);
}

int report_fleet(struct report *r)
{
	const struct fleet *f = r->fleet;
	int err;

	if (!f)
		return 0;
	report_section(r, "Many machines");
	report_text(r,
		    "GREEN and RED hold for a run in a boot of its own on a further machine of the "
		    "type. Types and kernels are never taken together. "
		    "Types: %zu, machines: %zu, boots: %zu, records: %zu, missing or left out: "
		    "%zu.",
		    f->types, f->machines, f->boots, f->n_places, f->n_gaps);
	put_types(r, f);
	err = put_rows(r, f);
	put_gaps(r, f);
	return err;
}
