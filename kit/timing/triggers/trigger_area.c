/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netdb.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/timing/triggers/trigger_area.h"

#define PAGE 4096
/* Two descriptors that follow one another; above those that other code opens. */
#define PING_FD 700

/* ---- a partner that answers each byte ---- */

static void answer(int from, int to, pid_t parent)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	while (read(from, &byte, 1) == 1 && write(to, &byte, 1) == 1)
		;
	_exit(0);
}

/* Moves a descriptor to a free number at or above `to`. */
static int move_to(int fd, int to)
{
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, to);

	close(fd);
	return moved;
}

static int open_partner(struct trigger_area *area)
{
	int there[2], back[2], read_fd;
	pid_t self = getpid();

	if (pipe2(there, O_CLOEXEC))
		return -errno;
	if (pipe2(back, O_CLOEXEC)) {
		close(there[0]);
		close(there[1]);
		return -errno;
	}
	area->ping_fd = move_to(there[1], PING_FD);
	read_fd = move_to(back[0], area->ping_fd + 1);
	area->partner = area->ping_fd >= 0 && read_fd == area->ping_fd + 1 ? fork() : -1;
	if (!area->partner) {
		close(area->ping_fd);
		close(read_fd);
		answer(there[0], back[1], self);
	}
	close(there[0]);
	close(back[1]);
	if (area->partner < 0 && read_fd >= 0)
		close(read_fd);
	return area->partner < 0 ? -EMFILE : 0;
}

static void close_partner(struct trigger_area *area)
{
	if (area->partner <= 0)
		return;
	kill(area->partner, SIGKILL);
	while (waitpid(area->partner, NULL, 0) < 0 && errno == EINTR)
		;
	close(area->ping_fd + 1);
}

/* ---- loopback ---- */

