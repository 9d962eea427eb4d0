/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "kit/apps/app.h"
#include "calib/clock.h"
#include "kit/system/file.h"
#include "kit/system/tasks.h"
#include "reports/record/write_all.h"

#define POLL_S	       0.02
#define FAMILY_LEAST_S 0.02 /* looking for new processes may mean reading all of /proc */
#define FAMILY_MOST_S  0.25
#define STOP_PATIENCE  5.0
#define LAST_LINES     3

int app_find(const struct app *app, const char *program, char *path, size_t len, struct error *why)
{
	path_put(path, len, "/usr/bin/%s", program);
	if (!access(path, X_OK))
		return 0;
	if (!unprivileged_program(program, path, len))
		return 0;
	return error_set(why, -ENOENT,
			 "%s is not installed%s; Debian has it in %s (make deps-apps)", program,
			 geteuid() ? "" : " in the system's folders", app->packages);
}

int app_folder(struct app_run *run, struct error *why)
{
	if (!run->app->callers && unprivileged_find(&run->user))
		return error_set(why, -ENOENT, "there is no user nobody to run it as");
	return guard_folder(&run->user, run->folder, sizeof(run->folder), &run->folder_guard, why);
}

void app_path(const struct app_run *run, const char *name, char *path, size_t len)
{
	path_put(path, len, "%s/%s", run->folder, name);
}

