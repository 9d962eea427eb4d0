/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program: one program out of an embedded object of many: opened, loaded, attached, counted,
 * closed. What probe and stream have in common.
 *
 * program_open (nothing is loaded yet: sizes and constants are still the caller's to set) ->
 * program_load (the verifier has spoken) -> program_attach … program_detach … -> program_close,
 * which is safe at any point after zeroing.
 */
#ifndef BPFTOLL_BPF_LOAD_PROGRAM_H
#define BPFTOLL_BPF_LOAD_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "calib/error.h"
#include "bpf/load/attach.h"

/* What the kernel made of a program. 0: it does not say (verified: since 5.16). */
struct program_facts {
	uint64_t verified;	     /* instructions that the verifier walked through */
	uint64_t xlated_bytes;	     /* as the kernel keeps it */
	uint64_t jited_bytes;	     /* as it runs; 0: interpreted */
	uint64_t stack_bytes;	     /* of all its frames */
	uint64_t verify_us, load_us; /* in the verifier; from open file to loaded program, maps and
					JIT included */
};

struct program {
	struct bpf_object *object;
	struct attachment at;
	int fd, pids_fd; /* the program, monitored_pids */
	bool attached;	 /* it has been, at least once */
	struct program_facts facts;
	volatile void *globals; /* the object's .bss, read-only memory shared with the kernel */
	size_t globals_bytes;
};

/* elf: the object as a skeleton embeds it. 0 or -errno, why. */
int program_open(struct program *program, enum hook hook, enum probe_target target, const void *elf,
		 size_t elf_bytes, const char *object_name, struct error *why);

/* Only maps that the caller created or left to be created exist afterwards. 0 or -errno with the
 * kernel's reason. */
int program_load(struct program *program, const char *name, struct error *why);

int program_attach(struct program *program, struct error *why);
void program_detach(struct program *program);
void program_close(struct program *program);

/* A map of the object, by name: for its autocreate flag and size before the load, its fd after. Not
 * found: NULL. */
struct bpf_map *program_map(const struct program *program, const char *name);

/* Stack and time from the verifier's statistics (log level 4) into facts; what is not there stays
 * 0. Pure. */
void program_read_log(const char *log, struct program_facts *facts);

/* Runs while counting was on, and runs that the kernel skipped. 0 or -errno. */
int program_hits(const struct program *program, uint64_t *runs, uint64_t *missed);

/* Empties monitored_pids but for MONITORED_OTHERS processes that cannot exist. 0 or -errno. */
int program_monitor_nobody(const struct program *program);

/* Puts one process in. 0 or -errno. */
int program_monitor(const struct program *program, pid_t tgid);

#endif
