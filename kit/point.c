/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/point.h"

int reader_record(enum drain_state state, bool caller_reads, struct record_reader *out)
{
	const struct reader_state *s = reader_state(state);

	if (state == DRAIN_OFF)
		return 0;
	out->wake = strdup(reader_wake_name(s));
	out->wait = strdup(caller_reads && drain_needs_cpu(state) ? "caller" : reader_wait_name(s));
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
	point->status = CELL_SKIPPED;
	point->scenario = strdup(key->scenario);
	point->hook = strdup(hook);
	point->body = strdup(body);
	if (key->none)
		point->variant = strdup("none");
	else if (asprintf(&point->variant, "%s_%s", hook, body) < 0)
		point->variant = NULL;
	point->trigger = strdup(key->trigger);
	point->drain = strdup(drain_state_name(key->drain));
	point->policy = strdup(key->policy);
	if (!point->drain || reader_record(key->drain, false, &point->reader))
		return NULL;
	if (point->variant &&
	    asprintf(&point->id, "%s/%s/%s/%s/%s%s%s", key->scenario, point->variant, key->trigger,
		     point->drain, key->policy, *key->rest ? "/" : "", key->rest) < 0)
		point->id = NULL;
	if (!point->scenario || !point->hook || !point->body || !point->variant ||
	    !point->trigger || !point->drain || !point->policy || !point->id)
		return NULL;
	return point;
}

int point_fail(struct event_point *point, enum cell_status status, const char *reason)
{
	point->status = status;
	free(point->reason);
	point->reason = strdup(reason);
	return point->reason ? 0 : -ENOMEM;
}

int point_books(struct event_point *point, const struct stream *stream,
		const struct collect *collect)
{
	const struct histogram *ages = collect_ages(collect);
	struct collect_books books;
	uint64_t missed;
	bool partial;
	int err = stream_missed(stream, &missed, &partial);

	if (err)
		return err;
	collect_books(collect, &books);
	point->buffer_bytes = stream_options(stream)->buffer_bytes;
	point->memory_bytes = collect_memory_bytes(collect);
	point->produced = books.received + books.missing + missed;
	point->received = books.received;
	point->lost_full = books.missing;
	point->lost_missed = missed;
	point->lost_records = books.lost_records;
	point->wakeups = books.wakeups;
	if (ages->n) {
		point->age_p50 = histogram_quantile(ages, 0.5);
		point->age_p99 = histogram_quantile(ages, 0.99);
		point->age_max = (double)ages->max;
	}
	return 0;
}
