/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <string.h>

#include "reports/show/axis.h"
#include "reports/record/cache_state.h"
#include "reports/show/result_notes.h"
#include "reports/show/events/event_cost.h"
#include "reports/show/figure.h"
#include "reports/judge/matrix.h"
#include "reports/show/costs/price_tables.h"
#include "reports/show/escape.h"
#include "reports/show/render.h"
#include "reports/document/report_parts.h"
#include "reports/show/table.h"
#include "reports/show/unmeasured.h"
#include "reports/judge/costs/waterfall.h"
#include "reports/show/costs/waterfall_table.h"

static int finish(struct report *r, struct table *t)
{
	int err = table_print(t, RENDER_MARKDOWN, r->page.out);

	table_close(t);
	return err;
}

static FILE *header(struct table *t, size_t column, bool right)
{
	if (right)
		table_align_right(t, column);
	return table_cell(t);
}

static void put_effect(struct table *t, struct effect e, enum unit unit)
{
	figure_effect(table_cell(t), e, unit, FIGURE_PLUS_MINUS);
}

static int put_quantiles(struct report *r)
{
	static const char *const names[] = {"variant",	 "drain",	"typical",
					    "mean",	 "p50 shift",	"p90 shift",
					    "p99 shift", "p99.9 shift", "max"};
	struct table *t = table_open(9);

	if (!t)
		return -ENOMEM;
	for (size_t c = 0; c < 9; c++)
		fputs(names[c], header(t, c, c > 1));
	for (size_t i = 0; i < r->n_configs; i++) {
		const struct record_result *result = r->configs[i];
		const struct overhead *o = &result->overhead;

		escape_part(table_cell(t), result->variant, RENDER_MARKDOWN);
		escape_part(table_cell(t), result->wakeup, RENDER_MARKDOWN);
		put_effect(t, o->typical, result->unit);
		put_effect(t, o->mean, result->unit);
		put_effect(t, o->p50, result->unit);
		put_effect(t, o->p90, result->unit);
		put_effect(t, o->p99, result->unit);
		put_effect(t, o->p999, result->unit);
		figure_length(table_cell(t), result->config.max, result->unit);
	}
	return finish(r, t);
}

static void collect_workloads(const struct record *rec, struct axis *workloads)
{
	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i]->status == RESULT_MEASURED &&
		    strcmp(rec->results[i]->hook, "none") != 0)
			axis_add(workloads, rec->results[i]->workload, 8);
}

/* One row a variant that more than one workload has. */
static int put_workloads(struct report *r)
{
	struct axis workloads = {.n = 0};
	struct table *t;

	collect_workloads(r->rec, &workloads);
	if (workloads.n < 2)
		return 0;
	t = table_open(workloads.n + 2);
	if (!t)
		return -ENOMEM;
	fputs("variant", header(t, 0, false));
	fputs("drain", header(t, 1, false));
	for (size_t k = 0; k < workloads.n; k++)
		escape_part(header(t, k + 2, true), workloads.name[k], RENDER_MARKDOWN);
	for (size_t i = 0; i < r->n_configs; i++) {
		const struct record_result *found[8] = {NULL};
		size_t n = 0;

		for (size_t c = 0; c < r->rec->n_results; c++)
			for (size_t k = 0; k < workloads.n; k++) {
				const struct record_result *result = r->rec->results[c];

				if (result->status == RESULT_MEASURED &&
				    strcmp(result->variant, r->configs[i]->variant) == 0 &&
				    strcmp(result->wakeup, r->configs[i]->wakeup) == 0 &&
				    cache_shown(r->rec, result) &&
				    strcmp(result->workload, workloads.name[k]) == 0) {
					found[k] = result;
					n++;
				}
			}
		if (n < 2)
			continue;
		escape_part(table_cell(t), r->configs[i]->variant, RENDER_MARKDOWN);
		escape_part(table_cell(t), r->configs[i]->wakeup, RENDER_MARKDOWN);
		for (size_t k = 0; k < workloads.n; k++) {
			FILE *out = table_cell(t);

			if (found[k])
				figure_effect(out, found[k]->overhead.typical, found[k]->unit,
					      FIGURE_PLUS_MINUS);
			else
				fputc('-', out);
		}
	}
	if (table_rows(t) < 2) {
		table_close(t);
		return 0;
	}
	report_heading(r, "The same probes on other calls");
	report_text(
		r,
		"Typical cost by trigger, in ns. `getppid` is the control: no probe names it, so "
		"what "
		"it pays is what every other syscall of the machine pays. A cheap call resolves a "
		"probe better than a dear one.");
	page_gap(&r->page);
	return finish(r, t);
}

