/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/foreign/foreign_tool.h"
#include "bpf/foreign/tool_fds.h"
#include "calib/clock.h"

#define PIDS_MOST   64
#define POLL_US	    20000
#define READY_S	    30.0 /* until the first program is attached: bpftrace compiles */
#define UNCHANGED_S 0.3
#define SIGNAL_S    3.0 /* from a signal to the next, harder one */
#define GONE_S	    3.0 /* the kernel frees programs after a grace period of RCU */

struct tool {
	pid_t pid;   /* of its first process; 0: it has ended */
	pid_t group; /* its session and process group; 0: there is none */
	pid_t watch; /* of the process that ends the group if this one is killed; 0: none */
	int life;    /* our end of its pipe */
	int said;    /* a memfd with its stderr */
	pid_t tree[PIDS_MOST];
	size_t n_tree;
	struct attached programs[TOOL_PROGRAMS_MOST];
	size_t n;
};

/* ---- the process ---- */

static void become(const char *words, size_t bytes, int said, pid_t parent)
{
	char *argv[TOOL_WORDS_MOST + 1] = {NULL};
	int nothing = open("/dev/null", O_RDWR);
	sigset_t none;

	for (size_t at = 0, i = 0; at < bytes && i < TOOL_WORDS_MOST; i++) {
		argv[i] = (char *)words + at;
		at += strlen(words + at) + 1;
	}
	dup2(nothing, 0);
	dup2(nothing, 1);
	dup2(said, 2);
	close_range(3, ~0u, 0);
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (int s = 1; s < 32; s++)
		signal(s, SIG_DFL);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() == parent)
		execvp(argv[0], argv);
	dprintf(2, "%s: %s\n", argv[0], strerror(errno));
	_exit(127);
}

/*
 * Waits until the process that started the tool is gone, and kills what is left of the group then:
 * its first process dies with us (PDEATHSIG), those that it started itself do not.
 */
static void watch(int life, pid_t group)
{
	sigset_t all;
	char nothing;
	ssize_t n;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	/* a copy of a link would keep a program attached */
	dup2(life, 0);
	close_range(1, ~0u, 0);
	do
		n = read(0, &nothing, 1);
	while (n < 0 && errno == EINTR);
	kill(-group, SIGKILL);
	_exit(0);
}

static int start_watch(struct tool *tool, struct error *why)
{
	int life[2];

	if (pipe2(life, O_CLOEXEC))
		return error_set(why, -errno, "no pipe: %s", strerror(errno));
	tool->watch = fork();
	if (!tool->watch) {
		close(life[1]);
		watch(life[0], tool->group);
	}
	close(life[0]);
	if (tool->watch > 0) {
		tool->life = life[1];
		return 0;
	}
	tool->watch = 0;
	close(life[1]);
	return error_set(why, -errno, "no process: %s", strerror(errno));
}

static void stop_watch(struct tool *tool)
{
	if (!tool->watch)
		return;
	/* it must not outlive the group, whose id may be another's then */
	kill(tool->watch, SIGKILL);
	while (waitpid(tool->watch, NULL, 0) < 0 && errno == EINTR)
		;
	close(tool->life);
}

static bool ended(struct tool *tool)
{
	int status;

	if (tool->pid && waitpid(tool->pid, &status, WNOHANG) == tool->pid)
		tool->pid = 0;
	return !tool->pid;
}

/* The last line that it wrote to stderr, in out; empty: none. */
static void last_line(const struct tool *tool, char *out, size_t len)
{
	char text[1024];
	off_t size = lseek(tool->said, 0, SEEK_END), from;
	ssize_t n;
	char *line;

	from = size > (off_t)sizeof(text) - 1 ? size - (off_t)sizeof(text) + 1 : 0;
	n = pread(tool->said, text, sizeof(text) - 1, from);
	text[n > 0 ? n : 0] = '\0';
	while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
		text[--n] = '\0';
	line = strrchr(text, '\n');
	snprintf(out, len, "%.200s", line ? line + 1 : text);
}

/* ---- until it is ready ---- */

static bool same(const struct attached *a, size_t n_a, const struct attached *b, size_t n_b)
{
	bool all = n_a == n_b;

	for (size_t i = 0; i < n_a && all; i++)
		all = a[i].prog_id == b[i].prog_id;
	return all;
}

