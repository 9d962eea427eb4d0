// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The probes: one small program for each row of variants.def, compiled once for each target
 * syscall. Each body is a step of the incremental programs in hooks.bpf.h, the last ones send the
 * event.
 */
#include "bpf/programs/hooks.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, sizeof(__u32));
	__uint(value_size, sizeof(__u32));
} events_perf SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, RINGBUF_BYTES);
} events_ringbuf SEC(".maps");

struct probe_counts counts;

/* Of the sampled programs alone, fixed before the load; their frozen map is not made for the
 * others. */
const volatile __u32 wake_mask = WAKE_SAMPLE_EVERY - 1;

#define EVENT                                                                           \
	{                                                                               \
		.pid = (__u32)id, .tgid = key, .bytes_freed = len, .timestamp_ns = now, \
		.event_type = TARGET_TYPE                                               \
	}

/* Wake policies of the ring buffer: the kernel's own, never, one in wake_mask + 1. */
#define WAKE_default 0
#define WAKE_nowake  BPF_RB_NO_WAKEUP
#define WAKE_sampled (++counts.sent & wake_mask ? BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP)

static __always_inline void count_drop(void)
{
	__sync_fetch_and_add(&counts.dropped, 1);
}

#define PROGRAMS_EMPTY(name, hook)	 PROGRAM(name, hook, )
#define PROGRAMS_PID(name, hook)	 PROGRAM(name, hook, STEP_PID(hook))
#define PROGRAMS_LOOKUP_MISS(name, hook) PROGRAM(name, hook, STEP_LOOKUP(hook))
#define PROGRAMS_LOOKUP_HIT(name, hook)	 PROGRAM(name, hook, STEP_LOOKUP(hook))
#define PROGRAMS_ARGS(name, hook)	 PROGRAM(name, hook, STEP_ARGS(hook))
#define PROGRAMS_CLOCK(name, hook)	 PROGRAM(name, hook, STEP_CLOCK(hook))

#define PROGRAMS_PERF(name, hook)                                                               \
	PROGRAM(name, hook, STEP_CLOCK(hook) struct entropy_event e = EVENT;                    \
		if (bpf_perf_event_output(ctx, &events_perf, BPF_F_CURRENT_CPU, &e, sizeof(e))) \
			count_drop();)

#define RINGBUF_WITH(name, hook, wake)                                       \
	PROGRAM(                                                             \
		name, hook,                                                  \
		STEP_CLOCK(hook) struct entropy_event *e =                   \
			bpf_ringbuf_reserve(&events_ringbuf, sizeof(*e), 0); \
		if (!e) {                                                    \
			count_drop();                                        \
			return 0;                                            \
		} *e = (struct entropy_event)EVENT;                          \
		bpf_ringbuf_submit(e, WAKE_##wake);)

#define RINGBUF_OUTPUT_WITH(name, hook, wake)                                        \
	PROGRAM(name, hook, STEP_CLOCK(hook) struct entropy_event e = EVENT;         \
		if (bpf_ringbuf_output(&events_ringbuf, &e, sizeof(e), WAKE_##wake)) \
			count_drop();)

/*
 * The mission's probe as its code has it, SEC("kprobe/__x64_sys_munmap"): ctx holds the registers
 * of the syscall's wrapper, whose second one is no argument (the corrected bodies read the user's
 * registers, hooks.bpf.h), and the halves of pid_tgid have each other's names.
 */
#define AS_WRITTEN_START                                 \
	__u64 id = bpf_get_current_pid_tgid();           \
	__u32 pid = id >> 32, tgid = (__u32)id;          \
	if (!bpf_map_lookup_elem(&monitored_pids, &pid)) \
		return 0;                                \
	__u64 len = PT_REGS_PARM2(ctx), now = bpf_ktime_get_ns();

#define AS_WRITTEN_EVENT                                                           \
	{                                                                          \
		.pid = pid, .tgid = tgid, .bytes_freed = len, .timestamp_ns = now, \
		.event_type = TARGET_TYPE                                          \
	}

#define PROGRAMS_AS_WRITTEN(name, hook)                                                         \
	PROGRAM(name, hook, AS_WRITTEN_START struct entropy_event e = AS_WRITTEN_EVENT;         \
		if (bpf_perf_event_output(ctx, &events_perf, BPF_F_CURRENT_CPU, &e, sizeof(e))) \
			count_drop();)

#define AS_WRITTEN_RINGBUF_WITH(name, hook, wake)                            \
	PROGRAM(                                                             \
		name, hook,                                                  \
		AS_WRITTEN_START struct entropy_event *e =                   \
			bpf_ringbuf_reserve(&events_ringbuf, sizeof(*e), 0); \
		if (!e) {                                                    \
			count_drop();                                        \
			return 0;                                            \
		} *e = (struct entropy_event)AS_WRITTEN_EVENT;               \
		bpf_ringbuf_submit(e, WAKE_##wake);)

#define PROGRAMS_AS_WRITTEN_RINGBUF(name, hook)               \
	AS_WRITTEN_RINGBUF_WITH(name, hook, default)          \
	AS_WRITTEN_RINGBUF_WITH(name##__nowake, hook, nowake) \
	AS_WRITTEN_RINGBUF_WITH(name##__sampled, hook, sampled)

#define PROGRAMS_RINGBUF(name, hook)               \
	RINGBUF_WITH(name, hook, default)          \
	RINGBUF_WITH(name##__nowake, hook, nowake) \
	RINGBUF_WITH(name##__sampled, hook, sampled)

#define PROGRAMS_RINGBUF_OUTPUT(name, hook)               \
	RINGBUF_OUTPUT_WITH(name, hook, default)          \
	RINGBUF_OUTPUT_WITH(name##__nowake, hook, nowake) \
	RINGBUF_OUTPUT_WITH(name##__sampled, hook, sampled)

#define VARIANT(name, hook, body) PROGRAMS_##body(name, hook)
#include "bpf/programs/variants.def"
