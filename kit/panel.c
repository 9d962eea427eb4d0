/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "bpf/shared.h"
#include "kit/exact.h"
#include "kit/panel.h"
#include "kit/point.h"
#include "reports/censor.h"
#include "reports/compare.h"
#include "reports/p99_bound.h"
#include "reports/samples.h"
#include "reports/stats.h"

#define COLD_UNCOUNTED "cold calls: the evictions between them would be counted too"
#define WARMUP_MOST    1000 /* with the rehearsal it must fit into an unread buffer */

static const char *const kind_variant[] = {[ARM_FLOOR] = "window", [ARM_AA] = "none_again"};
static const char *const kind_body[] = {[ARM_FLOOR] = "floor", [ARM_AA] = "aa"};

static const char *arm_variant(const struct arm *arm)
{
	return arm->variant ? arm->variant->name : kind_variant[arm->kind];
}

/* The name that its samples will have; the cell itself is made when the panel is done. */
static const char *cache_name(const struct plan_panel *what)
{
	return what->cold ? "cold" : "hot";
}

static void name_samples(struct arm *arm, const struct plan_panel *what)
{
	char id[128];

	snprintf(id, sizeof(id), "%s/%s/%s/%s", arm_variant(arm), what->trigger->name,
		 drain_state_name(arm->drain_state), cache_name(what));
	samples_name(id, arm->samples, sizeof(arm->samples));
	if (arm->kind != ARM_FLOOR)
		snprintf(arm->before, sizeof(arm->before), SAMPLES_BEFORE "%s", arm->samples);
}

/*
 * What an event costs repeats with its place in the buffer: a perf record of 56 bytes crosses a page's end in 7 of 512 calls. An
 * exact block holds whole turns of that.
 */
#define EXACT_PERF_CALLS 512

static size_t calls_of(const struct panel *panel, const struct arm *arm)
{
	const struct plan *plan = panel->plan;
	size_t calls = arm->drain_state == DRAIN_CAUGHT_UP ? plan->gated_calls : plan->calls;

	if (panel->what->cold)
		return plan->cold_calls;

	if (panel->bench.exact && arm->variant && body_output(arm->variant->body) == OUTPUT_PERF &&
	    panel->what->trigger->fires && calls < EXACT_PERF_CALLS)
		calls = EXACT_PERF_CALLS;
	return calls;
}

static int make_arms(struct panel *panel)
{
	const struct plan_panel *what = panel->what;

	panel->arms = calloc(PANEL_PROBES + what->n_arms, sizeof(*panel->arms));
	if (!panel->arms)
		return -ENOMEM;
	panel->arms[PANEL_FLOOR].kind = ARM_FLOOR;
	panel->arms[PANEL_AA].kind = ARM_AA;
	panel->n_arms = PANEL_PROBES;
	for (size_t i = 0; i < what->n_arms; i++) {
		struct arm *arm = &panel->arms[panel->n_arms++];

		arm->kind = ARM_PROBE;
		arm->variant = what->arms[i].variant;
		arm->drain_state = what->arms[i].drain;
	}
	for (size_t i = 0; i < panel->n_arms; i++) {
		struct arm *arm = &panel->arms[i];

		arm->calls = calls_of(panel, arm);
		if (arm->calls > panel->calls_most)
			panel->calls_most = arm->calls;
		name_samples(arm, what);
	}
	return 0;
}

/* Readings go into memory that is there before the window needs it: written once, locked where that is allowed. */
static int make_buffers(struct panel *panel)
{
	size_t bytes = (ARM_SCRATCH + 2 * panel->calls_most) * sizeof(uint32_t);

	panel->bench.scratch = malloc(bytes);
	if (!panel->bench.scratch)
		return -ENOMEM;
	memset(panel->bench.scratch, 0xff, bytes);
	mlock(panel->bench.scratch, bytes);
	return 0;
}

static double *nan_row(size_t n)
{
	double *x = malloc(n * sizeof(*x));

	for (size_t i = 0; x && i < n; i++)
		x[i] = NAN;
	return x;
}

/* Counters need a row a round; where rounds are bounded by time, no more than this many are counted. */
#define COUNTED_ROUNDS_MOST 10000

static void make_counts(struct panel *panel)
{
	size_t n = panel->env->counters ? counters_count(panel->env->counters) : 0;
	size_t most = panel->plan->rounds ? panel->plan->rounds : COUNTED_ROUNDS_MOST;

	for (size_t i = 0; n && i < panel->n_arms; i++) {
		panel->arms[i].rounds_most = most;
		panel->arms[i].counts = nan_row(n * most);
		panel->arms[i].counts_before = nan_row(n * most);
	}
}

