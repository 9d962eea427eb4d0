/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/cells.h"
#include "kit/comparison.h"
#include "kit/data.h"
#include "kit/point.h"
#include "reports/censor.h"
#include "reports/null_test.h"
#include "reports/samples.h"
#include "reports/stats.h"

#define COLD_UNCOUNTED "cold calls: the evictions between them would be counted too"

/* One panel while it is turned into cells. */
struct filling {
	const struct plan_panel *what;
	struct comparison *comparison;
	struct record *record;
	struct record_cell *baseline;
	char *why;
	size_t why_len;
};

static const struct worker_arm *arm_at(const struct filling *f, size_t i)
{
	return comparison_arm(f->comparison, i);
}

/* Rounds that are left out as a whole are told by the cell's stratum, not as calls that changed CPU. */
static void count_kept(const struct filling *f, size_t i, const struct arm_samples *samples,
		       struct record_cell *cell)
{
	const struct alone *alone = &f->comparison->alone;
	bool masks = alone_masks(alone, i);

	for (size_t r = 0; r < samples->rounds; r++) {
		const uint32_t *block = samples->ticks + r * samples->calls;

		if (masks && alone_excludes(alone, i, r))
			continue;
		for (size_t k = 0; k < samples->calls; k++)
			if (block[k] == SAMPLE_MIGRATED)
				cell->migrated++;
			else if (block[k] == SAMPLE_CENSORED)
				cell->censored++;
			else
				cell->n++;
	}
}

static const char *no_count(const struct filling *f, size_t i, const struct counter *c)
{
	const struct worker_arm *arm = arm_at(f, i);
	struct arm like = {.kind = arm->kind,
			   .variant = arm->variant < 0 ? NULL : &variants[arm->variant]};

	if (f->what->cache == CACHE_COLD)
		return COLD_UNCOUNTED;
	if (c->reason)
		return c->reason;
	return arm_hears_reads(&like) ? "user space cannot read it here, and the hook would run "
					"for read() too"
				      : "never counted a whole block";
}

/* Per call: arm minus its own baseline, of the rounds in which both were counted. */
static void fill_counters(const struct filling *f, size_t i, struct record_cell *cell)
{
	size_t n = f->comparison->results->page->n_counters, rounds = f->comparison->sum->rounds;
	const double *arm = f->comparison->sum->arms[i].counts,
		     *own = f->comparison->sum->arms[comparison_baseline(f->comparison, i)].counts;
	double *x = n && arm && own ? calloc(2 * rounds + 1, sizeof(*x)) : NULL;

	if (!x)
		return;
	cell->counters = calloc(n, sizeof(*cell->counters));
	for (size_t c = 0; cell->counters && c < n; c++) {
		const struct counter *what = counters_at(f->comparison->env->counters, c);
		struct counter_value *value = &cell->counters[cell->n_counters++];
		size_t got = 0;

		for (size_t r = 0; r < rounds; r++) {
			double d = arm[r * n + c] - own[r * n + c];

			if (!isfinite(d))
				continue;
			x[rounds + got] = own[r * n + c];
			x[got++] = d;
		}
		value->name = strdup(what->name);
		value->event = what->event ? strdup(what->event) : NULL;
		value->per_call = stats_mean_interval(x, got);
		value->baseline = stats_mean_interval(x + rounds, got);
		if (!got)
			value->reason = strdup(no_count(f, i, what));
	}
	free(x);
}

static int compare(struct filling *f, size_t i, struct record_cell *cell)
{
	const struct worker_arm *arm = arm_at(f, i);
	struct comparison *c = f->comparison;
	struct compare_scale scale = comparison_scale(c, i);
	struct loaded mine = {0}, before = {0};
	int err = comparison_load(c, i, i, &mine, f->why, f->why_len);

	if (err)
		return err;
	count_kept(f, i, &mine.samples, cell);
	err = compare_distribution(&mine.samples, arm->kind == ARM_FLOOR ? 0 : c->floor_ticks,
				   &scale, &cell->arm);
	if (!err && arm->kind != ARM_FLOOR && !comparison_is_baseline(arm)) {
		err = comparison_load(c, arm->own, i, &before, f->why, f->why_len);
		if (!err)
			err = compare_distribution(&before.samples, c->floor_ticks, &scale,
						   &cell->baseline);
		if (!err)
			err = comparison_overhead(c, i, &mine, &before, cell);
		censor_withhold(cell);
		if (!err)
			err = comparison_neighbour(c, i, cell);
		if (arm->kind == ARM_BARE || !arm->again)
			fill_counters(f, i, cell);
	}
	free(mine.ticks);
	free(before.ticks);
	return err;
}

