/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * point: names a row of an event scenario from its parts, and fills in what a stream and its consumer know.
 */
#ifndef BPFTOLL_POINT_H
#define BPFTOLL_POINT_H

#include <stdbool.h>

#include "bpf/collect.h"
#include "bpf/stream.h"
#include "reports/record.h"
#include "reports/record_rows.h"

struct point_key {
	const char *scenario;
	bool none; /* no probe: hook and buffer mean nothing */
	enum hook hook;
	enum stream_buffer buffer;
	const char *trigger, *drain, *policy;
	const char *rest; /* what else makes the id unique: "4cpus", "10000/s"; may be empty */
};

/* Appends the row, not yet measured (status CELL_SKIPPED). NULL: out of memory. */
struct event_point *point_add(struct record *record, const struct point_key *key);

/* Skipped or invalid, because … -ENOMEM or 0. */
int point_fail(struct event_point *point, enum cell_status status, const char *reason);

/* Buffer and memory; produced, received, lost by cause, wake-ups; ages. Of all since collect_open. 0 or -errno. */
int point_books(struct event_point *point, const struct stream *stream,
		const struct collect *collect);

#endif