static void pilot(struct panel *panel)
{
	double warmup = 0;

	for (size_t i = 0; i < panel->n_arms && !*panel->env->stop; i++) {
		struct arm *arm = &panel->arms[i];

		arm_pilot(arm, &panel->bench);
		if (arm->status == CELL_MEASURED && !arm->gated)
			warmup = fmax(warmup, arm->steady_calls);
	}
	if (panel->bench.exact)
		tick_find(&panel->bench.tick);
	panel->bench.warmup = warmup < WARMUP_MOST ? (size_t)warmup : WARMUP_MOST;
}

int panel_open(struct panel *panel, const struct plan *plan, const struct plan_panel *what,
	       const struct harness_env *env, char *why, size_t why_len)
{
	int err;

	*panel = (struct panel){.plan = plan, .what = what, .env = env};
	panel->bench = (struct bench){
		.trigger = what->trigger,
		.measure_cpu = env->placement->cpu,
		.drain_cpu = env->placement->drain_cpu,
		.exact = plan->unit == UNIT_INSTRUCTIONS,
		.ticks_per_us = (uint64_t)(env->tsc->hz / 1e6),
		.counters = env->counters,
		.evict = what->cold ? env->evict : NULL,
		.idle_fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC),
	};
	err = trigger_open(what->trigger, &panel->bench.area, why, why_len);
	if (err)
		return err;
	err = make_arms(panel);
	if (!err)
		err = make_buffers(panel);
	if (err) {
		snprintf(why, why_len, "%s", strerror(-err));
		return err;
	}
	make_counts(panel);
	pilot(panel);
	return 0;
}

void panel_close(struct panel *panel)
{
	for (size_t i = 0; i < panel->n_arms; i++)
		arm_close(&panel->arms[i]);
	free(panel->arms);
	free(panel->bench.scratch);
	trigger_close(panel->what->trigger, panel->bench.area);
	if (panel->bench.idle_fd >= 0)
		close(panel->bench.idle_fd);
}

/* ---- evaluation -------------------------------------------------------------------------- */

struct loaded {
	uint32_t *ticks;
	struct arm_samples samples;
};

/* The rounds that all arms have; what is beyond them belongs to a round that was stopped. */
static int load(const struct panel *panel, const char *name, size_t calls, struct loaded *out,
		char *why, size_t why_len)
{
	size_t n;
	int err = samples_read(panel->env->dir, name, &out->ticks, &n, why, why_len);

	if (err)
		return err;
	if (n < panel->rounds * calls) {
		snprintf(why, why_len, "%s holds %zu readings of %zu", name, n,
			 panel->rounds * calls);
		free(out->ticks);
		out->ticks = NULL;
		return -EINVAL;
	}
	out->samples = (struct arm_samples){out->ticks, panel->rounds, calls};
	return 0;
}

static struct compare_scale scale_of(const struct panel *panel, const struct arm *arm)
{
	const struct tsc_rate *tsc = panel->env->tsc;

	return (struct compare_scale){
		.unit_per_tick = 1e9 / tsc->hz,
		.unit_per_tick_err = tsc->rel_err,
		.quantum = tsc->quantum,
		.seed = panel->env->seed,
		.period = reader_state(arm->drain_state)->every,
	};
}

static void count_kept(const struct arm_samples *samples, struct record_cell *cell)
{
	for (size_t i = 0; i < samples->rounds * samples->calls; i++)
		if (samples->ticks[i] == SAMPLE_MIGRATED)
			cell->migrated++;
		else if (samples->ticks[i] == SAMPLE_CENSORED)
			cell->censored++;
		else
			cell->n++;
}

/* Per event: arm minus its own baseline, of the rounds in which both were counted. */
static void fill_counters(const struct panel *panel, const struct arm *arm)
{
	struct record_cell *cell = arm->cell;
	size_t n = panel->env->counters ? counters_count(panel->env->counters) : 0;
	size_t rounds = panel->rounds < arm->rounds_most ? panel->rounds : arm->rounds_most;
	double *x =
		n && arm->counts && arm->counts_before ? calloc(2 * rounds + 1, sizeof(*x)) : NULL;
	double *bare;

	if (!x)
		return;
	bare = x + rounds;
	cell->counters = calloc(n, sizeof(*cell->counters));
	for (size_t i = 0; cell->counters && i < n; i++) {
		const struct counter *c = counters_at(panel->env->counters, i);
		struct counter_value *value = &cell->counters[cell->n_counters++];
		size_t got = 0;

		for (size_t r = 0; r < rounds; r++) {
			double d = arm->counts[r * n + i] - arm->counts_before[r * n + i];

			if (!isfinite(d))
				continue;
			bare[got] = arm->counts_before[r * n + i];
			x[got++] = d;
		}
		value->name = strdup(c->name);
		value->event = c->event ? strdup(c->event) : NULL;
		value->per_call = stats_mean_interval(x, got);
		value->baseline = stats_mean_interval(bare, got);
		if (!got)
			value->reason =
				strdup(panel->bench.evict ? COLD_UNCOUNTED
				       : c->reason	  ? c->reason
				       : arm_hears_reads(arm)
					       ? "user space cannot read it here, and the hook "
						 "would run for read() too"
					       : "never counted a whole block");
	}
	free(x);
}

