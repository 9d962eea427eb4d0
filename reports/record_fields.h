/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_fields: the members of record.json, one table for the writer and the reader.
 *
 * Internal to reports/record*.c. A row names a member, its type and where it lives in the structure; a table
 * ends with a row whose key is NULL. What is not a plain member (the arrays of cells and counters, the books that
 * may be absent) is written and read by hand in record_json.c and record_parse.c.
 *
 * FIELD_ROWS is an array of structures with a table of their own: what a suite measures that is no cell is one such
 * structure (record_rows.h), its table, and one line in record_top_fields. A record without the member has none.
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
	FIELD_ROWS, /* pointer to structures of size bytes, their number at count, members in sub */
};

struct field {
	const char *key;
	enum field_type type;
	bool optional; /* older records lack it: unknown then, as in an empty structure */
	size_t offset;
	size_t count; /* offset of a FIELD_STRINGS' or FIELD_ROWS' length */
	const struct field
		*sub; /* of FIELD_OBJECT, FIELD_ROWS; offsets from the member's or row's start */
	size_t size;  /* of one of FIELD_ROWS */
};

/* Rows of a table: the member's name is its key. */
/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type and a member cannot stand in parentheses */
#define PLAIN(kind, owner, member) \
	{.key = #member, .type = (kind), .offset = offsetof(owner, member)}
#define OPTIONAL(kind, owner, member) \
	{.key = #member, .type = (kind), .offset = offsetof(owner, member), .optional = true}
#define EFFECT(owner, member) PLAIN(FIELD_EFFECT, owner, member)
#define DOUBLE(owner, member) PLAIN(FIELD_DOUBLE, owner, member)
#define OBJECT(owner, member, table) \
	{.key = #member, .type = FIELD_OBJECT, .offset = offsetof(owner, member), .sub = (table)}
#define OPTIONAL_OBJECT(owner, member, table) \
	{.key = #member, .type = FIELD_OBJECT, .offset = offsetof(owner, member), \
	 .sub = (table), .optional = true}
#define STRINGS(owner, member) \
	{.key = #member, .type = FIELD_STRINGS, .offset = offsetof(owner, member), \
	 .count = offsetof(owner, n_##member)}
#define ROWS(owner, member, row, table) \
	{.key = #member, .type = FIELD_ROWS, .offset = offsetof(owner, member), \
	 .count = offsetof(owner, n_##member), .sub = (table), .size = sizeof(row)}
/* NOLINTEND(bugprone-macro-parentheses) */
/* clang-format on */

extern const struct field record_effect_fields[];
extern const struct field record_reader_fields[];
extern const struct field record_counter_fields[];
extern const struct field record_program_fields[]; /* offsets within the cell's program */
extern const struct field record_events_fields[];  /* offsets within the cell's events */
extern const struct field record_cell_fields[];
extern const struct field record_top_fields[];
extern const struct field slope_fields[];
extern const struct field event_point_fields[];
extern const struct field knee_fields[];
extern const struct field app_result_fields[];
extern const struct field crosscheck_fields[];
extern const struct field eviction_fields[];
extern const struct field round_conditions_fields[];

/* More than these is no run of ours: a guard against files made to exhaust memory. */
#define RECORD_MAX_BYTES    (64U << 20)
#define RECORD_MAX_CELLS    8192U
#define RECORD_MAX_STRINGS  4096U
#define RECORD_MAX_COUNTERS 256U
#define RECORD_MAX_ROWS	    65536U

/* The whole record as JSON, to be released with json_decref; NULL when memory is out. */
json_t *record_to_json(const struct record *rec);

/*
 * The rows at *array, grown by one that is empty (numbers unknown or 0); NULL: out of memory. What was at the old address
 * is not to be used again.
 */
void *record_append_row(void **array, size_t *n, const struct field *rows);

/* Every number below base becomes unknown (NAN), strings and whole numbers stay. */
void record_empty_fields(void *base, const struct field *fields);

/* Frees every string and row below base, by its table; base itself stays. */
void record_free_fields(void *base, const struct field *fields);

/* An empty cell at the end of the record, for the reader, which names it itself. NULL: out of memory. */
struct record_cell *record_append_cell(struct record *rec);

#endif
