/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "calib/error.h"
#include "bpf/foreign/foreign.h"
#include "bpf/programs/shared.h" /* before the skeletons, which use its types */
#include "bpf/load/kernel_btf.h"
#include "bpf/load/probe.h"
#include "bpf/programs/counted_madvise.skel.h"
#include "bpf/programs/counted_munmap.skel.h"
#include "bpf/programs/probes_madvise.skel.h"
#include "bpf/programs/probes_munmap.skel.h"
#include "bpf/load/reason.h"
#include "calib/clock.h"

#define LOG_BYTES      (64 * 1024)
#define LOG_STATISTICS 4 /* BPF_LOG_STATS, since 5.2 */

/* Above the highest pid_max (4,194,304): ids that no process can have. */
#define OTHER_TGID 0x40000000u

struct probe {
	struct bpf_object *object;
	struct attachment at;
	int fd, pids_fd, events_fd; /* program, monitored_pids, buffer; -1: none */
	bool attached;		    /* was attached at least once */
	struct program_facts facts;
	volatile void *globals; /* the object's .bss, a read-only mapping shared with the kernel */
	size_t globals_bytes;
	struct foreign *foreign;       /* then nothing else of this is used but facts */
	const struct variant *variant; /* of probe_open, with wake and wake_mask; for its copy */
	enum ring_wake wake;
	unsigned int wake_mask;
	struct probe *copy; /* that counts its runs; made when it is needed */
	bool copied;	    /* the copy is in the program's place */
};

/* ---- from an embedded object to a loaded program ---- */

/* libbpf's map of a section (".bss", ".rodata"). */
static bool is_section(const struct bpf_map *map, const char *section)
{
	const char *dot = strrchr(bpf_map__name(map), '.');

	return bpf_map__is_internal(map) && dot && !strcmp(dot, section);
}

/*
 * Loading an object makes all of its maps. Switches off the buffers that are not used, sizes the
 * one that is, and makes .rodata only where constants are given.
 */
static int choose_maps(struct probe *probe, const struct probe_request *request)
{
	bool constants = false;
	struct bpf_map *map;
	int err = 0;

	bpf_object__for_each_map(map, probe->object)
	{
		const char *name = bpf_map__name(map);
		bool events = !strncmp(name, "events_", 7);
		bool wanted = request->events && !strcmp(name, request->events);

		if (is_section(map, ".rodata") && request->constants) {
			err = bpf_map__set_initial_value(map, request->constants,
							 request->constants_bytes);
			constants = true;
		} else if (is_section(map, ".rodata") || (events && !wanted)) {
			err = bpf_map__set_autocreate(map, false);
		} else if (request->maps_of) {
			err = bpf_map__reuse_fd(map, probe_map_fd(request->maps_of, name));
		} else if (events && request->events_entries) {
			err = bpf_map__set_max_entries(map, request->events_entries);
		}
		if (err)
			return err;
	}
	return request->constants && !constants ? -ENOENT : 0;
}

static int load_with_log(struct probe *probe, struct error *why)
{
	char *log = calloc(1, LOG_BYTES);
	uint64_t started = clock_ns();
	int err;

	if (!log)
		return error_set(why, -ENOMEM, "out of memory");
	bpf_program__set_autoload(probe->at.program, true);
	bpf_program__set_log_buf(probe->at.program, log, LOG_BYTES);
	bpf_program__set_log_level(probe->at.program, LOG_STATISTICS);
	err = bpf_object__load(probe->object);
	if (err)
		reason_explain(attach_needs(probe->at.hook), err, log, why);
	probe->facts.load_us = (clock_ns() - started) / 1000;
	program_read_log(log, &probe->facts);
	/* the log buffer lives only in this call */
	bpf_program__set_log_buf(probe->at.program, NULL, 0);
	free(log);
	return err;
}

/*
 * Maps the object's globals, which are shared with the kernel only through their map: libbpf maps
 * them for skeletons alone.
 */
static int map_globals(struct probe *probe)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct bpf_map *map;

	bpf_object__for_each_map(map, probe->object)
	{
		size_t bytes = (bpf_map__value_size(map) + page - 1) / page * page;
		void *globals;

		if (!is_section(map, ".bss"))
			continue;
		globals = mmap(NULL, bytes, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
		if (globals == MAP_FAILED)
			return -errno;
		probe->globals = globals;
		probe->globals_bytes = bytes;
		return 0;
	}
	return -ENOENT;
}

static int load_object(struct probe *probe, const struct probe_request *request, struct error *why)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = request->object_name);
	int err;

	reason_capture();
	reason_clear();
	kernel_btf_take_over();
	probe->at.hook = request->hook;
	probe->at.target = request->target;
	probe->object = bpf_object__open_mem(request->elf, request->elf_bytes, &opts);
	if (!probe->object) {
		err = -errno;
		reason_explain(attach_needs(request->hook), err, NULL, why);
		return err;
	}
	probe->at.program = bpf_object__find_program_by_name(probe->object, request->name);
	if (!probe->at.program)
		return error_set(why, -ENOENT, "no program %s in the object", request->name);
	err = choose_maps(probe, request);
	if (err)
		return error_set(why, err, "the program's maps: %s", strerror(-err));
	return load_with_log(probe, why);
}

