/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/path.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/cmd/fleet/stored.h"
#include "kit/store/store.h"
#include "reports/show/escape.h"
#include "reports/show/figure.h"
#include "reports/show/table.h"

#define WORDS_MAX   16384
#define DEPTH_MOST  8  /* folders below one that was named */
#define LIMIT_TABLE 40 /* rows of a table that is read; files get all */

static const char *words[WORDS_MAX], *url = STORED_DB;
static size_t n_words;
static unsigned int limit;
static bool csv, json;

static const struct option_row options[] = {{"db",
					     "the database: a file (SQLite; default: " STORED_DB
					     ") or postgresql://USER@HOST/NAME, "
					     "with the password in ~/.pgpass or PGPASSWORD",
					     "URL", .text = &url},
					    {0}};

static const struct option_row query_options[] = {
	{"csv", "all rows and columns", .flag = &csv},
	{"json", "the same as a list of objects", .flag = &json},
	{"limit", "rows at most; default: 40 of the table, all of --csv and --json", "N",
	 .number = &limit, .least = 1, .most = INT_MAX},
	{0}};

/* ---- add ---- */

struct added {
	char **dirs; /* of records */
	size_t n, new, there, refused;
	bool lost; /* the database is gone */
};

static int count(void *ctx, const char *dir, int err, const struct error *why)
{
	struct added *sum = ctx;

	(void)dir;
	if (err < 0) {
		sum->refused++;
		sum->lost = err == -ECONNRESET;
		cli_say("%s", why->text);
	} else if (err) {
		sum->there++;
	} else {
		sum->new ++;
	}
	return sum->lost || cli_stop ? -ECANCELED : 0;
}

static void add_dir(struct added *sum, const char *dir)
{
	char **more = sum->dirs;

	if (!(sum->n & (sum->n - 1)))
		more = reallocarray((void *)more, sum->n ? 2 * sum->n : 1, sizeof(*more));
	if (more)
		sum->dirs = more;
	if (more && (more[sum->n] = strdup(dir))) {
		sum->n++;
		return;
	}
	sum->refused++;
	cli_say("%s: out of memory", dir);
}

static bool is_record(const char *dir)
{
	char path[PATH_MAX];

	return !path_put(path, sizeof(path), "%s/record.json", dir) && !access(path, F_OK);
}

/* A record, or all below a folder, as reports/runs or a campaign's is. Links are not followed. */
static void find_below(const char *dir, int depth, struct added *sum)
{
	struct dirent **names;
	int n;

	if (is_record(dir)) {
		add_dir(sum, dir);
		return;
	}
	n = depth ? scandir(dir, &names, NULL, alphasort) : 0;
	for (int i = 0; i < n; i++) {
		char path[PATH_MAX];
		struct stat st;

		if (names[i]->d_name[0] != '.' && !cli_stop &&
		    !path_put(path, sizeof(path), "%s/%s", dir, names[i]->d_name) &&
		    !lstat(path, &st) && S_ISDIR(st.st_mode))
			find_below(path, depth - 1, sum);
		free(names[i]);
	}
	if (n > 0)
		free(names);
	if (n >= 0)
		return;
	sum->refused++;
	cli_say("%s: %s", dir, strerror(errno));
}

static void find(struct added *sum)
{
	for (size_t i = 1; i < n_words && !cli_stop; i++) {
		size_t before = sum->n + sum->refused;

		find_below(words[i], DEPTH_MOST, sum);
		if (sum->n + sum->refused == before && !cli_stop) {
			sum->refused++;
			cli_say("%s: no record is in it, nor in a folder below", words[i]);
		}
	}
}

static int add(struct store *store)
{
	struct added sum = {0};
	struct error why = {""};
	int err;

	find(&sum);
	err = cli_stop ? 0
		       : store_add(store, (const char *const *)sum.dirs, sum.n, count, &sum, &why);
	for (size_t i = 0; i < sum.n; i++)
		free(sum.dirs[i]);
	free((void *)sum.dirs);
	if (err && err != -ECANCELED) {
		cli_say("%s", why.text);
		return EXIT_FAILED;
	}
	printf("%zu added, %zu there already, %zu refused\n", sum.new, sum.there, sum.refused);
	if (sum.lost)
		cli_say("the database is gone: what came after it was not tried; the same command "
			"adds the rest");
	return cli_stop ? EXIT_STOPPED : sum.refused ? EXIT_FAILED : EXIT_DONE;
}

