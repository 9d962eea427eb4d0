/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit/store/store_private.h"

static const struct view {
	const char *name, *order, *probes;
} views[] = {
	[STORE_FIGURES] = {"figure", "configuration", "hook <> 'none'"},
	[STORE_EVENTS] = {"event", "scenario, variant, wakeup, policy, rate_target, point",
			  "variant <> 'none'"},
	[STORE_HELPERS] = {"helper", "name", "helper <> 'control'"},
	[STORE_APPS] = {"app", "name", "variant NOT LIKE 'none%'"},
	[STORE_INSTRUCTIONS] = {"instruction", "name", "1 = 1"},
};

#define FIGURES	     (1U << STORE_FIGURES)
#define EVENTS	     (1U << STORE_EVENTS)
#define HELPERS	     (1U << STORE_HELPERS)
#define APPS	     (1U << STORE_APPS)
#define INSTRUCTIONS (1U << STORE_INSTRUCTIONS)
#define ALL	     (FIGURES | EVENTS | HELPERS | APPS | INSTRUCTIONS)

/* What a filter may name, and its column of these views. */
static const struct key {
	const char *name, *column;
	unsigned int of;
} keys[] = {
	{"kernel", "kernel", ALL},
	{"cpu", "cpu", ALL},
	{"arch", "arch", ALL},
	{"machine", "machine", ALL},
	{"boot", "boot", ALL},
	{"suite", "suite", ALL},
	{"configuration", "configuration", FIGURES},
	{"point", "point", EVENTS},
	{"name", "name", HELPERS | APPS | INSTRUCTIONS},
	{"scenario", "scenario", EVENTS},
	{"helper", "helper", HELPERS},
	{"host-program", "host_program", HELPERS},
	{"size", "size", HELPERS},
	{"app", "app", APPS},
	{"quantity", "quantity", APPS},
	{"monitored", "monitored", APPS},
	{"instructions", "instructions", INSTRUCTIONS},
	{"variant", "variant", FIGURES | EVENTS | APPS},
	{"hook", "hook", FIGURES},
	{"program", "program", FIGURES},
	{"syscall", "syscall", FIGURES | HELPERS},
	{"wakeup", "wakeup", FIGURES | EVENTS | HELPERS},
	{"cache", "cache", FIGURES | HELPERS},
	{"status", "status", ALL},
	{"unit", "unit", FIGURES | HELPERS | APPS},
	{"since", "created", ALL},
	{"until", "created", ALL},
};
#define KEYS (sizeof(keys) / sizeof(*keys))

enum match { EXACTLY, NOT, PART, SERIES, FROM, BEFORE };

struct clause {
	const struct key *key;
	enum match match;
	char *value;
};

/* "30d", "12h": so long before now; else as it is. The caller frees it. */
static char *time_of(const char *value)
{
	char *end, text[32];
	double count = strtod(value, &end);
	double seconds = !strcmp(end, "d")   ? 86400
			 : !strcmp(end, "h") ? 3600
			 : !strcmp(end, "w") ? 7 * 86400
					     : 0;
	time_t then = time(NULL) - (time_t)(count * seconds);
	struct tm tm;

	if (end == value || !(seconds > 0) || !(count >= 0) || count > 1e6)
		return strdup(value);
	gmtime_r(&then, &tm);
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return strdup(text);
}

/* LIKE's own signs are the user's letters. */
static char *like_of(const char *value)
{
	char *text = malloc(2 * strlen(value) + 3), *to = text;

	if (!text)
		return NULL;
	*to++ = '%';
	for (const char *c = value; *c; c++) {
		if (strchr("%_\\", *c))
			*to++ = '\\';
		*to++ = *c;
	}
	*to++ = '%';
	*to = '\0';
	return text;
}

static int wrong(const char *word, enum store_view view, struct error *why)
{
	const char *comma = "";

	error_say(why, "'%s' is no filter: KEY=VALUE, KEY!=VALUE or KEY~PART with a key of", word);
	for (size_t i = 0; i < KEYS; i++) {
		if (!(keys[i].of & 1U << view))
			continue;
		error_add(why, "%s %s", comma, keys[i].name);
		comma = ",";
	}
	return -EINVAL;
}

