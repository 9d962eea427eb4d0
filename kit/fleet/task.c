/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* ppoll */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "calib/path.h"
#include "kit/cmd/cli.h"
#include "kit/fleet/record_stream.h"
#include "reports/record/record.h"
#include "kit/fleet/task.h"
#include "kit/system/file.h"
#include "kit/system/folder.h"
#include "kit/system/process.h"

#define BOOT_ID	   "/proc/sys/kernel/random/boot_id"
#define WORDS_MOST 4096 /* bytes of what a task printed last */

int task_path(const char *dir, const struct task *task, const char *ending, char *path, size_t len)
{
	return path_put(path, len, "%s/%s/boot-%u/run-%u%s", dir, task->node, task->boot, task->run,
			ending);
}

/* ---- what the files say ---- */

static json_t *read_json(const char *dir, const struct task *task, const char *ending)
{
	char path[PATH_MAX];
	struct file_bytes bytes;
	json_t *json;

	task_path(dir, task, ending, path, sizeof(path));
	if (file_read(path, O_NOFOLLOW, &bytes))
		return NULL;
	json = json_loadb((const char *)bytes.at, bytes.len, 0, NULL);
	free(bytes.at);
	return json;
}

/* Whoever makes the task holds a lock, where the folder has locks over machines. */
static bool is_locked(const char *dir, const struct task *task)
{
	char path[PATH_MAX];
	int fd;
	bool locked;

	task_path(dir, task, ".begun", path, sizeof(path));
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return false;
	locked = flock(fd, LOCK_SH | LOCK_NB) && errno == EWOULDBLOCK;
	close(fd);
	return locked;
}

/* Of two boots of a machine, the second must be another one. */
static bool same_boot(const char *dir, const struct task *task, const char *boot_id)
{
	struct task before = *task;
	bool same = false;

	for (before.boot = 1; before.boot < task->boot && !same; before.boot++) {
		json_t *ended = read_json(dir, &before, ".ended");
		const char *id = json_string_value(json_object_get(ended, "boot_id"));

		same = id && !strcmp(id, boot_id);
		json_decref(ended);
	}
	return same;
}

void task_look(const char *dir, struct task *task)
{
	json_t *ended = read_json(dir, task, ".ended");
	const char *why = NULL, *boot_id = "";
	int code;

	if (!ended) {
		if (is_locked(dir, task))
			task->state = TASK_RUNNING;
		return;
	}
	if (json_unpack(ended, "{s:i, s:s, s?s}", "code", &code, "why", &why, "boot_id",
			&boot_id)) {
		task->state = TASK_FAILED;
		snprintf(task->why, sizeof(task->why), "its file run-%u.ended is damaged",
			 task->run);
	} else if (code) {
		task->state = TASK_FAILED;
		snprintf(task->why, sizeof(task->why), "exit %d: %.480s", code, why);
	} else if (same_boot(dir, task, boot_id)) {
		task->state = TASK_FAILED;
		snprintf(task->why, sizeof(task->why),
			 "measured, but in the same boot as before: the machine was not rebooted");
	} else {
		task->state = TASK_DONE;
		task->why[0] = '\0';
	}
	json_decref(ended);
}

bool task_has_record(const char *dir, const struct task *task)
{
	char path[PATH_MAX], file[PATH_MAX + 300];
	struct dirent *entry;
	bool has;
	DIR *folder;

	task_path(dir, task, "", path, sizeof(path));
	path_put(file, sizeof(file), "%s/record.json", path);
	has = !access(file, F_OK);
	folder = has ? NULL : opendir(path);
	while (folder && !has && (entry = readdir(folder))) {
		path_put(file, sizeof(file), "%s/%s/record.json", path, entry->d_name);
		has = entry->d_name[0] != '.' && !access(file, F_OK);
	}
	if (folder)
		closedir(folder);
	return has;
}

/* ---- making it ---- */

double task_now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int task_folder(const struct campaign *campaign, const char *node, unsigned int boot,
		struct error *why)
{
	char path[PATH_MAX];
	int err = path_put(path, sizeof(path), "%s/%s/boot-%u", campaign->dir, node, boot);

	if (!err)
		err = folder_make(path, 0755);
	return err ? error_set(why, err, "%s: %s", path, strerror(-err)) : 0;
}