static void fill_program(const struct program_facts *facts, struct record_cell *cell)
{
	cell->program.present = facts->xlated_bytes != 0;
	cell->program.verified_insns = facts->verified;
	cell->program.xlated_bytes = facts->xlated_bytes;
	cell->program.jited_bytes = facts->jited_bytes;
	cell->program.stack_bytes = facts->stack_bytes;
	cell->program.verify_us = facts->verify_us;
	cell->program.load_us = facts->load_us;
}

static void fill_events(const struct arm_books *books, struct record_cell *cell)
{
	if (!books->produced)
		return;
	cell->events.present = true;
	cell->events.produced = books->produced;
	cell->events.received = books->received;
	cell->events.lost = books->lost;
	cell->events.lost_records = books->lost_records;
	cell->events.wakeups = books->wakeups;
}

/* What the workers told of the arm, and where its readings are. */
static void fill_told(const struct filling *f, size_t i, struct record_cell *cell)
{
	const struct worker_page *page = f->comparison->results->page;
	const struct worker_arm *arm = arm_at(f, i);
	char name[168];

	cell->unit = page->unit;
	cell->status = arm->status;
	if (arm->status != CELL_MEASURED)
		cell->reason = strdup(arm->reason);
	cell->rounds = (unsigned int)f->comparison->sum->rounds;
	cell->calls_per_round = arm->calls;
	cell->workers = f->comparison->results->workers;
	cell->interval_over = strdup(cell->workers > 1 ? "worker processes" : "rounds");
	if (f->baseline && arm->kind != ARM_FLOOR && f->baseline != cell)
		cell->baseline_id = strdup(f->baseline->id);
	if (arm->kind == ARM_PROBE) {
		cell->hits.expected = arm->hits_expected;
		cell->hits.counted = arm->hits_counted;
		cell->mechanism = *arm->mechanism ? strdup(arm->mechanism) : NULL;
		fill_program(&arm->facts, cell);
		fill_events(&f->comparison->sum->arms[i].books, cell);
	}
	if (arm->kind == ARM_PROBE && !arm->again && arm->status == CELL_MEASURED &&
	    f->what->trigger->fires)
		data_fill(&variants[arm->variant], f->what->trigger->target, cell);
	if (arm->status != CELL_MEASURED || !f->comparison->env->keep_samples)
		return;
	worker_page_samples(page, f->comparison->panel, i, name, sizeof(name));
	cell->samples = strdup(name);
	if (arm->kind != ARM_FLOOR && !comparison_is_baseline(arm)) {
		worker_page_samples(page, f->comparison->panel, arm->own, name, sizeof(name));
		cell->baseline_samples = strdup(name);
	}
}

static struct record_cell *add_cell(const struct filling *f, size_t i)
{
	const struct worker_arm *arm = arm_at(f, i);
	const struct variant *v =
		arm->kind == ARM_PROBE && !arm->again ? &variants[arm->variant] : NULL;
	const char *body = arm->kind == ARM_FLOOR   ? "floor"
			   : arm->kind == ARM_PROBE ? "bb"
			   : arm->again		    ? "aa"
						    : "baseline";

	return record_add_cell(
		f->record,
		worker_arm_variant(f->comparison->results->page, f->comparison->panel, i),
		v ? hook_name(v->hook) : "none", v ? body_name(v->body) : body,
		f->what->trigger->name, drain_state_name(v ? arm->drain : DRAIN_OFF),
		cache_state_name(f->what->cache));
}