int probe_load(const struct probe_request *request, struct probe **out, struct error *why)
{
	struct probe *probe = calloc(1, sizeof(*probe));
	int err;

	if (!probe)
		return error_set(why, -ENOMEM, "out of memory");
	err = load_object(probe, request, why);
	if (err)
		goto out;
	probe->fd = bpf_program__fd(probe->at.program);
	program_read_info(probe->fd, &probe->facts);
	probe->pids_fd = probe_map_fd(probe, "monitored_pids");
	probe->events_fd = request->events ? probe_map_fd(probe, request->events) : -1;
	err = map_globals(probe);
	if (!err && !request->maps_of)
		err = probe_monitor(probe, 0);
	if (err)
		error_say(why, "the program's maps: %s", strerror(-err));
out:
	if (err)
		probe_close(probe);
	else
		*out = probe;
	return err;
}

static unsigned int wake_every = WAKE_SAMPLE_EVERY;

void probe_wake_every(unsigned int every)
{
	wake_every = every;
}

static int open_foreign(const struct variant *variant, struct probe **out, struct error *why)
{
	struct probe *probe = calloc(1, sizeof(*probe));
	int err;

	if (!probe)
		return error_set(why, -ENOMEM, "out of memory");
	err = foreign_open(variant->foreign, &probe->foreign, why);
	if (err) {
		free(probe);
		return err;
	}
	probe->fd = probe->events_fd = -1;
	probe->facts = *foreign_facts(probe->foreign);
	err = foreign_monitor_fd(probe->foreign, &probe->pids_fd, why);
	if (err)
		probe_close(probe);
	else
		*out = probe;
	return err;
}

/* The program of the variant, or, with probe, the copy of it that counts. */
static int open_ours(const struct variant *variant, enum probe_target target, enum ring_wake wake,
		     const unsigned int *wake_mask, const struct probe *probe, struct probe **out,
		     struct error *why)
{
	static const char *const suffix[] = {"", "__nowake", "__sampled", "__always"};
	static const char *const events[] = {NULL, "events_perf", "events_ringbuf"};
	static const void *(*const objects[2][TARGET_COUNT])(size_t *) = {
		{probes_munmap__elf_bytes, probes_madvise__elf_bytes},
		{counted_munmap__elf_bytes, counted_madvise__elf_bytes},
	};
	enum output output = body_output(variant->body);
	bool ring = output == OUTPUT_RINGBUF;
	char name[64];
	struct probe_request request = {
		.hook = variant->hook,
		.target = target,
		.name = name,
		.object_name = variant->name,
		.events = events[output],
		.constants = ring && wake == WAKE_SAMPLED ? wake_mask : NULL,
		.constants_bytes = sizeof(*wake_mask),
		.maps_of = probe,
	};

	snprintf(name, sizeof(name), "%s%s", variant->name, ring ? suffix[wake] : "");
	request.elf = objects[probe != NULL][target](&request.elf_bytes);
	return probe_load(&request, out, why);
}

int probe_open(const struct variant *variant, enum probe_target target, enum ring_wake wake,
	       struct probe **out, struct error *why)
{
	const unsigned int wake_mask = wake_every - 1;
	int err;

	if (variant->foreign)
		return open_foreign(variant, out, why);
	err = open_ours(variant, target, wake, &wake_mask, NULL, out, why);
	if (err)
		return err;
	(*out)->variant = variant;
	(*out)->wake = wake;
	(*out)->wake_mask = wake_mask;
	return 0;
}

void probe_close(struct probe *probe)
{
	if (!probe)
		return;
	foreign_close(probe->foreign);
	probe_close(probe->copy);
	attach_unlink(&probe->at);
	if (probe->globals)
		munmap((void *)probe->globals, probe->globals_bytes);
	bpf_object__close(probe->object);
	free(probe);
}

/* ---- attached ---- */

/*
 * Before Linux 5.13 (commit f3a95075549e) a program can be attached to a trampoline only once (then
 * ENOENT). The same instructions with the same maps are loaded again, and replace the program
 * behind the same descriptor.
 */
static int load_again(struct probe *probe)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	const struct bpf_program *prog = probe->at.program;
	int fd, err = kernel_btf_target(prog, bpf_program__expected_attach_type(prog), &opts);

	if (err)
		return err;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, bpf_program__name(prog), "Dual BSD/GPL",
			   bpf_program__insns(prog), bpf_program__insn_cnt(prog), &opts);
	if (fd < 0)
		return fd;
	err = dup3(fd, probe->fd, O_CLOEXEC) < 0 ? -errno : 0;
	close(fd);
	return err;
}

