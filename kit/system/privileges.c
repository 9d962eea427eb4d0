/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <linux/capability.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/resource.h>

#include "bpf/load/reason.h"
#include "kit/system/privileges.h"

/* CAP_SYS_ADMIN holds these two as well: bpf_capable(), perfmon_capable() in the kernel. */
static bool no_admin(void)
{
	return !reason_capable(CAP_SYS_ADMIN);
}

static bool memory_limited(void)
{
	struct rlimit limit;

	return !getrlimit(RLIMIT_MEMLOCK, &limit) && limit.rlim_cur != RLIM_INFINITY;
}

static const struct {
	int number;
	bool vital;
	const char *name, *lost;
	bool (*missed)(void);
} uses[] = {
	{CAP_BPF, true, "CAP_BPF", "no program can be loaded", no_admin},
	{CAP_PERFMON, true, "CAP_PERFMON",
	 "no program can trace, and the kernel's work cannot be counted", no_admin},
	{CAP_DAC_READ_SEARCH, false, "CAP_DAC_READ_SEARCH",
	 "tracefs is closed: hook tracepoint cannot be attached", reason_tracefs_closed},
	{CAP_SYSLOG, false, "CAP_SYSLOG",
	 "addresses are hidden: whether a kprobe is a breakpoint or a jump is not known, nor "
	 "whether its code is as before once it is detached",
	 reason_addresses_hidden},
	{CAP_IPC_LOCK, false, "CAP_IPC_LOCK",
	 "perf buffers, and before 5.11 BPF maps, are charged to RLIMIT_MEMLOCK (ulimit -l)",
	 memory_limited},
	{CAP_SYS_ADMIN, false, "CAP_SYS_ADMIN",
	 "runs are counted by copies of our programs, and those of measure's not at all; programs "
	 "of other tools cannot be listed; tracefs is not mounted where it is missing",
	 NULL},
};

unsigned int privileges_lacking(privilege_fn tell, void *ctx)
{
	unsigned int n = 0;

	for (size_t i = 0; i < sizeof(uses) / sizeof(uses[0]); i++) {
		if (reason_capable(uses[i].number) || (uses[i].missed && !uses[i].missed()))
			continue;
		tell(ctx, uses[i].name, uses[i].lost, uses[i].vital);
		n++;
	}
	return n;
}
