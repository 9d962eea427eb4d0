/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bpf/programs/shared.h"
#include "calib/timer_overhead.h"
#include "kit/events/rate_run.h"
#include "reports/effects/compare.h"
#include "reports/effects/quantiles.h"
#include "reports/stats/stats.h"

/* A window slower than this share of its rate has not reached it. */
#define RATE_TOLERANCE 0.995
#define BEFORE_SHARE   5  /* a baseline window has the calls divided by this */
#define BEFORE_PERIODS 16 /* or this many wakeup periods, if that is more */

/*
 * Under a policy that wakes for one event in N, costs repeat every N calls: a call's cost is then
 * the mean of a group of N.
 */
static size_t period_of(const struct series_name *name)
{
	const struct wakeup_policy_row *state = wakeup_policy_row(name->wakeup);

	if (name->none)
		return 1;
	if (state->every_bytes)
		return state->every_bytes / stream_record_bytes(name->buffer);
	return state->every ? state->every : 1;
}

/*
 * A group of N calls includes the rare slow calls, which the interquartile mean of single calls
 * removes. Comparing groups with a baseline that has too few calls for a group turned ordinary
 * noise into a cost: +387 ns from 5 % slow calls, in simulation. So both sides use whole groups,
 * and in a short window equally many.
 */
size_t rate_run_before_calls(const struct series_name *name, const struct load *load)
{
	size_t least = BEFORE_PERIODS * period_of(name), calls = load->calls / BEFORE_SHARE;

	if (calls < least)
		calls = least;
	return calls < load->calls ? calls : load->calls;
}

int rate_run_open(struct rate_run *series, const struct series_name *name, const struct load *load,
		  size_t rounds_most, size_t before_calls)
{
	size_t readings = rounds_most * load->calls;

	*series = (struct rate_run){
		.name = *name,
		.load = *load,
		.rounds_most = rounds_most,
		.before_calls = before_calls,
		.recovered_ms = NAN,
		.stopped_ms = NAN,
		.call = malloc((2 * readings + rounds_most * before_calls) * sizeof(uint32_t)),
		.consumer = malloc(3 * rounds_most * sizeof(double)),
	};
	if (!series->call || !series->consumer) {
		rate_run_close(series);
		return -ENOMEM;
	}
	series->due = series->call + readings;
	series->before = series->due + readings;
	series->machine = series->consumer + rounds_most;
	series->lost = series->machine + rounds_most;
	return 0;
}

void rate_run_close(struct rate_run *series)
{
	free(series->call);
	free(series->consumer);
	series->call = NULL;
	series->consumer = NULL;
}

void rate_run_fail(struct rate_run *series, enum result_status status, const char *reason)
{
	if (series->status != RESULT_MEASURED)
		return;
	series->status = status;
	snprintf(series->reason, sizeof(series->reason), "%s", reason);
}

/*
 * Copies the timed calls of a window into a row of n. Calls that were not made are marked like
 * migrated ones.
 */
static void keep(uint32_t *row, size_t n, const struct pace *pace, size_t lead, bool from_due)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t ticks;

		row[i] = TIMER_OVERHEAD_MIGRATED;
		if (lead + i >= pace->done || pace->call[lead + i] == TIMER_OVERHEAD_MIGRATED)
			continue;
		ticks = (uint64_t)pace->call[lead + i] + (from_due ? pace->lag[lead + i] : 0);
		row[i] = ticks < TIMER_OVERHEAD_MIGRATED ? (uint32_t)ticks
							 : TIMER_OVERHEAD_MIGRATED - 1;
	}
}

void rate_run_before(struct rate_run *series, const struct pace *pace)
{
	if (series->rounds < series->rounds_most)
		keep(series->before + series->rounds * series->before_calls, series->before_calls,
		     pace, series->load.lead, false);
}

static void add_ages(struct histogram *sum, const struct histogram *ages)
{
	for (size_t i = 0; i < HISTOGRAM_BUCKETS; i++)
		sum->counts[i] += ages->counts[i];
	sum->n += ages->n;
	sum->max = ages->max > sum->max ? ages->max : sum->max;
}

/* How busy the machine was, in %; NAN in a window shorter than the kernel's tick. */
static double busy(const struct window *window)
{
	uint64_t all = window->machine.busy + window->machine.idle + window->machine.steal;

	return window->machine_known && all ? 100.0 * (double)window->machine.busy / (double)all
					    : NAN;
}

static void add_counts(struct event_counts *sum, const struct event_counts *more)
{
	sum->produced += more->produced;
	sum->received += more->received;
	sum->dropped += more->dropped;
	sum->missed += more->missed;
	sum->lost_records += more->lost_records;
	sum->wakeups += more->wakeups;
}

