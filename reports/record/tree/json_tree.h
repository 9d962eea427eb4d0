/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_tree: the text of a JSON file as a tree, for reading only.
 *
 * json_tree_read -> json_tree_member | first, next … -> json_tree_free. yajl reads the text and all
 * values lie in a few large blocks, because a store reads thousands of records of a megabyte: a
 * value each from malloc and a hash table for each object (jansson) took several times as long.
 *
 * Stricter than JSON, as jansson was: no member twice, valid UTF-8 without NUL, whole numbers
 * within 64 bits, real ones within a double's range.
 */
#ifndef BPFTOLL_REPORTS_RECORD_JSON_TREE_H
#define BPFTOLL_REPORTS_RECORD_JSON_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"

#define JSON_TREE_DEPTH	  64   /* arrays and objects within each other */
#define JSON_TREE_MEMBERS 1024 /* of one object */

enum json_kind {
	JSON_TREE_NULL,
	JSON_TREE_BOOL,
	JSON_TREE_INTEGER,
	JSON_TREE_REAL,
	JSON_TREE_STRING,
	JSON_TREE_ARRAY,
	JSON_TREE_OBJECT,
};

struct json_value {
	const char *key; /* of a member; else NULL */
	const struct json_value *next;
	union {
		bool truth;
		int64_t integer;
		double real;
		const char *text;
		struct {
			struct json_value *first, *last;
		};
	};
	uint32_t key_hash;
	uint32_t n; /* entries of an array, members of an object */
	enum json_kind kind;
};

struct json_tree {
	const struct json_value *top;
	struct json_block *blocks;
};

/* -EINVAL: what is wrong and where (line, column in bytes), without the file's name. */
int json_tree_read(const char *text, size_t len, struct json_tree *out, struct error *why);
void json_tree_free(struct json_tree *tree);

/*
 * The object's member of that name, or NULL. It is looked for first at *from, which then moves on:
 * who asks in the file's order (begin with object->first) finds each at once.
 */
const struct json_value *json_tree_member(const struct json_value *object, const char *key,
					  const struct json_value **from);

#endif
