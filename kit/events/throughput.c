/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "calib/error.h"
#include "kit/events/throughput.h"
#include "reports/stats/stats.h"

/* A reader that has not read everything by then is stuck. */
#define SETTLE_S 5.0

void throughput_open(struct throughput *p, const struct stream_options *stream,
		     const struct collect_options *collect)
{
	if (!stream_open(stream, &p->stream, &p->why))
		collect_open(p->stream, collect, &p->collect, &p->why);
}

void throughput_close(struct throughput *p)
{
	collect_close(p->collect);
	stream_close(p->stream);
}

void throughput_begin(struct throughput *p)
{
	collect_accounting(p->collect, &p->before);
}

bool throughput_drained(struct throughput *p)
{
	if (!collect_settle(p->collect, SETTLE_S))
		return true;
	error_say(&p->why, "the consumer is stuck");
	p->invalid = true;
	return false;
}

void throughput_end(struct throughput *p, double seconds)
{
	struct collect_accounting after;

	collect_accounting(p->collect, &after);
	p->arrived[p->rounds] = (double)(after.received - p->before.received) / seconds;
	p->cpu[p->rounds] = (double)(after.cpu_ns - p->before.cpu_ns) * 1e-9 / seconds * 100;
	p->invalid = collect_check(p->collect, &p->why) != 0;
}

int throughput_row(const struct throughput *p, const struct point_key *key, struct record *record,
		   struct event_point **out)
{
	struct event_point *row = *out = point_add(record, key);

	if (!row)
		return -ENOMEM;
	if (*p->why.text)
		return point_fail(row, p->invalid ? RESULT_INVALID : RESULT_SKIPPED, p->why.text);
	row->status = RESULT_MEASURED;
	if (key->none)
		return 0;
	row->throughput = stats_trimmed_interval(p->arrived, p->rounds);
	row->consumer_cpu = stats_mean_interval(p->cpu, p->rounds);
	return point_accounting(row, p->stream, p->collect);
}