static void add_accounting(struct rate_run *series, const struct window *window,
			   struct pipeline *pipeline)
{
	series->calls += window->done;
	add_counts(&series->events, &window->events);
	series->seconds += window->seconds;
	if (window->done > 1 && isfinite(window->achieved)) {
		series->in_spans += (double)(window->done - 1);
		series->spans += (double)(window->done - 1) / window->achieved;
	}
	series->slow += window->achieved < RATE_TOLERANCE * series->load.rate;
	if (window->machine_known) {
		series->machine_sum.busy += window->machine.busy;
		series->machine_sum.idle += window->machine.idle;
		series->machine_sum.steal += window->machine.steal;
	}
	if (!pipeline)
		return;
	add_ages(&series->ages, &pipeline->collect->ages);
	series->memory = collect_memory_bytes(pipeline->collect);
	/* one buffer is open here, the producer's; a daemon has one for each CPU */
	if (series->name.buffer == STREAM_PERF)
		series->memory *= (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
}

void rate_run_add(struct rate_run *series, const struct window *window, const struct pace *pace,
		  struct pipeline *pipeline)
{
	size_t r = series->rounds, n = series->load.calls;

	if (!window->valid)
		rate_run_fail(series, RESULT_INVALID, window->reason);
	if (window->stuck || r == series->rounds_most)
		return;
	keep(series->call + r * n, n, pace, series->load.lead, false);
	keep(series->due + r * n, n, pace, series->load.lead, true);
	/* where the caller reads, its CPU time is not a reader's */
	series->consumer[r] = series->name.wakeup == WAKEUP_IDLE
				      ? NAN
				      : 100 * (double)window->consumer_ns * 1e-9 / window->wall_s;
	series->machine[r] = busy(window);
	series->lost[r] =
		(double)(window->events.dropped + window->events.missed) / window->seconds;
	add_accounting(series, window, pipeline);
	series->rounds++;
}

/* ---- the row ---- */

static struct event_point *add_row(const struct series_name *name, const struct load *load,
				   struct record *record)
{
	struct point_key key = {
		.scenario = name->scenario,
		.none = name->none,
		.hook = name->hook,
		.buffer = name->buffer,
		.workload = load->workload->name,
		.wakeup = name->none ? WAKEUP_OFF : name->wakeup,
		.policy = name->policy,
	};
	struct event_point *row;
	const char *detail = name->detail ? name->detail : "";
	char rest[64];

	if (isfinite(load->rate))
		snprintf(rest, sizeof(rest), "%.12g%s%s", load->rate, *detail ? "/" : "", detail);
	else
		snprintf(rest, sizeof(rest), "%s", detail);
	key.rest = rest;
	row = point_add(record, &key);
	if (!row)
		return NULL;
	row->rate_target = load->rate;
	row->burst = load->burst > 1 ? load->burst : 0;
	row->buffer_bytes = name->none ? 0 : name->buffer_bytes;
	row->producers = 1;
	return row;
}

int rate_run_skip(const struct series_name *name, const struct load *load, const char *reason,
		  struct record *record)
{
	struct event_point *row = add_row(name, load, record);

	return row ? point_fail(row, RESULT_SKIPPED, reason) : -ENOMEM;
}

static struct effect times(struct effect e, double factor)
{
	return (struct effect){e.value * factor, e.lo * factor, e.hi * factor};
}

static struct config_samples samples_of(uint32_t *ticks, size_t rounds, size_t calls)
{
	return (struct config_samples){.ticks = ticks, .rounds = rounds, .calls = calls};
}

static void fill_start_delay(const struct rate_run *series, double ns_per_tick,
			     struct event_point *row)
{
	size_t n = series->rounds * series->load.calls;
	uint32_t *lag = malloc((n + 1) * sizeof(*lag));
	struct config_samples samples = samples_of(lag, series->rounds, series->load.calls);
	struct quantiles *q = NULL;

