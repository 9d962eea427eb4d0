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

#define HOST_PROGRAM(name, hook)                                                                   \
	PROGRAM(name, hook,                                                                        \
		if (MISS_##hook(ctx) || bpf_get_current_pid_tgid() >> 32 != carried_for) return 0; \
		bpf_tail_call(ctx, &carried, 0); __sync_fetch_and_add(&fell_through, 1);)

HOST_PROGRAM(kprobe, KPROBE)
HOST_PROGRAM(kprobe_offset, KPROBE_OFFSET)
HOST_PROGRAM(kprobe_int3, KPROBE_INT3)
HOST_PROGRAM(kretprobe, KRETPROBE)
HOST_PROGRAM(kprobe_multi, KPROBE_MULTI)
HOST_PROGRAM(tracepoint, TRACEPOINT)
HOST_PROGRAM(raw_tp, RAW_TP)
HOST_PROGRAM(tp_btf, TP_BTF)
HOST_PROGRAM(fentry, FENTRY)
HOST_PROGRAM(fexit, FEXIT)
