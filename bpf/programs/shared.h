/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * shared: what the BPF programs and the user side both see.
 */
#ifndef BPFTOLL_BPF_PROGRAMS_SHARED_H
#define BPFTOLL_BPF_PROGRAMS_SHARED_H

#include <linux/types.h>

/* The event of the probe under test, to the byte. */
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

/*
 * The same event with event accounting: its CPU and that CPU's sequence number stand in the upper
 * half of event_type and in the padding, so that it is as long as that one and fills a buffer
 * as fast. The sequence wraps; readers count by differences.
 */
struct stream_event {
	__u32 pid, tgid;
	__u64 bytes_freed;
	__u64 timestamp_ns;
	__u16 event_type, cpu;
	__u32 sequence;
};
_Static_assert(sizeof(struct stream_event) == sizeof(struct entropy_event), "as long");

/* One CPU's counts, on cache lines of its own (two: the prefetcher fetches them in pairs). */
struct stream_slot {
	__u64 produced, dropped;
	__u64 unused[14];
};

/* CPUs that have a slot; a power of two. */
#define STREAM_CPUS 1024

/* What is fixed when a stream's program is loaded: frozen, so that the verifier removes the
 * branches not taken. */
struct stream_constants {
	__u64 wake_flags; /* where wake_mask is 0 */
	__u32 wake_mask;  /* one wake-up in wake_mask + 1 events of a CPU */
	__u32 batch;	  /* events a hit of a flood program */
};

#define STREAM_BATCH_MOST 1024

enum entropy_event_type { ENTROPY_MUNMAP = 1, ENTROPY_MADVISE = 2 };

/* One wake-up in this many events for the wakeup policy "sampled". A power of two. */
#define WAKE_SAMPLE_EVERY 64

#define MONITORED_PIDS_MAX 1024
#define RINGBUF_BYTES	   (256 * 1024) /* and a perf buffer's, of each CPU */

/*
 * Syscalls of the monitored processes (rates.bpf.c), on the CPUs whose number ends in the slot's.
 */
struct rates_slot {
	__u64 all, munmap, madvise_dontneed, madvise_free, madvise_other;
	__u64 padding[3]; /* a cache line of its own */
};
#define RATES_SLOTS 64

#endif
