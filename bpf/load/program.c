/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "calib/error.h"
#include "bpf/load/kernel_btf.h"
#include "bpf/load/program.h"
#include "bpf/load/reason.h"

#define LOG_BYTES      (64 * 1024)
#define LOG_STATISTICS 4 /* BPF_LOG_STATS, since 5.2 */

/* Above every pid_max (4,194,304): processes that cannot exist. */
#define OTHER_TGID 0x40000000u

int program_open(struct program *program, enum hook hook, enum probe_target target, const void *elf,
		 size_t elf_bytes, const char *object_name, struct error *why)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .object_name = object_name);
	int err;

	reason_capture();
	reason_clear();
	kernel_btf_take_over();
	program->at.hook = hook;
	program->at.target = target;
	program->object = bpf_object__open_mem(elf, elf_bytes, &opts);
	if (program->object)
		return 0;
	err = -errno;
	reason_explain(hook, err, NULL, why);
	return err;
}

struct bpf_map *program_map(const struct program *program, const char *name)
{
	return bpf_object__find_map_by_name(program->object, name);
}

/* The object's globals are shared with the kernel only through their map (libbpf maps them for
 * skeletons alone). */
static int map_globals(struct program *program)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, program->object)
	{
		const char *dot = strrchr(bpf_map__name(map), '.');
		size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = bpf_map__value_size(map);
		void *globals;

		if (!bpf_map__is_internal(map) || !dot || strcmp(dot, ".bss") != 0)
			continue;
		bytes = (bytes + page - 1) / page * page;
		globals = mmap(NULL, bytes, PROT_READ, MAP_SHARED, bpf_map__fd(map), 0);
		if (globals == MAP_FAILED)
			return -errno;
		program->globals = globals;
		program->globals_bytes = bytes;
		return 0;
	}
	return -ENOENT;
}

/*
 * "verification time 61 usec", "stack depth 40" or, a frame each, "40+16"; "processed 37 insns
 * (limit …". A log of level 4 is these lines after a load, and the verifier's complaint before a
 * refusal.
 */
void program_read_log(const char *log, struct program_facts *facts)
{
	const char *at = strstr(log, "verification time ");

	if (at)
		facts->verify_us = strtoull(at + strlen("verification time "), NULL, 10);
	at = strstr(log, "stack depth ");
	if (!at)
		return;
	facts->stack_bytes = 0;
	at += strlen("stack depth ") - 1;
	do {
		char *end;
		unsigned long long frame = strtoull(at + 1, &end, 10);

		if (end == at + 1)
			break;
		facts->stack_bytes += frame;
		at = end;
	} while (*at == '+');
}

static void read_info(int fd, struct program_facts *facts)
{
	struct bpf_prog_info info = {0};
	unsigned int len = sizeof(info);

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return;
	facts->verified = info.verified_insns;
	facts->xlated_bytes = info.xlated_prog_len;
	facts->jited_bytes = info.jited_prog_len;
}

static uint64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

static int load_with_log(struct program *program, struct error *why)
{
	char *log = calloc(1, LOG_BYTES);
	uint64_t started = now_us();
	int err;

	if (!log)
		return -ENOMEM;
	bpf_program__set_autoload(program->at.program, true);
	bpf_program__set_log_buf(program->at.program, log, LOG_BYTES);
	bpf_program__set_log_level(program->at.program, LOG_STATISTICS);
	err = bpf_object__load(program->object);
	if (err)
		reason_explain(program->at.hook, err, log, why);
	program->facts.load_us = now_us() - started;
	program_read_log(log, &program->facts);
	/* the log belongs to this call only */
	bpf_program__set_log_buf(program->at.program, NULL, 0);
	free(log);
	return err;
}

int program_load(struct program *program, const char *name, struct error *why)
{
	int err;

	program->at.program = bpf_object__find_program_by_name(program->object, name);
	if (!program->at.program)
		return error_set(why, -ENOENT, "no program %s in the object", name);
	err = load_with_log(program, why);
	if (err)
		return err;
	program->fd = bpf_program__fd(program->at.program);
	read_info(program->fd, &program->facts);
	program->pids_fd = bpf_map__fd(program_map(program, "monitored_pids"));
	err = map_globals(program);
	if (!err)
		err = program_monitor_nobody(program);
	if (err)
		error_say(why, "the program's maps: %s", strerror(-err));
	return err;
}

void program_close(struct program *program)
{
	attach_unlink(&program->at);
	if (program->globals)
		munmap((void *)program->globals, program->globals_bytes);
	bpf_object__close(program->object);
	*program = (struct program){0};
}

/*
 * Before 5.13 (kernel commit f3a95075549e) a program on a trampoline can be attached once in its
 * life, then never again (ENOENT). The same instructions, with the same maps, are loaded once more
 * behind the same descriptor.
 */
static int load_again(struct program *program)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts);
	const struct bpf_program *prog = program->at.program;
	int fd, err = kernel_btf_target(prog, bpf_program__expected_attach_type(prog), &opts);

	if (err)
		return err;
	fd = bpf_prog_load(BPF_PROG_TYPE_TRACING, bpf_program__name(prog), "Dual BSD/GPL",
			   bpf_program__insns(prog), bpf_program__insn_cnt(prog), &opts);
	if (fd < 0)
		return fd;
	err = dup3(fd, program->fd, O_CLOEXEC) < 0 ? -errno : 0;
	close(fd);
	return err;
}

int program_attach(struct program *program, struct error *why)
{
	enum hook hook = program->at.hook;
	bool trampoline = hook == HOOK_FENTRY || hook == HOOK_FEXIT;
	int err;

	reason_clear();
	err = attach_link(&program->at, why);
	if (err == -ENOENT && trampoline && program->attached && !load_again(program))
		err = attach_link(&program->at, why);
	program->attached = program->attached || !err;
	if (err && !*why->text)
		reason_explain(hook, err, NULL, why);
	return err;
}

void program_detach(struct program *program)
{
	attach_unlink(&program->at);
}

int program_hits(const struct program *program, uint64_t *runs, uint64_t *missed)
{
	struct bpf_prog_info info = {0};
	unsigned int len = sizeof(info);

	if (bpf_obj_get_info_by_fd(program->fd, &info, &len))
		return -errno;
	*runs = info.run_cnt;
	*missed = info.recursion_misses;
	return 0;
}

int program_monitor(const struct program *program, pid_t tgid)
{
	unsigned int key = (unsigned int)tgid, one = 1;

	return bpf_map_update_elem(program->pids_fd, &key, &one, BPF_ANY) ? -errno : 0;
}

int program_monitor_nobody(const struct program *program)
{
	unsigned int next;

	while (!bpf_map_get_next_key(program->pids_fd, NULL, &next))
		if (bpf_map_delete_elem(program->pids_fd, &next))
			return -errno;
	for (unsigned int i = 0; i < MONITORED_OTHERS; i++) {
		int err = program_monitor(program, (pid_t)(OTHER_TGID + i));

		if (err)
			return err;
	}
	return 0;
}
