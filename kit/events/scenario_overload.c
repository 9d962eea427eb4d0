/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Scenarios burst and stopped: more events than the reader takes, either all at once or while the
 * reader is stopped. Both kinds of buffer drop the newest events when full, so what arrives is what
 * fits and what is read in the meantime.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "calib/arch/arch.h"
#include "kit/events/scenario_list.h"

#define WINDOWS	  3
#define ROWS_MOST 4
/*
 * The longest that a burst may take. An event that wakes the reader costs about 5 us; the rest
 * allows for a shared machine.
 */
#define BURST_MOST_S 3.0
/*
 * Calls a second while the reader is stopped; seconds before and after that; time between checks
 * for losses.
 */
#define STOPPED_RATE   100e3
#define STOPPED_LEAD_S 0.01
#define STOPPED_TAIL_S 0.05
#define STOPPED_LOOK_S 50e-6
/* In the exact lab only event accounting is shown: larger buffers would only take time. */
#define EXACT_BYTES_MOST 65536u

/* A row in preparation: the load and its size. */
struct row {
	struct load load;
	double what;
	char detail[48];
	struct rate_run series;
};

/*
 * A scenario. recovered_ms: from the end of the burst, or the reader's restart, until all is as
 * before.
 */
struct overload {
	const char *scenario, *unit;
	/*
	 * One row each: calls of a burst, or milliseconds for which the reader is stopped; 0: no
	 * more rows.
	 */
	double what[ROWS_MOST];
	double exact_most; /* the most of that in the exact lab */
	void (*plan)(double what, struct load *load);
	void (*window)(struct sweep *sweep, struct pipeline *pipeline, const struct row *row,
		       struct window *window, double *recovered_ms);
};

/* One buffer and size in a scenario. */
struct setup {
	const struct events *events;
	const struct overload *overload;
	enum stream_buffer buffer;
	const struct events_size *size;
	struct load any; /* the workload, without a rate */
};

/* ---- burst ---- */

static void plan_burst(double what, struct load *load)
{
	load->burst = load->calls = (size_t)what;
}

/* Calls back to back, then none until all events are read. */
static void burst_window(struct sweep *sweep, struct pipeline *pipeline, const struct row *row,
			 struct window *window, double *recovered_ms)
{
	struct pace *pace = &sweep->pace;

	pipeline_begin(pipeline, window);
	pace_begin(pace, 1, row->load.calls);
	workload_paced(sweep->workload, sweep->area, pace, row->load.calls,
		       pace->start + (uint64_t)(BURST_MOST_S * pace->hz), sweep->env->stop);
	pipeline_end(pipeline, pace, window);
	*recovered_ms = (window->wall_s - window->seconds) * 1e3;
}

static const struct overload burst = {
	.scenario = "burst",
	.unit = "",
	.what = {100, 1000, 10000, EVENTS_BURST_MOST},
	.exact_most = 1000,
	.plan = plan_burst,
	.window = burst_window,
};

/* ---- stopped ---- */

static void plan_stopped(double what, struct load *load)
{
	load->rate = STOPPED_RATE;
	load->calls = (size_t)(STOPPED_RATE * (STOPPED_LEAD_S + what * 1e-3 + STOPPED_TAIL_S));
}

/*
 * The reader is stopped for a while and calls go on. recovered_ms: from its restart to the last
 * loss.
 */
static void stopped_window(struct sweep *sweep, struct pipeline *pipeline, const struct row *row,
			   struct window *window, double *recovered_ms)
{
	const struct load *load = &row->load;
	struct pace *pace = &sweep->pace;
	size_t look = (size_t)fmax(load->rate * STOPPED_LOOK_S, 1);
	size_t pause_at = (size_t)(load->rate * STOPPED_LEAD_S);
	size_t resume_at = pause_at + (size_t)(load->rate * row->what * 1e-3);
	uint64_t resumed = 0, last_loss = 0, dropped = stream_total(pipeline->stream).dropped;
	uint64_t most = (uint64_t)((double)load->calls * pace->hz / load->rate * 2);

	pipeline_begin(pipeline, window);
	pace_begin(pace, load->rate, 0);
	for (size_t until = look; pace->done < load->calls && !*sweep->env->stop; until += look) {
		uint64_t now;

		workload_paced(sweep->workload, sweep->area, pace,
			       until < load->calls ? until : load->calls, pace->start + most,
			       sweep->env->stop);
		now = stream_total(pipeline->stream).dropped;
		last_loss = now != dropped ? arch_clock() : last_loss;
		dropped = now;
		if (pace->done < until)
			break; /* time is over */
		if (until - look < pause_at && until >= pause_at)
			consumer_pause(pipeline->collect->consumer);
		if (until - look < resume_at && until >= resume_at) {
			consumer_resume(pipeline->collect->consumer);
			resumed = arch_clock();
		}
	}
	if (!resumed)
		consumer_resume(pipeline->collect->consumer);
	pipeline_end(pipeline, pace, window);
	*recovered_ms =
		resumed && last_loss > resumed ? (double)(last_loss - resumed) / pace->hz * 1e3 : 0;
}

