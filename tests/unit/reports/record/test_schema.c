/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reports/record.schema.json against the tables that write and read a record: the same members, of
 * the same types, required where the reader requires them. A member that is added to one of them
 * fails here until the other has it.
 */
#define _GNU_SOURCE
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "reports/record/field.h"
#include "reports/record/record.h"

#define SCHEMA "reports/record.schema.json"
#define DEFS   "#/$defs/"

static json_t *schema;

static int load(void **state)
{
	json_error_t error;

	(void)state;
	schema = json_load_file(SCHEMA, JSON_REJECT_DUPLICATES, &error);
	if (!schema)
		print_error("%s, line %d: %s (run in the top folder)\n", SCHEMA, error.line,
			    error.text);
	return schema ? 0 : -1;
}

static int unload(void **state)
{
	(void)state;
	json_decref(schema);
	return 0;
}

/*
 * What the schema says about a member of that type; the names in its references are the schema's
 * own.
 */
static json_t *expected(const struct field *f, const char *ref)
{
	switch (f->type) {
	case FIELD_NAME:
		return json_pack("{s:s}", "type", "string");
	case FIELD_STRING:
		return json_pack("{s:[ss]}", "type", "string", "null");
	case FIELD_STRINGS:
		return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "string");
	case FIELD_U64:
	case FIELD_SIZE:
		return json_pack("{s:s}", "$ref", DEFS "count");
	case FIELD_UINT:
		return json_pack("{s:s, s:i}", "type", "integer", "minimum", 0);
	case FIELD_INT:
		return json_pack("{s:s}", "type", "integer");
	case FIELD_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case FIELD_DOUBLE:
	case FIELD_MAX:
		return json_pack("{s:[ss]}", "type", "number", "null");
	case FIELD_STATUS:
		return json_pack("{s:[sss]}", "enum", record_statuses[0], record_statuses[1],
				 record_statuses[2]);
	case FIELD_UNIT:
		return json_pack("{s:[ss]}", "enum", record_units[0], record_units[1]);
	case FIELD_EFFECT:
		return json_pack("{s:s}", "$ref", DEFS "effect");
	case FIELD_OBJECT:
		return json_pack("{s:s}", "$ref", ref);
	case FIELD_PART:
		return json_pack("{s:[{s:s}, {s:s}]}", "anyOf", "type", "null", "$ref", ref);
	case FIELD_ROWS:
		return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "$ref", ref);
	}
	return NULL;
}

/* "#/$defs/NAME" of a type with members of its own; "" for others. */
static const char *reference(const struct field *f, const json_t *said)
{
	const json_t *holder = f->type == FIELD_PART
				       ? json_array_get(json_object_get(said, "anyOf"), 1)
			       : f->type == FIELD_ROWS ? json_object_get(said, "items")
						       : said;
	const char *ref = json_string_value(json_object_get(holder, "$ref"));

	return f->sub && ref && !strncmp(ref, DEFS, strlen(DEFS)) ? ref : "";
}

static bool is_required(const json_t *object, const char *key)
{
	const json_t *name;
	size_t i;

	json_array_foreach(json_object_get(object, "required"), i,
			   name) if (!strcmp(json_string_value(name), key)) return true;
	return false;
}

/* extra: members of the schema that are in no table ("schema" itself). */
static void same_members(const char *place, const json_t *object, const struct field *fields,
			 size_t extra)
{
	const json_t *members = json_object_get(object, "properties");
	size_t n = extra;

	assert_string_equal(json_string_value(json_object_get(object, "type")), "object");
	for (const struct field *f = fields; f->key; f++, n++) {
		json_t *said = json_copy(json_object_get(members, f->key)), *want;
		const char *ref = reference(f, said);
		char at[160];

		snprintf(at, sizeof(at), "%s.%s", place, f->key);
		if (!said)
			fail_msg("%s: not in " SCHEMA, at);
		want = expected(f, ref);
		json_object_del(said, "description");
		if (!json_equal(said, want))
			fail_msg("%s: %s in " SCHEMA ", not %s", at, json_dumps(said, 0),
				 json_dumps(want, 0));
		if (is_required(object, f->key) == f->optional)
			fail_msg("%s: the reader takes it for %s", at,
				 f->optional ? "optional" : "required");
		if (f->sub)
			same_members(at,
				     json_object_get(json_object_get(schema, "$defs"),
						     ref + strlen(DEFS)),
				     f->sub, 0);
		json_decref(said);
		json_decref(want);
	}
	if (n != json_object_size(members))
		fail_msg("%s: %zu members in " SCHEMA ", %zu in the tables", place,
			 json_object_size(members), n);
}

static void test_members(void **state)
{
	const json_t *name = json_object_get(json_object_get(schema, "properties"), "schema");

	(void)state;
	assert_string_equal(json_string_value(json_object_get(name, "const")), RECORD_SCHEMA);
	assert_true(is_required(schema, "schema"));
	same_members("record", schema, record_top_fields, 1);
	same_members("effect", json_object_get(json_object_get(schema, "$defs"), "effect"),
		     record_effect_fields, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_members, load, unload),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
