/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record/record_rows.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"
#include "reports/show/unmeasured.h"
#include "reports/record/wakeup_name.h"

/*
 * How many rows a name speaks for, from wide to narrow. BY_WAKEUP and BY_HOOK_WAKEUP are of results
 * that differ by what their reader does; rows of other kinds have BY_HOOK, BY_VARIANT and BY_ROW:
 * their name[0], [1] and [2].
 */
enum scope { BY_HOOK, BY_WAKEUP, BY_HOOK_WAKEUP, BY_VARIANT, BY_WORKLOAD, BY_ROW };

/* A row of any kind, and what it is called. */
struct view {
	const char *kind, *kinds;
	enum result_status status;
	const char *reason;
	const struct record_result *result; /* NULL: of another kind */
	const char *name[3];		    /* of the others; the id last */
	bool told;
};

struct views {
	size_t n;
	struct view row[];
};

static void add(struct views *views, struct view view)
{
	views->row[views->n++] = view;
}

static void collect_instructions(const struct record *rec, struct views *views)
{
	for (size_t i = 0; i < rec->n_instruction_prices; i++) {
		const struct instruction_price *p = &rec->instruction_prices[i];

		add(views, (struct view){"instruction's price",
					 "instructions' prices",
					 p->status,
					 p->reason,
					 NULL,
					 {p->name, p->name, p->id},
					 false});
	}
}

