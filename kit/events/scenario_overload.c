/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * More events than the consumer takes: all at once (burst), or while it stands still (stopped).
 * Both buffers drop the newest events when they are full, so what gets through is what fits, and
 * what is read meanwhile.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "calib/arch/arch.h"
#include "kit/events/scenarios.h"

#define WINDOWS 3
/* The longest that a burst may take: an event that wakes costs 5 us, and a machine may be shared.
 */
#define BURST_MOST_S 3.0
/* A stopped consumer: so long it runs before and after, and how often the losses are looked at. */
#define STOPPED_RATE   100e3
#define STOPPED_LEAD_S 0.01
#define STOPPED_TAIL_S 0.05
#define STOPPED_LOOK_S 50e-6
/* The exact lab has the event accounting to show, and no time to lose. */
#define EXACT_BYTES_MOST 65536u
#define EXACT_BURST_MOST 1000u

static const enum stream_buffer buffers[] = {STREAM_PERF, STREAM_RINGBUF};
#define BUFFERS (sizeof(buffers) / sizeof(buffers[0]))

struct size {
	size_t bytes;
	const char *name;
};

/* One feed of a scenario, and what is done with it. */
struct guest_slot {
	const struct events *events;
	const char *scenario;
	enum stream_buffer buffer;
	struct size size;
	struct load any; /* the workload; no rate */
};

static struct series_name name_of(const struct guest_slot *guest_slot, const char *detail)
{
	return (struct series_name){
		.scenario = guest_slot->scenario,
		.policy = "-",
		.hook = guest_slot->events->first,
		.buffer = guest_slot->buffer,
		.wakeup = WAKEUP_CAUGHT_UP,
		.buffer_bytes = guest_slot->size.bytes,
		.detail = detail,
	};
}

/* 0; -errno of the record; a feed that cannot be had is a row that says so. */
static int open_guest_slot(const struct guest_slot *guest_slot, struct pipeline **out)
{
	const struct events *events = guest_slot->events;
	const struct placement *place = events->sweep->env->placement;
	const struct pipeline_options options = {
		.stream = {.hook = events->first,
			   .target = events->sweep->workload->target,
			   .buffer = guest_slot->buffer,
			   .buffer_bytes = guest_slot->size.bytes},
		.wakeup = WAKEUP_CAUGHT_UP,
		.producer_cpu = place->cpu,
		.consumer_cpu = place->reader_cpu < 0 ? place->cpu : place->reader_cpu,
	};
	const struct series_name name = name_of(guest_slot, guest_slot->size.name);
	struct error why = {0};
	int err = pipeline_open(&options, out, &why);

	if (!err)
		err = pipeline_attach(*out, &guest_slot->any, &events->sweep->pace, &why);
	if (!err)
		return 0;
	pipeline_close(*out);
	*out = NULL;
	return rate_run_skip(&name, &guest_slot->any, *why.text ? why.text : strerror(-err),
			     events->sweep->record);
}

/* n calls back to back, then silence until all is read. */
static void one_burst(const struct guest_slot *guest_slot, struct pipeline *pipeline, size_t n,
		      struct window *window)
{
	struct sweep *sweep = guest_slot->events->sweep;

	pipeline_begin(pipeline, window);
	pace_begin(&sweep->pace, 1, n);
	pace_run(&sweep->pace, sweep->workload, sweep->area, n,
		 sweep->pace.start + (uint64_t)(BURST_MOST_S * sweep->pace.hz), sweep->env->stop);
	pipeline_end(pipeline, &sweep->pace, window);
}

typedef void (*region_fn)(const struct guest_slot *guest_slot, struct pipeline *pipeline,
			  double what, const struct load *load, struct window *window,
			  double *recovered_ms);

static void burst_window(const struct guest_slot *guest_slot, struct pipeline *pipeline,
			 double what, const struct load *load, struct window *window,
			 double *recovered_ms)
{
	(void)what;
	one_burst(guest_slot, pipeline, load->calls, window);
	*recovered_ms = (window->wall_s - window->seconds) * 1e3;
}

