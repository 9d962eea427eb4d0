/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * point: names a row of an event scenario from its parts, and fills in what a stream and its
 * consumer know.
 */
#ifndef BPFTOLL_KIT_EVENTS_POINT_H
#define BPFTOLL_KIT_EVENTS_POINT_H

#include <stdbool.h>

#include "bpf/read/collect.h"
#include "bpf/read/wakeup_policy.h"
#include "bpf/load/stream.h"
#include "reports/record/record.h"
#include "reports/record/record_rows.h"

struct point_key {
	const char *scenario;
	bool none; /* no probe: hook and buffer mean nothing */
	enum hook hook;
	enum stream_buffer buffer;
	const char *workload, *policy;
	enum wakeup_policy wakeup; /* WAKEUP_OFF without a probe */
	const char *rest; /* what else makes the id unique: "4cpus", "10000/s"; may be empty */
};

/* A state's definition, into a result or a row. caller_reads: it has no reader of its own here. 0
 * or -ENOMEM. */
int reader_record(enum wakeup_policy state, bool caller_reads, struct record_reader *out);

/* Appends the row, not yet measured (status RESULT_SKIPPED). NULL: out of memory. */
struct event_point *point_add(struct record *record, const struct point_key *key);

/* Skipped or invalid, because … -ENOMEM or 0. */
int point_fail(struct event_point *point, enum result_status status, const char *reason);

/* What became of the calls' events. */
struct event_counts {
	uint64_t produced, received;
	uint64_t dropped; /* found the buffer full */
	uint64_t missed;  /* the program did not run; not among produced */
	uint64_t lost_records, wakeups;
};

void point_events(struct event_point *point, const struct event_counts *counts);
void point_ages(struct event_point *point, const struct histogram *ages);

/* Buffer and memory; produced, received, lost by cause, wake-ups; ages. Of all since collect_open.
 * 0 or -errno. */
int point_accounting(struct event_point *point, const struct stream *stream,
		     const struct collect *collect);

#endif