/* ---- query ---- */

static const char *const columns[] = {
	"created",	 "machine",    "cpu",
	"kernel",	 "boot",       "suite",
	"configuration", "variant",    "hook",
	"program",	 "syscall",    "wakeup",
	"cache",	 "status",     "unit",
	"rounds",	 "n",	       "typical",
	"typical_lo",	 "typical_hi", "mean",
	"mean_lo",	 "mean_hi",    "p99",
	"p99_lo",	 "p99_hi",     "baseline_typical",
	"folder",
};
#define COLUMNS	     (sizeof(columns) / sizeof(*columns))
#define FIRST_NUMBER 15
#define FIRST_REAL   17
#define LAST_NUMBER  26

/* "created, machine, …"; the caller frees it. */
static char *column_list(void)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(out, "%s%s", i ? ", " : "", columns[i]);
	if (!fclose(out))
		return text;
	free(text);
	return NULL;
}

struct shown {
	struct table *table; /* NULL: CSV or JSON */
	size_t rows;
	bool more;
};

static int print_csv(void *ctx, const char *const *values, size_t n)
{
	(void)ctx;
	for (size_t i = 0; i < n; i++) {
		if (i)
			putchar(',');
		if (i >= FIRST_NUMBER && i <= LAST_NUMBER)
			fputs(values[i] ? values[i] : "", stdout);
		else
			escape_print(stdout, values[i] ? values[i] : "", RENDER_CSV);
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
				: i >= FIRST_NUMBER && i < FIRST_REAL
					? json_integer(strtoll(values[i], NULL, 10))
				: i >= FIRST_REAL && i <= LAST_NUMBER
					? json_real(strtod(values[i], NULL))
					: json_string(values[i]);

		json_object_set_new(row, columns[i], value ? value : json_null());
	}
	fputs(shown->rows++ ? ",\n" : "[\n", stdout);
	json_dumpf(row, stdout, JSON_COMPACT | JSON_REAL_PRECISION(15));
	json_decref(row);
	return ferror(stdout) ? -EIO : 0;
}

/* Of the columns above: day, machine, kernel, configuration, and the typical cost. */
static int add_row(void *ctx, const char *const *values, size_t n)
{
	static const size_t shown_as_they_are[] = {1, 3, 6};
	struct shown *shown = ctx;
	enum unit unit = strcmp(values[14], unit_name(UNIT_NS)) ? UNIT_INSTRUCTIONS : UNIT_NS;
	char day[sizeof("2026-01-31")];
	FILE *cell;

	(void)n;
	if (shown->rows == (limit ? limit : LIMIT_TABLE)) {
		shown->more = true;
		return 0;
	}
	shown->rows++;
	snprintf(day, sizeof(day), "%s", values[0] ? values[0] : "-");
	escape_print(table_cell(shown->table), day, RENDER_TEXT);
	for (size_t i = 0; i < sizeof(shown_as_they_are) / sizeof(*shown_as_they_are); i++)
		escape_print(table_cell(shown->table), values[shown_as_they_are[i]], RENDER_TEXT);
	cell = table_cell(shown->table);
	if (strcmp(values[13], result_status_name(RESULT_MEASURED)) != 0)
		escape_print(cell, values[13], RENDER_TEXT);
	else if (values[17] && values[18] && values[19])
		figure_effect(cell,
			      (struct effect){strtod(values[17], NULL), strtod(values[18], NULL),
					      strtod(values[19], NULL)},
			      unit, FIGURE_BRACKETS);
	else
		fputc('-', cell);
	fputs(unit == UNIT_NS ? "ns" : "instructions", table_cell(shown->table));
	return 0;
}

