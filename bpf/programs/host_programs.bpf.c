// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The host programs: for each hook a program that tail-calls whatever program the map `carried`
 * holds, for calls of one process. The program that runs can so be exchanged in microseconds;
 * attaching another one makes the kernel wait for RCU. The index is a constant, so the JIT turns
 * the tail call into a direct jump.
 */
#include "bpf/programs/hooks.bpf.h"

const volatile __u32 carried_for = 0; /* process id; a constant to the verifier */

__u64 fell_through; /* runs for which the map held no program */

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} carried SEC(".maps");

#define HOST_PROGRAM(ID, name, context, section, written, summary)             \
	PROGRAM(name, context, section,                                        \
		if (MISS_##context(ctx) ||                                     \
		    bpf_get_current_pid_tgid() >> 32 != carried_for) return 0; \
		bpf_tail_call(ctx, &carried, 0); __sync_fetch_and_add(&fell_through, 1);)
HOOKS(HOST_PROGRAM)
