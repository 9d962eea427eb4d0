/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzzes the tree of a record's JSON against jansson, which read records before: the same texts are
 * accepted, with the same values. Apart from the tree's own limits, and from half a surrogate pair
 * as \u escape, of which yajl makes "?".
 */
#define _GNU_SOURCE /* memmem */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record/tree/json_tree.h"
#include "tests/fuzz/fuzz_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const struct json_value *ours, json_t *theirs);

static bool same_members(const struct json_value *ours, const json_t *theirs)
{
	const struct json_value *from = NULL;
	size_t n = 0;

	for (const struct json_value *at = ours->first; at; at = at->next, n++)
		if (!same(at, json_object_get(theirs, at->key)) ||
		    json_tree_member(ours, at->key, &from) != at)
			return false;
	return n == ours->n && n == json_object_size(theirs);
}

static bool same_entries(const struct json_value *ours, const json_t *theirs)
{
	size_t n = 0;

	for (const struct json_value *at = ours->first; at; at = at->next)
		if (!same(at, json_array_get(theirs, n++)))
			return false;
	return n == ours->n && n == json_array_size(theirs);
}

static bool same(const struct json_value *ours, json_t *theirs)
{
	double real;

	switch (ours->kind) {
	case JSON_TREE_NULL:
		return json_is_null(theirs);
	case JSON_TREE_BOOL:
		return json_is_boolean(theirs) && ours->truth == json_is_true(theirs);
	case JSON_TREE_INTEGER:
		return json_is_integer(theirs) && ours->integer == json_integer_value(theirs);
	case JSON_TREE_REAL:
		real = json_real_value(theirs);
		return json_is_real(theirs) && !memcmp(&ours->real, &real, sizeof(real));
	case JSON_TREE_STRING:
		return json_is_string(theirs) && !strcmp(ours->text, json_string_value(theirs));
	case JSON_TREE_ARRAY:
		return json_is_array(theirs) && same_entries(ours, theirs);
	case JSON_TREE_OBJECT:
		return json_is_object(theirs) && same_members(ours, theirs);
	}
	return false;
}

/* What jansson does not mind; it takes NUL for the end. */
static bool is_limit(const char *words, const uint8_t *data, size_t size)
{
	return strstr(words, "nested too deeply") || strstr(words, "too many members") ||
	       memchr(data, '\0', size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	json_t *theirs = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	bool half = memmem(data, size, "\\ud", 3) || memmem(data, size, "\\uD", 3), differ;
	struct error why = {0};
	struct json_tree ours;
	int err = json_tree_read(text, size, &ours, &why);

	if (err)
		differ = !*why.text || (theirs && !is_limit(why.text, data, size));
	else
		differ = !half && (!theirs || !same(ours.top, theirs));
	if (differ) {
		fprintf(stderr, "the tree %s, jansson %s\n", err ? why.text : "accepts",
			theirs ? "accepts" : "does not");
		abort();
	}
	json_tree_free(&ours);
	json_decref(theirs);
	return 0;
}