/* The consumer stands still for `what` milliseconds while calls go on; recovered: from its return
 * to the last loss. */
static void stopped_window(const struct guest_slot *guest_slot, struct pipeline *pipeline,
			   double what, const struct load *load, struct window *window,
			   double *recovered_ms)
{
	struct sweep *sweep = guest_slot->events->sweep;
	struct pace *pace = &sweep->pace;
	size_t look = (size_t)fmax(load->rate * STOPPED_LOOK_S, 1);
	size_t pause_at = (size_t)(load->rate * STOPPED_LEAD_S);
	size_t resume_at = pause_at + (size_t)(load->rate * what * 1e-3);
	uint64_t resumed = 0, last_loss = 0,
		 dropped = stream_total(pipeline_stream(pipeline)).dropped;
	uint64_t most = (uint64_t)((double)load->calls * pace->hz / load->rate * 2);

	pipeline_begin(pipeline, window);
	pace_begin(pace, load->rate, 0);
	for (size_t until = look; pace->done < load->calls && !*sweep->env->stop; until += look) {
		uint64_t now;

		pace_run(pace, sweep->workload, sweep->area,
			 until < load->calls ? until : load->calls, pace->start + most,
			 sweep->env->stop);
		now = stream_total(pipeline_stream(pipeline)).dropped;
		last_loss = now != dropped ? arch_clock() : last_loss;
		dropped = now;
		if (pace->done < until)
			break; /* out of time */
		if (until - look < pause_at && until >= pause_at)
			collect_pause(pipeline_collect(pipeline));
		if (until - look < resume_at && until >= resume_at) {
			collect_resume(pipeline_collect(pipeline));
			resumed = arch_clock();
		}
	}
	if (!resumed)
		collect_resume(pipeline_collect(pipeline));
	pipeline_end(pipeline, pace, window);
	*recovered_ms =
		resumed && last_loss > resumed ? (double)(last_loss - resumed) / pace->hz * 1e3 : 0;
}

/* A row to be: what is done, and how often by whom. */
struct row {
	struct load load;
	double what; /* milliseconds of a stop */
	char detail[48];
	struct rate_run series;
};

static void make_windows(const struct guest_slot *guest_slot, struct pipeline *pipeline,
			 struct row *row, region_fn make)
{
	struct rate_run *series = &row->series;
	struct sweep *sweep = guest_slot->events->sweep;
	double recovered = 0, sum = 0;

	for (size_t i = 0; i < WINDOWS && series->status == RESULT_MEASURED; i++) {
		struct window window;

		make(guest_slot, pipeline, row->what, &row->load, &window, &recovered);
		if (*sweep->env->stop)
			break;
		rate_run_add(series, &window, &sweep->pace, pipeline);
		sum += recovered;
	}
	if (series->rounds)
		series->recovered_ms = sum / (double)series->rounds;
}

/* All rows of one feed. Their memory is there before it is attached, and freed when it is gone:
 * that is munmap. */
static int run_guest_slot(const struct guest_slot *guest_slot, struct row *rows, size_t n,
			  region_fn make)
{
	struct pipeline *pipeline = NULL;
	size_t opened = 0;
	bool tried;
	int err = 0;

	for (; opened < n && !err; opened++) {
		struct row *row = &rows[opened];
		const struct series_name name = name_of(guest_slot, row->detail);

		err = rate_run_open(&row->series, &name, &row->load, WINDOWS, 0);
		row->series.stopped_ms = row->load.burst ? NAN : row->what;
	}
	if (!err)
		err = open_guest_slot(guest_slot, &pipeline);
	for (size_t i = 0; i < n && pipeline; i++)
		make_windows(guest_slot, pipeline, &rows[i], make);
	tried = pipeline != NULL;
	pipeline_close(pipeline);
	for (size_t i = 0; i < n && tried && !err; i++)
		err = sweep_finish(guest_slot->events->sweep, &rows[i].series, NULL);
	for (size_t i = 0; i < opened; i++)
		rate_run_close(&rows[i].series);
	return err;
}

