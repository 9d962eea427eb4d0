/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calib/error.h"
#include "reports/document/tools/tool.h"
#include "reports/record/write_all.h"

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

static int spawn(char *const argv[], int in, int out, int err, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t defaults;
	int ret;

	/* the caller ignores SIGPIPE; a tool should not inherit that */
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigdefault(&attr, &defaults);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGDEF);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
	ret = posix_spawnp(pid, argv[0], &actions, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return -ret;
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

int tool_run(char *const argv[], const char *input, size_t len, const char *output,
	     struct error *why)
{
	int in = memory_file(input, input ? len : 0), said = memory_file(NULL, 0), status = 0, err;
	int out =
		open(output ? output : "/dev/null", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	pid_t pid;

	err = in < 0 || said < 0 || out < 0 ? -errno : 0;
	if (err)
		error_say(why, "%s: %s", output ? output : argv[0], strerror(-err));
	if (!err) {
		err = spawn(argv, in, out, said, &pid);
		if (err)
			error_say(why, "%s: %s", argv[0],
				  err == -ENOENT ? "not installed" : strerror(-err));
	}
	if (!err) {
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status)) {
			last_words(said, argv[0], status, why);
			err = -EIO;
		}
	}
	if (in >= 0)
		close(in);
	if (said >= 0)
		close(said);
	if (out >= 0)
		close(out);
	return err;
}