/* A new file of the user's in his folder, in which he may have laid links of that name. */
static int open_new(const struct app_run *run, const char *name)
{
	const struct unprivileged *user = &run->user;
	char path[512];
	int fd, err = 0;

	app_path(run, name, path, sizeof(path));
	unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (user->uid && fchown(fd, user->uid, user->gid)) {
		err = -errno;
		close(fd);
	}
	return err ? err : fd;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int start_child(struct app_run *run, char *const argv[], hwloc_const_bitmap_t cpus,
		       const char *log, struct guard **out, struct error *why)
{
	bool callers = run->app->callers;
	struct process_io io = {.dir = callers ? NULL : run->folder,
				.user = callers ? NULL : &run->user,
				.own_shm = !callers,
				.cpus = cpus,
				.plain = true};
	int err;

	io.out_fd = io.err_fd = open_new(run, log);
	if (io.out_fd < 0) {
		error_say(why, "%s/%s: %s", run->folder, log, strerror(-io.out_fd));
		return io.out_fd;
	}
	err = guard_start(argv, &io, out, why);
	close(io.out_fd);
	return err;
}

int app_child(struct app_run *run, char *const argv[], bool load, const char *log,
	      struct error *why)
{
	size_t i = run->n_children;
	int err;

	if (i == APP_CHILDREN_MOST)
		return -E2BIG;
	err = start_child(run, argv, load ? run->load_cpus : run->program_cpus, log,
			  &run->children[i].guard, why);
	if (err)
		return err;
	snprintf(run->children[i].name, sizeof(run->children[i].name), "%s", base_name(argv[0]));
	snprintf(run->children[i].log, sizeof(run->children[i].log), "%s", log);
	run->n_children++;
	if (!load && !run->n_pids)
		run->pids[run->n_pids++] = guard_pid(run->children[i].guard);
	return 0;
}

char *app_read(const struct app_run *run, const char *name)
{
	char path[512];
	struct file_bytes text;

	app_path(run, name, path, sizeof(path));
	file_read(path, O_NOFOLLOW, &text);
	return (char *)text.at;
}

int app_write(const struct app_run *run, const char *name, const char *text)
{
	int fd = open_new(run, name), err;

	if (fd < 0)
		return fd;
	err = write_all(fd, text, strlen(text));
	close(fd);
	return err;
}

/* The last lines of a log in the folder, as one line. */
static void app_last_words(const struct app_run *run, const char *log, char *out, size_t len)
{
	char *text = app_read(run, log), *from, *line, *save = NULL;
	size_t used = 0;
	int lines = 0;

	*out = '\0';
	if (!text)
		return;
	for (from = text + strlen(text); from > text; from--)
		if (from[-1] == '\n' && from[0] && ++lines == LAST_LINES)
			break;
	for (line = strtok_r(from, "\n", &save); line && used < len;
	     line = strtok_r(NULL, "\n", &save))
		used += (size_t)snprintf(out + used, len - used, "%s%s", used ? " / " : "", line);
	free(text);
}

static void say_end(const struct app_run *run, const char *name, const char *log,
		    const struct guard_end *end, struct error *why)
{
	char words[400], how[64];

	if (WIFSIGNALED(end->status))
		snprintf(how, sizeof(how), "was killed by signal %d", WTERMSIG(end->status));
	else
		snprintf(how, sizeof(how), "ended with status %d", WEXITSTATUS(end->status));
	app_last_words(run, log, words, sizeof(words));
	error_say(why, "%s %s%s%s", name, how, *words ? "; its last lines: " : " and said nothing",
		  words);
}

/* Ends the command if it still runs. Returns 0; -EINTR: it did; -EIO with why: it failed. */
static int let_go(const struct app_run *run, struct guard *guard, const char *program,
		  const char *log, struct guard_end *end, struct error *why)
{
	int err = guard_ended(guard, end) ? 0 : -EINTR;

	if (!err && end->status) {
		say_end(run, base_name(program), log, end, why);
		err = -EIO;
	}
	guard_stop(guard, 0, 0);
	return err;
}

int app_helper(struct app_run *run, char *const argv[], const char *log, struct error *why)
{
	struct guard_end end = {0};
	struct guard *guard;
	int err = start_child(run, argv, run->all_cpus, log, &guard, why);

	if (err)
		return err;
	while (!guard_ended(guard, &end) && !*run->stop)
		guard_wait(guard, 1);
	err = let_go(run, guard, argv[0], log, &end, why);
	return err;
}

/* Has a child ended, although none should? Then why names it, with the last lines of its log. */
static bool app_broken(struct app_run *run, struct error *why)
{
	struct guard_end end;

	for (size_t i = 0; i < run->n_children; i++) {
		if (!guard_ended(run->children[i].guard, &end))
			continue;
		say_end(run, run->children[i].name, run->children[i].log, &end, why);
		return true;
	}
	return false;
}

int app_sleep(struct app_run *run, double until, struct error *why)
{
	for (;;) {
		double left = until - clock_seconds();
		int err;

		if (*run->stop)
			return -EINTR;
		if (app_broken(run, why))
			return -EPIPE;
		if (left <= 0)
			return 0;
		/*
		 * the end of the first child is noticed at once, that of another when the time is
		 * over
		 */
		if (run->n_children) {
			err = guard_wait(run->children[0].guard, left);
			if (!err || err == -ETIMEDOUT || err == -EINTR)
				continue;
			return err;
		}
		usleep((useconds_t)(left * 1e6) + 1);
	}
}

int app_wait(struct app_run *run, int (*ready)(struct app_run *run), const char *what,
	     double deadline_s, struct error *why)
{
	double deadline = clock_seconds() + deadline_s;
	char words[400];

	for (;;) {
		int err = ready(run);

		if (err > 0)
			return 0;
		if (!err && clock_seconds() > deadline)
			err = -ETIMEDOUT;
		if (err) {
			app_last_words(run, run->n_children ? run->children[0].log : "", words,
				       sizeof(words));
			return error_set(why, err, "%s: %s%s%s", what,
					 err == -ETIMEDOUT ? "not within its time" : strerror(-err),
					 *words ? "; its last lines: " : "", words);
		}
		err = app_sleep(run, clock_seconds() + POLL_S, why);
		if (err)
			return err;
	}
}

int app_run_once(struct app_run *run, char *const argv[], const char *log, struct window *window,
		 struct error *why)
{
	double pause = FAMILY_LEAST_S;
	struct guard_end end = {0};
	struct guard *guard;
	int err;

	err = start_child(run, argv, run->program_cpus, log, &guard, why);
	if (err)
		return err;
	while (!guard_ended(guard, &end) && !*run->stop) {
		run->n_pids = task_family(guard_pid(guard), run->pids, APP_PIDS_MOST);
		if (run->running && run->n_pids)
			run->running(run);
		guard_wait(guard, pause);
		pause = fmin(2 * pause, FAMILY_MOST_S);
	}
	err = let_go(run, guard, argv[0], log, &end, why);
	window->start = end.start;
	window->end = end.end;
	window->value[Q_WALL] = end.end - end.start;
	window->value[Q_CPU_TIME] = end.cpu;
	window->value[Q_PROGRAM_CPU] = 100 * end.cpu / (end.end - end.start);
	return err;
}

void app_stop(struct app_run *run)
{
	while (run->n_children) {
		run->n_children--;
		guard_stop(run->children[run->n_children].guard, SIGTERM, STOP_PATIENCE);
	}
	guard_stop(run->folder_guard, 0, 0);
	run->folder_guard = NULL;
}
