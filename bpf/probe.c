/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "bpf/shared.h" /* before the skeletons, which use its types */
#include "bpf/attach.h"
#include "bpf/kernel_btf.h"
#include "bpf/probe.h"
#include "bpf/probes_madvise.skel.h"
#include "bpf/probes_munmap.skel.h"
#include "bpf/reason.h"

#define LOG_BYTES    (64 * 1024)
#define COUNTS_BYTES 4096 /* one page holds them */

/* Above every pid_max (4,194,304): processes that cannot exist. */
#define OTHER_TGID 0x40000000u

struct probe {
	const struct variant *variant;
	struct bpf_object *object;
	struct attachment at;
	int prog_fd, pids_fd, events_fd;
	bool attached;			      /* it has been, at least once */
	volatile struct probe_counts *counts; /* read-only memory */
};

const char *probe_target_name(enum probe_target target)
{
	return target == TARGET_MUNMAP ? "munmap" : "madvise";
}

long probe_target_nr(enum probe_target target)
{
	return target == TARGET_MUNMAP ? SYS_munmap : SYS_madvise;
}

static struct bpf_object *open_object(enum probe_target target, const char *name)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = name);
	size_t size;
	const void *elf = target == TARGET_MUNMAP ? probes_munmap__elf_bytes(&size)
						  : probes_madvise__elf_bytes(&size);

	return bpf_object__open_mem(elf, size, &opts);
}

/* A loaded object would create all of its maps: only what the body uses. */
static void choose_maps(struct bpf_object *object, enum output output)
{
	struct bpf_map *map = bpf_object__find_map_by_name(object, "events_perf");

	bpf_map__set_autocreate(map, output == OUTPUT_PERF);
	map = bpf_object__find_map_by_name(object, "events_ringbuf");
	bpf_map__set_autocreate(map, output == OUTPUT_RINGBUF);
}

static int load_program(struct probe *probe, enum wake_policy wake, char *why, size_t why_len)
{
	static const char *const suffix[] = {"", "__nowake", "__sampled"};
	const struct variant *variant = probe->variant;
	char name[64], *log = calloc(1, LOG_BYTES);
	int err;

	if (!log)
		return -ENOMEM;
	snprintf(name, sizeof(name), "%s%s", variant->name,
		 body_output(variant->body) == OUTPUT_RINGBUF ? suffix[wake] : "");
	probe->at.program = bpf_object__find_program_by_name(probe->object, name);
	if (!probe->at.program) {
		snprintf(why, why_len, "no program %s in the object", name);
		err = -ENOENT;
		goto out;
	}
	bpf_program__set_autoload(probe->at.program, true);
	bpf_program__set_log_buf(probe->at.program, log, LOG_BYTES);
	err = bpf_object__load(probe->object);
	if (err)
		reason_explain(variant->hook, err, log, why, why_len);
	/* the log belongs to this call only */
	bpf_program__set_log_buf(probe->at.program, NULL, 0);
out:
	free(log);
	return err;
}

/* The object's globals are shared with the kernel only through their map (libbpf maps them for skeletons alone). */
static int find_maps(struct probe *probe)
{
	enum output output = body_output(probe->variant->body);
	struct bpf_map *map;
	void *counts = MAP_FAILED;

	probe->pids_fd = bpf_object__find_map_fd_by_name(probe->object, "monitored_pids");
	probe->events_fd = -1;
	if (output != OUTPUT_NONE)
		probe->events_fd = bpf_object__find_map_fd_by_name(
			probe->object, output == OUTPUT_PERF ? "events_perf" : "events_ringbuf");
	bpf_object__for_each_map(map, probe->object)
	{
		const char *dot = strrchr(bpf_map__name(map), '.');

		if (bpf_map__is_internal(map) && dot && !strcmp(dot, ".bss"))
			counts = mmap(NULL, COUNTS_BYTES, PROT_READ, MAP_SHARED, bpf_map__fd(map),
				      0);
	}
	if (counts == MAP_FAILED)
		return -errno;
	probe->counts = counts;
	return 0;
}

