// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * rates: counts the syscalls of the monitored processes: all, munmap, and madvise by its advice.
 */
#include "bpf/programs/hooks.bpf.h"

#if defined(__TARGET_ARCH_x86)
#define USER_ARG3(user) ((user)->rdx)
#elif defined(__TARGET_ARCH_arm64)
#define USER_ARG3(user) ((user)->regs[2])
#endif

/* include/uapi/asm-generic/mman-common.h */
#define ADVICE_DONTNEED 4
#define ADVICE_FREE	8

struct rates_slot slots[RATES_SLOTS] __attribute__((aligned(sizeof(struct rates_slot))));

/* CPUs share a slot on a machine with more CPUs than slots, hence the atomic additions. */
#define COUNT(kind) __sync_fetch_and_add(&slot->kind, 1)

static __always_inline void count_advice(struct rates_slot *slot, const struct pt_regs *user)
{
	__u64 advice = 0;

	bpf_probe_read_kernel(&advice, sizeof(advice), (const void *)&USER_ARG3(user));
	if (advice == ADVICE_DONTNEED)
		COUNT(madvise_dontneed);
	else if (advice == ADVICE_FREE)
		COUNT(madvise_free);
	else
		COUNT(madvise_other);
}

SEC("?raw_tp/sys_enter") int rates(struct bpf_raw_tracepoint_args *ctx)
{
	__u32 tgid = bpf_get_current_pid_tgid() >> 32;
	struct rates_slot *slot;

	if (!bpf_map_lookup_elem(&monitored_pids, &tgid))
		return 0;
	slot = &slots[bpf_get_smp_processor_id() & (RATES_SLOTS - 1)];
	COUNT(all);
	if (ctx->args[1] == NR_MUNMAP)
		COUNT(munmap);
	else if (ctx->args[1] == NR_MADVISE)
		count_advice(slot, (const struct pt_regs *)ctx->args[0]);
	return 0;
}
