/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The loss that a verdict rests on: for the default configurations (perf and ring buffer, per event
 * and with nobody woken) one long window at each rate that a verdict asks for. The figures go into
 * the sweep's row of the same configuration and rate.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kit/events/exposure.h"
#include "kit/events/scenario_list.h"
#include "reports/judge/cpu_cost.h"
#include "reports/judge/loss.h"

/* Rates without --rate: that of the default budget, and ten times as much. */
static const double verdict_rates[] = {10e3, 100e3};
/* At a rate so low that ten buffer fills take longer than this, no bound is measured. */
#define LONGEST_S 60.0

static const enum wakeup_policy wakeups[] = {WAKEUP_CAUGHT_UP, WAKEUP_POLLED_1MS};
#define WAKEUPS (sizeof(wakeups) / sizeof(wakeups[0]))

/* The row of the sweep that has just run; NULL: not measured there. */
static struct event_point *find_row(struct record *record, const struct series_name *name,
				    double rate)
{
	for (size_t i = 0; i < record->n_event_points; i++) {
		struct event_point *p = &record->event_points[i];

		if (p->status == RESULT_MEASURED && !strcmp(p->scenario, "sweep") &&
		    !strcmp(p->hook, hook_name(name->hook)) &&
		    !strcmp(p->body, stream_buffer_name(name->buffer)) &&
		    !strcmp(p->wakeup, wakeup_policy_name(name->wakeup)) &&
		    cpu_cost_rate_same(p->rate_target, rate))
			return p;
	}
	return NULL;
}

static bool is_rate(const struct events *events, double rate)
{
	for (size_t i = 0; i < sizeof(verdict_rates) / sizeof(*verdict_rates); i++)
		if (cpu_cost_rate_same(rate, verdict_rates[i]))
			return true;
	return events->options->n_rates > 0 && rate <= EXPOSURE_RATE_MOST;
}

static double seconds_of(const struct events *events, enum stream_buffer buffer, double rate)
{
	double seconds =
		exposure_seconds(rate, buffer, events->options->buffer_bytes, events->exposure_s);

	/* the user asked for less than a bound needs */
	return events->exposure_s < LOSS_SECONDS_LEAST ? events->exposure_s : seconds;
}

size_t events_exposure_calls(const struct events *events)
{
	double most = 0;

	for (size_t r = 0; r < events->plan.n_rates && events->exposure_s > 0; r++)
		for (size_t b = 0; b < EVENTS_BUFFER_KINDS; b++) {
			double rate = events->plan.rates[r];

			if (is_rate(events, rate))
				most = fmax(most,
					    rate * seconds_of(events, events_buffers[b], rate));
		}
	return (size_t)most + 1;
}

/* A failure leaves the row without exposure; its loss is then reported as "not shown". */
static int one_rate(const struct events *events, const struct series_name *name,
		    struct pipeline *pipeline, double rate, struct error *why)
{
	struct sweep *sweep = events->sweep;
	double seconds = seconds_of(events, name->buffer, rate);
	struct event_point *row = find_row(sweep->record, name, rate);
	const struct load load = {
		.workload = sweep->workload,
		.area = sweep->area,
		.rate = rate,
		.calls = (size_t)(rate * seconds),
		.stop = sweep->env->stop,
	};
	struct window window;

	if (!row || !is_rate(events, rate) || seconds > LONGEST_S || load.calls > sweep->pace.most)
		return 0;
	if (!exposure_window(pipeline, &load, &sweep->pace, NULL, &window, row)) {
		if (*sweep->env->stop)
			return -EINTR;
		record_add_warning(sweep->record, "%s: no exposure: %s", row->id,
				   *window.reason ? window.reason : "no call was made");
	}
	return record_write(sweep->record, sweep->env->dir, why);
}

static int one_config(const struct events *events, const struct series_name *name,
		      struct error *why)
{
	struct sweep *sweep = events->sweep;
	struct pipeline *pipeline;
	struct error reason;
	int err = 0;

	/* the rows of the sweep have the reason already */
	if (sweep_pipeline(sweep, name, sweep->env->placement->reader_cpu, &pipeline, &reason))
		return 0;
	for (size_t r = 0; r < events->plan.n_rates && !err; r++)
		err = one_rate(events, name, pipeline, events->plan.rates[r], why);
	pipeline_close(pipeline);
	return err;
}

/*
 * The hook of the default design, or the first that works; if the user named variants, all their
 * hooks.
 */
static bool wants_hook(const struct events *events, enum hook hook)
{
	bool kprobe = false;

	for (size_t b = 0; b < EVENTS_BUFFER_KINDS; b++)
		kprobe = kprobe || events->works[HOOK_KPROBE][events_buffers[b]];
	return events->run->variants.n || hook == (kprobe ? HOOK_KPROBE : events->first);
}

int events_exposure(const struct events *events, struct error *why)
{
	struct sweep *sweep = events->sweep;
	int err = 0;

	/* in the exact lab the reader is under no load */
	if (!(events->exposure_s > 0) || !events->any || sweep->exact ||
	    sweep->env->placement->reader_cpu < 0)
		return 0;
	for (int h = 0; h < HOOK_COUNT && !err; h++)
		for (size_t i = 0; i < EVENTS_BUFFER_KINDS * WAKEUPS && !err; i++) {
			struct series_name name = events_name(
				events, "sweep", events_buffers[i / WAKEUPS], wakeups[i % WAKEUPS]);

			name.hook = (enum hook)h;
			if (!wants_hook(events, name.hook) || !events->works[h][name.buffer] ||
			    !events_wants_wakeup(events, name.wakeup))
				continue;
			sweep->env->progress(sweep->to, "exposure");
			err = one_config(events, &name, why);
		}
	return err;
}
