/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_session: runs another tool that watches this process: starts it, waits until it is ready,
 * stops it and reads its output. The tool ends with bpftoll in any case (guard.h).
 *
 * session_start -> [session_until] … -> session_stop (always, also after an error) -> session_free.
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
	int out_fd; /* a pipe with its stdout and stderr */
	char *text; /* its output so far */
	size_t len;
};

/* cpu: where it runs, -1: anywhere. Returns 0; with why: -ENOENT: not installed; other -errno. */
int session_start(struct session *s, char *const argv[], int cpu, struct error *why);

/*
 * Reads until all words have appeared. Returns 0; -ETIMEDOUT; -EPIPE: it ended before, why has its
 * last line.
 */
int session_until(struct session *s, const char *const *words, size_t n, double timeout_s,
		  struct error *why);

/*
 * Waits until it sleeps in poll with events open: the sign that a tool is ready which prints
 * nothing at that point. Returns as session_until.
 */
int session_until_polling(struct session *s, double timeout_s, struct error *why);

/*
 * Sends SIGINT and reads the output until the tool ends. The text is valid until the next start or
 * session_free.
 */
const char *session_stop(struct session *s);
void session_free(struct session *s);

/* The command as text for a record: "perf exec …". The caller frees it. */
char *session_command(char *const argv[]);

#endif
