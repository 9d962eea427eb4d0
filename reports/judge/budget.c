/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "reports/judge/budget.h"
#include "reports/record/open_regular.h"

#define BYTES_MOST 65536
#define LEAST	   1e-9

void budget_default(struct budget *out)
{
	*out = (struct budget){
		.rate = 10000,
		.overload_rate = 100000,
		.tick_percent = 1,
		.other_syscalls = NAN,
		.p99_ns = {1000, 2000},
		.cpu_percent = {1, 3},
		.loss_percent = {0.01, NAN},
	};
}

/* One member: its two names (the second inside the first), its range. */
struct member {
	const char *key, *sub;
	size_t offset;
	double most;
	bool nullable;
	bool optional; /* without it: NAN */
};

/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): a member cannot stand in parentheses */
#define PLAIN(name, most) {#name, NULL, offsetof(struct budget, name), most, false, false}
#define OPTIONAL(name, most) {#name, NULL, offsetof(struct budget, name), most, true, true}
#define BOUNDS(name, most)                                                        \
	{#name, "green", offsetof(struct budget, name.green), most, false, false}, \
	{#name, "red", offsetof(struct budget, name.red), most, true, false}
/* NOLINTEND(bugprone-macro-parentheses) */

static const struct member members[] = {
	PLAIN(rate, 1e9),
	PLAIN(overload_rate, 1e9),
	PLAIN(tick_percent, 100),
	OPTIONAL(other_syscalls, 1e9),
	BOUNDS(p99_ns, 1e12),
	BOUNDS(cpu_percent, 1e6),
	BOUNDS(loss_percent, 100),
};
/* clang-format on */
#define MEMBERS (sizeof(members) / sizeof(*members))

struct reader {
	const char *name;
	struct error *why;
};

static int fault(const struct reader *rd, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static int fault(const struct reader *rd, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error_say(rd->why, "%s: %s", rd->name, text);
	/* The words may quote the file, and the file may hold terminal escapes. */
	for (char *c = rd->why->text; *c; c++)
		if (!isprint((unsigned char)*c))
			*c = '?';
	return -EINVAL;
}

static bool known(const char *key, const char *sub)
{
	if (!sub && strcmp(key, "schema") == 0)
		return true;
	for (size_t i = 0; i < MEMBERS; i++)
		if (strcmp(members[i].key, key) == 0 &&
		    (!sub || (members[i].sub && strcmp(members[i].sub, sub) == 0)))
			return true;
	return false;
}

static int check_keys(const struct reader *rd, json_t *top)
{
	const char *key, *sub;
	json_t *value, *inner;

	json_object_foreach(top, key, value)
	{
		if (!known(key, NULL))
			return fault(rd, "%.64s: unknown member", key);
		json_object_foreach(value, sub, inner)
		{
			if (!known(key, sub))
				return fault(rd, "%.64s.%.64s: unknown member", key, sub);
		}
	}
	return 0;
}

static int read_member(const struct reader *rd, const json_t *top, const struct member *m,
		       struct budget *out)
{
	const json_t *value = json_object_get(top, m->key);
	const char *dot = m->sub ? "." : "", *sub = m->sub ? m->sub : "";
	double number;

	if (value && m->sub && !json_is_object(value))
		return fault(rd, "%s: not an object", m->key);
	if (value && m->sub)
		value = json_object_get(value, m->sub);
	if (!value && !m->optional)
		return fault(rd, "%s%s%s: missing", m->key, dot, sub);
	if (!value || (json_is_null(value) && m->nullable)) {
		*(double *)(void *)((char *)out + m->offset) = NAN;
		return 0;
	}
	if (!json_is_number(value))
		return fault(rd, "%s%s%s: not a number", m->key, dot, sub);
	number = json_number_value(value);
	if (!(number > 0) || number > m->most)
		return fault(rd, "%s%s%s: %g is not above 0 and at most %g", m->key, dot, sub,
			     number, m->most);
	/* a rate's inverse is a length */
	if (number < LEAST)
		return fault(rd, "%s%s%s: %g is below %g", m->key, dot, sub, number, LEAST);
	*(double *)(void *)((char *)out + m->offset) = number;
	return 0;
}

static int check_bounds(const struct reader *rd, const char *key, struct bounds b)
{
	return b.red < b.green ? fault(rd, "%s: red (%g) is below green (%g)", key, b.red, b.green)
			       : 0;
}

static int check_schema(const struct reader *rd, const json_t *top)
{
	const char *schema = json_string_value(json_object_get(top, "schema"));

	if (!json_is_object(top))
		return fault(rd, "not a budget: the top level is not an object");
	if (!schema)
		return fault(rd, "schema: missing; a budget has \"%s\"", BUDGET_SCHEMA);
	if (strcmp(schema, BUDGET_SCHEMA) != 0)
		return fault(rd, "schema: \"%.64s\" is unknown; this build reads \"%s\"", schema,
			     BUDGET_SCHEMA);
	return 0;
}

int budget_parse(const char *text, size_t len, const char *name, struct budget *out,
		 struct error *why)
{
	struct reader rd = {name, why};
	json_error_t error;
	json_t *top = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
	int err;

	if (!top)
		return fault(&rd, "line %d, column %d: %s", error.line, error.column, error.text);
	err = check_schema(&rd, top);
	if (!err)
		err = check_keys(&rd, top);
	for (size_t i = 0; i < MEMBERS && !err; i++)
		err = read_member(&rd, top, &members[i], out);
	json_decref(top);
	if (!err)
		err = check_bounds(&rd, "p99_ns", out->p99_ns);
	if (!err)
		err = check_bounds(&rd, "cpu_percent", out->cpu_percent);
	if (!err)
		err = check_bounds(&rd, "loss_percent", out->loss_percent);
	return err;
}

int budget_read(const char *path, struct budget *out, struct error *why)
{
	char text[BYTES_MOST];
	FILE *file;
	size_t len;
	bool bad;
	int err;

	file = open_regular_stream(path, 0, BYTES_MOST, &err, why);
	if (!file)
		return err;
	len = fread(text, 1, sizeof(text), file);
	bad = ferror(file);
	fclose(file);
	if (bad)
		return error_set(why, -EINVAL, "%s: cannot be read", path);
	return budget_parse(text, len, path, out, why);
}
