/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/path.h"
#include "calib/clock.h"
#include "kit/system/guard.h"
#include "kit/system/scratch.h"
#include "kit/system/tasks.h"

#define FOLDER_DEADLINE_S 10
#define FOLDER_PAUSE_US	  20000
#define GRACE_S		  3 /* for a program to leave nothing behind, where nobody stopped it */

struct guard {
	pid_t keeper, pid;
	int life, report; /* closing life ends everything; a pipe of the keeper's messages
			   */
	bool ended;
	struct guard_end end;
	char folder[2048];	  /* that it keeps; empty: none */
	struct unprivileged user; /* whose it is; user 0: ours */
};

/*
 * From the keeper: that it has started (or err and why), then that the program ended. Shorter than
 * PIPE_BUF, so each arrives whole.
 */
struct message {
	pid_t pid;
	int err;
	struct guard_end end;
	struct error text; /* why, or the folder's path */
};

struct keeper {
	char *const *argv; /* NULL: keeps a folder */
	struct process_io io;
	int life, report;
	const char *parent; /* of the folder; NULL: $TMPDIR */
	char folder[2048];
};

/* ---- the keeper process ---- */

/*
 * Closes all other descriptors: a copy of a BPF link would keep its probe attached, and one of
 * another keeper's pipe would keep that keeper waiting.
 */
static int keep_only(struct keeper *k)
{
	int *kept[] = {&k->life, &k->report, &k->io.out_fd, &k->io.err_fd}, null_fd;
	const int n = sizeof(kept) / sizeof(kept[0]), high = 64;

	for (int i = 0; i < n; i++)
		if (*kept[i] >= 0 && (*kept[i] = fcntl(*kept[i], F_DUPFD_CLOEXEC, high)) < 0)
			return -errno;
	for (int i = 0; i < n; i++) {
		if (*kept[i] < 0) {
			close(3 + i);
			continue;
		}
		if (dup3(*kept[i], 3 + i, O_CLOEXEC) < 0)
			return -errno;
		*kept[i] = 3 + i;
	}
	close_range(3 + n, ~0U, 0);
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 3; fd++)
		if (null_fd >= 0)
			dup2(null_fd, fd);
	close(null_fd);
	return 0;
}

static void tell(const struct keeper *k, const struct message *message)
{
	/* if nobody listens any more, the life pipe is closed too */
	if (write(k->report, message, sizeof(*message)) < 0)
		return;
}

static void kill_children(void)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && task_parent(pid) == getpid())
			kill(pid, SIGKILL);
	}
	if (proc)
		closedir(proc);
}

/*
 * Kills and reaps all descendants. Orphans become our children, so the loop ends when none is left.
 */
static void kill_all(void)
{
	do
		kill_children();
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR);
}

static void reap(const struct keeper *k, struct message *message)
{
	struct rusage use;
	int status;
	pid_t pid;

	while ((pid = wait4(-1, &status, WNOHANG, &use)) > 0) {
		if (pid != message->pid)
			continue;
		message->end.end = clock_seconds();
		message->end.status = status;
		message->end.cpu = (double)(use.ru_utime.tv_sec + use.ru_stime.tv_sec) +
				   (double)(use.ru_utime.tv_usec + use.ru_stime.tv_usec) * 1e-6;
		tell(k, message);
	}
}

/* bpftoll is gone, and did not stop the program: what it shares with the system goes in order. */
static void end_in_order(const struct keeper *k, int ends, struct message *message)
{
	struct pollfd wait = {.fd = ends, .events = POLLIN};
	double deadline = clock_seconds() + GRACE_S, left;
	struct signalfd_siginfo info;

	if (message->end.end > 0 || kill(message->pid, SIGINT))
		return;
	while (message->end.end <= 0 && (left = deadline - clock_seconds()) > 0)
		if (poll(&wait, 1, (int)(left * 1e3) + 1) > 0 &&
		    read(ends, &info, sizeof(info)) > 0)
			reap(k, message);
}

/* Does the other end close without a word? */
static bool owner_died(int life)
{
	char byte;
	ssize_t got;

	do
		got = read(life, &byte, 1);
	while (got < 0 && errno == EINTR);
	return got == 0;
}

