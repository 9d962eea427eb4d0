/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * app: one real program that is measured with and without probes, behind a small interface.
 *
 * start (private folder, own configuration, load applied, warmed up) -> windows -> finish (reads
 * what the program logged) -> stop, which is called after any start, even a failed one, and removes
 * everything.
 *
 * An app reports what happened in a window in one of three ways: by mark (counters of the running
 * program), by operations and pauses with their times (finish), or by once (the window is one run
 * of a command).
 */
#ifndef BPFTOLL_KIT_APPS_APP_H
#define BPFTOLL_KIT_APPS_APP_H

#include <hwloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"
#include "kit/apps/window.h"
#include "kit/system/guard.h"

#define APP_CHILDREN_MOST 4
#define APP_PIDS_MOST	  512

struct app_run;

/* Counters of the running program; NAN: it has none. */
struct app_mark {
	double operations, evictions;	  /* from its start */
	double fragmentation, heap_bytes; /* at this moment */
};

struct app_fact {
	const char *name, *measure;
	double value;
};
#define APP_FACTS_MOST 8

struct app {
	const char *name, *packages, *summary;
	const char *operation; /* the unit of throughput: "commands" */
	const char *latency;   /* what latency is of: "of a transaction"; NULL: not measured */
	const char *pause;     /* what a pause is; NULL: there are none */
	/*
	 * The program uses all CPU time it gets, so CPU time taken from it lowers throughput by the
	 * same share: a prediction for throughput is possible.
	 */
	bool cpu_bound;
	/* what runs is the caller's own: as he is, where he is. Else unprivileged, in the folder.
	 */
	bool callers;
	int (*start)(struct app_run *run, struct error *why);
	int (*mark)(struct app_run *run, struct app_mark *out);
	/* Runs the command to its end. Returns 0; -EINTR: stopped; other -errno with why. */
	int (*once)(struct app_run *run, struct window *window, struct error *why);
	int (*finish)(struct app_run *run, struct error *why);
	void (*stop)(struct app_run *run);
};

enum app_scale { SCALE_QUICK, SCALE_FULL, SCALE_TINY, SCALE_COUNT };

struct app_options {
	enum app_scale scale;
	char *const *command; /* for app exec */
	pid_t pid;	      /* for app pid */
};

/* A program while it is measured. */
struct app_run {
	const struct app *app;
	const struct app_options *options;
	hwloc_const_bitmap_t program_cpus, load_cpus, all_cpus;
	const volatile sig_atomic_t *stop;
	char folder[256];
	struct guard *folder_guard;
	struct unprivileged user; /* as whom it runs; by app_folder */
	struct {
		struct guard *guard;
		char name[32], log[32]; /* log: the log's name in the folder */
	} children[APP_CHILDREN_MOST];
	size_t n_children;
	/* Processes of the program itself: they are monitored, and their CPU time is counted. */
	pid_t pids[APP_PIDS_MOST];
	size_t n_pids;
	struct timeline operations, pauses;    /* filled by finish */
	struct timeline latencies;	       /* only if they are not those of the operations */
	struct timeline heap;		       /* sizes in bytes; may be empty */
	struct app_fact facts[APP_FACTS_MOST]; /* over the whole run, not in a window */
	size_t n_facts;
	char note[256];			      /* shown with the results */
	void *state;			      /* private data of the app */
	void (*running)(struct app_run *run); /* called when pids have been added; may be NULL */
	void *running_ctx;
};

extern const struct app app_redis, app_postgres, app_python, app_node, app_sysbench, app_exec,
	app_pid;

/* ---- what the apps share ---- */

/*
 * Finds the full path of a program, first among Debian's, then in PATH: for root only where that
 * has the system's folders. Returns 0 or -errno; why names the missing package.
 */
int app_find(const struct app *app, const char *program, char *path, size_t len, struct error *why);

/*
 * Makes a private folder, its path into run->folder, that belongs to run->user, whom it chooses: as
 * root the caller of sudo, else nobody; the caller himself where the program is his own.
 */
int app_folder(struct app_run *run, struct error *why);

/* Writes "FOLDER/name". */
void app_path(const struct app_run *run, const char *name, char *path, size_t len);

/*
 * Starts a child in the folder; its output goes to the file `log` there. load: it is a load
 * generator and not the program. run->pids is set from the first child that is not.
 */
int app_child(struct app_run *run, char *const argv[], bool load, const char *log,
	      struct error *why);

/*
 * Like app_child, but waits for the end. Returns 0 or -errno; -EIO: the command failed, why has its
 * last lines.
 */
int app_helper(struct app_run *run, char *const argv[], const char *log, struct error *why);

/*
 * Polls ready until it returns 1. Returns 0; -EINTR: stopped; with why, and the last lines of the
 * child's log: -ETIMEDOUT, a negative value from ready, or the child's end.
 */
int app_wait(struct app_run *run, int (*ready)(struct app_run *run), const char *what,
	     double deadline_s, struct error *why);

/*
 * Sleeps until a time (clock_seconds) as long as no child ends. Returns 0, -EINTR, or -EPIPE with
 * why.
 */
int app_sleep(struct app_run *run, double until, struct error *why);

/* Ends the children, the latest first, and removes the folder. */
void app_stop(struct app_run *run);

/*
 * Runs a command to its end; its output goes to the file `log` in the folder, wall and CPU time
 * into the window. While it runs, its child processes are looked for and added to run->pids.
 */
int app_run_once(struct app_run *run, char *const argv[], const char *log, struct window *window,
		 struct error *why);

/*
 * The content of a file in the folder, NUL-terminated; the caller frees it. NULL: cannot be read.
 */
char *app_read(const struct app_run *run, const char *name);

/*
 * Starts a script of bpftoll's with an interpreter; its arguments are the size of a turn and 1000.
 * The start is complete once `turns` lines of its log begin with "o". Returns 0 or -errno with why.
 */
struct app_script {
	const char *interpreter, *file, *log, *text, *waits_for;
	size_t turns;
	const char *size[SCALE_COUNT];
};
int app_start_script(struct app_run *run, const struct app_script *script, struct error *why);

/*
 * Reads the log of a script: lines "o END LENGTH HEAP" for an operation, "g END LENGTH 0" for a
 * pause; times in ns of CLOCK_MONOTONIC, HEAP in bytes, 0: unknown. Returns 0 or -errno with why.
 */
int app_read_log(struct app_run *run, const char *name, struct error *why);

/* Resident memory of a process in bytes; NAN: it has ended. */
double app_resident(pid_t pid);

/* Writes a file of run->user's into the folder. Returns 0 or -errno. */
int app_write(const struct app_run *run, const char *name, const char *text);

#endif
