/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/fleet/store_query.h"
#include "kit/cmd/options/showing.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"
#include "reports/show/table.h"

#define LIMIT_TABLE 40 /* rows of a table that is read; files get all */

struct column {
	const char *name;
	enum { WORDS, WHOLE, REAL } type;
};

/* Places in these lists, for the tables. */
enum {
	CREATED,
	MACHINE,
	CPU,
	KERNEL,
	BOOT,
	SUITE,
	NAME, /* the configuration or point */
	FIGURE_STATUS = 13,
	FIGURE_UNIT,
	FIGURE_TYPICAL = 17,
	EVENT_STATUS = 11,
	EVENT_RATE = 14,
	EVENT_OVERHEAD,
	EVENT_EXPOSED = 23,
	EVENT_LOST,
};

static const struct column figure_columns[] = {
	{"created", WORDS},
	[MACHINE] = {"machine", WORDS},
	{"cpu", WORDS},
	[KERNEL] = {"kernel", WORDS},
	{"boot", WORDS},
	{"suite", WORDS},
	[NAME] = {"configuration", WORDS},
	{"variant", WORDS},
	{"hook", WORDS},
	{"program", WORDS},
	{"syscall", WORDS},
	{"wakeup", WORDS},
	{"cache", WORDS},
	[FIGURE_STATUS] = {"status", WORDS},
	[FIGURE_UNIT] = {"unit", WORDS},
	{"rounds", WHOLE},
	{"n", WHOLE},
	[FIGURE_TYPICAL] = {"typical", REAL},
	{"typical_lo", REAL},
	{"typical_hi", REAL},
	{"mean", REAL},
	{"mean_lo", REAL},
	{"mean_hi", REAL},
	{"p99", REAL},
	{"p99_lo", REAL},
	{"p99_hi", REAL},
	{"baseline_typical", REAL},
	{"folder", WORDS},
	{NULL, WORDS},
};

static const struct column event_columns[] = {
	{"created", WORDS},
	[MACHINE] = {"machine", WORDS},
	{"cpu", WORDS},
	[KERNEL] = {"kernel", WORDS},
	{"boot", WORDS},
	{"suite", WORDS},
	[NAME] = {"point", WORDS},
	{"scenario", WORDS},
	{"variant", WORDS},
	{"wakeup", WORDS},
	{"policy", WORDS},
	[EVENT_STATUS] = {"status", WORDS},
	{"reason", WORDS},
	{"rate_target", REAL},
	[EVENT_RATE] = {"rate_achieved", REAL},
	[EVENT_OVERHEAD] = {"overhead", REAL},
	{"overhead_lo", REAL},
	{"overhead_hi", REAL},
	{"producer_cpu", REAL},
	{"consumer_cpu", REAL},
	{"age_p99", REAL},
	{"produced", WHOLE},
	{"received", WHOLE},
	[EVENT_EXPOSED] = {"exposure_produced", WHOLE},
	[EVENT_LOST] = {"exposure_lost", WHOLE},
	{"folder", WORDS},
	{NULL, WORDS},
};

/* "created, machine, …"; the caller frees it. */
static char *column_list(const struct column *columns)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (const struct column *c = columns; c->name; c++)
		fprintf(out, "%s%s", c == columns ? "" : ", ", c->name);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

/* Columns of a table. */
enum { DAY_CELL, MACHINE_CELL, KERNEL_CELL, NAME_CELL, COST_CELL, LAST_CELL };

struct shown {
	const struct column *columns;
	struct table *table; /* NULL: CSV or JSON */
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
		if (shown->columns[i].type == REAL && values[i])
			printf("%.15g", strtod(values[i], NULL));
		else if (shown->columns[i].type == WORDS)
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
				: shown->columns[i].type == WHOLE
					? json_integer(strtoll(values[i], NULL, 10))
				: shown->columns[i].type == REAL
					? json_real(strtod(values[i], NULL))
					: json_string(values[i]);

