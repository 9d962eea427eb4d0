/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calib/error.h"
#include "reports/document/tools/tool.h"
#include "reports/user/unprivileged.h"
#include "reports/record/write_all.h"

#define WATCH_MS 200

/* A file without a name that holds the bytes, at its beginning; -1: errno. */
static int memory_file(const char *bytes, size_t len)
{
	int fd = memfd_create("bpftoll", MFD_CLOEXEC);
	int err = fd < 0 ? 0 : write_all(fd, bytes, len);

	if (err || (fd >= 0 && lseek(fd, 0, SEEK_SET))) {
		close(fd);
		return -1;
	}
	return fd;
}

static const volatile sig_atomic_t *stop;

void tool_heed(const volatile sig_atomic_t *flag)
{
	stop = flag;
}

struct child {
	char *const *argv;
	const char *dir;
	struct unprivileged user;
	int in, out, said;
	int report; /* gets errno where exec fails; closed where it does not */
};

/* In the child; never returns. */
__attribute__((noreturn)) static void become(struct child *c, pid_t parent)
{
	sigset_t none;
	int err;

	/* the caller ignores SIGPIPE; a tool should not inherit that */
	signal(SIGPIPE, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* as who we are: the user need not be able to come here by himself */
	err = c->dir && chdir(c->dir) ? -errno : unprivileged_become(&c->user);
	/* a change of user resets this, so it comes after */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	if (!err && (dup2(c->in, STDIN_FILENO) < 0 || dup2(c->out, STDOUT_FILENO) < 0 ||
		     dup2(c->said, STDERR_FILENO) < 0))
		err = -errno;
	if (!err) {
		environ = unprivileged_environment(&c->user);
		execvp(c->argv[0], c->argv);
		err = -errno;
	}
	if (write(c->report, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

static int spawn(struct child *c, pid_t *pid)
{
	int report[2], err = unprivileged_find(&c->user);
	pid_t parent = getpid();

	/* no such user: not to be mistaken for no such program */
	if (err)
		return -EPERM;
	if (pipe2(report, O_CLOEXEC))
		return -errno;
	c->report = report[1];
	*pid = fork();
	if (!*pid)
		become(c, parent);
	err = *pid < 0 ? -errno : 0;
	close(report[1]);
	if (!err && read(report[0], &err, sizeof(err)) == (ssize_t)sizeof(err))
		waitpid(*pid, NULL, 0);
	else if (*pid > 0)
		err = 0;
	close(report[0]);
	return err;
}

/* -EINTR: the user stopped us, and the tool is gone. */
static int wait_for(pid_t pid, int *status)
{
	struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	int err = end.fd < 0 ? -errno : 0;

	/* by the clock: a signal that comes just before the wait does not end it */
	while (!err && poll(&end, 1, WATCH_MS) <= 0)
		if (stop && *stop)
			err = -EINTR;
	if (err)
		kill(pid, SIGKILL);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	if (end.fd >= 0)
		close(end.fd);
	return err;
}

/* The first line that it said, without what would act on a terminal. */
static void last_words(int fd, const char *name, int status, struct error *why)
{
	char text[256] = "";
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	char *line = text;

	text[n > 0 ? n : 0] = '\0';
	line += strspn(line, "\n ");
	line[strcspn(line, "\n")] = '\0';
	for (char *c = line; *c; c++)
		if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
			*c = '?';
	if (WIFEXITED(status))
		error_say(why, "%s ended with %d: %s", name, WEXITSTATUS(status), line);
	else
		error_say(why, "%s was killed by signal %d", name, WTERMSIG(status));
}

/* The tool itself, with its three open files. */
static int run(struct child *c, struct error *why)
{
	const char *name = c->argv[0];
	int status = 0, err;
	pid_t pid = -1;

	if (stop && *stop)
		return error_set(why, -EINTR, "stopped");
	err = spawn(c, &pid);
	if (err)
		return error_set(why, err, "%s: %s", name,
				 err == -ENOENT ? "not installed" : strerror(-err));
	err = wait_for(pid, &status);
	if (err)
		return error_set(why, err, "%s: %s", name,
				 err == -EINTR ? "stopped" : strerror(-err));
	if (WIFEXITED(status) && !WEXITSTATUS(status))
		return 0;
	last_words(c->said, name, status, why);
	return -EIO;
}

int tool_run(char *const argv[], const char *input, size_t len, const char *output,
	     struct error *why)
{
	return tool_run_in(NULL, argv, input, len, output, why);
}

int tool_run_in(const char *dir, char *const argv[], const char *input, size_t len,
		const char *output, struct error *why)
{
	struct child c = {.argv = argv,
			  .dir = dir,
			  .in = memory_file(input, input ? len : 0),
			  .said = memory_file(NULL, 0)};
	int err;

	c.out = open(output ? output : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	err = c.in < 0 || c.said < 0 || c.out < 0 ? -errno : 0;
	if (err)
		error_say(why, "%s: %s", output ? output : argv[0], strerror(-err));
	else
		err = run(&c, why);
	if (c.in >= 0)
		close(c.in);
	if (c.said >= 0)
		close(c.said);
	if (c.out >= 0)
		close(c.out);
	return err;
}

int tool_let_read(const char *folder)
{
	struct unprivileged user;
	int err = unprivileged_find(&user);

	if (err || !user.uid)
		return err;
	return chown(folder, (uid_t)-1, user.gid) || chmod(folder, 0750) ? -errno : 0;
}
