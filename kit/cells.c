/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bpf/shared.h"
#include "kit/cells.h"
#include "kit/exact.h"
#include "reports/compare.h"
#include "reports/panel_effects.h"
#include "reports/samples.h"
#include "reports/stats.h"

#define COLD_UNCOUNTED "cold calls: the evictions between them would be counted too"
#define FLOOR	       0 /* the arms' order: worker_page.c, lay_panel */
#define BASELINE       1

/* Arms whose blocks are made alike, so that all their baselines measure the same thing. */
struct family {
	bool gated;
	size_t period;
	struct panel_effects *effects;
};
#define FAMILIES_MOST 16

/* One panel while it is turned into cells. */
struct evaluation {
	const struct results *results;
	const struct harness_env *env;
	const struct plan_panel *what;
	const struct panel_sum *sum;
	size_t panel;
	struct record *record;
	double floor_ticks;
	struct family families[FAMILIES_MOST];
	size_t n_families;
	size_t *id; /* of each arm in its family's effects; of a baseline in that of every family */
	struct record_cell *baseline;
	char *why;
	size_t why_len;
};

static const struct worker_arm *arm_at(const struct evaluation *e, size_t i)
{
	return worker_page_arm(e->results->page, e->panel, i);
}

static bool gated(const struct worker_arm *arm)
{
	return arm->drain == DRAIN_CAUGHT_UP;
}

static size_t period(const struct worker_arm *arm)
{
	return arm->kind == ARM_PROBE && arm->drain == DRAIN_SAMPLED ? WAKE_SAMPLE_EVERY : 1;
}

static bool is_baseline(const struct worker_arm *arm)
{
	return arm->kind == ARM_BARE && !arm->again;
}

static struct compare_scale scale_of(const struct evaluation *e, size_t arm_period)
{
	const struct tsc_rate *tsc = e->env->tsc;

	return (struct compare_scale){
		.unit_per_tick = 1e9 / tsc->hz,
		.unit_per_tick_err = tsc->rel_err,
		.quantum = tsc->quantum,
		.seed = e->env->seed,
		.period = arm_period,
	};
}

/* ---- samples --------------------------------------------------------------------------------------- */

struct loaded {
	uint32_t *ticks;
	struct arm_samples samples;
};

/* The rounds that all arms have; what is beyond them belongs to a round that was stopped. */
static int load(const struct evaluation *e, size_t i, struct loaded *out)
{
	size_t calls = arm_at(e, i)->calls, wanted = e->sum->rounds * calls, n;
	char name[168];
	int err;

	worker_page_samples(e->results->page, e->panel, i, name, sizeof(name));
	err = samples_read(e->env->dir, name, &out->ticks, &n, e->why, e->why_len);
	if (err)
		return err;
	if (n < wanted) {
		snprintf(e->why, e->why_len, "%s holds %zu readings of %zu", name, n, wanted);
		free(out->ticks);
		out->ticks = NULL;
		return -EINVAL;
	}
	out->samples = (struct arm_samples){
		.ticks = out->ticks,
		.rounds = e->sum->rounds,
		.calls = calls,
		.worker = e->results->workers > 1 ? e->sum->worker : NULL,
	};
	return 0;
}

static void count_kept(const struct arm_samples *samples, struct record_cell *cell)
{
	for (size_t i = 0; i < samples->rounds * samples->calls; i++)
		if (samples->ticks[i] == SAMPLE_MIGRATED)
			cell->migrated++;
		else
			cell->n++;
}

/* ---- the panel's effects, all arms together ---------------------------------------------------------- */

static struct family *family_of(struct evaluation *e, const struct worker_arm *arm)
{
	for (size_t f = 0; f < e->n_families; f++)
		if (e->families[f].gated == gated(arm) && e->families[f].period == period(arm))
			return &e->families[f];
	return NULL;
}

static int open_families(struct evaluation *e)
{
	const uint32_t *worker = e->results->workers > 1 ? e->sum->worker : NULL;
	int err = 0;

	for (size_t i = 0; i < e->sum->n_arms && !err; i++) {
		const struct worker_arm *arm = arm_at(e, i);
		struct compare_scale scale = scale_of(e, period(arm));
		struct family *family = &e->families[e->n_families];

		if (arm->kind == ARM_FLOOR || arm->status != CELL_MEASURED || family_of(e, arm))
			continue;
		if (e->n_families == FAMILIES_MOST)
			return -E2BIG;
		*family = (struct family){.gated = gated(arm), .period = period(arm)};
		err = panel_effects_open(e->sum->rounds, worker, &scale, &family->effects);
		e->n_families += !err;
	}
	return err;
}

static int add_baseline(struct evaluation *e, size_t i)
{
	struct loaded loaded;
	int err = load(e, i, &loaded);

	if (err)
		return err;
	/* baselines are added in the same order to each family of their kind: one id serves all */
	for (size_t f = 0; f < e->n_families && !err; f++)
		if (e->families[f].gated == gated(arm_at(e, i)))
			err = panel_effects_add_baseline(e->families[f].effects, &loaded.samples,
							 &e->id[i]);
	free(loaded.ticks);
	return err;
}