/* The operator after the key; its length in *sign, 0 where there is none. */
static enum match match_of(const struct key *key, const char *at, size_t *sign)
{
	*sign = !strncmp(at, "!=", 2) ? 2 : *at == '=' || *at == '~';
	if (!strcmp(key->column, "created")) {
		*sign = *at == '=';
		return strcmp(key->name, "until") ? FROM : BEFORE;
	}
	if (*at == '~')
		return strcmp(key->name, "kernel") ? PART : SERIES;
	return *at == '!' ? NOT : EXACTLY;
}

static int parse(const char *word, enum store_view view, struct clause *out, struct error *why)
{
	size_t name = strcspn(word, "=~!"), sign;
	const char *value;

	*out = (struct clause){.key = NULL};
	for (size_t i = 0; i < KEYS && !out->key; i++)
		if (keys[i].of & 1U << view && strlen(keys[i].name) == name &&
		    !strncmp(keys[i].name, word, name))
			out->key = &keys[i];
	if (!out->key)
		return wrong(word, view, why);
	out->match = match_of(out->key, word + name, &sign);
	if (!sign && (out->match == FROM || out->match == BEFORE))
		return error_set(why, -EINVAL, "%s takes '=' and a time: %s=30d, %s=2026-01-31",
				 out->key->name, out->key->name, out->key->name);
	if (!sign)
		return wrong(word, view, why);
	value = word + name + sign;
	out->value = out->match == FROM || out->match == BEFORE ? time_of(value)
		     : out->match == PART			? like_of(value)
								: strdup(value);
	return out->value ? 0 : error_set(why, -ENOMEM, "out of memory");
}

static void put_clause(FILE *out, const struct clause *c, size_t n)
{
	static const char *const operators[] = {
		[EXACTLY] = "=", [NOT] = "<>", [FROM] = ">=", [BEFORE] = "<"};
	const char *column = c->key->column;

	if (c->match == PART)
		fprintf(out, "lower(%s) LIKE lower($%zu) ESCAPE '\\'", column, n);
	else if (c->match == SERIES)
		/* 6.1 is not 6.18 */
		fprintf(out, "(%s = $%zu OR %s LIKE $%zu || '.%%' OR %s LIKE $%zu || '-%%')",
			column, n, column, n, column, n);
	else
		fprintf(out, "%s %s $%zu", column, operators[c->match], n);
}

/* All of it are words of ours. */
static char *statement(const struct view *view, const struct clause *clauses,
		       const struct store_filter *filter, const char *columns, unsigned int limit)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	fprintf(out, "SELECT %s FROM %s", columns, view->name);
	fprintf(out, " WHERE %s", filter->probes ? view->probes : "1 = 1");
	for (size_t i = 0; i < filter->n; i++) {
		fputs(" AND ", out);
		put_clause(out, &clauses[i], i + 1);
	}
	fprintf(out,
		" ORDER BY created DESC, run, CASE WHEN status = 'measured' THEN 0 ELSE 1 END, %s",
		view->order);
	if (limit)
		fprintf(out, " LIMIT %u", limit);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

int store_query(struct store *store, enum store_view view, const struct store_filter *filter,
		const char *columns, unsigned int limit, sql_take *take, void *ctx,
		struct error *why)
{
	struct clause clauses[STORE_FILTERS_MAX] = {{0}};
	const char *values[STORE_FILTERS_MAX];
	char *text = NULL;
	int err = 0;

	for (size_t i = 0; i < filter->n && !err; i++) {
		err = parse(filter->words[i], view, &clauses[i], why);
		values[i] = clauses[i].value;
	}
	if (!err) {
		text = statement(&views[view], clauses, filter, columns, limit);
		err = text ? sql_ask(store->sql, text, values, filter->n, take, ctx, NULL, why)
			   : error_set(why, -ENOMEM, "out of memory");
	}
	free(text);
	for (size_t i = 0; i < filter->n; i++)
		free(clauses[i].value);
	return err;
}