static int wait_ready(struct tool *tool, struct error *why)
{
	double began = clock_seconds(), changed = began;
	char words[256];

	while (clock_seconds() - began < READY_S) {
		struct attached now[TOOL_PROGRAMS_MOST];
		size_t n;

		if (ended(tool)) {
			last_line(tool, words, sizeof(words));
			return error_set(why, -ECHILD, "the tool ended before it was ready%s%s",
					 *words ? ": " : "", words);
		}
		tool->n_tree = tool_tree(tool->pid, tool->tree, PIDS_MOST);
		n = tool_attached(tool->tree, tool->n_tree, now, TOOL_PROGRAMS_MOST);
		if (!same(now, n, tool->programs, tool->n))
			changed = clock_seconds();
		memcpy(tool->programs, now, sizeof(now));
		tool->n = n;
		if (n && clock_seconds() - changed > UNCHANGED_S)
			return 0;
		usleep(POLL_US);
	}
	last_line(tool, words, sizeof(words));
	return error_set(why, -ENOENT, "the tool attached no BPF program in %.0f s%s%s", READY_S,
			 *words ? ": " : "", words);
}

int tool_start(const char *words, size_t bytes, struct tool **out, struct error *why)
{
	struct tool *tool = calloc(1, sizeof(*tool));
	pid_t parent = getpid();
	int err;

	if (!tool)
		return error_set(why, -ENOMEM, "out of memory");
	tool->said = memfd_create("bpftoll-tool", MFD_CLOEXEC);
	tool->pid = tool->said < 0 ? -1 : fork();
	if (!tool->pid)
		become(words, bytes, tool->said, parent);
	if (tool->pid < 0) {
		err = error_set(why, -errno, "no process: %s", strerror(errno));
		tool->pid = 0;
	} else {
		tool->group = tool->pid;
		err = start_watch(tool, why);
		if (!err)
			err = wait_ready(tool, why);
	}
	if (err)
		tool_stop(tool);
	else
		*out = tool;
	return err;
}

/* ---- until it is gone ---- */

static bool loaded(const struct tool *tool)
{
	for (size_t i = 0; i < tool->n; i++) {
		int fd = bpf_prog_get_fd_by_id(tool->programs[i].prog_id);

		if (fd < 0)
			continue;
		close(fd);
		return true;
	}
	return false;
}

/* Descendants that left the group are signalled one by one, with their ids just read anew. */
static void signal_all(struct tool *tool, int signal)
{
	tool->n_tree = tool->pid ? tool_tree(tool->pid, tool->tree, PIDS_MOST) : 0;
	kill(-tool->group, signal);
	for (size_t i = 1; i < tool->n_tree; i++)
		if (getpgid(tool->tree[i]) != tool->group)
			kill(tool->tree[i], signal);
}

/* Nobody is left in its group: the first process has ended, and those that it had started. */
static bool all_ended(struct tool *tool)
{
	return ended(tool) && (!tool->group || kill(-tool->group, 0));
}

void tool_stop(struct tool *tool)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGKILL};
	double began;

	if (!tool)
		return;
	for (size_t s = 0; s < 3 && !all_ended(tool); s++) {
		signal_all(tool, signals[s]);
		began = clock_seconds();
		while (!all_ended(tool) && clock_seconds() - began < SIGNAL_S)
			usleep(POLL_US / 4);
	}
	stop_watch(tool);
	began = clock_seconds();
	while (loaded(tool) && clock_seconds() - began < GONE_S)
		usleep(POLL_US / 4);
	close(tool->said);
	free(tool);
}

/* ---- what it has attached ---- */

size_t tool_programs(const struct tool *tool)
{
	return tool->n;
}

void tool_hooks(const struct tool *tool, char (*hooks)[64], size_t most, size_t *n)
{
	*n = 0;
	for (size_t i = 0; i < tool->n && *n < most; i++)
		if (*tool->programs[i].hook)
			snprintf(hooks[(*n)++], sizeof(hooks[0]), "%s", tool->programs[i].hook);
}

int tool_runs(const struct tool *tool, struct program_runs *out)
{
	*out = (struct program_runs){0};
	for (size_t i = 0; i < tool->n; i++) {
		struct program_runs one;
		int fd = bpf_prog_get_fd_by_id(tool->programs[i].prog_id), err;

		if (fd < 0)
			return fd;
		err = program_runs(fd, &one);
		close(fd);
		if (err)
			return err;
		out->runs += one.runs;
		out->ns += one.ns;
		out->missed += one.missed;
	}
	return 0;
}
