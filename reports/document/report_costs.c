/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/record/cache_state.h"
#include "reports/show/events/event_cost.h"
#include "reports/record/record_rows.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"
#include "reports/show/listing.h"
#include "reports/show/render.h"
#include "reports/document/report_parts.h"
#include "reports/document/report_words.h"
#include "reports/judge/costs/waterfall.h"

#define WORKLOADS_MOST 8
#define KERNELS_MOST   6 /* columns of a page; results.csv has all */
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
	report_text(r, "Typical cost by syscall under test, in ns. `getppid` is the control. No "
		       "probe names it: it pays what every other syscall of the machine pays.");
	page_gap(&r->page);
	return listing_print(&l);
}

static void put_judged_text(FILE *out, const struct entry *e)
{
	const struct configuration *c = e->row;

	switch (e->column->at) {
	case 0:
		words_name(out, c->result);
		break;
	case 6:
		escape_part(out, c->result->cache, RENDER_MARKDOWN);
		break;
	case 1:
		put_effect_of(out, &c->result->overhead.p50, c->result->unit);
		break;
	case 2:
		words_p99(out, c->by[CRITERION_P99].measured);
		break;
	case 3:
		words_cpu(out, c);
		break;
	case 4:
		words_loss(out, c);
		break;
	default:
		fputs(verdict_name(c->verdict), out);
		if (c->verdict != VERDICT_GREEN)
			fprintf(out, " by %s", criterion_name(c->decided));
	}
}

static int put_judged(struct report *r)
{
	static const struct column columns[] = {
		{"configuration", put_judged_text, 0, 0},
		/* hot and stirred are two measurements of one configuration */
		{"cache", put_judged_text, 6, COLUMN_VARIES},
		{"median, ns", put_judged_text, 1, COLUMN_RIGHT},
		{"p99 of the cost", put_judged_text, 2, COLUMN_RIGHT},
		{"CPU", put_judged_text, 3, COLUMN_RIGHT},
		{"lost", put_judged_text, 4, COLUMN_RIGHT},
		{"result", put_judged_text, 5, 0},
	};
	struct listing l = LISTING(&r->page, columns);

	for (size_t i = 0; i < r->v.n; i++)
		if (r->v.rows[i].result->status == RESULT_MEASURED)
			listing_row(&l, &r->v.rows[i]);
	return listing_print(&l);
}

static int put_matrix(struct report *r)
{
	const struct budget *b = &r->v.budget;

	if (verdict_measured(&r->v) == 0)
		return 0;
	report_heading(r, "Decision matrix");
	report_text(
		r,
		"GREEN: the whole interval is below %g ns (p99), %g %% (CPU), %g %% (lost). RED: "
		"all of it is above %g ns or %g %%. YELLOW: surely not RED. INCONCLUSIVE: the "
		"interval reaches over the last limit, or nothing was measured.",
		b->p99_ns.green, b->cpu_percent.green, b->loss_percent.green, b->p99_ns.red,
		b->cpu_percent.red);
	page_gap(&r->page);
	return put_judged(r);
}

int report_costs(struct report *r)
{
	size_t sends = 0;
	int err;

	report_section(r, "Microbenchmark results");
	if (r->n_configs == 0)
		return put_matrix(r);
	report_heading(r, "Latency added to one call");
	picture_distributions(r);
	picture_overheads(r);
	fprintf(page_line(&r->page), "Added to one call, in %s, ±95 %%; max is the longest call. ",
		unit_name(r->configs[0]->unit));
	report_conditions(r, r->rec, r->configs[0]);
	page_note(&r->page);
	page_gap(&r->page);
	err = put_quantiles(r);
	if (!err)
		err = put_workloads(r);
	if (!err)
		err = put_matrix(r);
	for (size_t i = 0; i < r->n_configs; i++)
		sends += waterfall_sends(r->configs[i]);
	if (!err && sends) {
		report_heading(r, "Buffer and wakeup policy");
		err = event_cost_print(&r->page, r->configs, r->n_configs);
	}
	return err;
}

