/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <dirent.h>
#include <errno.h>
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
#include "kit/cmd/fleet/store_query.h"
#include "kit/cmd/fleet/stored.h"
#include "kit/store/store.h"
#include "reports/record/record.h"

#define WORDS_MAX  16384
#define DEPTH_MOST 8 /* folders below one that was named */

static const char *words[WORDS_MAX], *url = STORED_DB;
static size_t n_words;
static struct store_listing listing;

static const struct option_row options[] = {{"db",
					     "the database: a file (SQLite; default: " STORED_DB
					     ") or postgresql://USER@HOST/NAME, "
					     "with the password in ~/.pgpass or PGPASSWORD",
					     "URL", .text = &url},
					    {0}};

static const struct option_row query_options[] = {
	{"csv", "all rows and columns", .flag = &listing.csv},
	{"json", "the same as a list of objects", .flag = &listing.json},
	{"limit", "rows at most; default: 40 of the table, all of --csv and --json", "N",
	 .number = &listing.limit, .least = 1, .most = INT_MAX},
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

/*
 * A record, or all below a folder, as reports/runs or a campaign's is, but for what lost runs left.
 * Links are not followed.
 */
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

		if (names[i]->d_name[0] != '.' && !cli_stop && !record_is_lost(names[i]->d_name) &&
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
	if (listing.csv && listing.json)
		return options_wrong("--csv or --json, not both");
	err = adding ? store_open(url, &store, &why) : store_open_to_read(url, &store, &why);
	if (err) {
		cli_say("%s", why.text);
		return EXIT_FAILED;
	}
	if (adding) {
		code = add(store);
	} else {
		err = store_list(store, &listing, words + 1, n_words - 1, &why);
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
		"figures of them; store query LIST FILTER…: LIST is events (points of suite "
		"events), helpers, apps or instructions (suite calibrate).",
	.more = "A record is added whole or not at all, and once: added again it changes nothing. "
		"A folder that is no record is searched for records. Filters: KEY=VALUE, "
		"KEY!=VALUE, KEY~PART (kernel~6.1: that series); keys: kernel, cpu, arch, machine, "
		"boot, suite, status, since (30d, 12h or a date), until; of figures configuration, "
		"variant, hook, program, syscall, wakeup, cache, unit; of events point, scenario, "
		"variant, wakeup; of helpers helper, host-program, size, syscall, wakeup, cache, "
		"unit; of apps app, variant, quantity, monitored, unit; of instructions "
		"instructions. wakeup takes the words of run --wakeup-policy. The tables are plain "
		"SQL's as well: bpftoll-store(1). Exit 1 when a record was refused; the others are "
		"in.",
	.examples = "  bpftoll store add reports/runs\n"
		    "  bpftoll store query kernel~6.1 variant=kprobe_perf since=30d --csv\n"
		    "  bpftoll store query apps app=redis quantity=throughput",
	.groups = (const struct option_group[]){{NULL, options}, {"Of query:", query_options}, {0}},
	.operands = "add DIR... | query [LIST] [FILTER...]",
	.list = {words, &n_words, WORDS_MAX},
	.least = 1,
	.missing = "add DIR… or query [LIST] [FILTER…]?",
	.run = run,
};
