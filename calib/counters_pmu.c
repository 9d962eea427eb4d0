/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The PMU: whether there is one, and what the kernel's refusals mean. */
#define _GNU_SOURCE /* strerrorname_np */
#include "calib/error.h"
#include "calib/arch/arch.h"
#include "calib/counters.h"
#include "calib/hybrid.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The PMU of the CPU that this runs on: with several types of core each type has its own. */
static bool find_core_pmu(char *name, size_t len)
{
	struct hybrid_pmu pmu;

	hybrid_find("", sched_getcpu(), &pmu);
	if (*pmu.name)
		snprintf(name, len, "%s", pmu.name);
	return *pmu.name;
}

/* The number in a file of /proc/sys, or `missing`. */
static int sysctl_number(const char *path, int missing)
{
	FILE *f = fopen(path, "re");
	char text[32] = "";
	int value = missing;

	if (!f)
		return missing;
	if (fgets(text, sizeof(text), f) && sscanf(text, "%d", &value) != 1)
		value = missing;
	fclose(f);
	return value;
}

static int open_cycles(struct perf_event_attr *attr)
{
	struct hybrid_pmu pmu;

	memset(attr, 0, sizeof(*attr));
	attr->size = sizeof(*attr);
	attr->type = PERF_TYPE_HARDWARE;
	attr->config = PERF_COUNT_HW_CPU_CYCLES;
	attr->read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
	/* Counting user mode only needs the fewest privileges. */
	attr->exclude_kernel = 1;
	attr->exclude_hv = 1;
	hybrid_find("", sched_getcpu(), &pmu);
	hybrid_aim(&pmu, NULL, attr);
	return (int)syscall(SYS_perf_event_open, attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/*
 * Some hypervisors offer a PMU whose counters do not move: it was on for a while and saw no cycle.
 */
static bool stands_still(int fd)
{
	uint64_t value[3] = {0}; /* count, enabled, running */

	for (volatile int i = 0; i < 10000; i++)
		;
	return read(fd, value, sizeof(value)) == (ssize_t)sizeof(value) && value[2] && !value[0];
}

/*
 * What is asked of the kernel besides counting, most first: a 64-bit counter, a read in user space.
 */
static const uint64_t wishes[] = {ARCH_PERF_CONFIG1_LONG | ARCH_PERF_CONFIG1_USER,
				  ARCH_PERF_CONFIG1_USER, 0};

static bool is_hardware(const struct perf_event_attr *attr)
{
	return attr->type == PERF_TYPE_HARDWARE || attr->type == PERF_TYPE_HW_CACHE ||
	       attr->type == PERF_TYPE_RAW;
}

int counters_perf_open(const struct perf_event_attr *wanted, int cpu, int leader_fd)
{
	struct perf_event_attr attr = *wanted;
	int fd = -1;

	for (size_t i = 0; i < sizeof(wishes) / sizeof(wishes[0]); i++) {
		attr.config1 = wanted->config1 | (is_hardware(wanted) ? wishes[i] : 0);
		fd = (int)syscall(SYS_perf_event_open, &attr, 0, cpu, leader_fd,
				  PERF_FLAG_FD_CLOEXEC);
		if (fd >= 0 || attr.config1 == wanted->config1 ||
		    (errno != EINVAL && errno != EOPNOTSUPP))
			break;
	}
	return fd < 0 ? -errno : fd;
}

bool counters_pmu_present(char *name, size_t len)
{
	struct perf_event_attr attr;
	int fd = open_cycles(&attr);
	struct error why;
	bool still;

	if (fd < 0) {
		counters_explain(errno, &attr, &why);
		snprintf(name, len, "%s", why.text);
		return false;
	}
	still = stands_still(fd);
	close(fd);
	if (still) {
		snprintf(name, len,
			 "no PMU that counts: it accepts the event cycles, whose count stays zero");
		return false;
	}
	if (!find_core_pmu(name, len))
		snprintf(name, len, "unnamed");
	return true;
}

const char *counters_default_events(void)
{
	char name[256];

	if (!counters_pmu_present(name, sizeof(name)))
		return NULL;
	return "cycles:u,cycles:k,instructions:u,instructions:k";
}

static void explain_absent(int err, const struct perf_event_attr *attr, struct error *why)
{
	char name[64];

	if (is_hardware(attr) && !find_core_pmu(name, sizeof(name)))
		error_say(why, "no PMU: perf_event_open(%s) says %s; most virtual machines hide it",
			  attr->type == PERF_TYPE_HARDWARE &&
					  (uint32_t)attr->config == PERF_COUNT_HW_CPU_CYCLES
				  ? "cycles"
				  : "hardware event",
			  strerrorname_np(err));
	else if (is_hardware(attr))
		error_say(why, "the PMU %s does not have this event (%s)", name,
			  strerrorname_np(err));
	else
		error_say(why, "this kernel does not have the event (%s)", strerrorname_np(err));
}

/*
 * kernel/events/core.c: perf_allow_kernel() requires CAP_PERFMON above level 1; the patched kernels
 * of Debian and Ubuntu refuse all use without CAP_SYS_ADMIN above level 2.
 */
static void explain_denied(int err, const struct perf_event_attr *attr, struct error *why)
{
	int level = sysctl_number("/proc/sys/kernel/perf_event_paranoid", -1);

	if (!attr->exclude_kernel && level > 1)
		error_say(why,
			  "counting the kernel is not allowed (%s): run as root or with %s, "
			  "or sysctl kernel.perf_event_paranoid=1 (it is %d), or count :u only",
			  strerrorname_np(err), level > 2 ? "CAP_SYS_ADMIN" : "CAP_PERFMON", level);
	else if (level > 2)
		error_say(why,
			  "perf_event_open is not allowed (%s): run as root or with CAP_SYS_ADMIN, "
			  "or sysctl kernel.perf_event_paranoid=2 (it is %d)",
			  strerrorname_np(err), level);
	else
		error_say(why,
			  "perf_event_open is not allowed (%s) though kernel.perf_event_paranoid "
			  "is %d: a seccomp filter (container) or a security module forbids it",
			  strerrorname_np(err), level);
}

static void explain_busy(struct error *why)
{
	if (sysctl_number("/proc/sys/kernel/nmi_watchdog", 0) == 1)
		error_say(why, "no free counter: the NMI watchdog holds one (sysctl "
			       "kernel.nmi_watchdog=0)");
	else
		error_say(why, "no free counter: another user of the PMU holds it (perf, a VM)");
}

int counters_explain(int err, const struct perf_event_attr *attr, struct error *why)
{
	switch (err) {
	case ENOENT:
	case ENXIO:
	case EOPNOTSUPP:
		explain_absent(err, attr, why);
		return -EOPNOTSUPP;
	case ENOSYS:
		return error_set(why, -EOPNOTSUPP, "kernel built without CONFIG_PERF_EVENTS");
	case EACCES:
	case EPERM:
		explain_denied(err, attr, why);
		break;
	case EBUSY:
	case ENOSPC:
		explain_busy(why);
		break;
	case EMFILE:
	case ENFILE:
		error_say(why, "too many open files for one more counter (ulimit -n)");
		break;
	case ENODEV:
		error_say(why, "the CPU is offline, or lacks what the event needs (ENODEV)");
		break;
	case EINVAL:
		error_say(why, "the kernel cannot count this event, with these modifiers, for one "
			       "thread (EINVAL)");
		break;
	default:
		error_say(why, "perf_event_open: %s", strerror(err));
	}
	return -err;
}
