/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_session: another tool that watches this process for a while: started, waited for until it
 * says that it is ready, told to stop, and what it said read. Nothing of it outlives us (guard.h).
 *
 * session_start -> [session_until] -> … -> session_stop (always, also after an error).
 */
#ifndef BPFTOLL_KIT_CROSSCHECK_TOOL_SESSION_H
#define BPFTOLL_KIT_CROSSCHECK_TOOL_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "calib/error.h"

struct guard;

struct session {
	struct guard *guard;
	int out_fd; /* its stdout and stderr, as one */
	char *text; /* what it has said so far */
	size_t len;
};

/* cpu: where it runs, -1: anywhere. 0; -ENOENT: not installed; other -errno; why. */
int session_start(struct session *s, char *const argv[], int cpu, struct error *why);

/* Reads until every word was said. 0; -ETIMEDOUT; -EPIPE: it ended before, why has its last line.
 */
int session_until(struct session *s, const char *const *words, size_t n, double timeout_s,
		  struct error *why);

/* Waits until it sleeps in poll with events open: a tool that says nothing has then set itself up.
 * As session_until. */
int session_until_polling(struct session *s, double timeout_s, struct error *why);

/* SIGINT, and everything that it says until it ends. The text is freed by the next start or
 * session_free. */
const char *session_stop(struct session *s);
void session_free(struct session *s);

/* "perf exec …" for a record. */
char *session_command(char *const argv[]);

#endif
