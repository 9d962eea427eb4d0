/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * program: what the kernel says of a program that is loaded: what the verifier and the JIT made of
 * it, and its runs.
 */
#ifndef BPFTOLL_BPF_LOAD_PROGRAM_H
#define BPFTOLL_BPF_LOAD_PROGRAM_H

#include <stdint.h>

/* What the kernel made of a program. 0: it does not say (verified: since 5.16). */
struct program_facts {
	uint64_t verified;	     /* instructions that the verifier walked through */
	uint64_t xlated_bytes;	     /* as the kernel keeps it */
	uint64_t jited_bytes;	     /* as it runs; 0: interpreted */
	uint64_t stack_bytes;	     /* of all its frames */
	uint64_t verify_us, load_us; /* in the verifier; from open file to loaded program, maps and
					JIT included */
};

/* Stack and time from the verifier's statistics (log level 4) into facts; what is not there stays
 * 0. Pure. */
void program_read_log(const char *log, struct program_facts *facts);

/* The rest, of a loaded program, but for load_us. */
void program_read_info(int fd, struct program_facts *facts);

/* While counting was on (probe_count_hits): runs and the ns in them; and, always, runs that the
 * kernel skipped. */
struct program_runs {
	uint64_t runs, ns, missed;
};

/* 0 or -errno. */
int program_runs(int fd, struct program_runs *out);

#endif