static struct table *open_table(void)
{
	static const char *const headers[] = {
		"day", "machine", "kernel", "configuration", "typical, 95 % interval", "unit"};
	struct table *table = table_open(sizeof(headers) / sizeof(*headers));

	for (size_t i = 0; table && i < sizeof(headers) / sizeof(*headers); i++)
		fputs(headers[i], table_cell(table));
	return table;
}

static int query(struct store *store, struct error *why)
{
	struct store_filter filter = {.n = 0};
	unsigned int most = limit ? limit : csv || json ? 0 : LIMIT_TABLE;
	struct shown shown = {0};
	char *list = column_list();
	int err;

	for (size_t i = 1; i < n_words; i++)
		filter.words[filter.n++] = words[i];
	if (!csv && !json)
		shown.table = open_table();
	if (!list || (!csv && !json && !shown.table)) {
		free(list);
		return error_set(why, -ENOMEM, "out of memory");
	}
	if (csv)
		printf("%s\n", list);
	/* one more than is shown: to know whether there are more */
	err = store_query(store, &filter, list, most && !csv && !json ? most + 1 : most,
			  csv	 ? print_csv
			  : json ? print_json
				 : add_row,
			  &shown, why);
	free(list);
	if (!err && json)
		puts(shown.rows ? "\n]" : "[]");
	if (!err && shown.rows && shown.table)
		err = table_print(shown.table, RENDER_TEXT, stdout);
	table_close(shown.table);
	if (!err && !json && !csv && !shown.rows)
		cli_say("nothing in the database passes these filters");
	if (shown.more)
		cli_say("more rows pass: --limit N, --csv or --json");
	return err;
}

static int run(void)
{
	bool adding = !strcmp(words[0], "add");
	struct error why = {0};
	struct store *store;
	int err, code;

	if (!adding && strcmp(words[0], "query") != 0)
		return options_wrong("store add DIR… or store query [FILTER…], not '%s'", words[0]);
	if (adding && n_words < 2)
		return options_wrong(
			"which records? (folders of runs, or a folder of such folders)");
	if (!adding && n_words - 1 > STORE_FILTERS_MAX)
		return options_wrong("more than %d filters", STORE_FILTERS_MAX);
	if (csv && json)
		return options_wrong("--csv or --json, not both");
	err = adding ? store_open(url, &store, &why) : store_open_to_read(url, &store, &why);
	if (err) {
		cli_say("%s", why.text);
		return EXIT_FAILED;
	}
	if (adding) {
		code = add(store);
	} else {
		err = query(store, &why);
		code = err == -EINVAL ? EXIT_WRONG_USAGE : err ? EXIT_FAILED : EXIT_DONE;
		if (err)
			cli_say("%s", why.text);
	}
	store_close(store);
	return code;
}

const struct command cmd_store = {
	.name = "store",
	.summary = "records of many machines in a database, to ask questions of",
	.about =
		"store add DIR… takes records into SQLite or PostgreSQL; store query FILTER… lists "
		"figures of them.",
	.more = "A record is added whole or not at all, and once: added again it changes nothing. "
		"A "
		"folder that is no record is searched for records. Filters: "
		"KEY=VALUE, KEY!=VALUE, KEY~PART (kernel~6.1: that series); keys: kernel, cpu, "
		"arch, machine, boot, suite, "
		"configuration, variant, hook, program, syscall, wakeup, cache, status, unit, "
		"since "
		"(30d, 12h or a date), until. The tables are plain SQL's as well: "
		"bpftoll-store(1). "
		"Exit 1 when a record was refused; the others are in.",
	.examples = "  bpftoll store add reports/runs\n"
		    "  bpftoll store query kernel~6.1 variant=kprobe_perf since=30d --csv",
	.groups = (const struct option_group[]){{NULL, options}, {"Of query:", query_options}, {0}},
	.operands = "add DIR... | query [FILTER...]",
	.list = {words, &n_words, WORDS_MAX},
	.least = 1,
	.missing = "store add DIR… or store query [FILTER…]",
	.run = run,
};
