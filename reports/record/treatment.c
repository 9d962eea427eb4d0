/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/record/treatment.h"

bool treatment_known(const struct record_reader *reader)
{
	return reader->wake && reader->wait;
}

static bool same_interval(double a, double b)
{
	return (isnan(a) && isnan(b)) || fabs(a - b) < 1e-9;
}

static bool same_reader(const struct record_reader *a, const struct record_reader *b)
{
	return strcmp(a->wake, b->wake) == 0 && strcmp(a->wait, b->wait) == 0 &&
	       a->every == b->every && a->every_bytes == b->every_bytes &&
	       same_interval(a->interval_ms, b->interval_ms);
}

/* Of records that don't say more than the name. */
static bool had_one_meaning(const char *wakeup)
{
	return strcmp(wakeup, "none") == 0 || strcmp(wakeup, "caught_up") == 0;
}

static bool readers_same(const struct record_reader *a, const struct record_reader *b,
			 const char *wakeup_a, const char *wakeup_b)
{
	if (treatment_known(a) && treatment_known(b))
		return same_reader(a, b);
	return strcmp(wakeup_a, wakeup_b) == 0 && had_one_meaning(wakeup_a);
}

bool treatment_realised(const struct record_reader *reader, uint64_t wakeups, uint64_t events,
			double *per_event)
{
	double realised = events ? (double)wakeups / (double)events : NAN;

	if (per_event)
		*per_event = realised;
	if (!treatment_known(reader) || reader->every < 2 || isnan(realised) ||
	    strcmp(reader->wait, "caller") == 0 || !isnan(reader->interval_ms))
		return true;
	return fabs(realised * reader->every - 1) <= TREATMENT_REALISED_OFF;
}

/* Of a wakeup policy with an N: were both woken alike? */
static bool woken_alike(const struct record_result *result, const struct event_point *point)
{
	double a, b;

	if (treatment_realised(&result->reader, result->events.wakeups, result->events.received,
			       &a) &&
	    treatment_realised(&point->reader, point->wakeups, point->received, &b))
		return true;
	treatment_realised(&point->reader, point->wakeups, point->received, &b);
	return fabs(a / b - 1) <= TREATMENT_REALISED_OFF;
}

bool treatment_same(const struct record_result *result, const struct event_point *point)
{
	return strcmp(result->hook, point->hook) == 0 && strcmp(result->body, point->body) == 0 &&
	       strcmp(result->variant, point->variant) == 0 &&
	       strcmp(result->workload, point->workload) == 0 &&
	       strcmp(result->cache, "cold") != 0 &&
	       readers_same(&result->reader, &point->reader, result->wakeup, point->wakeup) &&
	       woken_alike(result, point);
}

bool treatment_points_same(const struct event_point *a, const struct event_point *b)
{
	return strcmp(a->variant, b->variant) == 0 && strcmp(a->workload, b->workload) == 0 &&
	       strcmp(a->policy, b->policy) == 0 && strcmp(a->wakeup, b->wakeup) == 0 &&
	       a->buffer_bytes == b->buffer_bytes &&
	       (treatment_known(&a->reader) == treatment_known(&b->reader)) &&
	       (!treatment_known(&a->reader) || same_reader(&a->reader, &b->reader));
}
