// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * The streams: for each hook and kind of buffer the complete probe with a sequence number and
 * counts per CPU.
 *
 * The wakeup policy is a frozen constant and not a program of its own, since there are as many
 * policies as powers of two; it leaves one load from a line that is always cached. Two runs of a
 * program never overlap on a CPU (preemption is off, or the trampoline's recursion check skips the
 * second run and counts it), so plain increments are exact.
 */
#include "bpf/programs/events.bpf.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 1); /* resized to the number of CPUs before loading */
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_RINGBUF);
			__uint(max_entries, RINGBUF_BYTES);
		});
} events_rings SEC(".maps");

const volatile struct stream_constants constants = {};
struct stream_slot slots[STREAM_CPUS] __attribute__((aligned(sizeof(struct stream_slot))));

static __always_inline __u64 wake(__u32 sequence)
{
	__u32 mask = constants.wake_mask;

	if (mask)
		return (sequence & mask) == mask ? BPF_RB_FORCE_WAKEUP : BPF_RB_NO_WAKEUP;
	return constants.wake_flags;
}

#define EVENT                                                                            \
	{                                                                                \
		.pid = (__u32)id, .tgid = key, .bytes_freed = len, .timestamp_ns = now,  \
		.event_type = TARGET_TYPE, .cpu = cpu, .sequence = (__u32)slot->produced \
	}

#define STEP_SLOT(context)                      \
	STEP_CLOCK(context)                     \
	__u32 cpu = bpf_get_smp_processor_id(); \
	struct stream_slot *slot = &slots[cpu & (STREAM_CPUS - 1)];

/* Each of these sends one event and keeps the slot's counts right. */
#define SEND_PERF                                                                               \
	{                                                                                       \
		struct stream_event e = EVENT;                                                  \
		slot->produced++;                                                               \
		if (bpf_perf_event_output(ctx, &events_perf, BPF_F_CURRENT_CPU, &e, sizeof(e))) \
			slot->dropped++;                                                        \
	}

#define SEND_TO(ring)                                                              \
	{                                                                          \
		struct stream_event *e = bpf_ringbuf_reserve(ring, sizeof(*e), 0); \
		if (e) {                                                           \
			*e = (struct stream_event)EVENT;                           \
			bpf_ringbuf_submit(e, wake((__u32)slot->produced));        \
		} else {                                                           \
			slot->dropped++;                                           \
		}                                                                  \
		slot->produced++;                                                  \
	}

#define SEND_RINGBUF SEND_TO(&events_ringbuf)

#define SEND_RINGBUF_OUTPUT                                                               \
	{                                                                                 \
		struct stream_event e = EVENT;                                            \
		slot->produced++;                                                         \
		if (bpf_ringbuf_output(&events_ringbuf, &e, sizeof(e), wake(e.sequence))) \
			slot->dropped++;                                                  \
	}

#define SEND_RING_PER_CPU                                              \
	{                                                              \
		void *ring = bpf_map_lookup_elem(&events_rings, &cpu); \
		if (ring) {                                            \
			SEND_TO(ring)                                  \
		} else {                                               \
			slot->produced++;                              \
			slot->dropped++;                               \
		}                                                      \
	}

#define STREAMS(ID, name, context, section, written, summary)                                    \
	PROGRAM(name##_perf, context, section, STEP_SLOT(context) SEND_PERF)                     \
	PROGRAM(name##_ringbuf, context, section, STEP_SLOT(context) SEND_RINGBUF)               \
	PROGRAM(name##_ringbuf_output, context, section, STEP_SLOT(context) SEND_RINGBUF_OUTPUT) \
	PROGRAM(name##_ring_per_cpu, context, section, STEP_SLOT(context) SEND_RING_PER_CPU)
HOOKS(STREAMS)

/*
 * Sends many events per hit, as the kernel's own benchmark of its buffers does: to find what a
 * reader can take, not what a probe costs.
 */
#define FLOOD(name, SEND)                               \
	PROGRAM(name, RAW_SYSCALLS, "raw_tp/sys_enter", \
		STEP_SLOT(RAW_SYSCALLS) for (__u32 i = 0; i < constants.batch; i++) SEND)

FLOOD(flood_perf, SEND_PERF)
FLOOD(flood_ringbuf, SEND_RINGBUF)
FLOOD(flood_ringbuf_output, SEND_RINGBUF_OUTPUT)
FLOOD(flood_ring_per_cpu, SEND_RING_PER_CPU)