static int make_cell(struct filling *f, size_t i)
{
	struct record_cell *cell = add_cell(f, i);
	int err;

	if (!cell)
		return -ENOMEM;
	if (i == COMPARISON_BASELINE)
		f->baseline = cell;
	fill_told(f, i, cell);
	if (arm_at(f, i)->kind == ARM_PROBE && !arm_at(f, i)->again &&
	    reader_record(arm_at(f, i)->drain,
			  cell->unit == UNIT_INSTRUCTIONS &&
				  f->comparison->results->page->drain_cpu < 0,
			  &cell->reader))
		return -ENOMEM;
	if (cell->status != CELL_MEASURED)
		return 0;
	err = compare(f, i, cell);
	if (err == -ENOMEM)
		return err;
	if (err) {
		cell->status = CELL_INVALID;
		cell->reason = strdup(f->why);
	}
	return 0;
}

/* One baseline stands for all in the table; the others are there for their arms, which name their samples. */
static bool shown(const struct filling *f, size_t i)
{
	const struct worker_arm *arm = arm_at(f, i);

	if (comparison_is_baseline(arm))
		return i == COMPARISON_BASELINE;
	return !arm->again || arm->status == CELL_MEASURED;
}

static int fill_panel(struct filling *f)
{
	const struct panel_sum *sum = f->comparison->sum;
	int err = 0;

	if (isnan(f->record->floor.typical))
		f->record->floor = f->comparison->floor;
	for (size_t i = 0; i < sum->n_arms && !err; i++)
		if (shown(f, i) && (sum->rounds || arm_at(f, i)->status != CELL_MEASURED))
			err = make_cell(f, i);
	alone_note_conditions(&f->comparison->alone, f->what->trigger->name,
			      cache_state_name(f->what->cache), f->record);
	return err;
}

int cells_fill(const struct results *results, const struct plan *plan,
	       const struct harness_env *env, struct record *record, char *why, size_t why_len)
{
	int err = 0;

	for (size_t p = 0; p < plan->n_panels && !err; p++) {
		struct comparison comparison;
		struct filling filling = {
			.what = &plan->panels[p],
			.comparison = &comparison,
			.record = record,
			.why = why,
			.why_len = why_len,
		};

		err = comparison_open(results, p, env, &comparison, why, why_len);
		if (!err)
			err = fill_panel(&filling);
		comparison_close(&comparison);
	}
	if (err == -ENOMEM)
		snprintf(why, why_len, "out of memory");
	return err;
}

static void tell_null_test(const struct record_cell *cell, struct record *record)
{
	bool aa = !strcmp(cell->body, "aa");

	if ((!aa && strcmp(cell->body, "bb") != 0) || cell->status != CELL_MEASURED ||
	    null_test_cell(cell) == NULL_PASSES)
		return;
	record_add_degraded(record, "%s (%s): %s differ (%s), or nothing shows that they don't",
			    cell->trigger, cell->cache,
			    aa ? "two arms with nothing attached" : "two arms of one probe",
			    aa ? "A/A" : "B/B");
}

void cells_tell_conditions(const struct results *results, struct record *record, size_t from)
{
	const struct worker_page *page = results->page;

	for (size_t p = 0; p < page->n_panels; p++) {
		const struct worker_panel *panel = worker_page_panel(page, p);
		const struct panel_sum *sum = &results->panels[p];
		const char *name = triggers[panel->trigger].name;

		if (sum->steal > 0)
			record_add_degraded(record,
					    "%s (%s): other guests took %.1f %% of CPU %d (steal)",
					    name, cache_state_name(panel->cache),
					    sum->steal / sum->seconds, page->cpu);
		if (sum->switches)
			record_add_degraded(record,
					    "%s (%s): other tasks took CPU %d %llu times in %.0f s "
					    "(involuntary context switches of the process that "
					    "makes the timed calls)",
					    name, cache_state_name(panel->cache), page->cpu,
					    (unsigned long long)sum->switches, sum->seconds);
	}
	for (size_t i = from; i < record->n_cells; i++)
		tell_null_test(record->cells[i], record);
}