static const struct size sizes[] = {
	{4u << 10, "4K"}, {16u << 10, "16K"}, {64u << 10, "64K"}, {256u << 10, "256K"},
	{1u << 20, "1M"}, {4u << 20, "4M"},   {16u << 20, "16M"},
};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* Every size with every buffer; make_rows: its rows, at most ROWS_MOST. */
#define ROWS_MOST 4
static int all_guest_slots(const struct events *events, const char *scenario,
			   size_t (*make_rows)(const struct guest_slot *guest_slot,
					       struct row *rows),
			   region_fn make, struct error *why)
{
	struct sweep *sweep = events->sweep;
	const size_t n_guest_slots = BUFFERS * SIZES;
	struct row *rows = calloc(ROWS_MOST, sizeof(*rows));
	int err = rows ? 0 : -ENOMEM;

	for (size_t i = 0; i < n_guest_slots && !err; i++) {
		struct guest_slot guest_slot = {
			.events = events,
			.scenario = scenario,
			.buffer = buffers[i / SIZES],
			.size = sizes[i % SIZES],
			.any = {.workload = sweep->workload, .area = sweep->area, .rate = NAN},
		};
		double share = (double)i / (double)n_guest_slots;
		size_t n;

		if (*sweep->env->stop)
			err = -EINTR;
		if (err || !events->works[events->first][guest_slot.buffer] ||
		    (sweep->exact && guest_slot.size.bytes > EXACT_BYTES_MOST))
			continue;
		sweep->env->progress(sweep->from + share * (sweep->to - sweep->from), scenario);
		n = make_rows(&guest_slot, rows);
		err = run_guest_slot(&guest_slot, rows, n, make);
	}
	free(rows);
	if (err == -ENOMEM)
		error_say(why, "out of memory");
	if (!err || err == -EINTR) {
		int write_err = record_write(sweep->record, sweep->env->dir, why);

		err = write_err ? write_err : err;
	}
	return err;
}

static bool wanted(const struct events *events)
{
	return events->any && events_wants_wakeup(events, WAKEUP_CAUGHT_UP);
}

static size_t burst_rows(const struct guest_slot *guest_slot, struct row *rows)
{
	static const size_t lengths[ROWS_MOST] = {100, 1000, 10000, EVENTS_BURST_MOST};
	size_t n = 0;

	for (; n < ROWS_MOST; n++) {
		if (guest_slot->events->sweep->exact && lengths[n] > EXACT_BURST_MOST)
			break;
		rows[n] = (struct row){.load = guest_slot->any};
		rows[n].load.burst = rows[n].load.calls = lengths[n];
		rows[n].load.stop = guest_slot->events->sweep->env->stop;
		snprintf(rows[n].detail, sizeof(rows[n].detail), "%s/%zu", guest_slot->size.name,
			 lengths[n]);
	}
	return n;
}

int events_burst(const struct events *events, struct error *why)
{
	return wanted(events) ? all_guest_slots(events, "burst", burst_rows, burst_window, why) : 0;
}

static size_t stopped_rows(const struct guest_slot *guest_slot, struct row *rows)
{
	static const double stops_ms[] = {1, 10, 100};
	const size_t most =
		guest_slot->events->sweep->exact ? 2 : sizeof(stops_ms) / sizeof(*stops_ms);
	size_t n = 0;

	for (; n < most; n++) {
		double s = STOPPED_LEAD_S + stops_ms[n] * 1e-3 + STOPPED_TAIL_S;

		rows[n] = (struct row){.load = guest_slot->any, .what = stops_ms[n]};
		rows[n].load.rate = STOPPED_RATE;
		rows[n].load.calls = (size_t)(STOPPED_RATE * s);
		rows[n].load.stop = guest_slot->events->sweep->env->stop;
		snprintf(rows[n].detail, sizeof(rows[n].detail), "%s/%.0fms", guest_slot->size.name,
			 stops_ms[n]);
	}
	return n;
}

int events_stopped(const struct events *events, struct error *why)
{
	return wanted(events)
		       ? all_guest_slots(events, "stopped", stopped_rows, stopped_window, why)
		       : 0;
}
