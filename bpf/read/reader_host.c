/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "calib/error.h"
#include "bpf/read/arena.h"
#include "bpf/read/reader.h"
#include "bpf/read/reader_host.h"

#define SOCKET_FD \
	3 /* our end of the socket, the only descriptor that the host keeps besides 0 to 2 */

struct request {
	struct reader_shared *shared;
	unsigned int n_fds; /* descriptors, each sent by a message that follows */
};

struct reply {
	int err;
	pid_t pid;
};

static struct {
	pid_t owner, pid;
	int socket;
	pthread_mutex_t lock; /* one request at a time */
} host = {.socket = -1, .lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- messages, with or without a descriptor ---- */

union control {
	struct cmsghdr head;
	char bytes[CMSG_SPACE(sizeof(int))];
};

/* fd: -1 for none. */
static int send_message(int to, const void *data, size_t len, int fd)
{
	union control control = {.bytes = {0}};
	struct iovec part = {(void *)data, len};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t sent;

	if (fd >= 0) {
		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &fd, sizeof(int));
	}
	do
		sent = sendmsg(to, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* *fd: -1 where none came. -EPIPE: the other side has gone. */
static int receive_message(int from, void *data, size_t len, int *fd)
{
	union control control;
	struct iovec part = {data, len};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes)};
	const struct cmsghdr *head;
	ssize_t got;

	*fd = -1;
	do
		got = recvmsg(from, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got <= 0)
		return got ? -errno : -EPIPE;
	head = CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_type == SCM_RIGHTS)
		memcpy(fd, CMSG_DATA(head), sizeof(int));
	return (size_t)got != len || message.msg_flags & MSG_CTRUNC ? -EPROTO : 0;
}

static int open_pidfd(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0); /* since 5.3 */
}

/* ---- the reader process ---- */

static int pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) ? -errno : 0;
}

/* A reader that cannot be pinned to its CPU is an error: it must not run elsewhere. */
static void be_reader(struct reader_shared *shared, const int *fds, pid_t parent)
{
	struct reader reader = {.bell = -1};

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "bpftoll-reader");
	if (getppid() != parent)
		_exit(1); /* the parent died before the signal was requested */
	close(SOCKET_FD);
	shared->err = pin(shared->options.cpu);
	if (shared->err)
		error_say(&shared->why, "a reader on CPU %d: %s", shared->options.cpu,
			  strerror(-shared->err));
	else
		shared->err = reader_open(&reader, shared, fds + 2, fds[0], fds[1]);
	if (!shared->err)
		reader_run(&reader);
	else
		bell_ring(fds[1]);
	reader_close(&reader);
	_exit(shared->err ? 1 : 0);
}

/* ---- the host ---- */

static void on_child(int sig)
{
	(void)sig; /* interrupts ppoll; the main loop reaps */
}

/*
 * Keeps no descriptor that is not needed: a copy of a BPF link would keep its probe attached, a
 * copy of a pipe its reader waiting. The
 * signals that a terminal sends to the whole process group are ignored: the owner decides when
 * readers end.
 */
static void settle_in(int socket)
{
	static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
	struct sigaction wake = {.sa_handler = on_child};
	sigset_t child;
	int null_fd;

	prctl(PR_SET_NAME, "bpftoll-readers");
	for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigaction(SIGCHLD, &wake, NULL);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	if (socket != SOCKET_FD)
		dup3(socket, SOCKET_FD, O_CLOEXEC);
	close_range(SOCKET_FD + 1, ~0U, 0);
	null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	for (int fd = 0; fd < 2 && null_fd >= 0; fd++)
		dup2(null_fd, fd);
	if (null_fd >= 0)
		close(null_fd);
}

/* Receives all descriptors of a request; fds NULL: no memory, or the owner has gone. */
static int take_request(struct request *request, int **fds)
{
	char next;
	int none, err = receive_message(SOCKET_FD, request, sizeof(*request), &none);

	*fds = err ? NULL : calloc(request->n_fds, sizeof(**fds));
	if (!*fds)
		return err ? err : -ENOMEM;
	for (unsigned int i = 0; i < request->n_fds && !err; i++)
		err = receive_message(SOCKET_FD, &next, sizeof(next), *fds + i);
	return err;
}

