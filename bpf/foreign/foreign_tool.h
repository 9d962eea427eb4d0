/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * foreign_tool: a program that loads and attaches BPF programs of its own: bpftrace, opensnoop, an
 * agent. It is started, and is ready once programs of its process tree are attached and no more
 * come; it is stopped by SIGINT, then SIGTERM, then SIGKILL, until its programs are gone.
 *
 * tool_start -> tool_hooks, tool_runs … -> tool_stop. An attached perf event cannot be paused from
 * outside (PERF_EVENT_IOC_DISABLE on a copy of its descriptor was tried, and hits went on), so a
 * tool is started anew for each visit.
 */
#ifndef BPFTOLL_BPF_FOREIGN_FOREIGN_TOOL_H
#define BPFTOLL_BPF_FOREIGN_FOREIGN_TOOL_H

#include <stddef.h>

#include "calib/error.h"
#include "bpf/load/program.h"

#define TOOL_WORDS_MOST	   64
#define TOOL_PROGRAMS_MOST 128

struct tool;

/*
 * words: the command and its arguments, each with its NUL, in `bytes`; executed without a shell, in
 * a session of its own, with nothing to read and its output thrown away. 0; -ENOENT with why: it
 * attached nothing; -ECHILD with why: it ended first; other -errno with why.
 */
int tool_start(const char *words, size_t bytes, struct tool **out, struct error *why);

/* Stops it and waits until its programs are gone; NULL is fine. */
void tool_stop(struct tool *tool);

/* The number of programs attached, and where, as sections: "tp/syscalls/sys_enter_openat", …. */
size_t tool_programs(const struct tool *tool);
void tool_hooks(const struct tool *tool, char (*hooks)[64], size_t most, size_t *n);

/* Of all its programs together. 0 or -errno. */
int tool_runs(const struct tool *tool, struct program_runs *out);

#endif
