/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "reports/record/cache_state.h"
#include "reports/show/costs/result_notes.h"
#include "reports/show/events/event_cost.h"
#include "reports/show/listing.h"
#include "reports/show/verdict/matrix.h"
#include "reports/show/costs/price_tables.h"
#include "reports/show/render.h"
#include "reports/document/report_parts.h"
#include "reports/judge/costs/waterfall.h"
#include "reports/show/costs/waterfall_table.h"

#define WORKLOADS_MOST 8
#define RESULT(member) offsetof(struct record_result, member)

static int put_quantiles(struct report *r)
{
	static const struct column columns[] = {
		{"variant", put_text, RESULT(variant), 0},
		{"wakeup", put_wakeup_name, RESULT(wakeup), 0},
		{"typical", put_effect, RESULT(overhead.typical), COLUMN_RIGHT},
		{"mean", put_effect, RESULT(overhead.mean), COLUMN_RIGHT},
		{"p50 shift", put_effect, RESULT(overhead.p50), COLUMN_RIGHT},
		{"p90 shift", put_effect, RESULT(overhead.p90), COLUMN_RIGHT},
		{"p99 shift", put_effect, RESULT(overhead.p99), COLUMN_RIGHT},
		{"p99.9 shift", put_effect, RESULT(overhead.p999), COLUMN_RIGHT},
		{"max", put_length, RESULT(config.max), COLUMN_RIGHT},
	};
	struct listing l = LISTING(&r->page, columns);

	l.unit = r->configs[0]->unit;
	for (size_t i = 0; i < r->n_configs; i++)
		listing_row(&l, r->configs[i]);
	return listing_print(&l);
}

static void collect_workloads(const struct record *rec, struct axis *workloads)
{
	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i]->status == RESULT_MEASURED &&
		    strcmp(rec->results[i]->hook, "none") != 0)
			axis_add(workloads, rec->results[i]->workload, WORKLOADS_MOST);
}

/* A variant, and what it costs on each of several workloads. */
struct workloads_row {
	const char *variant, *wakeup;
	const struct record_result *found[WORKLOADS_MOST];
};

static void put_found(FILE *out, const struct entry *e)
{
	const struct record_result *result =
		((const struct workloads_row *)e->row)->found[e->column->at];

	put_effect_of(out, result ? &result->overhead.typical : NULL,
		      result ? result->unit : UNIT_NS);
}

/* How many workloads have the variant; *row is filled. */
static size_t find_all(const struct record *rec, const struct axis *workloads,
		       const struct record_result *like, struct workloads_row *row)
{
	size_t n = 0;

	*row = (struct workloads_row){like->variant, like->wakeup, {NULL}};
	for (size_t i = 0; i < rec->n_results; i++)
		for (size_t k = 0; k < workloads->n; k++) {
			const struct record_result *result = rec->results[i];

			if (result->status != RESULT_MEASURED || !cache_shown(rec, result) ||
			    strcmp(result->variant, like->variant) != 0 ||
			    strcmp(result->wakeup, like->wakeup) != 0 ||
			    strcmp(result->workload, workloads->name[k]) != 0)
				continue;
			row->found[k] = result;
			n++;
		}
	return n;
}

/* One row a variant that more than one workload has. */
static int put_workloads(struct report *r)
{
	struct column columns[WORKLOADS_MOST + 2] = {
		{"variant", put_text, offsetof(struct workloads_row, variant), 0},
		{"wakeup", put_wakeup_name, offsetof(struct workloads_row, wakeup), 0},
	};
	struct listing l = {.page = &r->page, .columns = columns, .n = 2};
	struct axis workloads = {.n = 0};

	collect_workloads(r->rec, &workloads);
	for (size_t k = 0; k < workloads.n; k++)
		columns[l.n++] = (struct column){workloads.name[k], put_found, k,
						 COLUMN_RIGHT | COLUMN_QUOTED};
	for (size_t i = 0; i < r->n_configs; i++) {
		struct workloads_row row;

		if (find_all(r->rec, &workloads, r->configs[i], &row) > 1)
			listing_row(&l, &row);
	}
	if (!l.rows || workloads.n < 2) {
		listing_drop(&l);
		return 0;
	}
	report_heading(r, "The same probes on other calls");
	report_text(r, "Typical cost by syscall under test, in ns. `getppid` is the control: no "
		       "probe names it, so what it pays is what every other syscall of the machine "
		       "pays. A cheap call resolves a probe better than a dear one.");
	page_gap(&r->page);
	return listing_print(&l);
}