int report_costs(struct report *r)
{
	int err;

	report_section(r, "Microbenchmarks");
	if (r->n_configs == 0) {
		report_absent(r, "cells of a probe on a timed call", "run");
		return 0;
	}
	picture_distributions(r);
	picture_overheads(r);
	report_heading(r, "Latency added to one call");
	escape_part(page_line(&r->page), r->v.workload, RENDER_MARKDOWN);
	fprintf(r->page.line,
		", hot caches, in %s over the baseline of the same round (max: the longest call "
		"itself); "
		"± 95 %% over rounds. ",
		unit_name(r->configs[0]->unit));
	report_conditions(r, r->rec, r->configs[0]);
	page_note(&r->page);
	page_gap(&r->page);
	err = put_quantiles(r);
	if (err)
		return err;
	page_gap(&r->page);
	result_notes_print(&r->page, r->configs, r->n_configs);
	return put_workloads(r);
}

int report_waterfall(struct report *r)
{
	bool any = r->rec->n_slopes > 0;
	int err = 0;

	report_section(r, "Helper waterfall");
	for (size_t i = 0; i < r->n_configs && !err; i++) {
		struct waterfall w;

		waterfall_of(r->configs, r->n_configs, r->configs[i]->hook, &w);
		if (w.rungs < WATERFALL_RUNGS_LEAST)
			continue;
		any = true;
		picture_waterfall(r);
		err = waterfall_print(&r->page, r->configs, r->n_configs);
		break;
	}
	for (size_t i = 0; i < r->e->n_runs && !err; i++) {
		r->page.rec = r->e->runs[i].record;
		any |= r->page.rec->n_slopes > 0;
		err = prices_print(&r->page);
		r->page.rec = r->rec;
	}
	if (!any)
		report_absent(r,
			      "the ladder of bodies (each one step longer) and the helpers' slopes",
			      "run --suite full, and bpftoll run --suite helpers");
	return err;
}

int report_maps(struct report *r)
{
	size_t sends = 0;
	int err;

	report_section(r, "Map types: perf buffer and ring buffer");
	for (size_t i = 0; i < r->n_configs; i++)
		sends += waterfall_sends(r->configs[i]);
	if (sends == 0) {
		report_absent(r, "probes that send events", "run");
		return 0;
	}
	err = event_cost_print(&r->page, r->configs, r->n_configs);
	if (!err)
		err = accounting_print(&r->page, r->configs, r->n_configs);
	return err;
}

static bool same_hook_body(const struct record_result *result, const char *hook, const char *body)
{
	return strcmp(result->hook, hook) == 0 && strcmp(result->body, body) == 0;
}

/* The first result of the hook and body that was not measured: why. */
static const char *why_not(const struct record *rec, const char *hook)
{
	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i]->status != RESULT_MEASURED &&
		    same_hook_body(rec->results[i], hook, "empty"))
			return rec->results[i]->reason;
	return NULL;
}

static int put_hooks(struct report *r)
{
	struct axis hooks = {.n = 0};
	struct table *t = table_open(7);

	if (!t)
		return -ENOMEM;
	fputs("hook", header(t, 0, false));
	fputs("mechanism", header(t, 1, false));
	fputs("empty, ns", header(t, 2, true));
	fputs("perf idle, ns", header(t, 3, true));
	fputs("ringbuf idle, ns", header(t, 4, true));
	fputs("same data", header(t, 5, false));
	fputs("not measured because", header(t, 6, false));
	for (size_t i = 0; i < r->rec->n_results; i++)
		if (strcmp(r->rec->results[i]->hook, "none") != 0)
			axis_add(&hooks, r->rec->results[i]->hook, AXIS_MOST);
	for (size_t h = 0; h < hooks.n; h++) {
		const struct record_result *results[] = {
			report_result(r, hooks.name[h], "empty", NULL),
			report_result(r, hooks.name[h], "perf", "idle"),
			report_result(r, hooks.name[h], "ringbuf", "idle"),
		};
		const char *reason = why_not(r->rec, hooks.name[h]);

		escape_part(table_cell(t), hooks.name[h], RENDER_MARKDOWN);
		escape_part(table_cell(t),
			    results[0] && results[0]->mechanism ? results[0]->mechanism : "-",
			    RENDER_MARKDOWN);
		for (size_t c = 0; c < 3; c++) {
			FILE *out = table_cell(t);

			if (results[c])
				figure_effect(out, results[c]->overhead.typical, results[c]->unit,
					      FIGURE_PLUS_MINUS);
			else
				fputc('-', out);
		}
		report_data_of_hook(r, hooks.name[h], table_cell(t));
		escape_part(table_cell(t), results[0] || !reason ? "" : reason, RENDER_MARKDOWN);
	}
	return finish(r, t);
}

