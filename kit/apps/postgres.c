/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * postgres: a cluster of its own (initdb in a private folder, unix socket, unprivileged user) under
 * pgbench's TPC-B-like transactions, with a data set several times as large as shared_buffers.
 * Times come from pgbench's log of each transaction.
 */
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/apps/app.h"
#include "calib/clock.h"
#include "kit/system/tasks.h"
#include "reports/record/open_regular.h"

#define READY_S		  120
#define LOG_MOST	  (4UL << 30) /* bytes of a log of transactions */
#define FLUSH_S		  20	      /* for pgbench to end its transactions and write its logs */
#define WARM_S		  1.0
#define LOG		  "postgres.log"
#define USER		  "bench"
#define EVICTIONS_VERSION 16 /* the first with pg_stat_io */

/*
 * full: the load for which the default budget is meant. quick: the same ratios, but a commit does
 * not wait for the disk.
 */
static const struct {
	const char *scale, *buffers, *clients, *threads, *commit;
	size_t n_clients;
} scales[SCALE_COUNT] = {
	[SCALE_QUICK] = {"10", "shared_buffers=26MB", "2", "1", "synchronous_commit=off", 2},
	[SCALE_FULL] = {"100", "shared_buffers=256MB", "20", "4", "synchronous_commit=on", 20},
	[SCALE_TINY] = {"1", "shared_buffers=2MB", "2", "1", "synchronous_commit=off", 2},
};

struct postgres {
	char bin[200];
	int version;
	double buffers_then, asked_then;
};

static int find_bin(struct postgres *pg, const struct app *app, struct error *why)
{
	glob_t found = {0};

	if (!glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found)) {
		for (size_t i = 0; i < found.gl_pathc; i++) {
			int version = 0;

			if (sscanf(found.gl_pathv[i], "/usr/lib/postgresql/%d/", &version) != 1 ||
			    version <= pg->version)
				continue;
			pg->version = version;
			path_put(pg->bin, sizeof(pg->bin), "/usr/lib/postgresql/%d/bin", version);
		}
	}
	globfree(&found);
	if (pg->version)
		return 0;
	return error_set(why, -ENOENT,
			 "postgres is not installed; Debian has it in %s (make deps-apps)",
			 app->packages);
}

static int help(struct app_run *run, const char *program, char *const args[], const char *log,
		struct error *why)
{
	const struct postgres *pg = run->state;
	char path[256], *argv[16] = {path};

	path_put(path, sizeof(path), "%s/%s", pg->bin, program);
	for (size_t i = 0; args[i] && i + 2 < sizeof(argv) / sizeof(argv[0]); i++)
		argv[i + 1] = args[i];
	return app_helper(run, argv, log, why);
}

static int accepts(struct app_run *run)
{
	char *log = app_read(run, LOG);
	int ready = log && strstr(log, "ready to accept connections");

	free(log);
	return ready;
}

static int start_server(struct app_run *run, struct error *why)
{
	const struct postgres *pg = run->state;
	char path[256], data[300];
	char *const init[] = {"-D", data,	  "-A", "trust", "-U", USER,
			      "-N", "--locale=C", "-E", "UTF8",	 NULL};
	struct words w = {0};
	int err;

	app_path(run, "data", data, sizeof(data));
	path_put(path, sizeof(path), "%s/postgres", pg->bin);
	err = help(run, "initdb", init, "initdb.log", why);
	words_add(&w, path, "-D", data, "-k", run->folder, "-c", "listen_addresses=", "-c",
		  scales[run->options->scale].buffers, "-c", scales[run->options->scale].commit,
		  "-c", "work_mem=4MB", "-c", "dynamic_shared_memory_type=mmap", "-c",
		  "checkpoint_timeout=30min", "-c", "max_wal_size=8GB", NULL);
	if (!err)
		err = app_child(run, w.argv, false, LOG, why);
	return err ? err : app_wait(run, accepts, "postgres's socket", READY_S, why);
}

static int start_load(struct app_run *run, struct error *why)
{
	const struct postgres *pg = run->state;
	char path[256], prefix[300];
	struct words w = {0};

	app_path(run, "transactions", prefix, sizeof(prefix));
	path_put(path, sizeof(path), "%s/pgbench", pg->bin);
	words_add(&w, path, "-h", run->folder, "-U", USER, "-c",
		  scales[run->options->scale].clients, "-j", scales[run->options->scale].threads,
		  "-n", "-T", "1000000", "-l", "--log-prefix", prefix, "postgres", NULL);
	return app_child(run, w.argv, true, "pgbench.log", why);
}

/* Are all there: the postmaster, its helper processes and a backend for each client? */
static int connected(struct app_run *run)
{
	run->n_pids = task_family(guard_pid(run->children[0].guard), run->pids, APP_PIDS_MOST);
	return run->n_pids > scales[run->options->scale].n_clients + 4;
}

/*
 * Buffers taken from other pages so far. From version 16 on pg_stat_io counts evictions; before, in
 * a full cache every allocation is one. Negative: unknown.
 */
