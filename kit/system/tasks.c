/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "calib/path.h"
#include "cpuset/sysfile.h"
#include "kit/system/tasks.h"

/*
 * proc(5): "pid (comm) state ppid …"; comm may contain anything, so look for the last parenthesis.
 */
pid_t task_parent(pid_t pid)
{
	char path[64], stat[SYSFILE_MAX];
	const char *end;
	int ppid = 0;

	path_put(path, sizeof(path), "/proc/%d/stat", pid);
	if (sysfile_read("", path, stat))
		return 0;
	end = strrchr(stat, ')');
	if (end && sscanf(end, ") %*c %d", &ppid) != 1)
		ppid = 0;
	return ppid;
}

static bool holds(const pid_t *pids, size_t n, pid_t pid)
{
	for (size_t i = 0; i < n; i++)
		if (pids[i] == pid)
			return true;
	return false;
}

/*
 * The children listed in /proc/PID/task/TID/children of each thread. false: this kernel has no such
 * file.
 */
static bool add_children(pid_t parent, pid_t *pids, size_t *n, size_t most)
{
	char path[600];
	DIR *threads;
	const struct dirent *entry;
	bool known = false;

	path_put(path, sizeof(path), "/proc/%d/task", parent);
	threads = opendir(path);
	while (threads && (entry = readdir(threads))) {
		FILE *children;
		pid_t pid;

		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		path_put(path, sizeof(path), "/proc/%d/task/%s/children", parent, entry->d_name);
		children = fopen(path, "re");
		known = known || children;
		while (children && *n < most && fscanf(children, "%d", &pid) == 1)
			if (!holds(pids, *n, pid))
				pids[(*n)++] = pid;
		if (children)
			fclose(children);
	}
	if (threads)
		closedir(threads);
	return known;
}

/*
 * The same from the parents of all processes, which takes reading all of /proc. It is in the order
 * of pids, which is that of creation until they wrap around: then another turn finds the rest.
 */
static size_t scan_family(pid_t *pids, size_t n, size_t most)
{
	size_t before;

	do {
		DIR *proc = opendir("/proc");
		const struct dirent *entry;

		before = n;
		while (proc && n < most && (entry = readdir(proc))) {
			pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

			if (isdigit((unsigned char)entry->d_name[0]) && !holds(pids, n, pid) &&
			    holds(pids, n, task_parent(pid)))
				pids[n++] = pid;
		}
		if (proc)
			closedir(proc);
	} while (n > before && n < most);
	return n;
}

size_t task_family(pid_t root, pid_t *pids, size_t most)
{
	size_t n = 0;

	if (!most || !task_parent(root))
		return 0;
	pids[n++] = root;
	if (!add_children(root, pids, &n, most))
		return scan_family(pids, n, most);
	for (size_t i = 1; i < n; i++)
		add_children(pids[i], pids, &n, most);
	return n;
}

double task_cpu(pid_t pid)
{
	struct timespec ts;
	clockid_t clock;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &ts))
		return NAN;
	return (double)ts.tv_sec + (double)ts.tv_nsec * 1e-9;
}
