/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/figure.h"
#include "reports/quote.h"
#include "reports/unmeasured.h"

/* From wide to narrow. BY_DRAIN and BY_HOOK_DRAIN are of cells that differ by what their consumer does. */
enum scope { BY_HOOK, BY_DRAIN, BY_HOOK_DRAIN, BY_VARIANT, BY_TRIGGER, BY_CELL };

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_reason(const struct record_cell *a, const struct record_cell *b)
{
	return a->status == b->status && same_text(a->reason, b->reason);
}

static bool within(const struct record_cell *a, const struct record_cell *b, enum scope scope)
{
	switch (scope) {
	case BY_HOOK:
		return same_text(a->hook, b->hook);
	case BY_DRAIN:
		return same_text(a->drain, b->drain);
	case BY_HOOK_DRAIN:
		return same_text(a->hook, b->hook) && same_text(a->drain, b->drain);
	case BY_VARIANT:
		return same_text(a->variant, b->variant);
	case BY_TRIGGER:
		return same_text(a->variant, b->variant) && same_text(a->trigger, b->trigger);
	case BY_CELL:
		break;
	}
	return a == b;
}

/* "kprobe_*" for a hook of which the record has one variant would claim more than was tried. */
static bool has_siblings(const struct record *rec, const struct record_cell *cell, enum scope scope)
{
	for (size_t i = 0; i < rec->n_cells; i++) {
		if (within(cell, rec->cells[i], scope) && !within(cell, rec->cells[i], BY_VARIANT))
			return true;
	}
	return false;
}

static bool applies(const struct record *rec, const struct record_cell *cell, enum scope scope)
{
	if (scope == BY_DRAIN && same_text(cell->drain, "-"))
		return false;
	return scope >= BY_VARIANT || has_siblings(rec, cell, scope);
}

/* The widest scope in which every cell of the record failed like this one. */
static enum scope scope_of(const struct record *rec, const struct record_cell *cell)
{
	for (enum scope scope = BY_HOOK; scope < BY_CELL; scope++) {
		size_t i = 0;

		if (!applies(rec, cell, scope))
			continue;
		while (i < rec->n_cells &&
		       (!within(cell, rec->cells[i], scope) || same_reason(cell, rec->cells[i])))
			i++;
		if (i == rec->n_cells)
			return scope;
	}
	return BY_CELL;
}

static void put_name(FILE *out, const struct record_cell *cell, enum scope scope,
		     enum render_format format)
{
	static const char all[] = "_*";
	bool drain = scope == BY_DRAIN || (scope == BY_HOOK_DRAIN && !same_text(cell->drain, "-"));

	if (scope == BY_HOOK || scope == BY_HOOK_DRAIN) {
		quote_part(out, cell->hook, format);
		quote_part(out, all, format);
	} else if (scope != BY_DRAIN) {
		quote_part(out, scope == BY_CELL ? cell->id : cell->variant, format);
	}
	if (scope == BY_HOOK_DRAIN && !drain)
		fputs(" without events", out);
	if (drain) {
		fputs(scope == BY_DRAIN ? "everything in drain state " : " in drain state ", out);
		quote_part(out, cell->drain, format);
	}
	if (scope == BY_TRIGGER) {
		fputs(" on ", out);
		quote_part(out, cell->trigger, format);
	}
}

/* One reason's cells, first is the first of them; marks them as told. */
static void put_group(struct page *page, bool *told, size_t first)
{
	const struct record *rec = page->rec;
	const struct record_cell *head = rec->cells[first];
	FILE *line = page_line(page);
	size_t count = 0, names = 0;

	for (size_t i = first; i < rec->n_cells; i++)
		count += same_reason(head, rec->cells[i]);
	fprintf(line, "%s, ", cell_status_name(head->status));
	figure_count(line, count);
	fputs(count == 1 ? " cell: " : " cells: ", line);
	for (size_t i = first; i < rec->n_cells; i++) {
		const struct record_cell *cell = rec->cells[i];
		enum scope scope;

		if (told[i] || !same_reason(head, cell))
			continue;
		scope = scope_of(rec, cell);
		for (size_t k = i; k < rec->n_cells; k++) {
			if (same_reason(head, rec->cells[k]) && within(cell, rec->cells[k], scope))
				told[k] = true;
		}
		fputs(names++ ? ", " : "", line);
		put_name(line, cell, scope, page->format);
	}
	fputs(": ", line);
	quote_part(line, head->reason ? head->reason : "no reason was recorded", page->format);
	page_note(page);
}

int unmeasured_print(struct page *page)
{
	const struct record *rec = page->rec;
	bool *told = calloc(rec->n_cells + 1, sizeof(*told));
	bool any = false;

	if (!told)
		return -ENOMEM;
	for (size_t i = 0; i < rec->n_cells; i++) {
		if (told[i] || rec->cells[i]->status == CELL_MEASURED)
			continue;
		if (!any) {
			fputs("Not measured", page_line(page));
			page_heading(page);
		}
		any = true;
		put_group(page, told, i);
	}
	free(told);
	return unmeasured_print_rows(page, any);
}