static double buffers(struct app_run *run)
{
	const struct postgres *pg = run->state;
	char *query = pg->version >= EVICTIONS_VERSION
			      ? "select sum(evictions) from pg_stat_io"
			      : "select buffers_alloc from pg_stat_bgwriter";
	char *const args[] = {"-h",	  run->folder, "-U", "bench", "-d",
			      "postgres", "-At",       "-c", query,   NULL};
	char *text;
	struct error why;
	double count = -1;

	if (help(run, "psql", args, "psql.log", &why))
		return count;
	text = app_read(run, "psql.log");
	if (text && *text)
		count = strtod(text, NULL);
	free(text);
	return count;
}

static int start(struct app_run *run, struct error *why)
{
	struct postgres *pg = calloc(1, sizeof(*pg));
	const char *scale = scales[run->options->scale].scale;
	char *const fill[] = {"-i", "-q", "-h",		 run->folder, "-U",
			      USER, "-s", (char *)scale, "postgres",  NULL};
	int err;

	if (!pg)
		return -ENOMEM;
	run->state = pg;
	err = find_bin(pg, run->app, why);
	if (!err)
		err = app_folder(run, why);
	if (!err)
		err = start_server(run, why);
	if (!err)
		err = help(run, "pgbench", fill, "fill.log", why);
	if (!err)
		err = start_load(run, why);
	if (!err)
		err = app_wait(run, connected, "pgbench's connections", READY_S, why);
	if (!err)
		err = app_sleep(run, clock_seconds() + WARM_S, why);
	if (err)
		return err;
	pg->buffers_then = buffers(run);
	pg->asked_then = clock_seconds();
	snprintf(run->note, sizeof(run->note),
		 "PostgreSQL %d, %s, work_mem=4MB, %s; pgbench -s %s -c %s -j %s; %zu processes",
		 pg->version, scales[run->options->scale].buffers,
		 scales[run->options->scale].commit, scale, scales[run->options->scale].clients,
		 scales[run->options->scale].threads, run->n_pids);
	return 0;
}

/*
 * Reads lines "client transaction us script epoch_s epoch_us". Their time is CLOCK_REALTIME; behind
 * is subtracted to get CLOCK_MONOTONIC.
 */
static int read_transactions(struct app_run *run, const char *path, double behind)
{
	double took, epoch_s, epoch_us;
	struct error why;
	int err;
	/* the user that the server runs as may write in the folder */
	FILE *log = open_regular_stream(path, O_NOFOLLOW, LOG_MOST, &err, &why);
	char line[256];

	if (!log)
		return err;
	while (!err && fgets(line, sizeof(line), log))
		if (sscanf(line, "%*d %*d %lf %*d %lf %lf", &took, &epoch_s, &epoch_us) == 3)
			err = timeline_add(&run->operations, epoch_s + epoch_us * 1e-6 - behind,
					   took * 1e-6);
	fclose(log);
	return err;
}

static void keep_evictions(struct app_run *run)
{
	const struct postgres *pg = run->state;
	double now = buffers(run), seconds = clock_seconds() - pg->asked_then;

	if (now < 0 || pg->buffers_then < 0)
		return;
	run->facts[run->n_facts++] = (struct app_fact){"buffer_evictions_per_s", "1/s",
						       (now - pg->buffers_then) / seconds};
}

static int finish(struct app_run *run, struct error *why)
{
	struct guard *load = run->children[run->n_children - 1].guard;
	char pattern[300];
	glob_t found = {0};
	struct timespec real;
	double behind;
	int err = 0;

	keep_evictions(run);
	/* the signal of pgbench's own timer: it ends in order and writes its buffered logs */
	if (guard_pid(load) > 0 && !guard_ended(load, NULL))
		kill(guard_pid(load), SIGALRM);
	guard_wait(load, FLUSH_S);
	clock_gettime(CLOCK_REALTIME, &real);
	behind = (double)real.tv_sec + (double)real.tv_nsec * 1e-9 - clock_seconds();
	app_path(run, "transactions.*", pattern, sizeof(pattern));
	if (!glob(pattern, 0, NULL, &found))
		for (size_t i = 0; i < found.gl_pathc && !err; i++)
			err = read_transactions(run, found.gl_pathv[i], behind);
	globfree(&found);
	timeline_sort(&run->operations);
	if (!err && !run->operations.n)
		err = -ENODATA;
	if (err)
		error_say(why, "pgbench's log of transactions: %s", strerror(-err));
	return err;
}

static void stop(struct app_run *run)
{
	/* the load before the server, since SIGTERM makes the server wait for its clients */
	app_stop(run);
	free(run->state);
	run->state = NULL;
}

const struct app app_postgres = {
	.name = "postgres",
	.packages = "postgresql",
	.summary = "pgbench on more data than shared_buffers: TPS, latency, buffers evicted",
	.operation = "transactions",
	.latency = "of a transaction",
	.start = start,
	.finish = finish,
	.stop = stop,
};
