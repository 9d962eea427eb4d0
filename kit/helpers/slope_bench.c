/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "calib/error.h"
#include "kit/helpers/slope_bench.h"

#define KEY_MISSING 0x40000000u

int slope_bench_open(struct slope_bench *bench, const struct harness_env *env, bool exact,
		     unsigned int calls)
{
	size_t bytes = SLOPE_CALLS_MOST * sizeof(*bench->out);

	*bench = (struct slope_bench){.env = env, .exact = exact, .calls = calls, .stub_only = -1};
	bench->idle_fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	bench->rng = gsl_rng_alloc(gsl_rng_mt19937);
	bench->out = malloc(bytes);
	if (!bench->rng || !bench->out)
		return -ENOMEM;
	gsl_rng_set(bench->rng, env->seed);
	memset(bench->out, 0xff, bytes);
	mlock(bench->out, bytes);
	if (exact)
		tick_find(&bench->tick);
	return 0;
}

void slope_bench_close(struct slope_bench *bench)
{
	slope_bench_drop(bench);
	if (bench->rng)
		gsl_rng_free(bench->rng);
	free(bench->out);
	if (bench->idle_fd >= 0)
		close(bench->idle_fd);
}

/* ---- buffers and maps ---- */

struct slope_sink *slope_sink_of(struct slope_bench *bench, const struct helper *helper,
				 enum wakeup_policy wakeup, unsigned int size)
{
	/* in a full buffer nothing is written, so its position does not matter */
	int each = bench->exact && wakeup != WAKEUP_NONE ? helper_record(size) : 0;

	return &bench->sinks[helper->output][wakeup][each < 0 ? 0 : each];
}

static void make_channel(struct slope_bench *bench, struct slope_row *row)
{
	const struct placement *placement = bench->env->placement;
	struct channel **channel =
		&slope_sink_of(bench, row->helper, row->wakeup, row->size)->channel;
	struct error why = {0};

	if (*channel)
		return;
	/* exact counts of every N need no reader that sleeps: the caller reads */
	if (wakeup_policy_needs_cpu(row->wakeup) && placement->reader_cpu < 0 &&
	    !(bench->exact && row->wakeup == WAKEUP_SAMPLED))
		slope_row_fail(row, RESULT_SKIPPED,
			       "a reader needs a second CPU, and there is one");
	else if (channel_open(row->helper->output, row->wakeup, placement->cpu,
			      placement->reader_cpu, channel, &why))
		slope_row_fail(row, RESULT_SKIPPED, "%s", why.text);
}

static const struct slope_map *find_map(const struct slope_bench *bench, int type,
					unsigned int entries)
{
	for (size_t i = 0; i < bench->n_maps; i++)
		if (bench->maps[i].type == type && bench->maps[i].entries == entries)
			return &bench->maps[i];
	return NULL;
}

static void make_map(struct slope_bench *bench, struct slope_row *row)
{
	struct slope_map *map = &bench->maps[bench->n_maps];
	struct error why = {0};

	if (find_map(bench, row->helper->map_type, row->size) ||
	    bench->n_maps == sizeof(bench->maps) / sizeof(bench->maps[0]))
		return;
	*map = (struct slope_map){row->helper->map_type, -1, row->size};
	map->fd = host_program_map(map->type, map->entries, &why);
	if (map->fd >= 0)
		bench->n_maps++;
	else
		slope_row_fail(row, RESULT_SKIPPED, "%s", why.text);
}

void slope_bench_make(struct slope_bench *bench, struct slope_rows *rows)
{
	/*
	 * a key that every map has; exact: not random, but the entry inserted last, which is the
	 * first in its bucket
	 */
	bench->key = (uint32_t)gsl_rng_uniform_int(bench->rng, 16);
	for (size_t i = 0; i < rows->n; i++) {
		struct slope_row *row = &rows->rows[i];

		if (row->status == RESULT_MEASURED && row->helper->output != OUTPUT_NONE)
			make_channel(bench, row);
		if (row->status == RESULT_MEASURED && row->helper->map_type)
			make_map(bench, row);
	}
}

