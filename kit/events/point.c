/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/events/point.h"

int reader_record(enum wakeup_policy state, bool caller_reads, struct record_reader *out)
{
	const struct wakeup_policy_row *s = wakeup_policy_row(state);

	if (state == WAKEUP_OFF)
		return 0;
	out->wake = strdup(reader_wake_name(s));
	out->wait = strdup(caller_reads && wakeup_policy_needs_cpu(state) ? "caller"
									  : reader_wait_name(s));
	out->every = s->every;
	out->every_bytes = s->every_bytes;
	out->interval_ms = s->interval_ms < 0 ? NAN : s->interval_ms;
	return out->wake && out->wait ? 0 : -ENOMEM;
}

struct event_point *point_add(struct record *record, const struct point_key *key)
{
	struct event_point *point = record_add_event_point(record);
	const char *hook = key->none ? "none" : hook_name(key->hook);
	const char *body = key->none ? "none" : stream_buffer_name(key->buffer);

	if (!point)
		return NULL;
	point->status = RESULT_SKIPPED;
	point->scenario = strdup(key->scenario);
	point->hook = strdup(hook);
	point->body = strdup(body);
	if (key->none)
		point->variant = strdup("none");
	else if (asprintf(&point->variant, "%s_%s", hook, body) < 0)
		point->variant = NULL;
	point->workload = strdup(key->workload);
	point->wakeup = strdup(wakeup_policy_name(key->wakeup));
	point->policy = strdup(key->policy);
	if (!point->wakeup || reader_record(key->wakeup, false, &point->reader))
		return NULL;
	if (point->variant &&
	    asprintf(&point->id, "%s/%s/%s/%s/%s%s%s", key->scenario, point->variant, key->workload,
		     point->wakeup, key->policy, *key->rest ? "/" : "", key->rest) < 0)
		point->id = NULL;
	if (!point->scenario || !point->hook || !point->body || !point->variant ||
	    !point->workload || !point->wakeup || !point->policy || !point->id)
		return NULL;
	return point;
}

int point_fail(struct event_point *point, enum result_status status, const char *reason)
{
	point->status = status;
	free(point->reason);
	point->reason = strdup(reason);
	return point->reason ? 0 : -ENOMEM;
}

void point_events(struct event_point *point, const struct event_counts *counts)
{
	point->produced = counts->produced + counts->missed;
	point->received = counts->received;
	point->lost_full = counts->dropped;
	point->lost_missed = counts->missed;
	point->lost_records = counts->lost_records;
	point->wakeups = counts->wakeups;
}

void point_ages(struct event_point *point, const struct histogram *ages)
{
	if (!ages->n)
		return;
	point->age_p50 = histogram_quantile(ages, 0.5);
	point->age_p99 = histogram_quantile(ages, 0.99);
	point->age_max = (double)ages->max;
}

int point_accounting(struct event_point *point, const struct stream *stream,
		     const struct collect *collect)
{
	struct collect_accounting accounting;
	struct event_counts counts;
	uint64_t missed;
	bool partial;
	int err = stream_missed(stream, &missed, &partial);

	if (err)
		return err;
	collect_accounting(collect, &accounting);
	counts = (struct event_counts){
		.produced = accounting.received + accounting.missing,
		.received = accounting.received,
		.dropped = accounting.missing,
		.missed = missed,
		.lost_records = accounting.lost_records,
		.wakeups = accounting.wakeups,
	};
	point->buffer_bytes = stream->options.buffer_bytes;
	point->memory_bytes = collect_memory_bytes(collect);
	point_events(point, &counts);
	point_ages(point, &collect->ages);
	return 0;
}