/* A hook: its price with nothing and with each buffer, and why it was not measured. */
struct hook_row {
	const char *hook, *mechanism, *reason;
	const struct record_result *results[3];
	const struct prediction_row *predicted[3]; /* of a hook of which nothing was measured */
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

/* "≈ 110..210": no measurement looks like it. */
static void put_prediction(FILE *out, const struct prediction_row *row)
{
	fputs("*≈ ", out);
	figure_predicted(out, row->ns.lo, row->ns.hi);
	fputc('*', out);
}

static void put_hook_cost(FILE *out, const struct entry *e)
{
	const struct hook_row *row = e->row;
	const struct record_result *result = row->results[e->column->at];

	if (!result && row->predicted[e->column->at]) {
		put_prediction(out, row->predicted[e->column->at]);
		return;
	}
	put_effect_of(out, result ? &result->overhead.typical : NULL,
		      result ? result->unit : UNIT_NS);
}

static void put_same_data(FILE *out, const struct entry *e)
{
	const struct hook_row *row = e->row;

	report_data_of_hook(row->report, row->hook, out);
}

/* Prices are those of one syscall and cache state. */
static bool predicts(const struct report *r)
{
	return r->predicted.asked && !r->predicted.err &&
	       !strcmp(r->v.workload, PREDICTION_WORKLOAD) &&
	       !strcmp(cache_of(r->rec), r->predicted.of.cache);
}

static bool is_measured(const struct report *r, const char *hook)
{
	for (size_t i = 0; i < r->rec->n_results; i++)
		if (r->rec->results[i]->status == RESULT_MEASURED &&
		    !strcmp(r->rec->results[i]->hook, hook))
			return true;
	return false;
}

/* Whence what is predicted in the table of hooks, and why other hooks have no range. */
static void say_predicted(struct report *r)
{
	const struct prediction *p = &r->predicted.of;
	const struct holdout *h = &p->holdout;
	FILE *line = page_line(&r->page);

	if (!r->predicted.asked)
		return;
	if (!predicts(r)) {
		fputs("Nothing is predicted for hooks that were not measured: ", line);
		escape_part(line,
			    r->predicted.err ? r->predicted.why.text
					     : "these costs are of another call or cache state",
			    RENDER_MARKDOWN);
		fputs(".", line);
		page_note(&r->page);
		return;
	}
	fputs("*≈* marks what was predicted, not measured. Its instructions were counted on "
	      "kernel ",
	      line);
	escape_part(line, p->lab->host.kernel, RENDER_MARKDOWN);
	fprintf(line, "; their prices were fitted to %zu costs", p->n_measured);
	if (p->n_known)
		fprintf(line, " and %zu prices in user space", p->n_known);
	fprintf(line,
		" of this machine. With its hook left out, %zu of %zu measured costs lie in their "
		"range. They are off by %.0f %% in the median, by %.0f %% at most. The ranges are "
		"of 95 %% if the errors of mechanisms are normal.",
		h->inside, h->scored, 100 * (exp(h->median) - 1), 100 * (exp(h->largest) - 1));
	page_note(&r->page);
	page_gap(&r->page);
	for (size_t i = 0; i < p->n_rows; i++) {
		const struct prediction_row *row = &p->rows[i];

		if (strcmp(row->lab->body, "empty") != 0 || !*row->withheld ||
		    is_measured(r, row->lab->hook))
			continue;
		line = page_line(&r->page);
		fputs("No range for ", line);
		escape_part(line, row->lab->hook, RENDER_MARKDOWN);
		fprintf(line, ": %s.", row->withheld);
		report_bullet(r);
	}
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
		if (predicts(r) && !is_measured(r, hook)) {
			row.predicted[0] = predicted_find(&r->predicted, hook, "empty", "-");
			row.predicted[1] = predicted_find(&r->predicted, hook, "perf", "idle");
			row.predicted[2] = predicted_find(&r->predicted, hook, "ringbuf", "idle");
		}
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

/* Is it in none of the records before? */
static bool first_of_labs(const struct record_set *e, size_t lab, const char *id)
{
	for (size_t k = 0; k < lab; k++)
		if (counted(e, k, id))
			return false;
	return true;
}

/* NULL: anything at all. */
static bool lab_has(const struct record *rec, const char *workload)
{
	for (size_t i = 0; i < rec->n_results; i++)
		if (rec->results[i]->status == RESULT_MEASURED &&
		    strcmp(rec->results[i]->hook, "none") != 0 &&
		    (!workload || strcmp(rec->results[i]->workload, workload) == 0))
			return true;
	return false;
}

/* Exact counts: rows are variants with their wakeup policy, columns kernels; of the verdict's
 * syscall where a record has it, else of all. */
static int put_kernels(struct report *r)
{
	const struct record_set *e = r->e;
	const char *workload = NULL;
	struct column columns[KERNELS_MOST + 3] = {
		{"variant", put_text, RESULT(variant), 0},
		{"wakeup", put_wakeup_name, RESULT(wakeup), COLUMN_NOT_DASH},
		{"syscall", put_text, RESULT(workload), COLUMN_VARIES},
	};
	struct listing l = {.page = &r->page, .columns = columns, .n = 3, .with = e};

	for (size_t k = 0; k < e->n_labs; k++)
		if (lab_has(e->labs[k].record, r->v.workload))
			workload = r->v.workload;
	for (size_t k = 0; k < e->n_labs; k++) {
		const char *kernel = e->labs[k].record->host.kernel;

		if (l.n == 3 + KERNELS_MOST || !lab_has(e->labs[k].record, workload))
			continue;
		columns[l.n++] = (struct column){kernel ? kernel : "unknown", put_counted, k,
						 COLUMN_RIGHT | COLUMN_QUOTED};
	}
	for (size_t k = 0; k < e->n_labs; k++)
		for (size_t i = 0; i < e->labs[k].record->n_results; i++) {
			const struct record_result *like = e->labs[k].record->results[i];

			if (counted(e, k, like->id) && first_of_labs(e, k, like->id) &&
			    (!workload || strcmp(like->workload, workload) == 0) &&
			    strcmp(like->cache, "hot") == 0 && is_headline(like))
				listing_row(&l, like);
		}
	if (l.rows)
		page_gap(&r->page);
	return listing_print(&l);
}

static int put_instructions(struct report *r)
{
	report_heading(r, "Over kernel versions, in exact instructions");
	report_text(r, "Added to one call, median, counted in guests where one instruction is one "
		       "tick of the clock. No statement about time: caches and predictors are not "
		       "in it. `results.csv` has all.");
	picture_kernels(r);
	return put_kernels(r);
}

int report_hooks(struct report *r)
{
	int err = 0;

	if (r->n_configs) {
		report_heading(r, "Probe types");
		report_text(r,
			    "The typical cost of each hook. An empty program's is the price of "
			    "the dispatch. perf and ringbuf: the complete probe without wakeups. "
			    "Same data: do its events hold what the call did, by test?");
		page_gap(&r->page);
		err = put_hooks(r);
		say_predicted(r);
		if (!err)
			err = report_data(r);
	}
	if (!err && r->e->n_labs)
		err = put_instructions(r);
	if (!err)
		picture_flame(r);
	return err;
}
