/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program: what the kernel tells about a loaded program: what the verifier and the JIT made of it,
 * and its runs.
 */
#ifndef BPFTOLL_BPF_LOAD_PROGRAM_H
#define BPFTOLL_BPF_LOAD_PROGRAM_H

#include <stdint.h>

/*
 * What the kernel made of a program; 0 where it does not tell.
 */
struct program_facts {
	uint64_t verified;	     /* instructions that the verifier walked through */
	uint64_t xlated_bytes;	     /* bytes after the verifier's rewriting */
	uint64_t jited_bytes;	     /* bytes of machine code; 0: interpreted */
	uint64_t stack_bytes;	     /* bytes, of all frames */
	uint64_t verify_us, load_us; /* in the verifier; opening, maps, verifier and JIT */
};

/*
 * Fills stack, verification time and verified instructions from the verifier's statistics (log
 * level 4); what the log lacks stays 0. Pure.
 */
void program_read_log(const char *log, struct program_facts *facts);

/* Fills the rest, except load_us, from a loaded program. */
void program_read_info(int fd, struct program_facts *facts);

/*
 * Runs and the ns spent in them, while counting was on (probe_count_hits); and hits that the kernel
 * skipped, always counted.
 */
struct program_runs {
	uint64_t runs, ns, missed;
};

/* 0 or -errno. */
int program_runs(int fd, struct program_runs *out);

/*
 * Is a program that is loaded now compiled to machine code? 1; 0: interpreted; -errno: none can be
 * loaded, or its code is not shown without CAP_BPF.
 */
int program_jit(void);

#endif
