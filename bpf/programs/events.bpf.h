/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* events.bpf: the perf buffer and the ring buffer of the objects that send events. */
#ifndef BPFTOLL_BPF_PROGRAMS_EVENTS_BPF_H
#define BPFTOLL_BPF_PROGRAMS_EVENTS_BPF_H

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

#endif