static int listen_somewhere(struct trigger_area *area)
{
	socklen_t len = sizeof(area->listening);

	area->listening = (struct sockaddr_in){.sin_family = AF_INET,
					       .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	area->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (area->listen_fd < 0 ||
	    bind(area->listen_fd, (struct sockaddr *)&area->listening, len) ||
	    getsockname(area->listen_fd, (struct sockaddr *)&area->listening, &len) ||
	    listen(area->listen_fd, 8))
		return -errno;
	return 0;
}

static int dial(const struct trigger_area *area, int *fd)
{
	*fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (*fd < 0 ||
	    connect(*fd, (const struct sockaddr *)&area->listening, sizeof(area->listening)))
		return -errno;
	return 0;
}

static int open_tcp(struct trigger_area *area)
{
	int err = listen_somewhere(area);

	if (!err)
		err = dial(area, &area->tcp_fd);
	if (!err) {
		area->peer_fd = accept4(area->listen_fd, NULL, NULL, SOCK_CLOEXEC);
		err = area->peer_fd < 0 ? -errno : 0;
	}
	return err;
}

static int open_udp(struct trigger_area *area)
{
	struct sockaddr_in self = {.sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(self);

	area->udp_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (area->udp_fd < 0 || bind(area->udp_fd, (struct sockaddr *)&self, len) ||
	    getsockname(area->udp_fd, (struct sockaddr *)&self, &len) ||
	    connect(area->udp_fd, (struct sockaddr *)&self, len))
		return -errno;
	return 0;
}

/* A port of loopback on which nobody listens: one that was bound and is free again. */
static int open_socket(struct trigger_area *area)
{
	int err = listen_somewhere(area);

	if (err)
		return err;
	area->closed_port = area->listening;
	close(area->listen_fd);
	area->listen_fd = -1;
	area->fresh_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return area->fresh_fd < 0 ? -errno : 0;
}

/* ---- open and close ---- */

static int open_null(struct trigger_area *area)
{
	area->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	return area->null_fd < 0 ? -errno : 0;
}

static int open_page(struct trigger_area *area)
{
	area->page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (area->page == MAP_FAILED) {
		area->page = NULL;
		return -errno;
	}
	return 0;
}

static int open_thread(struct trigger_area *area)
{
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
			 CLONE_SYSVSEM | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID,
		.parent_tid = (uintptr_t)&area->thread,
		.child_tid = (uintptr_t)&area->thread,
		.stack = (uintptr_t)area->stack,
		.stack_size = sizeof(area->stack),
	};

	_Static_assert(sizeof(args) <= sizeof(area->thread_args), "room for clone_args");
	memcpy(area->thread_args, &args, sizeof(args));
	return 0;
}

static int open_slack(struct trigger_area *area)
{
	area->slack = prctl(PR_GET_TIMERSLACK);
	return prctl(PR_SET_TIMERSLACK, 1) ? -errno : 0;
}

static const struct {
	unsigned int need;
	int (*open)(struct trigger_area *area);
} openers[] = {
	{TRIGGER_NULL, open_null},     {TRIGGER_PARTNER, open_partner},
	{TRIGGER_TCP, open_tcp},       {TRIGGER_UDP, open_udp},
	{TRIGGER_PAGE, open_page},     {TRIGGER_THREAD, open_thread},
	{TRIGGER_SOCKET, open_socket}, {TRIGGER_SLACK, open_slack},
};

struct trigger_area *trigger_open(unsigned int needs)
{
	struct trigger_area *area = mmap(NULL, sizeof(*area), PROT_READ | PROT_WRITE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int err = 0;

	if (area == MAP_FAILED)
		return NULL;
	area->null_fd = area->ping_fd = area->listen_fd = area->tcp_fd = area->peer_fd =
		area->udp_fd = area->fresh_fd = area->waiting_fd = -1;
	area->needs = needs;
	area->slack = -1;
	area->nap = (struct timespec){0, 1};
	area->part = (struct iovec){area->byte, 1};
	area->message = (struct msghdr){.msg_iov = &area->part, .msg_iovlen = 1};
	snprintf(area->missing, sizeof(area->missing), "/proc/self/bpftoll-missing");
	for (size_t i = 0; i < sizeof(openers) / sizeof(openers[0]) && !err; i++)
		if (needs & openers[i].need)
			err = openers[i].open(area);
	if (!err)
		return area;
	trigger_close(area);
	errno = -err;
	return NULL;
}

void trigger_close(struct trigger_area *area)
{
	const int fds[] = {area->null_fd, area->ping_fd, area->listen_fd, area->tcp_fd,
			   area->peer_fd, area->udp_fd,	 area->fresh_fd,  area->waiting_fd};

	close_partner(area);
	for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
		if (fds[i] >= 0)
			close(fds[i]);
	if (area->page)
		munmap(area->page, PAGE);
	if (area->slack >= 0)
		prctl(PR_SET_TIMERSLACK, area->slack);
	munmap(area, sizeof(*area));
}

/* ---- before and after a call ---- */

void trigger_reap(struct trigger_area *area)
{
	/* a child whose end sends no signal; the partner lives on and is not waited for */
	while (waitpid(-1, NULL, __WCLONE) < 0)
		if (errno != EINTR) {
			area->failed = errno;
			break;
		}
}

/* No thread has this id: what stands there until the kernel writes it. */
#define NO_THREAD_YET UINT32_MAX

void trigger_expect_thread(struct trigger_area *area)
{
	area->thread = NO_THREAD_YET;
}

void trigger_wait_thread(struct trigger_area *area)
{
	uint32_t id;

	while ((id = area->thread)) {
		if (id == NO_THREAD_YET) {
			area->failed = ECHILD;
			break;
		}
		syscall(SYS_futex, &area->thread, FUTEX_WAIT, id, NULL, NULL, 0);
	}
}

void trigger_drain(struct trigger_area *area)
{
	char bytes[256];

	while (area->peer_fd >= 0 && recv(area->peer_fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
	while (area->udp_fd >= 0 && recv(area->udp_fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

void trigger_forget_page(struct trigger_area *area)
{
	madvise(area->page, PAGE, MADV_DONTNEED);
}

void trigger_dial(struct trigger_area *area)
{
	dial(area, &area->waiting_fd);
}

/* With a reset, so that no socket stays in TIME_WAIT. */
void trigger_hang_up(struct trigger_area *area)
{
	const struct linger at_once = {1, 0};

	if (area->waiting_fd < 0)
		return;
	setsockopt(area->waiting_fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
	close(area->waiting_fd);
	area->waiting_fd = -1;
}

/* ---- libc ---- */

void trigger_malloc(struct trigger_area *area)
{
	void *volatile memory = malloc(64);

	(void)area;
	free(memory);
}

void trigger_setjmp(struct trigger_area *area)
{
	/* the function, and not the macro, which calls _setjmp */
	if ((setjmp)(area->jump))
		abort();
}

void trigger_getaddrinfo(struct trigger_area *area)
{
	const struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST, .ai_family = AF_INET};
	struct addrinfo *found;

	(void)area;
	if (!getaddrinfo("127.0.0.1", NULL, &numeric, &found))
		freeaddrinfo(found);
}
