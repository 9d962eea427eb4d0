/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * app: one real program that is measured with and without probes, behind one small interface.
 *
 * start (private folder, own configuration, load applied, warmed up) -> windows -> finish (reads
 * what the program logged)
 * -> stop, which is called after any start, also a failed one, and leaves nothing. What a window
 * saw is told in one of three ways: mark (counters of the running program), operations and pauses
 * with their times (finish), or once: the window is a run of a command.
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
	double operations, evictions;	  /* so far */
	double fragmentation, heap_bytes; /* now */
};

struct app_fact {
	const char *name, *measure;
	double value;
};
#define APP_FACTS_MOST 8

struct app {
	const char *name, *packages, *summary;
	const char *operation; /* what throughput counts: "commands" */
	const char *latency;   /* what latency is: "of a transaction"; NULL: none is measured */
	const char *pause;     /* what pauses are; NULL: there are none */
	bool cpu_bound;	       /* one more second of CPU is one more second: prediction holds for
				  throughput */
	int (*start)(struct app_run *run, struct error *why);
	int (*mark)(struct app_run *run, struct app_mark *out);
	/* Starts the command and waits for its end. -EINTR: stopped. */
	int (*once)(struct app_run *run, struct window *window, struct error *why);
	int (*finish)(struct app_run *run, struct error *why);
	void (*stop)(struct app_run *run);
};

enum app_scale { SCALE_QUICK, SCALE_FULL, SCALE_TINY, SCALE_COUNT };

struct app_options {
	enum app_scale scale;
	char *const *command; /* of exec */
	pid_t pid;	      /* of pid */
};

/* One program while it is measured. */
struct app_run {
	const struct app *app;
	const struct app_options *options;
	hwloc_const_bitmap_t program_cpus, load_cpus, all_cpus;
	const volatile sig_atomic_t *stop;
	char folder[256];
	struct guard *folder_guard;
	struct {
		struct guard *guard;
		char name[32], log[32]; /* the log's name in the folder */
	} children[APP_CHILDREN_MOST];
	size_t n_children;
	pid_t pids[APP_PIDS_MOST]; /* of the program itself: monitored, their CPU time is counted */
	size_t n_pids;
	struct timeline operations, pauses;    /* after finish */
	struct timeline latencies;	       /* where they are not those of the operations */
	struct timeline heap;		       /* bytes at a time; may be empty */
	struct app_fact facts[APP_FACTS_MOST]; /* of the whole run, none of a window */
	size_t n_facts;
	char note[256];			      /* what a reader must know */
	void *state;			      /* the app's own */
	void (*running)(struct app_run *run); /* called when the pids have changed; may be NULL */
	void *running_ctx;
};

extern const struct app app_redis, app_postgres, app_python, app_node, app_sysbench, app_exec,
	app_pid;

/* ---- what the apps share ---- */

/* The full path of a program of Debian's, else of PATH; fails naming the package. */
int app_find(const struct app *app, const char *program, char *path, size_t len, struct error *why);

/* A private folder, into run->folder. uid 0: of this process. */
int app_folder(struct app_run *run, uid_t uid, gid_t gid, struct error *why);

/* "FOLDER/name" */
void app_path(const struct app_run *run, const char *name, char *path, size_t len);

/*
 * Starts a child in the folder with its output in the file `log` there. load: it applies the load,
 * it is not the program. The program's pids are filled in with the first that is not load.
 */
int app_child(struct app_run *run, char *const argv[], bool load, uid_t uid, gid_t gid,
	      const char *log, struct error *why);

/* Runs a helper to its end, as app_child. 0 or -errno; a helper that fails is -EIO, why has its
 * last lines. */
int app_helper(struct app_run *run, char *const argv[], uid_t uid, gid_t gid, const char *log,
	       struct error *why);

/* Has one of the children ended, which none should? Then why names it and the last lines of its
 * log. */
bool app_broken(struct app_run *run, struct error *why);

/* The last lines of a log in the folder, as one line. */
void app_last_words(const struct app_run *run, const char *log, char *out, size_t len);

/*
 * Polls ready until it says 1: 0. -EINTR: stopped. -ETIMEDOUT, or a negative answer, or the child's
 * end: why, with the last lines of its log.
 */
int app_wait(struct app_run *run, int (*ready)(struct app_run *run), const char *what,
	     double deadline_s, struct error *why);

/* Sleeps while nothing breaks. 0, -EINTR or -EPIPE with why. */
int app_sleep(struct app_run *run, double until, struct error *why);

/* Ends the children, the last first, and deletes the folder. */
void app_stop(struct app_run *run);

/*
 * Runs a command to its end, with its output in the file `log` of the folder: wall and CPU time
 * into the window; its family is looked for while it runs.
 */
int app_run_once(struct app_run *run, char *const argv[], bool in_folder, const char *log,
		 struct window *window, struct error *why);

/* The whole of a file in the folder, NUL-terminated, malloc'ed; NULL: it cannot be read. */
char *app_read(const struct app_run *run, const char *name);

/*
 * A script of ours, run by an interpreter with the size of a turn and 1000 as arguments; started
 * once `turns` lines of its log begin with "o". 0 or -errno, why.
 */
struct app_script {
	const char *interpreter, *file, *log, *text, *waits_for;
	size_t turns;
	const char *size[SCALE_COUNT];
};
int app_start_script(struct app_run *run, const struct app_script *script, struct error *why);

/*
 * Reads what a script logged: lines "o END LENGTH HEAP" of an operation, "g END LENGTH 0" of a
 * pause; times in ns of CLOCK_MONOTONIC, HEAP in bytes, 0: not told. 0 or -errno, why.
 */
int app_read_log(struct app_run *run, const char *name, struct error *why);

/* Resident memory of a process in bytes; NAN: it is gone. */
double app_resident(pid_t pid);

/* Writes a file into the folder. 0 or -errno. */
int app_write(const struct app_run *run, const char *name, const char *text);

#endif
