/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * shared: what the BPF programs and the user side both see.
 */
#ifndef BPFTOLL_SHARED_H
#define BPFTOLL_SHARED_H

#include <linux/types.h>

/* The event of the mission, to the byte. */
struct entropy_event {
	__u32 pid;  /* thread id, as the kernel calls it */
	__u32 tgid; /* process id: the key of monitored_pids */
	__u64 bytes_freed;
	__u64 timestamp_ns;
	__u32 event_type;
	__u32 padding; /* zero: older verifiers refuse to send uninitialised stack */
};

/* The object's only global. */
struct probe_counts {
	__u64 dropped; /* events that could not be sent; touched on the failing path only */
	__u64 sent;    /* events so far, for the sampled wake-up; touched by those programs only */
};

enum entropy_event_type { ENTROPY_MUNMAP = 1, ENTROPY_MADVISE = 2 };

/* One wake-up in this many events for the drain state "sampled". A power of two. */
#define WAKE_SAMPLE_EVERY 64

#define MONITORED_PIDS_MAX 1024
#define RINGBUF_BYTES	   (256 * 1024)
#define PERF_BUFFER_PAGES  64 /* 256 KiB a CPU, the ring buffer's size */

#endif
