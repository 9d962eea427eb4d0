/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_fields: the members of record.json, one table for the writer, the reader, the exports and
 * the schema.
 *
 * Internal to reports/. A row names a member, its type and where it lives in the structure; a table
 * ends with a row whose key is NULL. What a suite measures is a structure (record_rows.h), its
 * table, and one line in record_top_fields: FIELD_ROWS. A record without that member has none.
 */
#ifndef BPFTOLL_REPORTS_RECORD_RECORD_FIELDS_H
#define BPFTOLL_REPORTS_RECORD_RECORD_FIELDS_H

#include <jansson.h>
#include <stddef.h>
#include "reports/record/record.h"

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
	FIELD_PART,   /* the same, where the bool at count is true; else null */
	FIELD_ROWS, /* pointer to structures of size bytes, their number at count, members in sub */
	FIELD_MAX,  /* configuration.max a second time, for readers of the JSON itself: it must be
		       the same */
};

struct field {
	const char *key;
	enum field_type type;
	bool optional;	/* older records lack it: unknown then, as in an empty structure */
	bool unwritten; /* where it is not known the file does not have it, instead of a null */
	bool pointers;	/* FIELD_ROWS: pointers to the structures, which stay where they are */
	size_t offset;
	size_t count; /* offset of the length of FIELD_STRINGS, FIELD_ROWS; of FIELD_PART's bool */
	size_t size;  /* of one of FIELD_ROWS */
	size_t most;  /* of FIELD_ROWS: more is no run of ours */
	const struct field *sub; /* offsets from the member's or row's start */
};

extern const struct field record_effect_fields[];
extern const struct field record_result_fields[];
extern const struct field record_top_fields[];

/* The words of FIELD_UNIT and FIELD_STATUS in the order of their enumerations; NULL ends them. */
extern const char *const record_units[], *const record_statuses[];

/* More than these is no run of ours: a guard against files made to exhaust memory. */
#define RECORD_MAX_BYTES    (64U << 20)
#define RECORD_MAX_RESULTS  8192U
#define RECORD_MAX_STRINGS  4096U
#define RECORD_MAX_COUNTERS 256U
#define RECORD_MAX_ROWS	    65536U

/* The whole record as JSON, to be released with json_decref; NULL when memory is out. */
json_t *record_to_json(const struct record *rec);

/* The row of a table; its end (key NULL) when there is none. */
const struct field *record_field(const struct field *fields, const char *key);

/* Of a structure's rows (FIELD_ROWS): how many, and the i-th. */
size_t record_rows_count(const void *base, const struct field *rows);
void *record_row_at(const void *base, const struct field *rows, size_t i);

/* Of a row whose kind has one; else NULL. */
const enum result_status *record_row_status(const void *row, const struct field *fields);

/* One more row, empty (numbers unknown or 0); NULL: out of memory. Only rows behind pointers stay
 * where they are. */
void *record_append_row(void *base, const struct field *rows);

/* Takes the rows from the from'th on away. */
void record_drop_rows(void *base, const struct field *rows, size_t from);

/* Every number below base becomes unknown (NAN), strings and whole numbers stay. */
void record_empty_fields(void *base, const struct field *fields);

/* Frees every string and row below base, by its table; base itself stays. */
void record_free_fields(void *base, const struct field *fields);

#endif
