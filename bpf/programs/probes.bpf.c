// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The probes: one small program for each variant of variants.def, compiled once for each target
 * syscall. BODY_name(context) is a program's code: the steps up to the event are in hooks.bpf.h,
 * the last ones send the event. A program that sends to a ring buffer exists three times, once for
 * each wakeup policy.
 */
#include "bpf/programs/events.bpf.h"

struct probe_counts counts;

/*
 * Used by WAKE_sampled only, and set before loading; the other programs are loaded without its
 * frozen map.
 */
const volatile __u32 wake_mask = WAKE_SAMPLE_EVERY - 1;

static __always_inline void count_drop(void)
{
	__sync_fetch_and_add(&counts.dropped, 1);
}

/* Wakeup policies of the ring buffer: the kernel's default, never, one in wake_mask + 1 events. */
enum wake { WAKE_default, WAKE_nowake, WAKE_sampled };

static __always_inline __u64 wake_flags(enum wake wake)
{
	if (wake == WAKE_sampled)
		return ++counts.sent & wake_mask ? BPF_RB_NO_WAKEUP : BPF_RB_FORCE_WAKEUP;
	return wake == WAKE_nowake ? BPF_RB_NO_WAKEUP : 0;
}

#define EVENT                                                                           \
	{                                                                               \
		.pid = (__u32)id, .tgid = key, .bytes_freed = len, .timestamp_ns = now, \
		.event_type = TARGET_TYPE                                               \
	}

#define SEND_PERF(event)                                                                \
	struct entropy_event e = event;                                                 \
	if (bpf_perf_event_output(ctx, &events_perf, BPF_F_CURRENT_CPU, &e, sizeof(e))) \
		count_drop();

#define SEND_RINGBUF(event)                                                            \
	struct entropy_event *e = bpf_ringbuf_reserve(&events_ringbuf, sizeof(*e), 0); \
	if (!e) {                                                                      \
		count_drop();                                                          \
		return 0;                                                              \
	}                                                                              \
	*e = (struct entropy_event)event;                                              \
	bpf_ringbuf_submit(e, wake_flags(wake));

#define SEND_RINGBUF_OUTPUT(event)                                                \
	struct entropy_event e = event;                                           \
	if (bpf_ringbuf_output(&events_ringbuf, &e, sizeof(e), wake_flags(wake))) \
		count_drop();

/*
 * The probe under test as its code has it, SEC("kprobe/__x64_sys_munmap"). ctx holds the registers
 * of the syscall's wrapper, whose second one is not an argument (the other programs read the user's
 * registers, hooks.bpf.h), and the two halves of pid_tgid are exchanged.
 */
#define STEPS_AS_WRITTEN                                 \
	__u64 id = bpf_get_current_pid_tgid();           \
	__u32 pid = id >> 32, tgid = (__u32)id;          \
	if (!bpf_map_lookup_elem(&monitored_pids, &pid)) \
		return 0;                                \
	__u64 len = PT_REGS_PARM2(ctx), now = bpf_ktime_get_ns();

#define EVENT_AS_WRITTEN                                                           \
	{                                                                          \
		.pid = pid, .tgid = tgid, .bytes_freed = len, .timestamp_ns = now, \
		.event_type = TARGET_TYPE                                          \
	}

#define BODY_empty(context)
#define BODY_pid(context)		 STEP_PID(context)
#define BODY_lookup_miss(context)	 STEP_LOOKUP(context)
#define BODY_lookup_hit(context)	 STEP_LOOKUP(context)
#define BODY_args(context)		 STEP_ARGS(context)
#define BODY_clock(context)		 STEP_CLOCK(context)
#define BODY_as_written(context)	 STEPS_AS_WRITTEN SEND_PERF(EVENT_AS_WRITTEN)
#define BODY_as_written_ringbuf(context) STEPS_AS_WRITTEN SEND_RINGBUF(EVENT_AS_WRITTEN)
#define BODY_perf(context)		 STEP_CLOCK(context) SEND_PERF(EVENT)
#define BODY_ringbuf(context)		 STEP_CLOCK(context) SEND_RINGBUF(EVENT)
#define BODY_ringbuf_output(context)	 STEP_CLOCK(context) SEND_RINGBUF_OUTPUT(EVENT)

#define PROGRAMS_NONE(name, context, section, body) PROGRAM(name, context, section, body)
#define PROGRAMS_PERF(name, context, section, body) PROGRAM(name, context, section, body)
#define PROGRAMS_RINGBUF(name, context, section, body)                                \
	PROGRAM(name, context, section, enum wake wake = WAKE_default; body)          \
	PROGRAM(name##__nowake, context, section, enum wake wake = WAKE_nowake; body) \
	PROGRAM(name##__sampled, context, section, enum wake wake = WAKE_sampled; body)

#define VARIANT(ID, body, output, hit, summary, HOOK, hook, context, section) \
	PROGRAMS_##output(hook##_##body, context, section, BODY_##body(context))
VARIANTS
