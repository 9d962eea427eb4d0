/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_views: what "store query" lists: a view of the database, its columns as CSV and JSON have
 * them, and which of them are a table's.
 */
#ifndef BPFTOLL_KIT_CMD_FLEET_STORE_VIEWS_H
#define BPFTOLL_KIT_CMD_FLEET_STORE_VIEWS_H

#include <stddef.h>

#include "kit/store/store.h"

#define STORE_PARTS_MOST 6

struct store_column {
	const char *name; /* NULL: past the last */
	enum { STORE_WORDS, STORE_WHOLE, STORE_REAL } type;
};

struct store_list {
	const char *word; /* behind "query"; NULL: none is needed */
	enum store_view view;
	const struct store_column *columns;
	const char *name; /* the column whose parts, between slashes, are columns of the table */
	const char *parts[STORE_PARTS_MOST];
	/* A column that has _lo and _hi behind it, and its header; NULL: none. */
	struct {
		const char *column, *header;
	} effects[2];
	/* The last column of the table: "unit"; "lost" of what was sent. NULL: none. */
	const char *last;
};

/* By the word behind "query", or the list of figures. */
const struct store_list *store_list_find(const char *word);
/* The i-th; NULL past the last. */
const struct store_list *store_list_at(size_t i);

/* The place of a column that the list has. */
size_t store_column_of(const struct store_list *list, const char *name);

#endif