/* Results first. views has room for all. */
static void collect(const struct record *rec, struct views *views)
{
	for (size_t i = 0; i < rec->n_results; i++)
		add(views, (struct view){.kind = "configuration",
					 .kinds = "configurations",
					 .status = rec->results[i]->status,
					 .reason = rec->results[i]->reason,
					 .result = rec->results[i]});
	for (size_t i = 0; i < rec->n_slopes; i++) {
		const struct slope *s = &rec->slopes[i];

		add(views, (struct view){"price",
					 "prices",
					 s->status,
					 s->reason,
					 NULL,
					 {s->host_program, s->helper, s->id},
					 false});
	}
	collect_instructions(rec, views);
	for (size_t i = 0; i < rec->n_event_points; i++) {
		const struct event_point *e = &rec->event_points[i];

		add(views, (struct view){"event point",
					 "event points",
					 e->status,
					 e->reason,
					 NULL,
					 {e->hook, e->variant, e->id},
					 false});
	}
	for (size_t i = 0; i < rec->n_app_results; i++) {
		const struct app_result *a = &rec->app_results[i];

		add(views, (struct view){"program's figure",
					 "programs' figures",
					 a->status,
					 a->reason,
					 NULL,
					 {a->app, a->app, a->id},
					 false});
	}
	for (size_t i = 0; i < rec->n_crosschecks; i++) {
		const struct crosscheck *c = &rec->crosschecks[i];

		add(views, (struct view){"cross-check",
					 "cross-checks",
					 c->status,
					 c->reason,
					 NULL,
					 {c->tool, c->tool, c->id},
					 false});
	}
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_reason(const struct view *a, const struct view *b)
{
	return a->kind == b->kind && a->status == b->status && same_text(a->reason, b->reason);
}

static const char *name_of(const struct view *row, enum scope scope)
{
	return row->name[scope == BY_HOOK ? 0 : scope == BY_VARIANT ? 1 : 2];
}

static bool within(const struct view *a, const struct view *b, enum scope scope)
{
	const struct record_result *x = a->result, *y = b->result;

	if (a->kind != b->kind)
		return false;
	if (!x || !y)
		return same_text(name_of(a, scope), name_of(b, scope));
	switch (scope) {
	case BY_HOOK:
		return same_text(x->hook, y->hook);
	case BY_WAKEUP:
		return same_text(x->wakeup, y->wakeup);
	case BY_HOOK_WAKEUP:
		return same_text(x->hook, y->hook) && same_text(x->wakeup, y->wakeup);
	case BY_VARIANT:
		return same_text(x->variant, y->variant);
	case BY_WORKLOAD:
		return same_text(x->variant, y->variant) && same_text(x->workload, y->workload);
	case BY_ROW:
		break;
	}
	return a == b;
}

/* "kprobe_*" for a hook of which the record has one variant would claim more than was tried. */
static bool has_siblings(const struct views *all, const struct view *row, enum scope scope)
{
	for (size_t i = 0; i < all->n; i++) {
		if (within(row, &all->row[i], scope) && !within(row, &all->row[i], BY_VARIANT))
			return true;
	}
	return false;
}

static bool applies(const struct views *all, const struct view *row, enum scope scope)
{
	if (!row->result)
		return scope == BY_HOOK || scope == BY_VARIANT;
	if (scope == BY_WAKEUP && same_text(row->result->wakeup, "-"))
		return false;
	return scope >= BY_VARIANT || has_siblings(all, row, scope);
}

/* The widest scope in which every row failed like this one. */
static enum scope scope_of(const struct views *all, const struct view *row)
{
	for (enum scope scope = BY_HOOK; scope < BY_ROW; scope++) {
		size_t i = 0;

		if (!applies(all, row, scope))
			continue;
		while (i < all->n &&
		       (!within(row, &all->row[i], scope) || same_reason(row, &all->row[i])))
			i++;
		if (i == all->n)
			return scope;
	}
	return BY_ROW;
}

static void put_name(FILE *out, const struct record_result *result, enum scope scope,
		     enum render_format format)
{
	static const char all[] = "_*";
	bool wakeup =
		scope == BY_WAKEUP || (scope == BY_HOOK_WAKEUP && !same_text(result->wakeup, "-"));

	if (scope == BY_HOOK || scope == BY_HOOK_WAKEUP) {
		escape_part(out, result->hook, format);
		escape_part(out, all, format);
	} else if (scope != BY_WAKEUP) {
		escape_part(out, scope == BY_ROW ? result->id : result->variant, format);
	}
	if (scope == BY_HOOK_WAKEUP && !wakeup)
		fputs(" without events", out);
	if (wakeup) {
		fputs(scope == BY_WAKEUP ? "everything with wakeup policy "
					 : " with wakeup policy ",
		      out);
		escape_part(out, wakeup_name(result->wakeup).text, format);
	}
	if (scope == BY_WORKLOAD) {
		fputs(" on ", out);
		escape_part(out, result->workload, format);
	}
}

/* One reason's rows, of which first is the first; marks them as told. */
static void put_group(struct page *page, struct views *all, const struct view *first)
{
	FILE *line = page_line(page);
	size_t count = 0, names = 0;

	for (size_t i = 0; i < all->n; i++)
		count += same_reason(first, &all->row[i]);
	fprintf(line, "%s, ", result_status_name(first->status));
	figure_count(line, count);
	fprintf(line, " %s: ", count == 1 ? first->kind : first->kinds);
	for (size_t i = 0; i < all->n; i++) {
		struct view *row = &all->row[i];
		enum scope scope;

		if (row->told || !same_reason(first, row))
			continue;
		scope = scope_of(all, row);
		for (size_t k = i; k < all->n; k++) {
			if (same_reason(first, &all->row[k]) && within(row, &all->row[k], scope))
				all->row[k].told = true;
		}
		fputs(names++ ? ", " : "", line);
		if (row->result)
			put_name(line, row->result, scope, page->format);
		else
			escape_part(line, name_of(row, scope), page->format);
	}
	fprintf(line, ": %s",
		page_quote(page, first->reason ? first->reason : "no reason was recorded"));
	page_note(page);
}

int unmeasured_print(struct page *page)
{
	const struct record *rec = page->rec;
	size_t room = rec->n_results + rec->n_slopes + rec->n_event_points + rec->n_app_results +
		      rec->n_crosschecks + rec->n_instruction_prices;
	struct views *all = calloc(1, sizeof(*all) + room * sizeof(all->row[0]));
	bool headed = false;

	if (!all)
		return -ENOMEM;
	collect(rec, all);
	for (size_t i = 0; i < all->n; i++) {
		if (all->row[i].told || all->row[i].status == RESULT_MEASURED)
			continue;
		if (!headed)
			page_head(page, "Not measured");
		headed = true;
		put_group(page, all, &all->row[i]);
	}
	free(all);
	return 0;
}
