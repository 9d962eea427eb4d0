/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "kit/events/throughput.h"
#include "reports/stats/stats.h"

/* A reader that has not read everything after this time is stuck. */
#define SETTLE_S 5.0

struct rounds throughput_rounds(const struct harness_env *env, const char *scenario, size_t n,
				unsigned int wanted, unsigned int usual)
{
	unsigned int most = wanted ? wanted : usual;

	return (struct rounds){
		.n = n,
		.most = most < THROUGHPUT_ROUNDS_MOST ? most : THROUGHPUT_ROUNDS_MOST,
		.seed = env->seed,
		.stop = env->stop,
		.progress = env->progress,
		.what = scenario,
		.to = 1,
	};
}

void throughput_open(struct throughput *throughput, const struct stream_options *stream,
		     const struct collect_options *collect)
{
	int err = stream_open(stream, &throughput->stream, &throughput->why);

	if (!err)
		err = collect_open(throughput->stream, collect, &throughput->collect,
				   &throughput->why);
	if (err && !*throughput->why.text)
		error_say(&throughput->why, "%s", strerror(-err));
}

void throughput_close(struct throughput *throughput)
{
	collect_close(throughput->collect);
	stream_close(throughput->stream);
}

void throughput_begin(struct throughput *throughput)
{
	collect_accounting(throughput->collect, &throughput->before);
}

bool throughput_drained(struct throughput *throughput)
{
	if (!consumer_settle(throughput->collect->consumer, SETTLE_S))
		return true;
	error_say(&throughput->why, "the reader is stuck");
	throughput->invalid = true;
	return false;
}

void throughput_end(struct throughput *throughput, double seconds)
{
	struct collect_accounting after;

	collect_accounting(throughput->collect, &after);
	throughput->arrived[throughput->rounds] =
		(double)(after.received - throughput->before.received) / seconds;
	throughput->cpu[throughput->rounds] =
		(double)(after.cpu_ns - throughput->before.cpu_ns) * 1e-9 / seconds * 100;
	throughput->invalid = collect_check(throughput->collect, &throughput->why) != 0;
}

bool throughput_has_row(const struct throughput *throughput)
{
	return throughput->rounds || *throughput->why.text;
}

int throughput_row(const struct throughput *throughput, const struct point_key *key,
		   struct record *record, struct event_point **out)
{
	struct event_point *row = *out = point_add(record, key);

	if (!row)
		return -ENOMEM;
	if (*throughput->why.text)
		return point_fail(row, throughput->invalid ? RESULT_INVALID : RESULT_SKIPPED,
				  throughput->why.text);
	row->status = RESULT_MEASURED;
	if (key->none)
		return 0;
	row->throughput = stats_trimmed_interval(throughput->arrived, throughput->rounds);
	row->consumer_cpu = stats_mean_interval(throughput->cpu, throughput->rounds);
	return point_accounting(row, throughput->stream, throughput->collect);
}
