/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "bpf/foreign/tool_fds.h"

/* ---- processes ---- */

/* The parent of a process; -1: it has ended. */
static pid_t parent_of(pid_t pid)
{
	char path[64], line[512], *end;
	int parent = -1;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	/* the name, in parentheses, may hold anything */
	if (fgets(line, sizeof(line), file) && (end = strrchr(line, ')')) &&
	    (sscanf(end, ") %*c %d", &parent) != 1 || end[2] == 'Z'))
		parent = -1;
	fclose(file);
	return parent;
}

static bool holds(const pid_t *list, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == pid)
			return true;
	return false;
}

/* One reading of all processes; children that have a higher id than their parent are all found. */
static size_t add_children(pid_t *out, size_t n, size_t most)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	while (proc && (entry = readdir(proc))) {
		pid_t pid = isdigit((unsigned char)*entry->d_name)
				    ? (pid_t)strtol(entry->d_name, NULL, 10)
				    : 0;

		if (pid && n < most && !holds(out, n, pid) && holds(out, n, parent_of(pid)))
			out[n++] = pid;
	}
	if (proc)
		closedir(proc);
	return n;
}

size_t tool_tree(pid_t root, pid_t *out, size_t most)
{
	size_t n = 0, before;

	if (!most || parent_of(root) < 0)
		return 0;
	out[n++] = root;
	do {
		before = n;
		n = add_children(out, n, most);
	} while (n > before);
	return n;
}

/* ---- descriptors ---- */

static void add(struct attached *out, size_t *n, size_t most, uint32_t id, const char *hook)
{
	size_t at = 0;

	while (at < *n && out[at].prog_id < id)
		at++;
	if (at < *n && out[at].prog_id == id) {
		if (!*out[at].hook)
			snprintf(out[at].hook, sizeof(out[at].hook), "%s", hook);
		return;
	}
	if (*n == most)
		return;
	memmove(out + at + 1, out + at, (*n - at) * sizeof(*out));
	out[at].prog_id = id;
	snprintf(out[at].hook, sizeof(out[at].hook), "%s", hook);
	++*n;
}

/* prog_id in the fdinfo of a link; 0: none. */
static uint32_t link_program(pid_t pid, const char *fd)
{
	char path[64], line[256];
	unsigned int id = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%.16s", pid, fd);
	file = fopen(path, "re");
	if (!file)
		return 0;
	while (!id && fgets(line, sizeof(line), file))
		if (sscanf(line, "prog_id: %u", &id) != 1)
			id = 0;
	fclose(file);
	return id;
}

/* As a section; the category of a tracepoint is told for syscalls alone. */
static void name_hook(enum bpf_task_fd_type type, const char *name, char *out, size_t len)
{
	static const char *const kinds[] = {"raw_tp",	 "tp",	   "kprobe",
					    "kretprobe", "uprobe", "uretprobe"};
	bool syscall = !strncmp(name, "sys_enter_", 10) || !strncmp(name, "sys_exit_", 9);

	snprintf(out, len, "%s/%s%.40s",
		 (size_t)type < sizeof(kinds) / sizeof(kinds[0]) ? kinds[type] : "other",
		 type != BPF_FD_TYPE_TRACEPOINT ? ""
		 : syscall			? "syscalls/"
						: "events/",
		 name);
}

static void look(pid_t pid, const char *fd, struct attached *out, size_t *n, size_t most)
{
	char path[64], what[64] = "", name[128] = "", hook[64];
	uint32_t length = sizeof(name), id = 0, type = 0;
	__u64 offset = 0, address = 0;
	ssize_t got;

	snprintf(path, sizeof(path), "/proc/%d/fd/%.16s", pid, fd);
	got = readlink(path, what, sizeof(what) - 1);
	what[got > 0 ? got : 0] = '\0';
	if (strncmp(what, "anon_inode:", 11) != 0)
		return;
	if (strstr(what, "bpf_link") || strstr(what, "bpf-link"))
		id = link_program(pid, fd);
	if (id)
		add(out, n, most, id, "");
	if (!strstr(what, "perf_event") && !strstr(what, "bpf"))
		return;
	if (!bpf_task_fd_query(pid, (int)strtol(fd, NULL, 10), 0, name, &length, &id, &type,
			       &offset, &address) &&
	    id) {
		name_hook((enum bpf_task_fd_type)type, name, hook, sizeof(hook));
		add(out, n, most, id, hook);
	}
}

size_t tool_attached(const pid_t *pids, size_t n_pids, struct attached *out, size_t most)
{
	size_t n = 0;

	for (size_t i = 0; i < n_pids; i++) {
		struct dirent *entry;
		char path[32];
		DIR *fds;

		snprintf(path, sizeof(path), "/proc/%d/fd", pids[i]);
		fds = opendir(path);
		while (fds && (entry = readdir(fds)))
			if (isdigit((unsigned char)*entry->d_name))
				look(pids[i], entry->d_name, out, &n, most);
		if (fds)
			closedir(fds);
	}
	return n;
}