static int compare(struct panel *panel, struct arm *arm, double floor_ticks, char *why,
		   size_t why_len)
{
	struct compare_scale scale = scale_of(panel, arm);
	struct loaded mine = {0}, before = {0};
	int err = load(panel, arm->samples, arm->calls, &mine, why, why_len);

	if (err)
		return err;
	count_kept(&mine.samples, arm->cell);
	err = compare_distribution(&mine.samples, arm->kind == ARM_FLOOR ? 0 : floor_ticks, &scale,
				   &arm->cell->arm);
	if (!err && *arm->before) {
		err = load(panel, arm->before, arm->calls, &before, why, why_len);
		if (!err)
			err = compare_distribution(&before.samples, floor_ticks, &scale,
						   &arm->cell->baseline);
		if (!err && panel->bench.exact && exact_rounds(&mine.samples) &&
		    exact_rounds(&before.samples))
			exact_overhead(&arm->cell->arm, &arm->cell->baseline, &arm->cell->overhead);
		else if (!err)
			err = compare_overhead(&mine.samples, &before.samples, &scale,
					       &arm->cell->overhead);
		if (!err && !panel->bench.exact)
			err = p99_bounds(&mine.samples, &before.samples, &scale, arm->cell);
		censor_withhold(arm->cell);
		fill_counters(panel, arm);
	}
	free(mine.ticks);
	free(before.ticks);
	return err;
}

static struct record_cell *add_cell(struct record *record, const struct plan_panel *what,
				    const struct arm *arm, enum unit unit)
{
	const struct variant *v = arm->variant;
	struct record_cell *cell =
		record_add_cell(record, arm_variant(arm), v ? hook_name(v->hook) : "none",
				v ? body_name(v->body) : kind_body[arm->kind], what->trigger->name,
				drain_state_name(arm->drain_state), cache_name(what));

	if (!cell)
		return NULL;
	if (v && reader_record(arm->drain_state,
			       unit == UNIT_INSTRUCTIONS && record->placement.drain_cpu < 0,
			       &cell->reader))
		return NULL;
	cell->unit = unit;
	cell->status = arm->status;
	if (arm->status != CELL_MEASURED)
		cell->reason = strdup(arm->reason);
	return cell;
}

static void fill_program(const struct arm *arm, struct record_cell *cell)
{
	const struct program_facts *facts = &arm->facts;

	cell->program.present = facts->xlated_bytes != 0;
	cell->program.verified_insns = facts->verified;
	cell->program.xlated_bytes = facts->xlated_bytes;
	cell->program.jited_bytes = facts->jited_bytes;
	cell->program.stack_bytes = facts->stack_bytes;
	cell->program.verify_us = facts->verify_us;
	cell->program.load_us = facts->load_us;
}

static void fill_cell(const struct panel *panel, const struct arm *arm)
{
	struct record_cell *cell = arm->cell;

	cell->rounds = (unsigned int)panel->rounds;
	cell->calls_per_round = arm->calls;
	if (*arm->before)
		cell->baseline_id = strdup(panel->baseline->id);
	cell->hits.expected = arm->hits_expected;
	cell->hits.counted = arm->hits_counted;
	if (*arm->mechanism)
		cell->mechanism = strdup(arm->mechanism);
	if (arm->status == CELL_MEASURED && panel->env->keep_samples)
		cell->samples = strdup(arm->samples);
	fill_program(arm, cell);
	if (arm->books.produced) {
		cell->events.present = true;
		cell->events.produced = arm->books.produced;
		cell->events.received = arm->books.received;
		cell->events.lost = arm->books.lost;
		cell->events.lost_records = arm->books.lost_records;
		cell->events.wakeups = arm->books.wakeups;
	}
}