int probe_open(const struct variant *variant, enum probe_target target, enum wake_policy wake,
	       struct probe **out, char *why, size_t why_len)
{
	struct probe *probe = calloc(1, sizeof(*probe));
	int err;

	if (!probe)
		return -ENOMEM;
	reason_capture();
	reason_clear();
	kernel_btf_take_over();
	probe->variant = variant;
	probe->at.hook = variant->hook;
	probe->at.target = target;
	probe->object = open_object(target, variant->name);
	if (!probe->object) {
		err = -errno;
		reason_explain(variant->hook, err, NULL, why, why_len);
		goto out;
	}
	choose_maps(probe->object, body_output(variant->body));
	err = load_program(probe, wake, why, why_len);
	if (err)
		goto out;
	probe->prog_fd = bpf_program__fd(probe->at.program);
	err = find_maps(probe);
	if (!err)
		err = probe_monitor(probe, 0);
	if (err)
		snprintf(why, why_len, "the program's maps: %s", strerror(-err));
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
	attach_unlink(&probe->at);
	if (probe->counts)
		munmap((void *)probe->counts, COUNTS_BYTES);
	bpf_object__close(probe->object);
	free(probe);
}

/*
 * Before 5.13 (kernel commit f3a95075549e) a program on a trampoline can be attached once in its life, then never again
 * (ENOENT). The same instructions, with the same maps, are loaded once more behind the same descriptor.
 */
static int load_again(struct probe *probe)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	const struct bpf_program *program = probe->at.program;
	int fd, err = kernel_btf_target(program, bpf_program__expected_attach_type(program), &opts);

	if (err)
		return err;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, bpf_program__name(program), "Dual BSD/GPL",
			   bpf_program__insns(program), bpf_program__insn_cnt(program), &opts);
	if (fd < 0)
		return fd;
	err = dup3(fd, probe->prog_fd, O_CLOEXEC) < 0 ? -errno : 0;
	close(fd);
	return err;
}

int probe_attach(struct probe *probe, char *why, size_t why_len)
{
	bool trampoline = probe->at.hook == HOOK_FENTRY || probe->at.hook == HOOK_FEXIT;
	int err;

	reason_clear();
	err = attach_link(&probe->at, why, why_len);
	if (err == -ENOENT && trampoline && probe->attached && !load_again(probe))
		err = attach_link(&probe->at, why, why_len);
	probe->attached = probe->attached || !err;
	if (err && !*why)
		reason_explain(probe->variant->hook, err, NULL, why, why_len);
	return err;
}

void probe_detach(struct probe *probe)
{
	attach_unlink(&probe->at);
}

const char *probe_mechanism(const struct probe *probe)
{
	return probe->at.mechanism;
}

int probe_monitor(struct probe *probe, pid_t tgid)
{
	unsigned int key, next, one = 1;

	while (!bpf_map_get_next_key(probe->pids_fd, NULL, &next))
		if (bpf_map_delete_elem(probe->pids_fd, &next))
			return -errno;
	for (unsigned int i = 0; i < MONITORED_OTHERS; i++) {
		key = OTHER_TGID + i;
		if (bpf_map_update_elem(probe->pids_fd, &key, &one, BPF_ANY))
			return -errno;
	}
	key = (unsigned int)tgid;
	if (tgid && bpf_map_update_elem(probe->pids_fd, &key, &one, BPF_ANY))
		return -errno;
	return 0;
}

int probe_hits(const struct probe *probe, uint64_t *runs, uint64_t *missed)
{
	struct bpf_prog_info info = {0};
	unsigned int len = sizeof(info);

	if (bpf_obj_get_info_by_fd(probe->prog_fd, &info, &len))
		return -errno;
	*runs = info.run_cnt;
	*missed = info.recursion_misses;
	return 0;
}

int probe_count_hits(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	return fd < 0 ? -errno : fd;
}

int probe_events_fd(const struct probe *probe)
{
	return probe->events_fd;
}

uint64_t probe_dropped(const struct probe *probe)
{
	return probe->counts->dropped;
}