int report_costs(struct report *r)
{
	int err;

	report_section(r, "Microbenchmarks");
	if (r->n_configs == 0) {
		report_absent(r, "results of a probe on a timed call", "run");
		return 0;
	}
	picture_distributions(r);
	picture_overheads(r);
	report_heading(r, "Latency added to one call");
	fprintf(page_line(&r->page),
		"%s, %s cache, in %s over the baseline of the same round (max: the longest call "
		"itself); ± 95 %% over %s. ",
		page_quote(&r->page, r->v.workload), page_quote(&r->page, r->configs[0]->cache),
		unit_name(r->configs[0]->unit),
		r->configs[0]->workers > 1 ? "worker processes" : "rounds");
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
		if (w.programs < WATERFALL_PROGRAMS_LEAST)
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
		report_absent(r, "the incremental programs and the prices of helpers",
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

/* A hook: its price with nothing and with each buffer, and why it was not measured. */
struct hook_row {
	const char *hook, *mechanism, *reason;
	const struct record_result *results[3];
	struct report *report;
};

/* Of the first empty result that was not measured; "" for none. */
static const char *why_not(const struct record *rec, const char *hook)
{
	for (size_t i = 0; i < rec->n_results; i++) {
		const struct record_result *result = rec->results[i];

		if (result->status != RESULT_MEASURED && strcmp(result->hook, hook) == 0 &&
		    strcmp(result->body, "empty") == 0)
			return result->reason ? result->reason : "";
	}
	return "";
}

static void put_hook_cost(FILE *out, const struct entry *e)
{
	const struct record_result *result =
		((const struct hook_row *)e->row)->results[e->column->at];

	put_effect_of(out, result ? &result->overhead.typical : NULL,
		      result ? result->unit : UNIT_NS);
}

static void put_same_data(FILE *out, const struct entry *e)
{
	const struct hook_row *row = e->row;

	report_data_of_hook(row->report, row->hook, out);
}

static int put_hooks(struct report *r)
{
	static const struct column columns[] = {
		{"hook", put_text, offsetof(struct hook_row, hook), 0},
		{"mechanism", put_text, offsetof(struct hook_row, mechanism), 0},
		{"empty, ns", put_hook_cost, 0, COLUMN_RIGHT},
		{"perf, none, ns", put_hook_cost, 1, COLUMN_RIGHT},
		{"ringbuf, none, ns", put_hook_cost, 2, COLUMN_RIGHT},
		{"same data", put_same_data, 0, 0},
		{"not measured because", put_text, offsetof(struct hook_row, reason), 0},
	};
	struct listing l = LISTING(&r->page, columns);
	struct axis hooks = {.n = 0};

	for (size_t i = 0; i < r->rec->n_results; i++)
		if (strcmp(r->rec->results[i]->hook, "none") != 0)
			axis_add(&hooks, r->rec->results[i]->hook, AXIS_MOST);
	listing_open(&l);
	for (size_t h = 0; h < hooks.n; h++) {
		const char *hook = hooks.name[h];
		struct hook_row row = {.hook = hook, .report = r};

		row.results[0] = report_result(r, hook, "empty", NULL);
		row.results[1] = report_result(r, hook, "perf", "idle");
		row.results[2] = report_result(r, hook, "ringbuf", "idle");
		row.mechanism = row.results[0] ? row.results[0]->mechanism : NULL;
		row.reason = row.results[0] ? "" : why_not(r->rec, hook);
		listing_row(&l, &row);
	}
	return listing_print(&l);
}

/* The dispatch, the lookup that hits, and the complete probe with nobody woken; the lab's records
 * have the rest. */
static bool is_headline(const struct record_result *result)
{
	return strcmp(result->hook, "none") != 0 &&
	       (strcmp(result->body, "empty") == 0 || strcmp(result->body, "lookup_hit") == 0 ||
		strcmp(result->wakeup, "idle") == 0);
}

/* The kernel's result of that id; NULL: not counted. */
static const struct record_result *counted(const struct record_set *e, size_t lab, const char *id)
{
	const struct record_result *result = record_find_result(e->labs[lab].record, id);

	return result && result->status == RESULT_MEASURED ? result : NULL;
}

static void put_counted(FILE *out, const struct entry *e)
{
	const struct record_result *like = e->row;
	const struct record_result *result = counted(e->list->with, e->column->at, like->id);

	put_effect_of(out, result ? &result->overhead.p50 : NULL, result ? result->unit : UNIT_NS);
}

/* Exact counts: rows are variants with their wakeup policy, columns kernels. */
static int put_kernels(struct report *r, const char *workload)
{
	const struct record_set *e = r->e;
	const struct record *widest = e->labs[0].record;
	struct column columns[RECORD_SET_MOST + 2] = {
		{"variant", put_text, RESULT(variant), 0},
		{"wakeup", put_wakeup_name, RESULT(wakeup), 0},
	};
	struct listing l = {.page = &r->page, .columns = columns, .n = 2, .with = e};

	for (size_t k = 0; k < e->n_labs; k++) {
		const char *kernel = e->labs[k].record->host.kernel;

		columns[l.n++] = (struct column){kernel ? kernel : "unknown", put_counted, k,
						 COLUMN_RIGHT | COLUMN_QUOTED};
		if (e->labs[k].record->n_results > widest->n_results)
			widest = e->labs[k].record;
	}
	listing_open(&l);
	for (size_t i = 0; i < widest->n_results; i++) {
		const struct record_result *like = widest->results[i];
		bool any = false;

		for (size_t k = 0; k < e->n_labs && !any; k++)
			any = counted(e, k, like->id);
		if (any && strcmp(like->workload, workload) == 0 &&
		    strcmp(like->cache, "hot") == 0 && is_headline(like))
			listing_row(&l, like);
	}
	return listing_print(&l);
}

int report_hooks(struct report *r)
{
	int err;

	report_section(r, "Probe types, over kernels");
	report_text(r, "The typical cost of each hook on this machine. `empty` is the price of the "
		       "dispatch: the attach mechanism itself. perf and ringbuf: the complete "
		       "probe with wakeup policy none. Same data: do its events hold the call's "
		       "length, thread, process and order, by test?");
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
		       "tick of the clock: the same on every run and host. No statement about "
		       "time: caches, predictors and nanoseconds are not in it.");
	picture_kernels(r);
	page_gap(&r->page);
	err = put_kernels(r, r->v.workload);
	picture_flame(r);
	return err;
}