void task_forget(const char *dir, const struct task *task)
{
	char path[PATH_MAX];

	task_path(dir, task, ".ended", path, sizeof(path));
	unlink(path);
}

/* The last line of a file, or the last that bpftoll says: why something failed. */
static void last_words(const char *path, char *words, size_t len)
{
	char text[WORDS_MOST + 1], *line, *save = NULL;
	ssize_t got = -1;
	int fd;

	words[0] = '\0';
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		off_t end = lseek(fd, 0, SEEK_END);

		got = pread(fd, text, WORDS_MOST, end > WORDS_MOST ? end - WORDS_MOST : 0);
		close(fd);
	}
	text[got > 0 ? got : 0] = '\0';
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!strncmp(line, "bpftoll", 7) || strncmp(words, "bpftoll", 7) != 0)
			snprintf(words, len, "%s", line);
}

void task_job_words(const char *dir, const struct task *task, char *words, size_t len)
{
	char path[PATH_MAX];

	path_put(path, sizeof(path), "%s/%s/boot-%u/job-%u.log", dir, task->node, task->boot,
		 task->run);
	last_words(path, words, len);
}

static int write_end(const struct campaign *campaign, const struct task *task, int status,
		     double seconds, struct error *why)
{
	char path[PATH_MAX], host[256] = "", boot_id[64] = "", words[400] = "", *text;
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), err;
	FILE *file = fopen(BOOT_ID, "re");
	json_t *end;

	if (file) {
		if (!fgets(boot_id, sizeof(boot_id), file))
			boot_id[0] = '\0';
		boot_id[strcspn(boot_id, "\n")] = '\0';
		fclose(file);
	}
	gethostname(host, sizeof(host) - 1);
	task_path(campaign->dir, task, ".err", path, sizeof(path));
	if (code)
		last_words(path, words, sizeof(words));
	if (WIFSIGNALED(status))
		snprintf(words, sizeof(words), "killed by signal %d", WTERMSIG(status));
	end = json_pack("{s:i, s:s, s:f, s:s, s:s}", "code", code, "why", words, "seconds", seconds,
			"host", host, "boot_id", boot_id);
	if (!end) /* words that are not UTF-8 */
		end = json_pack("{s:i, s:s, s:f, s:s}", "code", code, "why",
				"its words are no text", "seconds", seconds, "boot_id", boot_id);
	text = end ? json_dumps(end, JSON_INDENT(1)) : NULL;
	task_path(campaign->dir, task, ".ended", path, sizeof(path));
	err = text ? file_replace(path, text, strlen(text)) : -ENOMEM;
	if (err)
		error_say(why, "%s: %s", path, strerror(-err));
	free(text);
	json_decref(end);
	return err;
}

int task_move_aside(const struct campaign *campaign, const struct task *task, struct error *why)
{
	char record[PATH_MAX], aside[PATH_MAX], ending[32];
	int err = 0;

	task_path(campaign->dir, task, "", record, sizeof(record));
	for (int n = 1; !err && !access(record, F_OK); n++) {
		snprintf(ending, sizeof(ending), RECORD_LOST "%d", n);
		task_path(campaign->dir, task, ending, aside, sizeof(aside));
		if (access(aside, F_OK) && rename(record, aside))
			err = error_set(why, -errno, "%s: %s", record, strerror(errno));
	}
	task_forget(campaign->dir, task);
	return err;
}

/*
 * Waits for its end. A signal is passed on, and so is that nobody listens any more. Signals come in
 * ppoll alone: nothing looks at a clock on a machine that is measured, but to say that it is alive.
 */
static int await(pid_t pid, int heard_fd, int *status, struct error *why)
{
	struct pollfd watched[] = {{.fd = pidfd_open(pid, 0), .events = POLLIN}, {.fd = heard_fd}};
	const struct timespec alive = {.tv_sec = STREAM_ALIVE_S};
	bool told = false;
	sigset_t all, before;
	int err = 0;

	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, &before);
	while (watched[0].fd >= 0 && !watched[0].revents) {
		if ((cli_stop || err) && !told) {
			told = true;
			kill(pid, SIGTERM);
		}
		if (!ppoll(watched, 2, watched[1].fd >= 0 ? &alive : NULL, &before))
			record_stream_say_alive(stdout);
		if (watched[1].revents & (POLLERR | POLLHUP)) {
			err = error_set(why, -EPIPE, "nobody waits for its result any more");
			watched[1].fd = -1;
		}
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	if (watched[0].fd >= 0)
		close(watched[0].fd);
	return err;
}

