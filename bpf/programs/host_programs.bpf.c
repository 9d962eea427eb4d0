// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The host programs: a program for each hook that jumps into whatever program `carried` holds, for
 * calls of one process. What runs can then be exchanged in microseconds, where attaching another
 * program makes the kernel wait for RCU. The index is a constant, so that the JIT makes a direct
 * jump of the tail call.
 */
#include "bpf/programs/hooks.bpf.h"

const volatile __u32 carried_for = 0; /* process id; a constant to the verifier */

__u64 fell_through; /* runs that found nothing to jump into */

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