static void keep_program(struct keeper *k, sigset_t *child_ends)
{
	int ends = signalfd(-1, child_ends, SFD_CLOEXEC);
	struct message message = {0};
	struct pollfd wait[] = {{.fd = k->life, .events = POLLIN}, {.fd = ends, .events = POLLIN}};
	struct signalfd_siginfo info;

	message.end.start = clock_seconds();
	message.err = process_start(k->argv, &k->io, &message.pid, &message.text);
	tell(k, &message);
	while (!message.err) {
		if (poll(wait, 2, -1) < 0 && errno != EINTR)
			break;
		if (wait[0].revents) {
			if (owner_died(k->life))
				end_in_order(k, ends, &message);
			break;
		}
		if (wait[1].revents && read(ends, &info, sizeof(info)) > 0)
			reap(k, &message);
	}
	kill_all();
}

/* Is it, or a folder in it, a process's working directory? */
static bool in_use(const char *folder)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	size_t len = strlen(folder);
	bool used = false;

	while (proc && !used && (entry = readdir(proc))) {
		char path[NAME_MAX + 16], at[PATH_MAX];
		ssize_t n;

		path_put(path, sizeof(path), "/proc/%s/cwd", entry->d_name);
		n = *entry->d_name >= '1' && *entry->d_name <= '9'
			    ? readlink(path, at, sizeof(at) - 1)
			    : -1;
		at[n > 0 ? n : 0] = '\0';
		used = !strncmp(at, folder, len) && (!at[len] || at[len] == '/');
	}
	if (proc)
		closedir(proc);
	return used;
}

/* Reaches for files with the rights of that user, or with our own again. */
static void files_as(uid_t uid, gid_t gid)
{
	setfsgid(gid);
	setfsuid(uid);
}

/* The folder becomes the user's, who must be able to come to it by its path. */
static int hand_over(const struct keeper *k, struct error *why)
{
	const struct unprivileged *user = k->io.user;
	int fd;

	if (!user || !user->uid)
		return 0;
	if (setgroups(0, NULL) || lchown(k->folder, user->uid, user->gid))
		return error_set(why, -errno, "%s: %s", k->folder, strerror(errno));
	files_as(user->uid, user->gid);
	fd = open(k->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	files_as(geteuid(), getegid());
	if (fd < 0)
		return error_set(why, -EACCES,
				 "programs run as user %u, who cannot come to a folder in TMPDIR "
				 "(%s): name another there",
				 user->uid, k->folder);
	close(fd);
	return 0;
}

/* What is in the user's folder goes by his rights: he could lay links while root removes it. */
static void remove_folder(char *folder, const struct unprivileged *user)
{
	if (user && user->uid)
		files_as(user->uid, user->gid);
	scratch_remove(folder);
	files_as(geteuid(), getegid());
	/* his rights need not suffice where the folder itself is */
	if (*folder)
		rmdir(folder);
}

static void keep_folder(struct keeper *k)
{
	struct message message = {0};
	double deadline;

	message.err = scratch_make(k->parent, k->folder, sizeof(k->folder), &message.text);
	if (!message.err)
		message.err = hand_over(k, &message.text);
	if (!message.err)
		error_say(&message.text, "%s", k->folder);
	tell(k, &message);
	if (!message.err && owner_died(k->life)) {
		/* programs that end in order may need what is in it */
		deadline = clock_seconds() + GRACE_S + 1;
		while (in_use(k->folder) && clock_seconds() < deadline)
			usleep(FOLDER_PAUSE_US);
	}
	/* programs that wrote there may still be ending */
	deadline = clock_seconds() + FOLDER_DEADLINE_S;
	for (;;) {
		remove_folder(k->folder, k->io.user);
		if (access(k->folder, F_OK) || clock_seconds() > deadline)
			break;
		usleep(FOLDER_PAUSE_US);
	}
}

__attribute__((noreturn)) static void keeper(struct keeper *k)
{
	sigset_t block;

	/*
	 * a session of its own, so that a terminal's SIGINT goes only to bpftoll, which then ends
	 * everything in order
	 */
	setsid();
	prctl(PR_SET_NAME, "bpftoll-keeper");
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	sigfillset(&block);
	sigprocmask(SIG_SETMASK, &block, NULL);
	if (keep_only(k))
		_exit(1);
	sigemptyset(&block);
	sigaddset(&block, SIGCHLD);
	if (k->argv)
		keep_program(k, &block);
	else
		keep_folder(k);
	_exit(0);
}

/* ---- in this process ---- */

static bool hear(struct guard *guard, struct message *message)
{
	ssize_t got;

	do
		got = read(guard->report, message, sizeof(*message));
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(*message);
}

static int start(struct keeper *k, struct message *message, struct guard **out, struct error *why)
{
	struct guard *guard = calloc(1, sizeof(*guard));
	int life[2] = {-1, -1}, report[2] = {-1, -1}, err = 0;

	if (!guard)
		return -ENOMEM;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, life) || pipe2(report, O_CLOEXEC)) {
		err = -errno;
		goto out;
	}
	guard->keeper = fork();
	if (guard->keeper < 0) {
		err = -errno;
		goto out;
	}
	k->life = life[0];
	k->report = report[1];
	if (!guard->keeper)
		keeper(k);
	guard->life = life[1];
	guard->report = report[0];
	life[1] = report[0] = -1;
	close(report[1]);
	report[1] = -1;
	if (!hear(guard, message))
		err = -EIO;
	else
		err = message->err;
	guard->pid = message->pid;
	if (err) {
		error_say(why, "%s", *message->text.text ? message->text.text : strerror(-err));
		guard_stop(guard, 0, 0);
		guard = NULL;
	} else {
		*out = guard;
		guard = NULL;
	}
