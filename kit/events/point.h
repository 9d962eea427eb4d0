/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * point: makes a row (a point) of an event scenario in the record: its id from its parts, and the
 * fields that a stream and its reader know.
 *
 * point_add -> point_accounting, or point_fail.
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
	bool none; /* no probe: hook and buffer have no meaning */
	enum hook hook;
	enum stream_buffer buffer;
	const char *workload, *policy;
	enum wakeup_policy wakeup; /* WAKEUP_OFF if there is no probe */
	const char *rest;	   /* what makes the id unique: "4 CPUs", "10000/s"; may be empty */
};

/*
 * The definition of a wakeup policy, for a result or a row. caller_reads: there is no reader
 * process. Returns 0 or -ENOMEM.
 */
int reader_record(enum wakeup_policy state, bool caller_reads, struct record_reader *out);

/* Appends a row that is not yet measured (status RESULT_SKIPPED). Returns NULL without memory. */
struct event_point *point_add(struct record *record, const struct point_key *key);

/* Sets status skipped or invalid, with the reason. Returns 0 or -ENOMEM. */
int point_fail(struct event_point *point, enum result_status status, const char *reason);

/* What became of the events of some calls. */
struct event_counts {
	uint64_t produced, received;
	uint64_t dropped; /* found the buffer full */
	uint64_t missed;  /* hits that did not run the program; not among produced */
	uint64_t lost_records, wakeups;
};

/* Fills produced, received, lost by cause, wakeups; and the ages, where any was measured. */
void point_events(struct event_point *point, const struct event_counts *counts);
void point_ages(struct event_point *point, const struct histogram *ages);

/* Fills both of all since collect_open, and buffer and memory. Returns 0 or -errno. */
int point_accounting(struct event_point *point, const struct stream *stream,
		     const struct collect *collect);

#endif