static void check_sink(struct slope_bench *bench, const struct slope_sink *sink,
		       struct slope_rows *rows)
{
	struct error why;

	probe_reader_settle(sink->channel->reader);
	if (!channel_check(sink->channel, &why))
		return;
	for (size_t i = 0; i < rows->n; i++) {
		struct slope_row *row = &rows->rows[i];

		if (row->status == RESULT_MEASURED &&
		    slope_sink_of(bench, row->helper, row->wakeup, row->size) == sink)
			slope_row_fail(row, RESULT_INVALID, "%s", why.text);
	}
}

#define SINKS (sizeof(bench->sinks) / sizeof(bench->sinks[0][0][0]))

void slope_bench_check(struct slope_bench *bench, struct slope_rows *rows)
{
	struct slope_sink *sinks = &bench->sinks[0][0][0];

	for (size_t i = 0; i < SINKS; i++)
		if (sinks[i].channel)
			check_sink(bench, &sinks[i], rows);
}

void slope_bench_drop(struct slope_bench *bench)
{
	struct slope_sink *sinks = &bench->sinks[0][0][0];

	for (size_t i = 0; i < SINKS; i++) {
		channel_close(sinks[i].channel);
		sinks[i] = (struct slope_sink){0};
	}
	for (size_t i = 0; i < bench->n_maps; i++)
		close(bench->maps[i].fd);
	bench->n_maps = 0;
}

/* ---- programs ---- */

static enum ring_wake wake_of(const struct helper *helper, enum wakeup_policy wakeup)
{
	/* for a perf buffer the reader sets when it is woken */
	return helper->output == OUTPUT_RINGBUF ? wakeup_ring_wake(wakeup) : WAKE_DEFAULT;
}

int slope_program(struct slope_bench *bench, const struct helper *helper, unsigned int size,
		  enum wakeup_policy wakeup, unsigned int times, struct error *why)
{
	static struct code code;
	const struct channel *channel = slope_sink_of(bench, helper, wakeup, size)->channel;
	const struct slope_map *map =
		helper->map_type ? find_map(bench, helper->map_type, size) : NULL;
	struct repeat repeat = {
		.size = size,
		.times = times,
		.host_program = bench->kind,
		.map_fd = channel ? channel->map_fd
			  : map	  ? map->fd
				  : -1,
		.counts_fd = channel ? channel->counts_fd : -1,
		.wake = wake_of(helper, wakeup),
		.key = (bench->exact && size ? size - 1 : bench->key) +
		       (helper->missing ? KEY_MISSING : 0),
	};

	helper_code(helper, &repeat, &code);
	if (code.n == CODE_MOST)
		return error_set(why, -E2BIG, "a program of more than %d instructions", CODE_MOST);
	return host_program_load(bench->host_program, &code, why);
}

void slope_programs_close(int progs[SLOPE_POINTS])
{
	for (size_t i = 0; i < SLOPE_POINTS; i++) {
		if (progs[i] >= 0)
			close(progs[i]);
		progs[i] = -1;
	}
}

/* Returns the index of the point that the kernel refuses, with why, or SLOPE_POINTS if none. */
static size_t try_programs(struct slope_bench *bench, const struct slope_row *row,
			   int progs[SLOPE_POINTS], struct error *why)
{
	size_t point = 0;

	for (; point < SLOPE_POINTS; point++) {
		progs[point] = slope_program(bench, row->helper, row->size, row->wakeup,
					     row->repeats[point], why);
		if (progs[point] < 0)
			break;
	}
	return point;
}

int slope_programs(struct slope_bench *bench, struct slope_row *row, int progs[SLOPE_POINTS])
{
	struct error why = {0};
	size_t refused = try_programs(bench, row, progs, &why);

	if (refused < SLOPE_POINTS && row->repeats[refused] == slope_repeats[SLOPE_POINTS - 1] &&
	    slope_row_fall_back(row, why.text)) {
		slope_programs_close(progs);
		refused = try_programs(bench, row, progs, &why);
	}
	if (refused == SLOPE_POINTS)
		return 0;
	slope_row_fail(row, RESULT_SKIPPED, "%s", why.text);
	return -EACCES;
}
