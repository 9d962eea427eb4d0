/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cpuset/condition.h"

#include <stdio.h>
#include <string.h>

#include "cpuset/facts.h"
#include "cpuset/sysfile.h"

struct scene {
	const char *root;
	const struct placement *placement;
	void (*say)(void *ctx, const char *what, const char *mend);
	void *ctx;
};

static void tell_isolation(const struct scene *s)
{
	hwloc_bitmap_t isolated = hwloc_bitmap_alloc();
	int cpu = s->placement->cpu;
	struct error ignored;
	char what[320];
	char mend[160];

	/* lists that cannot be read are taken as empty */
	if (isolated && (facts_read_isolated(s->root, isolated, &ignored) ||
			 !hwloc_bitmap_isset(isolated, (unsigned int)cpu))) {
		snprintf(what, sizeof(what),
			 "CPU %d is not isolated: the scheduler and the tick interrupt it", cpu);
		snprintf(mend, sizeof(mend), "--isolate, or boot with isolcpus=%d", cpu);
		s->say(s->ctx, what, mend);
	}
	hwloc_bitmap_free(isolated);
}

static void tell_governor(const struct scene *s)
{
	char governor[SYSFILE_MAX];
	char path[128];
	char what[320];

	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cpufreq/scaling_governor",
		 s->placement->cpu);
	if (sysfile_read(s->root, path, governor) || strcmp(governor, "performance") == 0)
		return;
	snprintf(what, sizeof(what), "CPU %d runs under the %.32s governor: its clock moves",
		 s->placement->cpu, governor);
	s->say(s->ctx, what, "--isolate, or cpupower frequency-set -g performance");
}

static bool file_says(const struct scene *s, const char *path, const char *value)
{
	char text[SYSFILE_MAX];

	return !sysfile_read(s->root, path, text) && strcmp(text, value) == 0;
}

/*
 * One line at most, whichever switch this machine has: the clock rate depends on what other cores
 * do.
 */
static void tell_turbo(const struct scene *s)
{
	static const struct {
		const char *path, *on, *what, *mend;
	} switches[] = {
		{"/sys/devices/system/cpu/intel_pstate/no_turbo", "0", "turbo is on",
		 "--isolate, or echo 1 > /sys/devices/system/cpu/intel_pstate/no_turbo"},
		{"/sys/devices/system/cpu/cpufreq/boost", "1", "boost is on",
		 "--isolate, or echo 0 > /sys/devices/system/cpu/cpufreq/boost"},
	};
	char path[128];
	char what[320];
	char mend[160];

	for (size_t i = 0; i < sizeof(switches) / sizeof(switches[0]); i++)
		if (file_says(s, switches[i].path, switches[i].on)) {
			snprintf(what, sizeof(what), "%s: the clock depends on what other cores do",
				 switches[i].what);
			s->say(s->ctx, what, switches[i].mend);
			return;
		}
	/*
	 * some kernels (6.11) give amd-pstate a switch for each policy instead of one for all CPUs
	 */
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cpufreq/boost",
		 s->placement->cpu);
	if (!file_says(s, path, "1"))
		return;
	snprintf(what, sizeof(what),
		 "CPU %d's boost is on: the clock depends on what other cores do",
		 s->placement->cpu);
	snprintf(mend, sizeof(mend), "--isolate, or echo 0 > %s", path);
	s->say(s->ctx, what, mend);
}

static void tell_sibling(const struct scene *s)
{
	char what[320];
	char mend[160];

	if (s->placement->sibling < 0)
		return;
	snprintf(what, sizeof(what), "CPU %d shares its core with CPU %d", s->placement->cpu,
		 s->placement->sibling);
	snprintf(mend, sizeof(mend), "echo 0 > /sys/devices/system/cpu/cpu%d/online",
		 s->placement->sibling);
	s->say(s->ctx, what, mend);
}

void condition_of_cpu(const char *root, const struct placement *placement,
		      void (*say)(void *ctx, const char *what, const char *mend), void *ctx)
{
	const struct scene s = {root, placement, say, ctx};

	tell_isolation(&s);
	tell_governor(&s);
	tell_turbo(&s);
	tell_sibling(&s);
}

bool condition_nohz_full(const char *root, int cpu, char *text, size_t len)
{
	hwloc_bitmap_t set = hwloc_bitmap_alloc();
	struct error why;
	bool found = set && !facts_read_list(root, "nohz_full", set, &why) &&
		     hwloc_bitmap_isset(set, (unsigned int)cpu);

	if (found)
		snprintf(text, len,
			 "CPU %d is nohz_full: context tracking adds to every syscall on it, with "
			 "a probe or without: baselines are longer than on other CPUs",
			 cpu);
	hwloc_bitmap_free(set);
	return found;
}
