/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trigger_area: what a timed operation needs around it: descriptors, arguments that do not fit into
 * registers, a partner process, a loopback connection; and the untimed steps before and after a
 * call.
 *
 * trigger_open (with the needs of the operation) -> [prepare; the timed call; tidy] … ->
 * trigger_close. All of it belongs to the process that makes the calls.
 */
#ifndef BPFTOLL_KIT_TIMING_TRIGGERS_TRIGGER_AREA_H
#define BPFTOLL_KIT_TIMING_TRIGGERS_TRIGGER_AREA_H

#include <linux/sched.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <time.h>

enum trigger_needs {
	TRIGGER_NOTHING = 0,
	TRIGGER_NULL = 1,    /* null_fd: /dev/null */
	TRIGGER_PARTNER = 2, /* ping_fd, and a process that answers at ping_fd + 1 */
	TRIGGER_TCP = 4,     /* listen_fd; tcp_fd, connected to peer_fd */
	TRIGGER_UDP = 8,     /* udp_fd, connected to itself */
	TRIGGER_PAGE = 16,   /* page */
	TRIGGER_THREAD = 32, /* thread_args */
	TRIGGER_SOCKET = 64, /* fresh_fd: a TCP socket, not connected; closed_port */
	TRIGGER_SLACK = 128  /* a timer slack of 1 ns, until close */
};

struct trigger_area {
	unsigned int needs;
	int failed; /* the error of the last call that made no process or thread, or 0 */
	char missing[32], byte[8]; /* missing: a path that does not exist */
	int null_fd, ping_fd, listen_fd, tcp_fd, peer_fd, udp_fd, fresh_fd, waiting_fd;
	pid_t partner;
	char *page;
	uint32_t word; /* of a futex nobody waits for */
	struct timespec nap;
	struct sockaddr_in listening, closed_port;
	struct msghdr message;
	struct iovec part;
	/* of a new thread: its id, which the kernel clears at its end; its stack is never used */
	volatile uint32_t thread;
	char stack[64] __attribute__((aligned(16)));
	uint64_t thread_args[11]; /* struct clone_args */
	long slack;
	jmp_buf jump;
};

/* The area, or NULL with errno. */
struct trigger_area *trigger_open(unsigned int needs);
void trigger_close(struct trigger_area *area);

/* Reaps the process that the call has made. */
void trigger_reap(struct trigger_area *area);
/* Before a call that makes a thread, and after it: waits for the thread's end. */
void trigger_expect_thread(struct trigger_area *area);
void trigger_wait_thread(struct trigger_area *area);
/* Reads what was sent to the peer, and to the UDP socket. */
void trigger_drain(struct trigger_area *area);
/* Gives the page back, so that the next touch is a fault. */
void trigger_forget_page(struct trigger_area *area);
/* Connects to listen_fd, so that accept() returns at once; and closes that connection. */
void trigger_dial(struct trigger_area *area);
void trigger_hang_up(struct trigger_area *area);

/* Calls of libc's functions, where uprobes are attached. */
void trigger_malloc(struct trigger_area *area);
void trigger_setjmp(struct trigger_area *area);
void trigger_getaddrinfo(struct trigger_area *area);

#endif
