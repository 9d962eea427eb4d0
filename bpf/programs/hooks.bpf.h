/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hooks.bpf: what the BPF programs of all objects share: the target syscall (TARGET_munmap or
 * TARGET_madvise, whose number and name are immediates, as in a hand-written probe), what a program
 * of each hook is given and how it reads its arguments, and the steps of a probe up to the event.
 *
 * There is no CO-RE relocation: what is read (struct pt_regs, syscall numbers, the sys_enter
 * record) is kernel ABI, so libbpf need not parse the kernel's BTF for each program.
 */
#ifndef BPFTOLL_BPF_PROGRAMS_HOOKS_BPF_H
#define BPFTOLL_BPF_PROGRAMS_HOOKS_BPF_H

#include <linux/bpf.h>
#include <linux/ptrace.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "bpf/programs/shared.h"
#include "bpf/programs/variants.def"

char LICENSE[] SEC("license") = "Dual BSD/GPL";

#if defined(__TARGET_ARCH_x86)
#define SYS(name)	"__x64_sys_" name
#define NR_MUNMAP	11
#define NR_MADVISE	28
#define USER_ARG2(user) ((user)->rsi)
#elif defined(__TARGET_ARCH_arm64)
#define SYS(name)	"__arm64_sys_" name
#define NR_MUNMAP	215
#define NR_MADVISE	233
#define pt_regs		user_pt_regs
#define USER_ARG2(user) ((user)->regs[1])
#endif

#if defined(TARGET_munmap)
#define TARGET_NAME SYS("munmap")
#define TARGET_NR   NR_MUNMAP
#define TARGET_TYPE ENTROPY_MUNMAP
#elif defined(TARGET_madvise)
#define TARGET_NAME SYS("madvise")
#define TARGET_NR   NR_MADVISE
#define TARGET_TYPE ENTROPY_MADVISE
#endif

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, MONITORED_PIDS_MAX);
	__type(key, __u32);
	__type(value, __u32);
} monitored_pids SEC(".maps");

/* Makes the compiler compute v here and know nothing about its value; emits no instruction. */
#define keep(v) asm volatile("" : : "r"(v))

/* ---- contexts: type, filter, second syscall argument ---- */

/* The kernel's syscall stubs take one argument: the user's registers (ARCH_HAS_SYSCALL_WRAPPER). */
static __always_inline __u64 arg2_behind(const struct pt_regs *user)
{
	__u64 arg = 0;

	bpf_probe_read_kernel(&arg, sizeof(arg), (const void *)&USER_ARG2(user));
	return arg;
}

/*
 * include/trace/events/syscalls.h: the record of every sys_enter_* tracepoint; its format file
 * makes it ABI
 */
struct sys_enter_record {
	__u64 common;
	__s64 nr;
	__u64 args[6];
};

/* What a program of each context is given (variants.def says which hook has which context). */
#define CTX_REGS	   struct pt_regs
#define CTX_REGS_AFTER	   struct pt_regs
#define CTX_RECORD	   struct sys_enter_record
#define CTX_RAW_SYSCALLS   struct bpf_raw_tracepoint_args
#define CTX_TYPED_SYSCALLS __u64
#define CTX_TYPED	   __u64

/* raw_tp and tp_btf run for every syscall: a real probe filters the number first. */
#define MISS_REGS(ctx)		 0
#define MISS_REGS_AFTER(ctx)	 0
#define MISS_RECORD(ctx)	 0
#define MISS_RAW_SYSCALLS(ctx)	 ((ctx)->args[1] != TARGET_NR)
#define MISS_TYPED_SYSCALLS(ctx) ((ctx)[1] != TARGET_NR)
#define MISS_TYPED(ctx)		 0

#define ARG2_REGS(ctx)		 arg2_behind((const struct pt_regs *)PT_REGS_PARM1(ctx))
#define ARG2_RECORD(ctx)	 ((ctx)->args[1])
#define ARG2_RAW_SYSCALLS(ctx)	 arg2_behind((const struct pt_regs *)(ctx)->args[0])
#define ARG2_TYPED_SYSCALLS(ctx) USER_ARG2((const struct pt_regs *)(ctx)[0])
#define ARG2_TYPED(ctx)		 USER_ARG2((const struct pt_regs *)(ctx)[0])
/*
 * On return the argument registers have been overwritten; the user's registers are still saved
 * (bpf_task_pt_regs, since 5.15).
 */
#define ARG2_REGS_AFTER(ctx) \
	USER_ARG2((const struct pt_regs *)bpf_task_pt_regs(bpf_get_current_task_btf()))

/* ---- the incremental steps: each adds one to the one before ---- */

#define STEP_PID(context)                      \
	if (MISS_##context(ctx))               \
		return 0;                      \
	__u64 id = bpf_get_current_pid_tgid(); \
	keep(id);

#define STEP_LOOKUP(context)                                          \
	STEP_PID(context)                                             \
	__u32 key = id >> 32;                                         \
	void *monitored = bpf_map_lookup_elem(&monitored_pids, &key); \
	keep(monitored);

#define STEP_ARGS(context)               \
	STEP_LOOKUP(context)             \
	if (!monitored)                  \
		return 0;                \
	__u64 len = ARG2_##context(ctx); \
	keep(len);

#define STEP_CLOCK(context)             \
	STEP_ARGS(context)              \
	__u64 now = bpf_ktime_get_ns(); \
	keep(now);

#ifndef COUNT_RUN
#define COUNT_RUN
#endif

/* A program that libbpf loads only when asked to. */
#define PROGRAM(name, context, section, ...)          \
	SEC("?" section) int name(CTX_##context *ctx) \
	{                                             \
		COUNT_RUN                             \
		__VA_ARGS__                           \
		return 0;                             \
	}

#endif