	for (size_t i = 0; lag && i < n; i++)
		lag[i] = series->call[i] == TIMER_OVERHEAD_MIGRATED
				 ? TIMER_OVERHEAD_MIGRATED
				 : series->due[i] - series->call[i];
	if (lag && !quantiles_open(&samples, false, &q)) {
		row->start_delay_p50 = quantiles_at(q, 0.5) * ns_per_tick;
		row->start_delay_p99 = quantiles_at(q, 0.99) * ns_per_tick;
		row->start_delay_max = quantiles_max(q) * ns_per_tick;
	}
	quantiles_close(q);
	free(lag);
}

double rate_run_rate(const struct rate_run *series)
{
	return series->spans > 0 ? series->in_spans / series->spans : NAN;
}

bool rate_run_saturated(const struct rate_run *series)
{
	return series->load.burst < 2 && 2 * series->slow > series->rounds;
}

static struct compare_scale scale_of(const struct rate_run *series,
				     const struct rate_run_scale *scale)
{
	return (struct compare_scale){
		.unit_per_tick = 1e9 / scale->tsc->hz,
		.unit_per_tick_err = scale->tsc->rel_err,
		.quantum = scale->tsc->quantum,
		.seed = scale->seed,
		.period = period_of(&series->name),
	};
}

struct rate_run_cost rate_run_round_cost(const struct rate_run *series, size_t round,
					 const struct rate_run_scale *scale)
{
	const struct compare_scale compare = scale_of(series, scale);
	struct config_samples call =
		samples_of(series->call + round * series->load.calls, 1, series->load.calls);
	struct config_samples before =
		samples_of(series->before + round * series->before_calls, 1, series->before_calls);
	struct distribution with, without;

	if (!series->before_calls || compare_distribution(&call, 0, &compare, &with) ||
	    compare_distribution(&before, 0, &compare, &without))
		return (struct rate_run_cost){NAN, NAN};
	return (struct rate_run_cost){with.typical - without.typical, with.mean - without.mean};
}

static void fill_times(const struct rate_run *series, const struct rate_run_scale *scale,
		       struct event_point *row)
{
	const struct compare_scale compare = scale_of(series, scale);
	size_t rounds = series->rounds, calls = series->load.calls;
	struct config_samples call = samples_of(series->call, rounds, calls);
	struct config_samples due = samples_of(series->due, rounds, calls);
	struct config_samples before = samples_of(series->before, rounds, series->before_calls);
	struct effect own[COMPARE_OWN_QUANTILES];
	struct overhead overhead;

	fill_start_delay(series, compare.unit_per_tick, row);
	if (!compare_own_quantiles(&call, scale->timer_overhead_ticks, &compare, own)) {
		row->call_p50 = own[0];
		row->call_p99 = own[1];
		row->call_p999 = own[2];
	}
	if (!compare_own_quantiles(&due, 0, &compare, own)) {
		row->due_p50 = own[0];
		row->due_p99 = own[1];
		row->due_p999 = own[2];
	}
	if (series->before_calls && !compare_overhead(&call, &before, &compare, &overhead)) {
		row->overhead = overhead.typical;
		/*
		 * CPU time is a sum, so the rare slow calls belong to it: the mean, not the trimmed
		 * mean
		 */
		row->producer_cpu = times(overhead.mean, row->rate_achieved * 1e-9 * 100);
	}
}

/* Over the rounds in which both are known. */
static struct effect difference(const struct rate_run *series, const struct rate_run *none)
{
	size_t n = series->rounds, kept = 0;
	double *x = malloc((n + 1) * sizeof(*x));
	struct effect out = {NAN, NAN, NAN};

	for (size_t r = 0; x && r < n; r++) {
		double d = series->machine[r];

		if (none)
			d -= r < none->rounds ? none->machine[r] : NAN;
		if (isfinite(d))
			x[kept++] = d;
	}
	if (kept)
		out = stats_mean_interval(x, kept);
	free(x);
	return out;
}

static void fill_cpu(const struct rate_run *series, const struct rate_run *none,
		     struct event_point *row)
{
	const struct cputime *sum = &series->machine_sum;
	uint64_t all = sum->busy + sum->idle + sum->steal;

	if (!series->name.none)
		row->consumer_cpu = stats_mean_interval(series->consumer, series->rounds);
	row->machine_cpu = difference(series, none);
	if (all)
		row->steal_cpu = 100.0 * (double)sum->steal / (double)all;
	point_ages(row, &series->ages);
}

int rate_run_finish(const struct rate_run *series, const struct rate_run *none,
		    const struct rate_run_scale *scale, struct record *record)
{
	struct event_point *row = add_row(&series->name, &series->load, record);

	if (!row)
		return -ENOMEM;
	row->status = RESULT_MEASURED;
	if (series->status != RESULT_MEASURED)
		point_fail(row, series->status, series->reason);
	else if (!series->rounds)
		point_fail(row, RESULT_SKIPPED, "stopped before its turn");
	row->calls = series->calls;
	point_events(row, &series->events);
	row->memory_bytes = series->memory;
	row->stopped_ms = series->stopped_ms;
	if (!series->rounds || scale->withheld)
		return 0;
	row->seconds = series->seconds;
	row->rate_achieved = rate_run_rate(series);
	row->saturated = rate_run_saturated(series);
	row->recovered_ms = series->recovered_ms;
	fill_times(series, scale, row);
	fill_cpu(series, none, row);
	return 0;
}
