/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every value of every record that is kept here, as jansson reads it: no other kind, bit or byte.
 * Then what is refused.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <glob.h>
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "reports/record/tree/json_tree.h"

static size_t compared;

static void same(const struct json_value *ours, const json_t *theirs);

static void same_members(const struct json_value *ours, const json_t *theirs)
{
	const struct json_value *member = ours->first, *from = ours->first;
	const char *key;
	json_t *value;

	assert_int_equal(ours->n, json_object_size(theirs));
	json_object_foreach((json_t *)(uintptr_t)theirs, key, value)
	{
		assert_string_equal(member->key, key);
		assert_ptr_equal(json_tree_member(ours, key, &from), member);
		same(member, value);
		member = member->next;
	}
	assert_null(member);
}

static void same(const struct json_value *ours, const json_t *theirs)
{
	const struct json_value *entry = ours->first;
	double real = json_real_value(theirs);

	compared++;
	switch (json_typeof(theirs)) {
	case JSON_OBJECT:
		assert_int_equal(ours->kind, JSON_TREE_OBJECT);
		same_members(ours, theirs);
		break;
	case JSON_ARRAY:
		assert_int_equal(ours->kind, JSON_TREE_ARRAY);
		assert_int_equal(ours->n, json_array_size(theirs));
		for (size_t i = 0; i < ours->n; i++, entry = entry->next)
			same(entry, json_array_get(theirs, i));
		break;
	case JSON_STRING:
		assert_int_equal(ours->kind, JSON_TREE_STRING);
		assert_string_equal(ours->text, json_string_value(theirs));
		break;
	case JSON_INTEGER:
		assert_int_equal(ours->kind, JSON_TREE_INTEGER);
		assert_true(ours->integer == json_integer_value(theirs));
		break;
	case JSON_REAL:
		assert_int_equal(ours->kind, JSON_TREE_REAL);
		assert_memory_equal(&ours->real, &real, sizeof(real));
		break;
	case JSON_TRUE:
	case JSON_FALSE:
		assert_int_equal(ours->kind, JSON_TREE_BOOL);
		assert_true(ours->truth == json_is_true(theirs));
		break;
	case JSON_NULL:
		assert_int_equal(ours->kind, JSON_TREE_NULL);
		break;
	}
}

static void same_text(const char *text, size_t len)
{
	json_t *theirs = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	struct error why = {""};
	struct json_tree tree;

	if (json_tree_read(text, len, &tree, &why))
		fail_msg("%s: %.60s", why.text, text);
	assert_non_null(theirs);
	same(tree.top, theirs);
	json_tree_free(&tree);
	json_decref(theirs);
}

static char *read_all(const char *name, size_t *len)
{
	FILE *file = fopen(name, "re");
	char *text = malloc(4UL << 20);

	assert_non_null(file);
	assert_non_null(text);
	*len = fread(text, 1, 4UL << 20, file);
	assert_true(feof(file));
	fclose(file);
	return text;
}

static void test_kept_records(void **state)
{
	glob_t found = {0};

	(void)state;
	assert_int_equal(glob("reports/examples/*/record.json", 0, NULL, &found), 0);
	assert_int_equal(glob("tests/records/*/record.json", GLOB_APPEND, NULL, &found), 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		size_t len;
		char *text = read_all(found.gl_pathv[i], &len);

		same_text(text, len);
		free(text);
	}
	globfree(&found);
	assert_true(compared > 100000);
}

static void test_values(void **state)
{
	static const char *const texts[] = {
		"0",
		"-0",
		"-0.0",
		"9223372036854775807",
		"-9223372036854775808",
		"0.1",
		"-12.5",
		"0.0000000000000000000001",
		"0.00000000000000000000012345",
		"999999999999999.0",
		"99999999999999.9",
		"9007199254740993.0",
		"4503599627370497.5",
		"0.30000000000000004",
		"1e-320",
		"1.7976931348623157e308",
		"123456789.123456789012345678901234567890123456789012345678901234567890123456789",
		"2E5",
		"\"\"",
		"\"\\u00e9\\ud83d\\ude00\\n\\/\"",
		"\"\xc3\xa9\xf0\x9f\x98\x80\x7f\"",
		"[]",
		" {\"\": {}, \"a\": [null, true, false, [[]]]}\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		same_text(texts[i], strlen(texts[i]));
}

static void refused_bytes(const char *text, size_t len, const char *words)
{
	struct error why = {""};
	struct json_tree tree;

	assert_int_equal(json_tree_read(text, len, &tree, &why), -EINVAL);
	assert_null(tree.top);
	assert_null(tree.blocks);
	if (!strstr(why.text, words))
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
	/* jansson, which read records before, refused the same */
	if (json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL))
		fail_msg("jansson took %s", text);
}

static void refused(const char *text, const char *words)
{
	refused_bytes(text, strlen(text), words);
}

static void test_refused(void **state)
{
	(void)state;
	refused("", "line 1, column 0: ");
	refused("\n\n  x", "line 3, column 3: ");
	refused("{\"a\": 1,\n \"b\": 2,\n \"a\": 3}", "line 3, column 4: duplicate object key");
	refused("[1] 2", "garbage");
	refused("{}\"x", "garbage");
	refused("[\f1]", "line 1, column 1");
	refused("[1]\v", "line 1, column 3");
	refused("1 \"", "garbage");
	refused("[1,]", "line 1");
	refused("{\"a\"}", "line 1");
	refused("[01]", "line 1");
	refused("[1.]", "line 1");
	refused("[.5]", "line 1");
	refused("[NaN]", "line 1");
	refused("[1", "EOF");
	refused("\"a", "EOF");
	refused("[9223372036854775808]", "too big integer");
	refused("[-1e999]", "real number overflow");
	refused("// c\n1", "line 1");
	refused("\"\x01\"", "line 1");
	refused("\"\\u0000\"", "NUL");
	refused("{\"\\u0000\": 1}", "NUL");
	refused_bytes("\"\0\"", 3, "line 1");
	refused("\"\xc0\xaf\"", "UTF-8");
	refused("\"\xed\xa0\x80\"", "UTF-8");
	refused("\"\xc3\"", "UTF8");
	refused("\"\\udc00\"", "UTF-8");
}

/* Narrower than jansson, by a NUL behind the end, and far beyond any record. */
static void test_limits(void **state)
{
	struct error why = {""};
	struct json_tree tree;
	char text[16 * JSON_TREE_MEMBERS + 64] = "{";
	size_t len = 1;

	(void)state;
	for (int i = 0; i < JSON_TREE_MEMBERS + 1; i++)
		len += (size_t)sprintf(text + len, "%s\"m%d\":1", i ? "," : "", i);
	text[len] = '}';
	assert_int_equal(json_tree_read(text, len + 1, &tree, &why), -EINVAL);
	assert_non_null(strstr(why.text, "too many members"));
	assert_int_equal(json_tree_read("1\0", 2, &tree, &why), -EINVAL);
	memset(text, '[', JSON_TREE_DEPTH + 1);
	assert_int_equal(json_tree_read(text, JSON_TREE_DEPTH + 1, &tree, &why), -EINVAL);
	assert_non_null(strstr(why.text, "nested too deeply"));
	memset(text + JSON_TREE_DEPTH, ']', JSON_TREE_DEPTH);
	assert_int_equal(json_tree_read(text, 2L * JSON_TREE_DEPTH, &tree, &why), 0);
	json_tree_free(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kept_records),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
