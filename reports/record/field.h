/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * field: a structure's members as a table, from which it is written, read, exported, emptied and
 * freed.
 *
 * A row names a member, its type and where it lives in the structure; a table ends with a row whose
 * key is NULL. The tables of a record are in record_fields.c.
 */
#ifndef BPFTOLL_REPORTS_RECORD_FIELD_H
#define BPFTOLL_REPORTS_RECORD_FIELD_H

#include <stdbool.h>
#include <stddef.h>

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
	FIELD_MAX, /* a double a second time, for readers of the JSON itself: it must be the same */
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

/* The row of a table; its end (key NULL) when there is none. */
const struct field *field_find(const struct field *fields, const char *key);

/* Of a structure's rows (FIELD_ROWS): how many, and the i-th. */
size_t field_rows(const void *base, const struct field *rows);
void *field_row(const void *base, const struct field *rows, size_t i);

/*
 * One more row, empty (numbers unknown or 0); NULL: out of memory. Only rows behind pointers stay
 * where they are.
 */
void *field_add_row(void *base, const struct field *rows);

/* Takes the rows from the from'th on away. */
void field_drop_rows(void *base, const struct field *rows, size_t from);

/* Every number below base becomes unknown (NAN), strings and whole numbers stay. */
void field_empty(void *base, const struct field *fields);

/* Frees every string and row below base, by its table; base itself stays. */
void field_free(void *base, const struct field *fields);

#endif