/* The dispatch, the lookup that hits, and the whole probe with nobody woken; the lab's records have
 * the rest. */
static bool is_headline(const struct record_result *result)
{
	return strcmp(result->hook, "none") != 0 &&
	       (strcmp(result->body, "empty") == 0 || strcmp(result->body, "lookup_hit") == 0 ||
		strcmp(result->wakeup, "idle") == 0);
}

static bool counted(const struct record_set *e, const char *id)
{
	for (size_t k = 0; k < e->n_labs; k++) {
		const struct record_result *result = record_find_result(e->labs[k].record, id);

		if (result && result->status == RESULT_MEASURED)
			return true;
	}
	return false;
}

/* Exact counts: rows are variants with their drain, columns kernels. */
static int put_kernels(struct report *r, const char *workload)
{
	const struct record_set *e = r->e;
	struct table *t = table_open(e->n_labs + 2);
	const struct record *widest = e->labs[0].record;

	if (!t)
		return -ENOMEM;
	fputs("variant", header(t, 0, false));
	fputs("drain", header(t, 1, false));
	for (size_t k = 0; k < e->n_labs; k++) {
		escape_print(header(t, k + 2, true), e->labs[k].record->host.kernel,
			     RENDER_MARKDOWN);
		if (e->labs[k].record->n_results > widest->n_results)
			widest = e->labs[k].record;
	}
	for (size_t i = 0; i < widest->n_results; i++) {
		const struct record_result *like = widest->results[i];

		if (strcmp(like->workload, workload) != 0 || strcmp(like->cache, "hot") != 0 ||
		    !is_headline(like) || !counted(e, like->id))
			continue;
		escape_part(table_cell(t), like->variant, RENDER_MARKDOWN);
		escape_part(table_cell(t), like->wakeup, RENDER_MARKDOWN);
		for (size_t k = 0; k < e->n_labs; k++) {
			const struct record_result *result =
				record_find_result(e->labs[k].record, like->id);
			FILE *out = table_cell(t);

			if (result && result->status == RESULT_MEASURED)
				figure_effect(out, result->overhead.p50, result->unit,
					      FIGURE_PLUS_MINUS);
			else
				fputc('-', out);
		}
	}
	return finish(r, t);
}

int report_hooks(struct report *r)
{
	int err;

	report_section(r, "Probe types, over kernels");
	report_text(
		r,
		"The typical cost of each hook on this machine. `empty` prices the dispatch: the "
		"attach mechanism itself. Same data: do its events hold the call's length, thread, "
		"process and order, by test?");
	page_gap(&r->page);
	err = put_hooks(r);
	if (!err)
		err = report_data(r);
	if (!err && r->v.n) {
		report_heading(r, "Configurations that could not be judged here");
		err = matrix_unmeasured(&r->page, &r->v);
	}
	report_heading(r, "Over kernel versions, in exact instructions");
	if (err || r->e->n_labs == 0) {
		report_absent(r, "the exact lab's records (report --lab)",
			      "lab --kernel 5.10 --kernel 6.1 --kernel 6.12 --kernel 6.18");
		return err;
	}
	report_text(r, "Added to one call, median, counted in guests where one instruction is one "
		       "tick of the "
		       "clock: the same on every run and host. No statement about time: caches, "
		       "predictors and nanoseconds are not in it.");
	picture_kernels(r);
	page_gap(&r->page);
	err = put_kernels(r, r->v.workload);
	picture_flame(r);
	return err;
}