/* The baseline of a B/B arm is that of the arm it repeats. */
static size_t own_baseline(const struct evaluation *e, size_t i)
{
	const struct worker_arm *arm = arm_at(e, i);

	return arm->kind == ARM_PROBE && arm->again ? arm_at(e, arm->own)->own : arm->own;
}

static int add_arm(struct evaluation *e, size_t i)
{
	struct family *family = family_of(e, arm_at(e, i));
	struct loaded loaded;
	int err = load(e, i, &loaded);

	if (err)
		return err;
	err = panel_effects_add_arm(family->effects, &loaded.samples, e->id[own_baseline(e, i)],
				    &e->id[i]);
	free(loaded.ticks);
	return err;
}

static int fit(struct evaluation *e)
{
	int err = open_families(e);

	for (size_t i = 0; i < e->sum->n_arms && !err; i++)
		if (is_baseline(arm_at(e, i)) && arm_at(e, i)->status == CELL_MEASURED)
			err = add_baseline(e, i);
	for (size_t i = 0; i < e->sum->n_arms && !err; i++)
		if (arm_at(e, i)->kind != ARM_FLOOR && !is_baseline(arm_at(e, i)) &&
		    arm_at(e, i)->status == CELL_MEASURED)
			err = add_arm(e, i);
	for (size_t f = 0; f < e->n_families && !err; f++)
		err = panel_effects_fit(e->families[f].effects);
	return err;
}

/* ---- one cell ---------------------------------------------------------------------------------------- */

static bool is_exact(const struct evaluation *e)
{
	return e->results->page->unit == UNIT_INSTRUCTIONS;
}

static int overheads(struct evaluation *e, size_t i, const struct loaded *mine,
		     const struct loaded *before, struct record_cell *cell)
{
	const struct worker_arm *arm = arm_at(e, i);
	struct compare_scale scale = scale_of(e, period(arm));
	const struct family *family = family_of(e, arm);
	int err;

	if (is_exact(e) && exact_rounds(&mine->samples) && exact_rounds(&before->samples)) {
		exact_overhead(&cell->arm, &cell->baseline, &cell->overhead);
		return 0;
	}
	err = compare_overhead(&mine->samples, &before->samples, &scale, &cell->overhead);
	if (err)
		return err;
	if (arm->kind == ARM_PROBE && arm->again)
		return panel_effects_difference(family->effects, e->id[i], e->id[arm->own],
						&cell->overhead);
	return panel_effects_overhead(family->effects, e->id[i], &cell->overhead);
}

static const char *no_count(const struct evaluation *e, size_t i, const struct counter *c)
{
	const struct worker_arm *arm = arm_at(e, i);
	struct arm like = {.kind = arm->kind, .variant = &variants[arm->variant]};

	if (e->what->cache == CACHE_COLD)
		return COLD_UNCOUNTED;
	if (c->reason)
		return c->reason;
	return arm_hears_reads(&like) ? "user space cannot read it here, and the hook would run "
					"for read() too"
				      : "never counted a whole block";
}

/* Per call: arm minus its own baseline, of the rounds in which both were counted. */
static void fill_counters(const struct evaluation *e, size_t i, struct record_cell *cell)
{
	size_t n = e->results->page->n_counters, rounds = e->sum->rounds;
	const double *arm = e->sum->arms[i].counts, *own = e->sum->arms[own_baseline(e, i)].counts;
	double *x = n && arm && own ? calloc(2 * rounds + 1, sizeof(*x)) : NULL;

	if (!x)
		return;
	cell->counters = calloc(n, sizeof(*cell->counters));
	for (size_t c = 0; cell->counters && c < n; c++) {
		const struct counter *what = counters_at(e->env->counters, c);
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
			value->reason = strdup(no_count(e, i, what));
	}
	free(x);
}