static const struct overload stopped = {
	.scenario = "stopped",
	.unit = "ms",
	.what = {1, 10, 100},
	.exact_most = 10,
	.plan = plan_stopped,
	.window = stopped_window,
};

/* ---- every size with every buffer ---- */

static struct series_name name_of(const struct setup *setup, const char *detail)
{
	struct series_name name = events_name(setup->events, setup->overload->scenario,
					      setup->buffer, WAKEUP_CAUGHT_UP);

	name.buffer_bytes = setup->size->bytes;
	name.detail = detail;
	return name;
}

static void make_windows(const struct setup *setup, struct pipeline *pipeline, struct row *row)
{
	struct rate_run *series = &row->series;
	struct sweep *sweep = setup->events->sweep;
	double recovered = 0, sum = 0;

	for (size_t i = 0; i < WINDOWS && series->status == RESULT_MEASURED; i++) {
		struct window window;

		setup->overload->window(sweep, pipeline, row, &window, &recovered);
		if (*sweep->env->stop)
			break;
		rate_run_add(series, &window, &sweep->pace, pipeline);
		sum += recovered;
	}
	if (series->rounds)
		series->recovered_ms = sum / (double)series->rounds;
}

static int open_rows(const struct setup *setup, struct row *rows, size_t *opened)
{
	const struct overload *overload = setup->overload;
	bool exact = setup->events->sweep->exact;
	int err = 0;

	for (*opened = 0; *opened < ROWS_MOST && !err; (*opened)++) {
		struct row *row = &rows[*opened];
		double what = overload->what[*opened];
		const struct series_name name = name_of(setup, row->detail);

		if (!(what > 0) || (exact && what > overload->exact_most))
			break;
		*row = (struct row){.load = setup->any, .what = what};
		overload->plan(what, &row->load);
		snprintf(row->detail, sizeof(row->detail), "%s/%.0f%s", setup->size->name, what,
			 overload->unit);
		err = rate_run_open(&row->series, &name, &row->load, WINDOWS, 0);
		row->series.stopped_ms = row->load.burst ? NAN : what;
	}
	return err;
}

/*
 * All rows of one buffer and size. Their memory is allocated before the probe is attached and freed
 * after it is detached: freeing calls munmap.
 */
static int run_setup(const struct setup *setup, struct row *rows)
{
	struct sweep *sweep = setup->events->sweep;
	const struct placement *place = sweep->env->placement;
	const struct series_name name = name_of(setup, setup->size->name);
	struct pipeline *pipeline = NULL;
	struct error why;
	size_t n;
	int err = open_rows(setup, rows, &n);

	if (!err &&
	    sweep_pipeline(sweep, &name, place->reader_cpu < 0 ? place->cpu : place->reader_cpu,
			   &pipeline, &why))
		err = rate_run_skip(&name, &setup->any, why.text, sweep->record);
	if (pipeline) {
		for (size_t i = 0; i < n; i++)
			make_windows(setup, pipeline, &rows[i]);
		pipeline_close(pipeline);
		for (size_t i = 0; i < n && !err; i++)
			err = sweep_finish(sweep, &rows[i].series, NULL);
	}
	for (size_t i = 0; i < n; i++)
		rate_run_close(&rows[i].series);
	return err;
}

static int all_setups(const struct events *events, const struct overload *overload,
		      struct error *why)
{
	struct sweep *sweep = events->sweep;
	const size_t n_setups = EVENTS_BUFFER_KINDS * EVENTS_SIZES;
	struct row *rows;
	int err = 0;

	if (!events->any || !events_wants_wakeup(events, WAKEUP_CAUGHT_UP))
		return 0;
	rows = calloc(ROWS_MOST, sizeof(*rows));
	if (!rows)
		err = -ENOMEM;
	for (size_t i = 0; i < n_setups && !err; i++) {
		struct setup setup = {
			.events = events,
			.overload = overload,
			.buffer = events_buffers[i / EVENTS_SIZES],
			.size = &events_sizes[i % EVENTS_SIZES],
			.any = {.workload = sweep->workload,
				.area = sweep->area,
				.rate = NAN,
				.stop = sweep->env->stop},
		};
		double share = (double)i / (double)n_setups;

		if (*sweep->env->stop)
			err = -EINTR;
		if (err || !events->works[events->first][setup.buffer] ||
		    (sweep->exact && setup.size->bytes > EXACT_BYTES_MOST))
			continue;
		sweep->env->progress(sweep->from + share * (sweep->to - sweep->from),
				     overload->scenario);
		err = run_setup(&setup, rows);
	}
	free(rows);
	if (err == -ENOMEM)
		error_say(why, "out of memory");
	return sweep_wrote(sweep, err, why);
}

int events_burst(const struct events *events, struct error *why)
{
	return all_setups(events, &burst, why);
}

int events_stopped(const struct events *events, struct error *why)
{
	return all_setups(events, &stopped, why);
}
