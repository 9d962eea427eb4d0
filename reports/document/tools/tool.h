/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool: runs another program, without a shell: its words are its words, whatever they hold. It dies
 * with this process. Root runs it as an unprivileged user (unprivileged.h).
 */
#ifndef BPFTOLL_REPORTS_DOCUMENT_TOOL_H
#define BPFTOLL_REPORTS_DOCUMENT_TOOL_H

#include <signal.h>
#include <stddef.h>

#include "calib/error.h"

/*
 * Runs argv[0] from PATH and waits. input: what it reads from stdin (len bytes); NULL: nothing.
 * output: a file that gets its stdout; NULL: thrown away. 0; -ENOENT: no such program; -EIO: it
 * failed, and why has the first line that it said; -EINTR: stopped; other -errno.
 */
int tool_run(char *const argv[], const char *input, size_t len, const char *output,
	     struct error *why);

/* The same in a folder, which it reaches by its working directory alone. */
int tool_run_in(const char *dir, char *const argv[], const char *input, size_t len,
		const char *output, struct error *why);

/* Where *flag is not 0, a tool that runs is killed and no other is started. */
void tool_heed(const volatile sig_atomic_t *flag);

/* Lets tools read in a private folder. 0 or -errno. */
int tool_let_read(const char *folder);

#endif
