/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tool_fds: which BPF programs the processes of a tree have attached, found in their descriptors:
 * links by /proc/PID/fdinfo, perf events and old raw tracepoints by BPF_TASK_FD_QUERY.
 */
#ifndef BPFTOLL_BPF_FOREIGN_TOOL_FDS_H
#define BPFTOLL_BPF_FOREIGN_TOOL_FDS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct attached {
	uint32_t prog_id;
	char hook[64]; /* as a section: "tp/sched/sched_switch"; empty: the kernel does not say */
};

/* The process and its descendants, at most `most`. Returns their number; 0: it has ended. */
size_t tool_tree(pid_t root, pid_t *out, size_t most);

/* Programs attached by the processes, each once, ordered by id. Returns their number. */
size_t tool_attached(const pid_t *pids, size_t n_pids, struct attached *out, size_t most);

#endif