/* In units of the record, the window's own cost still in it. */
static double floor_of(struct panel *panel, struct record *record, char *why, size_t why_len)
{
	const struct arm *floor = &panel->arms[PANEL_FLOOR];
	struct compare_scale scale = scale_of(panel, floor);
	struct distribution own = {.typical = NAN};
	struct loaded mine;

	if (load(panel, floor->samples, floor->calls, &mine, why, why_len))
		return 0;
	compare_distribution(&mine.samples, 0, &scale, &own);
	free(mine.ticks);
	if (!record->n_cells || isnan(record->floor.typical))
		record->floor = own;
	return own.typical / scale.unit_per_tick;
}

/* What A/A's own baseline blocks read stands for the bare operation, as a cell of its own. */
static int add_baseline(struct panel *panel, struct record *record, double floor_ticks, char *why,
			size_t why_len)
{
	const struct arm *aa = &panel->arms[PANEL_AA];
	struct compare_scale scale = scale_of(panel, aa);
	struct record_cell *cell =
		record_add_cell(record, "none", "none", "baseline", panel->what->trigger->name, "-",
				cache_name(panel->what));
	struct loaded before = {0};
	int err = cell ? load(panel, aa->before, aa->calls, &before, why, why_len) : -ENOMEM;

	if (err)
		return err;
	panel->baseline = cell;
	cell->unit = panel->plan->unit;
	cell->status = CELL_MEASURED;
	cell->rounds = (unsigned int)panel->rounds;
	cell->calls_per_round = aa->calls;
	cell->samples = panel->env->keep_samples ? strdup(aa->before) : NULL;
	count_kept(&before.samples, cell);
	err = compare_distribution(&before.samples, floor_ticks, &scale, &cell->arm);
	free(before.ticks);
	return err;
}

static double monotonic_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}

static void tell_conditions(const struct panel *panel, struct record *record)
{
	char label[96];

	snprintf(label, sizeof(label), "%s%s", panel->what->trigger->name,
		 panel->what->cold ? " (cold)" : "");
	if (panel->seen.steal_ticks)
		record_add_degraded(record, "%s: other guests took %.1f %% of CPU %d (steal)",
				    label,
				    100.0 * (double)panel->seen.steal_ticks /
					    (double)sysconf(_SC_CLK_TCK) / panel->wall_s,
				    panel->bench.measure_cpu);
	if (panel->seen.context_switches_involuntary)
		record_add_degraded(record,
				    "%s: other tasks took CPU %d %llu times in %.0f s (involuntary "
				    "context switches)",
				    label, panel->bench.measure_cpu,
				    (unsigned long long)panel->seen.context_switches_involuntary,
				    panel->wall_s);
	if (!(panel->arms[PANEL_AA].cell->overhead.typical.lo <= 0 &&
	      panel->arms[PANEL_AA].cell->overhead.typical.hi >= 0))
		record_add_degraded(record, "%s: A/A does not hold zero", label);
}

int panel_finish(struct panel *panel, struct record *record, char *why, size_t why_len)
{
	double written = monotonic_s();
	double floor_ticks = floor_of(panel, record, why, why_len);
	int err = add_baseline(panel, record, floor_ticks, why, why_len);

	for (size_t i = 0; i < panel->n_arms && !err; i++) {
		struct arm *arm = &panel->arms[i];

		arm_unload(arm, &panel->bench);
		arm->cell = add_cell(record, panel->what, arm, panel->plan->unit);
		if (!arm->cell)
			return -ENOMEM;
		fill_cell(panel, arm);
		if (arm->status == CELL_MEASURED &&
		    compare(panel, arm, floor_ticks, why, why_len)) {
			arm->cell->status = CELL_INVALID;
			arm->cell->reason = strdup(why);
		}
		/* after every cell, but not more often than one could be lost again by a kill */
		if (i + 1 == panel->n_arms || monotonic_s() - written > 1) {
			err = record_write(record, panel->env->dir, why, why_len);
			written = monotonic_s();
		}
	}
	if (!err)
		tell_conditions(panel, record);
	return err;
}

void panel_skip(const struct plan_panel *what, const struct harness_env *env, enum unit unit,
		struct record *record, const char *reason)
{
	(void)env;
	for (size_t i = 0; i < what->n_arms; i++) {
		struct arm arm = {
			.kind = ARM_PROBE,
			.variant = what->arms[i].variant,
			.drain_state = what->arms[i].drain,
			.status = CELL_SKIPPED,
		};

		snprintf(arm.reason, sizeof(arm.reason), "%s", reason);
		add_cell(record, what, &arm, unit);
	}
}
