/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/apps/price.h"
#include "kit/apps/session.h"
#include "reports/stats/abba.h"
#include "reports/effects/compare.h"
#include "reports/record/record_rows.h"
#include "reports/record/samples.h"
#include "reports/stats/stats.h"

/* the unit of the samples for reports/effects/compare.h: 0.1 us, up to 7 minutes */
#define TICKS_PER_S  1e7
#define MS_PER_TICK  1e-4
#define ALL_PROBES   "all_probes"
#define NO_TREATMENT "none"

static const struct effect unknown = {NAN, NAN, NAN};

/* ---- quantities of a window, from the program's own log ---- */

static void complete(const struct app_run *run, struct window *w)
{
	double *value = w->value, seconds = w->end - w->start;

	if (run->operations.n)
		value[Q_THROUGHPUT] = timeline_count(&run->operations, w->start, w->end) / seconds;
	if (run->pauses.n)
		value[Q_PAUSED] = timeline_share(&run->pauses, w->start, w->end);
	if (run->heap.n)
		value[Q_HEAP] = timeline_mean(&run->heap, w->start, w->end) / (1 << 20);
	if (run->app->operation && value[Q_THROUGHPUT] > 0)
		value[Q_CPU_PER_OPERATION] = value[Q_PROGRAM_CPU] * 1e4 / value[Q_THROUGHPUT];
}

/* ---- rows ---- */

struct app_result *session_add_row(struct session *s, const char *variant, const char *monitored,
				   const char *quantity, const char *measure)
{
	struct app_result *row = record_add_app_result(s->record);
	char id[192];

	if (!row)
		return NULL;
	snprintf(id, sizeof(id), "%s/%s/%s/%s", s->run.app->name, variant, monitored, quantity);
	row->id = strdup(id);
	row->app = strdup(s->run.app->name);
	row->scale = strdup(s->scale);
	row->variant = strdup(variant);
	row->monitored = strdup(monitored);
	row->quantity = strdup(quantity);
	row->measure = strdup(measure);
	row->status = RESULT_MEASURED;
	row->window_s = s->run.app->once ? NAN : s->window_s;
	return row;
}

/*
 * The mean of the known values, with its interval. It is not trimmed: calls and events come in
 * bursts, which trimming would remove. The interval of a rate is cut at zero.
 */
static struct effect mean_of(enum quantity q, const double *x, size_t n)
{
	struct effect e;

	if (!n)
		return unknown;
	if (q < Q_SYSCALLS || q > Q_EVICTIONS)
		return stats_trimmed_interval(x, n);
	e = stats_mean_interval(x, n);
	if (e.lo < 0)
		e.lo = fmin(e.value, 0);
	return e;
}

static struct effect turned(struct effect e)
{
	return (struct effect){-e.value, -e.hi, -e.lo};
}

/*
 * The share of CPU time that a probe takes lowers throughput by that share, and raises all that is
 * counted in time.
 */
static struct effect prediction_for(enum quantity q, struct effect predicted)
{
	switch (q) {
	case Q_THROUGHPUT:
		return predicted;
	case Q_CPU_PER_OPERATION:
	case Q_WALL:
	case Q_CPU_TIME:
		return turned(predicted);
	default:
		return unknown;
	}
}

static int quantity_row(struct session *s, const struct session_config *config, const char *variant,
			const char *monitored, enum quantity q, struct effect predicted)
{
	struct abba_pair *pairs = calloc(config->n + 1, sizeof(*pairs));
	double *with = calloc(config->n + 1, sizeof(*with));
	struct abba_change change = {unknown, unknown, unknown, 0};
	struct app_result *row;
	size_t known = 0;
	int err = pairs && with ? 0 : -ENOMEM;

	for (size_t i = 0; i < config->n && !err; i++) {
		pairs[i].without = config->pair[i].without.value[q];
		pairs[i].with = config->pair[i].with.value[q];
		if (!isnan(pairs[i].with))
			with[known++] = pairs[i].with;
	}
	if (!err && known)
		err = abba_change(pairs, config->n, &change);
	if (!err && known) {
		row = session_add_row(s, variant, monitored, quantity_name(q), quantity_measure(q));
		err = row ? 0 : -ENOMEM;
		if (row) {
			row->windows = (unsigned int)(change.pairs ? change.pairs : known);
			row->baseline = change.without;
			row->value = change.pairs ? change.with : mean_of(q, with, known);
			row->change = change.percent;
			row->visible = abba_visible(change.percent);
			row->predicted = prediction_for(q, predicted);
		}
	}
	free(pairs);
	free(with);
	return err;
}

/* ---- latencies: pooled quantiles, bootstrap over the pairs ---- */

