/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpuset/idle.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpuset/sysfile.h"

enum { STATES_MOST = 32 };

/*
 * In us; INT64_MAX: no limit. "n/a" allows no latency at all, 0 sets no limit
 * (Documentation/ABI/testing/sysfs-devices-power).
 */
static int64_t own_limit(const char *root, int cpu)
{
	char text[SYSFILE_MAX];
	char path[128];
	int64_t us;

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/power/pm_qos_resume_latency_us",
		 cpu);
	if (sysfile_read(root, path, text))
		return INT64_MAX;
	if (strcmp(text, "n/a") == 0)
		return 0;
	us = strtoll(text, NULL, 10);
	return us > 0 ? us : INT64_MAX;
}

/* In us, binary: the lowest value that a process with the device open asks for. */
static int64_t common_limit(const char *root)
{
	char path[PATH_MAX];
	int32_t us = -1;
	int fd = sysfile_join(path, root, "/dev/cpu_dma_latency")
			 ? -1
			 : open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return INT64_MAX;
	if (read(fd, &us, sizeof(us)) != (ssize_t)sizeof(us))
		us = -1;
	close(fd);
	return us >= 0 ? us : INT64_MAX;
}

static int read_state(const char *root, int cpu, int state, const char *file,
		      char text[SYSFILE_MAX])
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cpuidle/state%d/%s", cpu, state,
		 file);
	return sysfile_read(root, path, text);
}

/*
 * The deepest state that the limit allows, or -1. The governors enter a state only if its exit
 * latency is at most the limit; the shallowest state that is not disabled is allowed in any case.
 */
static int deepest_state(const char *root, int cpu, int64_t limit)
{
	char text[SYSFILE_MAX];
	int deepest = -1;

	for (int state = 0; state < STATES_MOST && !read_state(root, cpu, state, "latency", text);
	     state++) {
		int64_t us = strtoll(text, NULL, 10);

		if (!read_state(root, cpu, state, "disable", text) && strcmp(text, "0") != 0)
			continue;
		if (deepest < 0 || us <= limit)
			deepest = state;
	}
	return deepest;
}

void idle_describe(const char *root, int cpu, char *text, size_t len)
{
	int64_t own = own_limit(root, cpu);
	int64_t common = common_limit(root);
	int state = deepest_state(root, cpu, own < common ? own : common);
	char driver[SYSFILE_MAX];
	char latency[SYSFILE_MAX];
	char name[SYSFILE_MAX];
	bool unreadable;

	if (sysfile_read(root, "/sys/devices/system/cpu/cpuidle/current_driver", driver))
		snprintf(driver, sizeof(driver), "none");
	unreadable = state >= 0 && (read_state(root, cpu, state, "name", name) ||
				    read_state(root, cpu, state, "latency", latency));
	if (own == 0 || common == 0 || (state >= 0 && !unreadable && strcmp(name, "POLL") == 0))
		snprintf(text, len, "polls: no C-state is allowed");
	else if (unreadable)
		snprintf(text, len, "unknown: its cpuidle states cannot be read");
	else if (state < 0)
		snprintf(text, len,
			 "sleeps, how deep the hypervisor or firmware decides: no cpuidle here");
	else
		snprintf(text, len, "sleeps down to %.32s (%.16s us to leave), %.32s", name,
			 latency, driver);
}