/* Runs bpftoll with the campaign's words to its end. */
static int measure(const struct campaign *campaign, const struct task *task, int *status,
		   struct error *why)
{
	char record[PATH_MAX], path[PATH_MAX];
	struct process_io io = {.out_fd = -1, .err_fd = -1};
	const int flags = O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC;
	char **argv = calloc(campaign->n_argv + 4, sizeof(*argv));
	char self[] = "/proc/self/exe", output[] = "-o";
	int err = -ENOMEM;
	pid_t pid = -1;

	task_path(campaign->dir, task, "", record, sizeof(record));
	task_path(campaign->dir, task, ".out", path, sizeof(path));
	io.out_fd = open(path, flags, 0644);
	task_path(campaign->dir, task, ".err", path, sizeof(path));
	io.err_fd = open(path, flags, 0644);
	if (io.out_fd < 0 || io.err_fd < 0) {
		err = error_set(why, -errno, "%s: %s", path, strerror(errno));
	} else if (argv) {
		size_t n = 0;

		/* before its words: behind "--" it would be one of a program's */
		argv[n++] = self;
		argv[n++] = campaign->argv[0];
		argv[n++] = output;
		argv[n++] = record;
		for (size_t i = 1; i < campaign->n_argv; i++)
			argv[n++] = campaign->argv[i];
		err = process_start(argv, &io, &pid, why);
	}
	if (!err)
		err = await(pid, campaign->heard_fd, status, why);
	if (io.out_fd >= 0)
		close(io.out_fd);
	if (io.err_fd >= 0)
		close(io.err_fd);
	free(argv);
	return err;
}

int task_make(const struct campaign *campaign, const struct task *task, struct error *why)
{
	char path[PATH_MAX];
	struct task there = *task;
	double begin;
	int status = 0, fd, err;

	err = task_folder(campaign, task->node, task->boot, why);
	if (err)
		return err;
	task_path(campaign->dir, task, ".begun", path, sizeof(path));
	fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_set(why, -errno, "%s: %s", path, strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB)) {
		err = error_set(why, -EBUSY, "another process makes run %u of %s now", task->run,
				task->node);
		goto out;
	}
	there.state = TASK_WAITING;
	task_look(campaign->dir, &there);
	if (there.state == TASK_DONE)
		goto out;
	err = task_move_aside(campaign, task, why);
	begin = task_now_s();
	if (!err)
		err = measure(campaign, task, &status, why);
	/* stopped from outside: not its end, it is made again */
	if (!err && cli_stop)
		err = error_set(why, -EINTR, "stopped");
	if (!err)
		err = write_end(campaign, task, status, task_now_s() - begin, why);
out:
	close(fd);
	return err;
}

/* 1 to most; 0: it is no such number. */
static unsigned int number(const char *text)
{
	char *end;
	unsigned long value = text ? strtoul(text, &end, 10) : 0;

	return text && *text && !*end && value <= CAMPAIGN_TASKS_MOST ? (unsigned int)value : 0;
}

int task_main(int argc, char **argv)
{
	struct campaign *campaign = NULL;
	struct task task = {.state = TASK_WAITING};
	struct error why = {0};
	int err;

	cli_catch_signals();
	if (argc != 5 || !campaign_node_fits(argv[2]))
		return EXIT_WRONG_USAGE;
	snprintf(task.node, sizeof(task.node), "%s", argv[2]);
	task.boot = number(argv[3]);
	task.run = number(strcmp(argv[4], "0") != 0 ? argv[4] : getenv("SLURM_ARRAY_TASK_ID"));
	if (!task.boot || !task.run)
		return EXIT_WRONG_USAGE;
	err = campaign_read(argv[1], &campaign, &why);
	if (!err)
		err = task_make(campaign, &task, &why);
	campaign_free(campaign);
	return err ? cli_fail(err == -EINTR ? EXIT_STOPPED : EXIT_FAILED, &why) : EXIT_DONE;
}
