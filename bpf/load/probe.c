/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/programs/shared.h" /* before the skeletons, which use its types */
#include "bpf/load/probe.h"
#include "bpf/programs/probes_madvise.skel.h"
#include "bpf/programs/probes_munmap.skel.h"
#include "bpf/load/program.h"
#include "bpf/read/wakeup_policy.h"

struct probe {
	struct program program;
	int events_fd;
};

const char *probe_target_name(enum probe_target target)
{
	return target == TARGET_MUNMAP ? "munmap" : "madvise";
}

long probe_target_nr(enum probe_target target)
{
	return target == TARGET_MUNMAP ? SYS_munmap : SYS_madvise;
}

/* A loaded object would create all of its maps: only what the body uses. */
static const char *choose_maps(struct probe *probe, enum output output)
{
	static const char perf[] = "events_perf", ring[] = "events_ringbuf";

	bpf_map__set_autocreate(program_map(&probe->program, perf), output == OUTPUT_PERF);
	bpf_map__set_autocreate(program_map(&probe->program, ring), output == OUTPUT_RINGBUF);
	if (output == OUTPUT_NONE)
		return NULL;
	return output == OUTPUT_PERF ? perf : ring;
}

/* The N of a program that wakes once in N events, before the load: the object's only constant. */
static int set_wake_every(struct probe *probe, bool sampled)
{
	const unsigned int mask = wakeup_policy_row(WAKEUP_SAMPLED)->every - 1;
	struct bpf_map *map;

	bpf_object__for_each_map(map, probe->program.object)
	{
		const char *dot = strrchr(bpf_map__name(map), '.');

		if (!bpf_map__is_internal(map) || !dot || strcmp(dot, ".rodata") != 0)
			continue;
		return sampled ? bpf_map__set_initial_value(map, &mask, sizeof(mask))
			       : bpf_map__set_autocreate(map, false);
	}
	return sampled ? -ENOENT : 0;
}

int probe_open(const struct variant *variant, enum probe_target target, enum wake_policy wake,
	       struct probe **out, struct error *why)
{
	static const char *const suffix[] = {"", "__nowake", "__sampled", "__always"};
	enum output output = body_output(variant->body);
	struct probe *probe = calloc(1, sizeof(*probe));
	const char *events;
	char name[64];
	size_t size;
	const void *elf = target == TARGET_MUNMAP ? probes_munmap__elf_bytes(&size)
						  : probes_madvise__elf_bytes(&size);
	int err;

	if (!probe)
		return -ENOMEM;
	snprintf(name, sizeof(name), "%s%s", variant->name,
		 output == OUTPUT_RINGBUF ? suffix[wake] : "");
	err = program_open(&probe->program, variant->hook, target, elf, size, variant->name, why);
	if (err)
		goto out;
	events = choose_maps(probe, output);
	err = set_wake_every(probe, output == OUTPUT_RINGBUF && wake == WAKE_SAMPLED);
	if (err)
		goto out;
	err = program_load(&probe->program, name, why);
	if (err)
		goto out;
	probe->events_fd = events ? bpf_map__fd(program_map(&probe->program, events)) : -1;
out:
	if (err)
		probe_close(probe);
	else
		*out = probe;
	return err;
}

void probe_close(struct probe *probe)
{
	if (!probe)
		return;
	program_close(&probe->program);
	free(probe);
}

int probe_attach(struct probe *probe, struct error *why)
{
	return program_attach(&probe->program, why);
}

void probe_detach(struct probe *probe)
{
	program_detach(&probe->program);
}

const char *probe_mechanism(const struct probe *probe)
{
	return probe->program.at.mechanism;
}

int probe_monitor(struct probe *probe, pid_t tgid)
{
	int err = program_monitor_nobody(&probe->program);

	return err || !tgid ? err : program_monitor(&probe->program, tgid);
}

int probe_monitor_also(struct probe *probe, pid_t tgid)
{
	return program_monitor(&probe->program, tgid);
}

int probe_hits(const struct probe *probe, uint64_t *runs, uint64_t *missed)
{
	return program_hits(&probe->program, runs, missed);
}

int probe_time(const struct probe *probe, uint64_t *runs, uint64_t *ns)
{
	struct bpf_prog_info info = {0};
	unsigned int len = sizeof(info);

	if (bpf_obj_get_info_by_fd(probe->program.fd, &info, &len))
		return -errno;
	*runs = info.run_cnt;
	*ns = info.run_time_ns;
	return 0;
}

int probe_count_hits(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	return fd < 0 ? -errno : fd;
}

const struct program_facts *probe_facts(const struct probe *probe)
{
	return &probe->program.facts;
}

int probe_events_fd(const struct probe *probe)
{
	return probe->events_fd;
}

uint64_t probe_dropped(const struct probe *probe)
{
	return ((const volatile struct probe_counts *)probe->program.globals)->dropped;
}