static size_t most_in_a_window(const struct session_config *config, const struct timeline *timeline)
{
	size_t most = 0;

	for (size_t i = 0; i < config->n; i++) {
		const struct window *w[] = {&config->pair[i].without, &config->pair[i].with};

		for (int k = 0; k < 2; k++) {
			size_t n = timeline_at(timeline, w[k]->end) -
				   timeline_at(timeline, w[k]->start);

			most = n > most ? n : most;
		}
	}
	return most;
}

/* One row for each pair of windows; entries without a sample are marked as left out. */
static uint32_t *lengths(const struct session_config *config, const struct timeline *timeline,
			 bool with, size_t columns)
{
	uint32_t *ticks = malloc(config->n * columns * sizeof(*ticks));

	for (size_t i = 0; ticks && i < config->n; i++) {
		const struct window *w = with ? &config->pair[i].with : &config->pair[i].without;
		size_t from = timeline_at(timeline, w->start), to = timeline_at(timeline, w->end);

		for (size_t k = 0; k < columns; k++) {
			uint32_t *out = &ticks[i * columns + k];

			*out = SAMPLE_MIGRATED;
			if (from + k < to)
				*out = (uint32_t)fmin(timeline->sample[from + k].length *
							      TICKS_PER_S,
						      UINT32_MAX - 1.0);
		}
	}
	return ticks;
}

static int quantile_row(struct session *s, const struct session_config *config, const char *variant,
			const char *monitored, const char *quantity, double base,
			struct effect shift)
{
	struct app_result *row;

	if (isnan(shift.value) || isnan(base))
		return 0;
	row = session_add_row(s, variant, monitored, quantity, "ms");
	if (!row)
		return -ENOMEM;
	row->windows = (unsigned int)config->n;
	row->baseline.value = base;
	row->value = (struct effect){base + shift.value, base + shift.lo, base + shift.hi};
	if (base > 0)
		row->change = (struct effect){100 * shift.value / base, 100 * shift.lo / base,
					      100 * shift.hi / base};
	row->visible = abba_visible(row->change);
	return 0;
}

static int latency_rows(struct session *s, const struct session_config *config, const char *variant,
			const char *monitored, const struct timeline *timeline, const char *what)
{
	size_t columns = most_in_a_window(config, timeline);
	struct compare_scale scale = {
		.unit_per_tick = MS_PER_TICK, .quantum = 1, .seed = s->env->seed};
	struct config_samples with = {.rounds = config->n, .calls = columns}, without = with;
	uint32_t *a = NULL, *b = NULL;
	struct distribution base;
	struct overhead shift;
	char names[3][64];
	int err = -ENOMEM;

	if (!columns || config->n < 2)
		return 0;
	snprintf(names[0], sizeof(names[0]), "%s_p50", what);
	snprintf(names[1], sizeof(names[1]), "%s_p99", what);
	snprintf(names[2], sizeof(names[2]), "%s_p999", what);
	a = lengths(config, timeline, false, columns);
	b = lengths(config, timeline, true, columns);
	if (!a || !b)
		goto out;
	without.ticks = a;
	with.ticks = b;
	err = compare_distribution(&without, 0, &scale, &base);
	if (!err)
		err = compare_overhead(&with, &without, &scale, &shift);
	if (!err)
		err = quantile_row(s, config, variant, monitored, names[0], base.p50, shift.p50);
	if (!err)
		err = quantile_row(s, config, variant, monitored, names[1], base.p99, shift.p99);
	if (!err)
		err = quantile_row(s, config, variant, monitored, names[2], base.p999, shift.p999);
out:
	free(a);
	free(b);
	return err;
}

static int rows_of(struct session *s, const struct session_config *config, const char *variant,
		   const char *monitored, struct effect predicted)
{
	int err = 0;

	for (int q = 0; q < QUANTITY_COUNT && !err; q++)
		err = quantity_row(s, config, variant, monitored, (enum quantity)q, predicted);
	if (!err && s->run.app->latency)
		err = latency_rows(s, config, variant, monitored,
				   s->run.latencies.n ? &s->run.latencies : &s->run.operations,
				   "latency");
	if (!err && s->run.app->pause)
		err = latency_rows(s, config, variant, monitored, &s->run.pauses, "pause");
	return err;
}

/* ---- the parts of the prediction ---- */

static double mean_with(const struct session_config *config, enum quantity q, bool with)
{
	double sum = 0;
	size_t n = 0;

	for (size_t i = 0; i < config->n; i++) {
		const struct window *w = with ? &config->pair[i].with : &config->pair[i].without;

		if (isnan(w->value[q]))
			continue;
		sum += w->value[q];
		n++;
	}
	return n ? sum / (double)n : NAN;
}

static const struct session_config *counting(const struct session *s)
{
	for (size_t i = 0; i < s->n_configs; i++)
		if (s->configs[i].treatment->kind == TREATMENT_COUNTING && s->configs[i].n)
			return &s->configs[i];
	return NULL;
}