		json_object_set_new(row, shown->columns[i].name, value ? value : json_null());
	}
	fputs(shown->rows++ ? ",\n" : "[\n", stdout);
	json_dumpf(row, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(row);
	return ferror(stdout) ? -EIO : 0;
}

/* Three values from there on. */
static void put_effect(struct table *table, const char *const *values, enum unit unit)
{
	FILE *cell = table_cell(table);

	if (values[0] && values[1] && values[2])
		figure_effect(cell,
			      (struct effect){strtod(values[0], NULL), strtod(values[1], NULL),
					      strtod(values[2], NULL)},
			      unit, FIGURE_BRACKETS);
	else
		fputc('-', cell);
}

/* Day, machine, kernel and name. False: there are rows enough. */
static bool begin_row(struct shown *shown, const char *const *values)
{
	char day[sizeof("2026-01-31")];

	if (shown->rows == shown->most) {
		shown->more = true;
		return false;
	}
	shown->rows++;
	snprintf(day, sizeof(day), "%s", values[CREATED] ? values[CREATED] : "-");
	escape_print(table_cell(shown->table), day, RENDER_TEXT);
	escape_print(table_cell(shown->table), values[MACHINE], RENDER_TEXT);
	escape_print(table_cell(shown->table), values[KERNEL], RENDER_TEXT);
	escape_print(table_cell(shown->table), values[NAME], RENDER_TEXT);
	return true;
}

static int add_figure(void *ctx, const char *const *values, size_t n)
{
	struct shown *shown = ctx;
	enum unit unit =
		strcmp(values[FIGURE_UNIT], unit_name(UNIT_NS)) ? UNIT_INSTRUCTIONS : UNIT_NS;

	(void)n;
	if (!begin_row(shown, values))
		return 0;
	if (strcmp(values[FIGURE_STATUS], result_status_name(RESULT_MEASURED)) != 0)
		escape_print(table_cell(shown->table), values[FIGURE_STATUS], RENDER_TEXT);
	else
		put_effect(shown->table, values + FIGURE_TYPICAL, unit);
	fputs(unit == UNIT_NS ? "ns" : "instructions", table_cell(shown->table));
	return 0;
}

static int add_event(void *ctx, const char *const *values, size_t n)
{
	struct shown *shown = ctx;
	FILE *cell;

	(void)n;
	if (!begin_row(shown, values))
		return 0;
	if (strcmp(values[EVENT_STATUS], result_status_name(RESULT_MEASURED)) != 0)
		escape_print(table_cell(shown->table), values[EVENT_STATUS], RENDER_TEXT);
	else
		put_effect(shown->table, values + EVENT_OVERHEAD, UNIT_NS);
	cell = table_cell(shown->table);
	if (values[EVENT_EXPOSED] && values[EVENT_LOST] && strcmp(values[EVENT_EXPOSED], "0") != 0)
		fprintf(cell, "%s of %s", values[EVENT_LOST], values[EVENT_EXPOSED]);
	else
		fputc('-', cell);
	return 0;
}

static struct table *open_table(enum store_view view)
{
	static const char *const headers[][LAST_CELL + 1] = {
		[STORE_FIGURES] = {"day", "machine", "kernel", "configuration",
				   "typical, 95 % interval", "unit"},
		[STORE_EVENTS] = {"day", "machine", "kernel", "point", "ns, 95 % interval", "lost"},
	};
	struct table *table = table_open(LAST_CELL + 1);

	for (size_t i = 0; table && i <= LAST_CELL; i++)
		fputs(headers[view][i], table_cell(table));
	return table;
}

