/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
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
#include "cpuset/affinity.h"
#include "kit/cmd/cli.h"
#include "kit/system/mounts.h"
#include "kit/system/process.h"

#define WATCH_MS 200

void words_add(struct words *words, ...)
{
	va_list args;

	va_start(args, words);
	for (char *word; (word = va_arg(args, char *));)
		if (words->n + 1 < sizeof(words->argv) / sizeof(words->argv[0]))
			words->argv[words->n++] = word;
	va_end(args);
}

/*
 * In the child; never returns. If exec fails, its errno is sent through the pipe; if it succeeds,
 * the pipe closes.
 */
static void child(char *const argv[], const struct process_io *io, int null_fd, int report,
		  pid_t parent)
{
	struct unprivileged user;
	sigset_t none;
	int err;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (io->cpus && affinity_set(io->cpus))
		goto failed;
	if (io->own_shm)
		mounts_private_shm();
	/* as who we are: the user need not be able to come here by himself */
	if (io->dir && chdir(io->dir))
		goto failed;
	if (io->user && (err = unprivileged_become(io->user))) {
		errno = -err;
		goto failed;
	}
	if (io->plain && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		goto failed;
	/* a change of user resets this, so it comes after */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(127);
	if (dup2(null_fd, STDIN_FILENO) < 0 ||
	    dup2(io->out_fd >= 0 ? io->out_fd : null_fd, STDOUT_FILENO) < 0 ||
	    dup2(io->err_fd >= 0 ? io->err_fd : null_fd, STDERR_FILENO) < 0)
		goto failed;
	setenv("LC_ALL", "C", 1);
	if (io->user) {
		user = *io->user;
		environ = unprivileged_environment(&user);
	}
	execvp(argv[0], argv);
failed:
	err = errno;
	if (write(report, &err, sizeof(err)) < 0)
		_exit(126);
	_exit(127);
}

int process_start(char *const argv[], const struct process_io *io, pid_t *pid, struct error *why)
{
	int report[2] = {-1, -1}, null_fd = -1, err = 0, said = 0;
	pid_t parent = getpid();

	*pid = -1;
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null_fd < 0 || pipe2(report, O_CLOEXEC)) {
		err = -errno;
		goto out;
	}
	*pid = fork();
	if (*pid < 0) {
		err = -errno;
		goto out;
	}
	if (*pid == 0)
		child(argv, io, null_fd, report[1], parent);
	close(report[1]);
	report[1] = -1;
	if (read(report[0], &said, sizeof(said)) == (ssize_t)sizeof(said)) {
		waitpid(*pid, NULL, 0);
		*pid = -1;
		err = said > 0 ? -said : -EIO;
	}
out:
	if (err == -ENOENT)
		error_say(why, "%s is not installed", argv[0]);
	else if (err)
		error_say(why, "cannot run %s: %s", argv[0], strerror(-err));
	if (null_fd >= 0)
		close(null_fd);
	if (report[0] >= 0)
		close(report[0]);
	if (report[1] >= 0)
		close(report[1]);
	return err;
}

/* The whole contents of a memory file, NUL-terminated. */
static char *contents(int fd)
{
	struct stat st;
	char *text;
	ssize_t got;

	if (fstat(fd, &st))
		return NULL;
	text = malloc((size_t)st.st_size + 1);
	if (!text)
		return NULL;
	got = pread(fd, text, (size_t)st.st_size, 0);
	text[got > 0 ? got : 0] = '\0';
	return text;
}

static void last_words(int err_fd, const char *program, int status, struct error *why)
{
	char *text = contents(err_fd), *line = NULL, *save = NULL, *best = NULL;

	/* apt marks what matters by "E: …", and may print more after it */
	for (line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		if (!best || !strncmp(line, "E: ", 3) || strncmp(best, "E: ", 3) != 0)
			best = line;
	if (best)
		error_say(why, "%s: %s", program, best);
	else if (WIFSIGNALED(status))
		error_say(why, "%s was killed by signal %d", program, WTERMSIG(status));
	else
		error_say(why, "%s failed with status %d", program, WEXITSTATUS(status));
	free(text);
}

/* Looks at cli_stop by the clock: a signal that comes just before a wait does not end it. */
static int wait_for(pid_t pid, int *status)
{
	struct pollfd end = {.fd = pidfd_open(pid, 0), .events = POLLIN};
	int err = 0;

	if (end.fd < 0) {
		err = -errno;
		kill(pid, SIGKILL);
	}
	while (!err && poll(&end, 1, WATCH_MS) <= 0)
		if (cli_stop)
			kill(pid, SIGTERM);
	while (waitpid(pid, status, 0) < 0 && errno == EINTR)
		;
	if (end.fd >= 0)
		close(end.fd);
	return err;
}

static int run(char *const argv[], const char *dir, int out_fd, struct error *why)
{
	struct process_io io = {.dir = dir, .out_fd = out_fd, .err_fd = -1};
	int status = 0, err;
	pid_t pid;

	io.err_fd = memfd_create("stderr", MFD_CLOEXEC);
	err = process_start(argv, &io, &pid, why);
	if (err)
		goto out;
	err = wait_for(pid, &status);
	if (err) {
		error_say(why, "%s: %s", argv[0], strerror(-err));
		goto out;
	}
	if (cli_stop) {
		err = -EINTR;
		error_say(why, "stopped");
	} else if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		err = -EIO;
		last_words(io.err_fd, argv[0], status, why);
	}
out:
	if (io.err_fd >= 0)
		close(io.err_fd);
	return err;
}

int process_run_to(char *const argv[], int out_fd, struct error *why)
{
	return run(argv, NULL, out_fd, why);
}

int process_run(char *const argv[], const char *dir, char **out, struct error *why)
{
	int fd = -1, err;

	if (out) {
		*out = NULL;
		fd = memfd_create("stdout", MFD_CLOEXEC);
		if (fd < 0) {
			err = -errno;
			return error_set(why, err, "cannot collect the output of %s: %s", argv[0],
					 strerror(-err));
		}
	}
	err = run(argv, dir, fd, why);
	if (!err && out) {
		*out = contents(fd);
		if (!*out) {
			err = -ENOMEM;
			error_say(why, "out of memory");
		}
	}
	if (fd >= 0)
		close(fd);
	return err;
}

int process_find(const char *name, struct error *why)
{
	const char *folders = getenv("PATH");
	char path[PATH_MAX];
	int err = program_search(folders ? folders : "/usr/bin:/bin", name, path, sizeof(path));

	return err ? error_set(why, err, "%s is not installed", name) : 0;
}