/* 0, or -errno: the owner has gone, or sent something that is not a request. */
static int serve(void)
{
	struct request request;
	struct reply reply = {0};
	pid_t self = getpid();
	int *fds, pidfd = -1, err = take_request(&request, &fds);

	if (err)
		goto out;
	pin(request.shared->options.cpu); /* so that it does not start on the timed CPU */
	reply.pid = fork();
	if (!reply.pid)
		be_reader(request.shared, fds, self);
	if (reply.pid > 0)
		pidfd = open_pidfd(reply.pid);
	if (reply.pid < 0 || pidfd < 0)
		reply.err = -errno;
	err = send_message(SOCKET_FD, &reply, sizeof(reply), pidfd);
	if (pidfd >= 0)
		close(pidfd);
	for (unsigned int i = 0; i < request.n_fds; i++)
		close(fds[i]);
out:
	free(fds);
	return err;
}

/*
 * The host's main loop; never returns. Another child of the owner may hold a copy of the socket, so
 * the owner's pidfd is watched to see its end.
 */
static void be_host(int socket, pid_t owner)
{
	struct pollfd wait[] = {{SOCKET_FD, POLLIN, 0}, {-1, POLLIN, 0}};
	sigset_t none;

	settle_in(socket);
	wait[1].fd = open_pidfd(owner);
	if (getppid() != owner)
		_exit(1);
	sigemptyset(&none);
	for (;;) {
		int got = ppoll(wait, 2, NULL, &none);

		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
		if (got < 0)
			continue; /* a reader has ended */
		if (wait[1].revents || (wait[0].revents && serve())) {
			while (waitpid(-1, NULL, WNOHANG) > 0)
				;
			_exit(0);
		}
	}
}

/* Lets the host end, and reaps it: it must not be left to init. */
static void end_host(void)
{
	if (host.owner != getpid() || host.socket < 0)
		return;
	close(host.socket);
	host.socket = -1;
	waitpid(host.pid, NULL, 0);
}

static int start(struct error *why)
{
	static bool ends_at_exit;
	pid_t owner = getpid();
	int ends[2];

	if (host.owner == owner && host.socket >= 0)
		return 0;
	/* the inherited host is the parent's: only the descriptor is ours to close */
	if (host.socket >= 0)
		close(host.socket);
	host.socket = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		return error_set(why, -errno, "a socket to the readers: %s", strerror(errno));
	host.pid = fork();
	if (!host.pid)
		be_host(ends[1], owner);
	close(ends[1]);
	if (host.pid < 0) {
		int err = -errno;

		close(ends[0]);
		return error_set(why, err, "a process for the readers: %s", strerror(-err));
	}
	host.owner = owner;
	host.socket = ends[0];
	if (!ends_at_exit)
		atexit(end_host);
	ends_at_exit = true;
	return 0;
}

int reader_host_start(struct error *why)
{
	void *first = arena_alloc(1); /* must be mapped before the fork to be shared */
	int err;

	if (!first)
		return error_set(why, -ENOMEM, "memory shared with the readers: %s",
				 strerror(errno));
	arena_free(first);
	pthread_mutex_lock(&host.lock);
	err = start(why);
	pthread_mutex_unlock(&host.lock);
	return err;
}

static int ask(struct reader_shared *shared, const int *fds, struct reply *reply, int *pidfd)
{
	struct request request = {shared, (unsigned int)shared->n_maps + 2};
	int err = send_message(host.socket, &request, sizeof(request), -1);

	for (unsigned int i = 0; i < request.n_fds && !err; i++)
		err = send_message(host.socket, "", 1, fds[i]);
	if (!err)
		err = receive_message(host.socket, reply, sizeof(*reply), pidfd);
	return err ? err : reply->err;
}

int reader_host_fork(struct reader_shared *shared, const int *fds, pid_t *pid, int *pidfd,
		     struct error *why)
{
	struct reply reply = {0};
	int err = reader_host_start(why);

	if (err)
		return err;
	*pidfd = -1;
	pthread_mutex_lock(&host.lock);
	err = ask(shared, fds, &reply, pidfd);
	/* it was killed from outside: the next request starts another one */
	if (err == -EPIPE || err == -ECONNRESET)
		end_host();
	pthread_mutex_unlock(&host.lock);
	*pid = reply.pid;
	if (err)
		error_say(why, "a reader process: %s", strerror(-err));
	return err;
}