out:
	if (guard && err)
		error_say(why, "cannot start a process: %s", strerror(-err));
	free(guard);
	for (int i = 0; i < 2; i++) {
		if (life[i] >= 0)
			close(life[i]);
		if (report[i] >= 0)
			close(report[i]);
	}
	return err;
}

int guard_start(char *const argv[], const struct process_io *io, struct guard **out,
		struct error *why)
{
	struct keeper k = {.argv = argv, .io = *io};
	struct message message = {0};

	*out = NULL;
	return start(&k, &message, out, why);
}

static int folder(struct keeper *k, char *path, size_t len, struct guard **out, struct error *why)
{
	struct message message = {0};
	int err;

	*out = NULL;
	err = start(k, &message, out, why);
	if (!err && path_put(path, len, "%s", message.text.text)) {
		err = error_set(why, -ENAMETOOLONG, "%s: the name is too long", message.text.text);
		guard_stop(*out, 0, 0);
		*out = NULL;
	}
	if (!err && *out) {
		path_put((*out)->folder, sizeof((*out)->folder), "%s", message.text.text);
		if (k->io.user)
			(*out)->user = *k->io.user;
	}
	return err;
}

int guard_folder(const struct unprivileged *user, char *path, size_t len, struct guard **out,
		 struct error *why)
{
	struct keeper k = {.io = {.out_fd = -1, .err_fd = -1, .user = user}};

	return folder(&k, path, len, out, why);
}

int guard_folder_in(const char *parent, char *path, size_t len, struct guard **out,
		    struct error *why)
{
	struct keeper k = {.parent = parent, .io = {.out_fd = -1, .err_fd = -1}};

	return folder(&k, path, len, out, why);
}

pid_t guard_pid(const struct guard *guard)
{
	return guard->pid;
}

bool guard_ended(struct guard *guard, struct guard_end *end)
{
	struct pollfd report = {.fd = guard->report, .events = POLLIN};
	struct message message;

	if (!guard->ended && poll(&report, 1, 0) > 0) {
		guard->ended = true;
		if (hear(guard, &message))
			guard->end = message.end;
		else /* the keeper was killed, and its program with it */
			guard->end.status = SIGKILL;
	}
	if (guard->ended && end)
		*end = guard->end;
	return guard->ended;
}

int guard_wait(struct guard *guard, double timeout_s)
{
	struct pollfd report = {.fd = guard->report, .events = POLLIN};
	double deadline = clock_seconds() + timeout_s;

	while (!guard_ended(guard, NULL)) {
		double left = deadline - clock_seconds();

		if (left <= 0)
			return -ETIMEDOUT;
		if (poll(&report, 1, (int)(left * 1e3) + 1) < 0)
			return -errno;
	}
	return 0;
}

void guard_stop(struct guard *guard, int signal, double patience_s)
{
	double deadline = clock_seconds() + patience_s;
	int status = 0;

	if (!guard)
		return;
	if (guard->pid > 0 && signal && !guard_ended(guard, NULL)) {
		kill(guard->pid, signal);
		while (guard_wait(guard, deadline - clock_seconds()) == -EINTR)
			;
	}
	/* a word: we are still here, and nothing has to be waited for */
	send(guard->life, "", 1, MSG_NOSIGNAL);
	close(guard->life);
	while (waitpid(guard->keeper, &status, 0) < 0 && errno == EINTR)
		;
	/* a keeper that was killed did not do it */
	if (*guard->folder && WIFSIGNALED(status))
		remove_folder(guard->folder, &guard->user);
	close(guard->report);
	free(guard);
}