static int compare(struct evaluation *e, size_t i, struct record_cell *cell)
{
	const struct worker_arm *arm = arm_at(e, i);
	struct compare_scale scale = scale_of(e, period(arm));
	struct loaded mine = {0}, before = {0};
	int err = load(e, i, &mine);

	if (err)
		return err;
	count_kept(&mine.samples, cell);
	err = compare_distribution(&mine.samples, arm->kind == ARM_FLOOR ? 0 : e->floor_ticks,
				   &scale, &cell->arm);
	if (!err && arm->kind != ARM_FLOOR && !is_baseline(arm)) {
		err = load(e, arm->own, &before);
		if (!err)
			err = compare_distribution(&before.samples, e->floor_ticks, &scale,
						   &cell->baseline);
		if (!err)
			err = overheads(e, i, &mine, &before, cell);
		if (arm->kind == ARM_PROBE && !arm->again)
			fill_counters(e, i, cell);
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
static void fill_told(const struct evaluation *e, size_t i, struct record_cell *cell)
{
	const struct worker_page *page = e->results->page;
	const struct worker_arm *arm = arm_at(e, i);
	char name[168];

	cell->unit = page->unit;
	cell->status = arm->status;
	if (arm->status != CELL_MEASURED)
		cell->reason = strdup(arm->reason);
	cell->rounds = (unsigned int)e->sum->rounds;
	cell->calls_per_round = arm->calls;
	cell->workers = e->results->workers;
	if (e->baseline && arm->kind != ARM_FLOOR && e->baseline != cell)
		cell->baseline_id = strdup(e->baseline->id);
	if (arm->kind == ARM_PROBE) {
		cell->hits.expected = arm->hits_expected;
		cell->hits.counted = arm->hits_counted;
		cell->mechanism = *arm->mechanism ? strdup(arm->mechanism) : NULL;
		fill_program(&arm->facts, cell);
		fill_events(&e->sum->arms[i].books, cell);
	}
	if (arm->status != CELL_MEASURED || !e->env->keep_samples)
		return;
	worker_page_samples(page, e->panel, i, name, sizeof(name));
	cell->samples = strdup(name);
	if (arm->kind != ARM_FLOOR && !is_baseline(arm)) {
		worker_page_samples(page, e->panel, arm->own, name, sizeof(name));
		cell->baseline_samples = strdup(name);
	}
}

static struct record_cell *add_cell(const struct evaluation *e, size_t i)
{
	const struct worker_arm *arm = arm_at(e, i);
	const struct variant *v =
		arm->kind == ARM_PROBE && !arm->again ? &variants[arm->variant] : NULL;
	const char *body = arm->kind == ARM_FLOOR   ? "floor"
			   : arm->kind == ARM_PROBE ? "bb"
			   : arm->again		    ? "aa"
						    : "baseline";

	return record_add_cell(e->record, worker_arm_variant(e->results->page, e->panel, i),
			       v ? hook_name(v->hook) : "none", v ? body_name(v->body) : body,
			       e->what->trigger->name, drain_state_name(v ? arm->drain : DRAIN_OFF),
			       cache_state_name(e->what->cache));
}

static int make_cell(struct evaluation *e, size_t i)
{
	struct record_cell *cell = add_cell(e, i);
	int err;

	if (!cell)
		return -ENOMEM;
	if (i == BASELINE)
		e->baseline = cell;
	fill_told(e, i, cell);
	if (cell->status != CELL_MEASURED)
		return 0;
	err = compare(e, i, cell);
	if (err == -ENOMEM)
		return err;
	if (err) {
		cell->status = CELL_INVALID;
		cell->reason = strdup(e->why);
	}
	return 0;
}

/* Its own cost, in ticks; the first one stands for the record. */
static double floor_of(struct evaluation *e)
{
	struct compare_scale scale = scale_of(e, 1);
	struct distribution own = {.typical = NAN};
	struct loaded mine;

	if (load(e, FLOOR, &mine))
		return 0;
	compare_distribution(&mine.samples, 0, &scale, &own);
	free(mine.ticks);
	if (isnan(e->record->floor.typical))
		e->record->floor = own;
	return own.typical / scale.unit_per_tick;
}

/* One baseline stands for all in the table; the others are there for their arms, which name their samples. */
static bool shown(const struct evaluation *e, size_t i)
{
	const struct worker_arm *arm = arm_at(e, i);

	if (is_baseline(arm))
		return i == BASELINE;
	return !arm->again || arm->status == CELL_MEASURED;
}

static int fill_panel(struct evaluation *e)
{
	int err = 0;

	e->id = calloc(e->sum->n_arms, sizeof(*e->id));
	if (!e->id)
		return -ENOMEM;
	if (e->sum->rounds) {
		e->floor_ticks = floor_of(e);
		err = fit(e);
	}
	for (size_t i = 0; i < e->sum->n_arms && !err; i++)
		if (shown(e, i) && (e->sum->rounds || arm_at(e, i)->status != CELL_MEASURED))
			err = make_cell(e, i);
	for (size_t f = 0; f < e->n_families; f++)
		panel_effects_close(e->families[f].effects);
	free(e->id);
	return err;
}

int cells_fill(const struct results *results, const struct plan *plan,
	       const struct harness_env *env, struct record *record, char *why, size_t why_len)
{
	int err = 0;

	for (size_t p = 0; p < plan->n_panels && !err; p++) {
		struct evaluation e = {
			.results = results,
			.env = env,
			.what = &plan->panels[p],
			.sum = &results->panels[p],
			.panel = p,
			.record = record,
			.why = why,
			.why_len = why_len,
		};

		err = fill_panel(&e);
	}
	if (err == -ENOMEM)
		snprintf(why, why_len, "out of memory");
	return err;
}

void cells_tell_conditions(const struct results *results, struct record *record)
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
					    "(involuntary context switches of the timing thread)",
					    name, cache_state_name(panel->cache), page->cpu,
					    (unsigned long long)sum->switches, sum->seconds);
	}
}
