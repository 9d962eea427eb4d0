/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_fields: the members of record.json, one table for the writer and the reader.
 *
 * Internal to reports/record*.c. A row names a member, its type and where it lives in the structure; a table
 * ends with a row whose key is NULL. What is not a plain member (the arrays of cells and counters, the books that
 * may be absent) is written and read by hand in record_json.c and record_parse.c.
 */
#ifndef BPFTOLL_RECORD_FIELDS_H
#define BPFTOLL_RECORD_FIELDS_H

#include <jansson.h>
#include <stddef.h>
#include "reports/record.h"

enum field_type {
	FIELD_NAME,    /* char *, never null */
	FIELD_STRING,  /* char *, null when not known */
	FIELD_STRINGS, /* char **, its length at count */
	FIELD_U64,
	FIELD_SIZE,
	FIELD_UINT,
	FIELD_INT,
	FIELD_BOOL,
	FIELD_DOUBLE, /* null for NAN */
	FIELD_STATUS,
	FIELD_UNIT,
	FIELD_EFFECT, /* three doubles, lo <= hi */
	FIELD_OBJECT, /* members of its own, in sub */
};

struct field {
	const char *key;
	enum field_type type;
	size_t offset;
	size_t count;		 /* offset of a FIELD_STRINGS' length */
	const struct field *sub; /* of FIELD_OBJECT; offsets from the member's start */
};

extern const struct field record_effect_fields[];
extern const struct field record_counter_fields[];
extern const struct field record_events_fields[]; /* offsets within the cell's events */
extern const struct field record_cell_fields[];
extern const struct field record_top_fields[];

/* More than these is no run of ours: a guard against files made to exhaust memory. */
#define RECORD_MAX_BYTES    (64U << 20)
#define RECORD_MAX_CELLS    8192U
#define RECORD_MAX_STRINGS  4096U
#define RECORD_MAX_COUNTERS 256U

/* The whole record as JSON, to be released with json_decref; NULL when memory is out. */
json_t *record_to_json(const struct record *rec);

/* An empty cell at the end of the record, for the reader, which names it itself. NULL: out of memory. */
struct record_cell *record_append_cell(struct record *rec);

#endif
