/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/fleet/store_query.h"
#include "kit/cmd/fleet/store_table.h"
#include "kit/cmd/options/policy_words.h"
#include "kit/cmd/options/showing.h"
#include "reports/show/escape.h"

#define LIMIT_TABLE 40 /* rows of a table that is read; files get all */

/* "created, machine, …"; the caller frees it. */
static char *column_list(const struct store_column *columns)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (const struct store_column *c = columns; c->name; c++)
		fprintf(out, "%s%s", c == columns ? "" : ", ", c->name);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

struct shown {
	const struct store_list *list;
	struct store_table *table; /* NULL: CSV or JSON */
	size_t rows;
	unsigned int most; /* 0: all */
	bool more;
};

static int print_csv(void *ctx, const char *const *values, size_t n)
{
	struct shown *shown = ctx;

	for (size_t i = 0; i < n; i++) {
		if (i)
			putchar(',');
		/* one database says 284.0, the other 284 */
		if (shown->list->columns[i].type == STORE_REAL && values[i])
			printf("%.15g", strtod(values[i], NULL));
		else if (shown->list->columns[i].type == STORE_WORDS)
			escape_print(stdout, values[i] ? values[i] : "", RENDER_CSV);
		else
			fputs(values[i] ? values[i] : "", stdout);
	}
	putchar('\n');
	return 0;
}

static int print_json(void *ctx, const char *const *values, size_t n)
{
	struct shown *shown = ctx;
	json_t *row = json_object();

	for (size_t i = 0; i < n; i++) {
		json_t *value = !values[i] ? json_null()
				: shown->list->columns[i].type == STORE_WHOLE
					? json_integer(strtoll(values[i], NULL, 10))
				: shown->list->columns[i].type == STORE_REAL
					? json_real(strtod(values[i], NULL))
					: json_string(values[i]);

		json_object_set_new(row, shown->list->columns[i].name, value ? value : json_null());
	}
	fputs(shown->rows++ ? ",\n" : "[\n", stdout);
	json_dumpf(row, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(row);
	return ferror(stdout) ? -EIO : 0;
}

static int add_row(void *ctx, const char *const *values, size_t n)
{
	struct shown *shown = ctx;

	(void)n;
	if (shown->rows == shown->most) {
		shown->more = true;
		return 0;
	}
	shown->rows++;
	store_table_add(shown->table, values);
	return 0;
}

/* A key of what is measured itself: then baselines and null tests may be meant. */
static bool names_probes(const char *word)
{
	static const char *const keys[] = {"variant", "hook", "program", "configuration",
					   "point",   "name", "helper"};
	size_t len = strcspn(word, "=~!");

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (strlen(keys[i]) == len && !strncmp(word, keys[i], len))
			return true;
	return false;
}

/* "wakeup=per-event": records have other names, which are taken too. NULL: out of memory. */
static char *filter_word(const char *word)
{
	size_t at = strlen("wakeup"), sign;
	const char *state;
	char *text;

	if (strncmp(word, "wakeup", at) != 0)
		return strdup(word);
	sign = word[at] == '=' ? 1 : !strncmp(word + at, "!=", 2) ? 2 : 0;
	state = sign ? policy_state(word + at + sign) : NULL;
	if (!state)
		return strdup(word);
	return asprintf(&text, "%.*s%s", (int)(at + sign), word, state) < 0 ? NULL : text;
}

static void say_nothing(const struct store_list *list)
{
	struct error others = {""};

	for (size_t i = 0; store_list_at(i); i++)
		if (store_list_at(i)->word && list != store_list_at(i))
			error_add(&others, "%s%s", *others.text ? ", " : "",
				  store_list_at(i)->word);
	cli_say("nothing in the database passes these filters (other lists: store query %s)",
		others.text);
}

static int query(struct store *store, const struct store_listing *how, struct store_filter *filter,
		 struct shown *shown, struct error *why)
{
	char *list = column_list(shown->list->columns);
	int err = list ? 0 : error_set(why, -ENOMEM, "out of memory");

	if (!err && how->csv)
		printf("%s\n", list);
	/* one more than is shown: to know whether there are more */
	if (!err)
		err = store_query(store, shown->list->view, filter, list,
				  shown->most + (shown->table != NULL),
				  how->csv    ? print_csv
				  : how->json ? print_json
					      : add_row,
				  shown, why);
	free(list);
	if (!err && how->json)
		puts(shown->rows ? "\n]" : "[]");
	return err;
}

int store_list(struct store *store, const struct store_listing *how, const char *const *words,
	       size_t n, struct error *why)
{
	const struct store_list *list = store_list_find(n ? words[0] : NULL);
	bool in_table = !how->csv && !how->json;
	struct store_filter filter = {.probes = in_table};
	bool unknown = n && !list->word && !words[0][strcspn(words[0], "=~!")];
	struct shown shown = {.list = list,
			      .most = how->limit ? how->limit
				      : in_table ? LIMIT_TABLE
						 : 0,
			      .table = in_table ? store_table_open(list) : NULL};
	char *taken[STORE_FILTERS_MAX] = {NULL};
	int err = in_table && !shown.table ? -ENOMEM : 0;

	for (size_t i = list->word != NULL; i < n && !err; i++) {
		taken[filter.n] = filter_word(words[i]);
		if (!taken[filter.n])
			err = -ENOMEM;
		else
			filter.words[filter.n] = taken[filter.n];
		filter.n += !err;
		filter.probes = filter.probes && !names_probes(words[i]);
	}
	if (err)
		error_say(why, "out of memory");
	if (!err && unknown)
		err = error_set(why, -EINVAL,
				"'%s' is no list (events, helpers, apps, instructions) and no "
				"filter (KEY=VALUE, KEY!=VALUE, KEY~PART)",
				words[0]);
	if (!err)
		err = query(store, how, &filter, &shown, why);
	if (!err && shown.rows && in_table)
		err = store_table_print(shown.table, showing_style().width);
	store_table_close(shown.table);
	for (size_t i = 0; i < filter.n; i++)
		free(taken[i]);
	if (!err && in_table && !shown.rows)
		say_nothing(list);
	if (shown.more)
		cli_say("more rows pass: --limit N, --csv or --json");
	return err;
}