int probe_attach(struct probe *probe, struct error *why)
{
	bool trampoline = hook_rows[probe->at.hook].context == CONTEXT_TYPED;
	int err;

	if (probe->foreign)
		return foreign_attach(probe->foreign, why);
	reason_clear();
	err = attach_link(&probe->at, why);
	if (err == -ENOENT && trampoline && probe->attached && !load_again(probe))
		err = attach_link(&probe->at, why);
	probe->attached = probe->attached || !err;
	if (err && !*why->text)
		reason_explain(attach_needs(probe->at.hook), err, NULL, why);
	return err;
}

void probe_detach(struct probe *probe)
{
	if (probe->foreign)
		foreign_detach(probe->foreign);
	if (probe->copy)
		probe_detach(probe->copy);
	probe->copied = false;
	attach_unlink(&probe->at);
}

const struct attachment *probe_attachment(const struct probe *probe)
{
	return &probe->at;
}

const char *probe_mechanism(const struct probe *probe)
{
	return probe->foreign ? foreign_mechanism(probe->foreign) : probe->at.mechanism;
}

/* ---- whose calls it counts ---- */

int probe_monitor_also(struct probe *probe, pid_t tgid)
{
	const unsigned int key = (unsigned int)tgid;
	const unsigned int value[FOREIGN_VALUE_MOST / sizeof(unsigned int)] = {1};

	return bpf_map_update_elem(probe->pids_fd, &key, value, BPF_ANY) ? -errno : 0;
}

bool probe_monitors(const struct probe *probe, const struct variant *variant)
{
	return variant->foreign ? probe->pids_fd >= 0 : body_rows[variant->body].wants_hit;
}

int probe_monitor(struct probe *probe, pid_t tgid)
{
	unsigned int next;
	int err = 0;

	while (!bpf_map_get_next_key(probe->pids_fd, NULL, &next))
		if (bpf_map_delete_elem(probe->pids_fd, &next))
			return -errno;
	for (unsigned int i = 0; i < MONITORED_OTHERS && !err; i++)
		err = probe_monitor_also(probe, (pid_t)(OTHER_TGID + i));
	return err || !tgid ? err : probe_monitor_also(probe, tgid);
}

/* ---- what it did ---- */

static int runs_of(const struct probe *probe, struct program_runs *out)
{
	return probe->foreign ? foreign_runs(probe->foreign, out) : program_runs(probe->fd, out);
}

int probe_hits(const struct probe *probe, uint64_t *runs, uint64_t *missed)
{
	struct program_runs all = {0};
	int err = runs_of(probe->copied ? probe->copy : probe, &all);

	/* read last, as the kernel reads its own: the call above may run the program too */
	*runs = probe->copied ? ((const volatile struct probe_counts *)probe->globals)->runs
			      : all.runs;
	*missed = all.missed;
	return err;
}

int probe_time(const struct probe *probe, uint64_t *runs, uint64_t *ns)
{
	struct program_runs all = {0};
	int err = runs_of(probe, &all);

	*runs = all.runs;
	*ns = all.ns;
	return err;
}

int probe_count_hits(void)
{
	int fd = bpf_enable_stats(BPF_STATS_RUN_TIME);

	return fd < 0 ? -errno : fd;
}

int probe_copy_begin(struct probe *probe, struct error *why)
{
	int err = 0;

	if (!probe->variant)
		return error_set(why, -EPERM,
				 "runs of foreign programs are counted by the kernel alone "
				 "(BPF_ENABLE_STATS), which needs CAP_SYS_ADMIN");
	if (!probe->copy)
		err = open_ours(probe->variant, probe->at.target, probe->wake, &probe->wake_mask,
				probe, &probe->copy, why);
	if (err)
		return err;
	attach_unlink(&probe->at);
	err = probe_attach(probe->copy, why);
	probe->copied = !err;
	return err;
}

int probe_copy_end(struct probe *probe, struct error *why)
{
	probe_detach(probe);
	return probe_attach(probe, why);
}

const struct program_facts *probe_facts(const struct probe *probe)
{
	return &probe->facts;
}

int probe_map_fd(const struct probe *probe, const char *name)
{
	return bpf_object__find_map_fd_by_name(probe->object, name);
}

const volatile void *probe_globals(const struct probe *probe)
{
	return probe->globals;
}

int probe_events_fd(const struct probe *probe)
{
	return probe->events_fd;
}

const struct foreign_maps *probe_foreign_maps(const struct probe *probe)
{
	return probe->foreign ? foreign_maps(probe->foreign) : NULL;
}

uint64_t probe_dropped(const struct probe *probe)
{
	if (probe->foreign)
		return 0;
	return ((const volatile struct probe_counts *)probe->globals)->dropped;
}