/* What all rows have in common is said once. */
static void say_common(struct table *table, enum store_view view)
{
	size_t at = 0, width = showing_style().width;

	for (size_t i = DAY_CELL; i <= LAST_CELL; i++) {
		const char *name = table_at(table, 0, i), *value = table_at(table, 1, i);
		size_t len = strlen(name) + 1 + escape_width(value);

		if (i == COST_CELL || (i == LAST_CELL && view != STORE_FIGURES) ||
		    !table_uniform(table, i))
			continue;
		if (!at)
			at = (size_t)printf("all rows: ");
		else if (at + len + 3 > width)
			at = (size_t)printf(",\n          ") - 2;
		else
			at += (size_t)printf(", ");
		printf("%s %s", name, value);
		at += len;
		table_hide(table, i);
	}
	if (at)
		printf("\n\n");
}

/* Leaves out what has no room, the least first, and says so. */
static int print_table(struct table *table, enum store_view view, size_t rows)
{
	static const size_t least_first[] = {DAY_CELL, KERNEL_CELL, MACHINE_CELL};
	size_t width = showing_style().width;
	char left_out[64] = "";
	int err;

	if (rows > 1)
		say_common(table, view);
	for (size_t i = 0; i < sizeof(least_first) / sizeof(*least_first); i++) {
		size_t column = least_first[i], before = table_width(table);

		if (before <= width)
			break;
		table_hide(table, column);
		if (table_width(table) < before)
			snprintf(left_out + strlen(left_out), sizeof(left_out) - strlen(left_out),
				 "%s%s", *left_out ? ", " : "", table_at(table, 0, column));
	}
	err = table_print(table, RENDER_TEXT, stdout);
	if (!err && *left_out)
		cli_say("no room in %zu columns for: %s (--csv has all)", width, left_out);
	return err;
}

/* A key of what is measured itself: then baselines and null tests may be meant. */
static bool names_probes(const char *word)
{
	static const char *const keys[] = {"variant", "hook", "program", "configuration", "point"};
	size_t len = strcspn(word, "=~!");

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++)
		if (strlen(keys[i]) == len && !strncmp(word, keys[i], len))
			return true;
	return false;
}

static void say_nothing(enum store_view view)
{
	cli_say("nothing in the database passes these filters%s",
		view == STORE_FIGURES ? " (points of suite events: store query events)" : "");
}

int store_list(struct store *store, const struct store_listing *how, const char *const *words,
	       size_t n, struct error *why)
{
	static const struct column *const columns[] = {
		[STORE_FIGURES] = figure_columns, [STORE_EVENTS] = event_columns};
	static sql_take *const add_row[] = {
		[STORE_FIGURES] = add_figure, [STORE_EVENTS] = add_event};
	enum store_view view = n && !strcmp(words[0], "events") ? STORE_EVENTS : STORE_FIGURES;
	bool in_table = !how->csv && !how->json;
	struct store_filter filter = {.probes = in_table};
	struct shown shown = {.columns = columns[view],
			      .most = how->limit ? how->limit
				      : in_table ? LIMIT_TABLE
						 : 0,
			      .table = in_table ? open_table(view) : NULL};
	char *list = column_list(columns[view]);
	int err = 0;

	for (size_t i = view == STORE_EVENTS; i < n; i++) {
		filter.words[filter.n++] = words[i];
		filter.probes = filter.probes && !names_probes(words[i]);
	}
	if (!list || (in_table && !shown.table))
		err = error_set(why, -ENOMEM, "out of memory");
	if (!err && how->csv)
		printf("%s\n", list);
	/* one more than is shown: to know whether there are more */
	if (!err)
		err = store_query(store, view, &filter, list, shown.most + in_table,
				  how->csv    ? print_csv
				  : how->json ? print_json
					      : add_row[view],
				  &shown, why);
	free(list);
	if (!err && how->json)
		puts(shown.rows ? "\n]" : "[]");
	if (!err && shown.rows && in_table)
		err = print_table(shown.table, view, shown.rows);
	table_close(shown.table);
	if (!err && in_table && !shown.rows)
		say_nothing(view);
	if (shown.more)
		cli_say("more rows pass: --limit N, --csv or --json");
	return err;
}
