/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/show/figure.h"
#include "reports/show/escape.h"
#include "reports/show/unmeasured.h"

/* From wide to narrow. BY_WAKEUP and BY_HOOK_WAKEUP are of results that differ by what their
 * consumer does. */
enum scope { BY_HOOK, BY_WAKEUP, BY_HOOK_WAKEUP, BY_VARIANT, BY_WORKLOAD, BY_RESULT };

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool same_reason(const struct record_result *a, const struct record_result *b)
{
	return a->status == b->status && same_text(a->reason, b->reason);
}

static bool within(const struct record_result *a, const struct record_result *b, enum scope scope)
{
	switch (scope) {
	case BY_HOOK:
		return same_text(a->hook, b->hook);
	case BY_WAKEUP:
		return same_text(a->wakeup, b->wakeup);
	case BY_HOOK_WAKEUP:
		return same_text(a->hook, b->hook) && same_text(a->wakeup, b->wakeup);
	case BY_VARIANT:
		return same_text(a->variant, b->variant);
	case BY_WORKLOAD:
		return same_text(a->variant, b->variant) && same_text(a->workload, b->workload);
	case BY_RESULT:
		break;
	}
	return a == b;
}

/* "kprobe_*" for a hook of which the record has one variant would claim more than was tried. */
static bool has_siblings(const struct record *rec, const struct record_result *result,
			 enum scope scope)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		if (within(result, rec->results[i], scope) &&
		    !within(result, rec->results[i], BY_VARIANT))
			return true;
	}
	return false;
}

static bool applies(const struct record *rec, const struct record_result *result, enum scope scope)
{
	if (scope == BY_WAKEUP && same_text(result->wakeup, "-"))
		return false;
	return scope >= BY_VARIANT || has_siblings(rec, result, scope);
}

/* The widest scope in which every result of the record failed like this one. */
static enum scope scope_of(const struct record *rec, const struct record_result *result)
{
	for (enum scope scope = BY_HOOK; scope < BY_RESULT; scope++) {
		size_t i = 0;

		if (!applies(rec, result, scope))
			continue;
		while (i < rec->n_results && (!within(result, rec->results[i], scope) ||
					      same_reason(result, rec->results[i])))
			i++;
		if (i == rec->n_results)
			return scope;
	}
	return BY_RESULT;
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
		escape_part(out, scope == BY_RESULT ? result->id : result->variant, format);
	}
	if (scope == BY_HOOK_WAKEUP && !wakeup)
		fputs(" without events", out);
	if (wakeup) {
		fputs(scope == BY_WAKEUP ? "everything in drain state " : " in drain state ", out);
		escape_part(out, result->wakeup, format);
	}
	if (scope == BY_WORKLOAD) {
		fputs(" on ", out);
		escape_part(out, result->workload, format);
	}
}

/* One reason's results, first is the first of them; marks them as told. */
static void put_group(struct page *page, bool *told, size_t first)
{
	const struct record *rec = page->rec;
	const struct record_result *head = rec->results[first];
	FILE *line = page_line(page);
	size_t count = 0, names = 0;

	for (size_t i = first; i < rec->n_results; i++)
		count += same_reason(head, rec->results[i]);
	fprintf(line, "%s, ", result_status_name(head->status));
	figure_count(line, count);
	fputs(count == 1 ? " cell: " : " cells: ", line);
	for (size_t i = first; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];
		enum scope scope;

		if (told[i] || !same_reason(head, result))
			continue;
		scope = scope_of(rec, result);
		for (size_t k = i; k < rec->n_results; k++) {
			if (same_reason(head, rec->results[k]) &&
			    within(result, rec->results[k], scope))
				told[k] = true;
		}
		fputs(names++ ? ", " : "", line);
		put_name(line, result, scope, page->format);
	}
	fputs(": ", line);
	escape_part(line, head->reason ? head->reason : "no reason was recorded", page->format);
	page_note(page);
}

int unmeasured_print(struct page *page)
{
	const struct record *rec = page->rec;
	bool *told = calloc(rec->n_results + 1, sizeof(*told));
	bool any = false;

	if (!told)
		return -ENOMEM;
	for (size_t i = 0; i < rec->n_results; i++) {
		if (told[i] || rec->results[i]->status == RESULT_MEASURED)
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