/*
 * The rate of munmap and madvise calls, or (others) of all other syscalls: the mean over windows,
 * with its interval.
 */
static struct effect calls_of(const struct session_config *config, bool others)
{
	double *x = calloc(config->n + 1, sizeof(*x));
	struct effect e = unknown;

	for (size_t i = 0; x && i < config->n; i++) {
		const double *value = config->pair[i].with.value;
		double calls = value[Q_MUNMAP] + value[Q_MADVISE];

		x[i] = others ? value[Q_SYSCALLS] - calls : calls;
	}
	if (x)
		e = mean_of(Q_SYSCALLS, x, config->n);
	free(x);
	return e;
}

static struct effect predict(const struct session *s, const struct session_config *config)
{
	const struct session_config *counted = counting(s);
	struct price_load load = {.calls = unknown};

	if (!s->prices || !counted || config->treatment->kind != TREATMENT_PROBE)
		return unknown;
	/* the calls of a monitored program are counted by its events, in the same windows */
	load.calls = calls_of(config->treatment->hit ? config : counted, false);
	load.others = calls_of(counted, true);
	load.cpu = mean_with(config, Q_PROGRAM_CPU, false) / 100;
	load.wakeups_per_event = mean_with(config, Q_WAKEUPS, true);
	if (isnan(load.wakeups_per_event))
		load.wakeups_per_event = 1;
	return price_predict(s->prices, config->treatment, &load);
}

/* ---- rows that combine treatments ---- */

/* The program alone: all windows without a probe. Syscall counts come from the counting windows. */
static int none_rows(struct session *s)
{
	size_t most = 0, n;
	double *x;
	int err = 0;

	for (size_t i = 0; i < s->n_configs; i++)
		most += 2 * s->configs[i].n;
	x = calloc(most + 1, sizeof(*x));
	if (!x)
		return -ENOMEM;
	for (int q = 0; q < QUANTITY_COUNT && !err; q++) {
		struct app_result *row;

		n = 0;
		for (size_t i = 0; i < s->n_configs; i++)
			for (size_t k = 0; k < s->configs[i].n; k++) {
				double value = s->configs[i].pair[k].without.value[q];

				if (!isnan(value))
					x[n++] = value;
			}
		if (!n)
			continue;
		row = session_add_row(s, NO_TREATMENT, "-", quantity_name((enum quantity)q),
				      quantity_measure((enum quantity)q));
		err = row ? 0 : -ENOMEM;
		if (!row)
			break;
		row->windows = (unsigned int)n;
		row->value = mean_of((enum quantity)q, x, n);
		if (q == Q_THROUGHPUT || q == Q_WALL || q == Q_PROGRAM_CPU)
			row->note = *s->run.note ? strdup(s->run.note) : NULL;
	}
	for (size_t i = 0; i < s->run.n_facts && !err; i++) {
		struct app_result *row = session_add_row(s, NO_TREATMENT, "-", s->run.facts[i].name,
							 s->run.facts[i].measure);

		err = row ? 0 : -ENOMEM;
		if (row) {
			row->value.value = s->run.facts[i].value;
			row->note = strdup("of the whole run, windows with probes included");
		}
	}
	free(x);
	return err;
}

/* The pairs of all probes that monitor the program, together. */
static int all_probes_rows(struct session *s)
{
	struct session_config all = {0};
	int err = 0;

	for (size_t i = 0; i < s->n_configs; i++)
		all.room += s->configs[i].n;
	all.pair = calloc(all.room + 1, sizeof(*all.pair));
	if (!all.pair)
		return -ENOMEM;
	for (size_t i = 0; i < s->n_configs; i++) {
		const struct session_config *config = &s->configs[i];

		if (config->treatment->kind != TREATMENT_PROBE || !config->treatment->hit)
			continue;
		memcpy(all.pair + all.n, config->pair, config->n * sizeof(*config->pair));
		all.n += config->n;
	}
	if (all.n)
		err = rows_of(s, &all, ALL_PROBES, "hit", unknown);
	free(all.pair);
	return err;
}

int session_evaluate(struct session *s)
{
	int err;

	for (size_t i = 0; i < s->n_configs; i++)
		for (size_t k = 0; k < s->configs[i].n; k++) {
			complete(&s->run, &s->configs[i].pair[k].without);
			complete(&s->run, &s->configs[i].pair[k].with);
		}
	err = none_rows(s);
	for (size_t i = 0; i < s->n_configs && !err; i++) {
		const struct session_config *config = &s->configs[i];

		if (config->n)
			err = rows_of(s, config, treatment_name(config->treatment),
				      treatment_monitored(config->treatment), predict(s, config));
	}
	return err ? err : all_probes_rows(s);
}
