/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * shared: types and constants that both the BPF programs and user space use: the event, its variant
 * with a sequence number, and the counters in the programs' global memory. Their layout is an ABI
 * between both sides.
 */
#ifndef BPFTOLL_BPF_PROGRAMS_SHARED_H
#define BPFTOLL_BPF_PROGRAMS_SHARED_H

#include <linux/types.h>

/* The event of the probe under test, byte for byte. */
struct entropy_event {
	__u32 pid;  /* the thread id; the kernel calls it pid */
	__u32 tgid; /* the process id: the key of monitored_pids */
	__u64 bytes_freed;
	__u64 timestamp_ns;
	__u32 event_type;
	__u32 padding; /* zero: older verifiers refuse to send uninitialised stack */
};

/* The only global of the probes' object. */
struct probe_counts {
	__u64 dropped; /* events that could not be sent; written only when sending fails */
	__u64 sent;    /* events so far; used only by programs that wake once in N events */
	__u64 runs;    /* used only by the copies of counted.bpf.c */
};

/*
 * The same event with a sequence number. The CPU is in the upper half of event_type and the CPU's
 * sequence number in the padding, so that the event keeps its length and fills a buffer as fast.
 * The sequence number wraps; readers use differences.
 */
struct stream_event {
	__u32 pid, tgid;
	__u64 bytes_freed;
	__u64 timestamp_ns;
	__u16 event_type, cpu;
	__u32 sequence;
};
_Static_assert(sizeof(struct stream_event) == sizeof(struct entropy_event), "as long");

/* One CPU's counts, on two cache lines of their own: the prefetcher fetches lines in pairs. */
struct stream_slot {
	__u64 produced, dropped;
	__u64 unused[14];
};

/* CPUs that have a slot; a power of two. */
#define STREAM_CPUS 1024

/*
 * Fixed when a stream's program is loaded, and frozen, so that the verifier removes the branches
 * that are not taken.
 */
struct stream_constants {
	__u64 wake_flags; /* used where wake_mask is 0 */
	__u32 wake_mask;  /* one wakeup in wake_mask + 1 events of a CPU */
	__u32 batch;	  /* events per hit of a program that floods */
};

#define STREAM_BATCH_MOST 1024

enum entropy_event_type { ENTROPY_MUNMAP = 1, ENTROPY_MADVISE = 2 };

/* Default N of the wakeup policy "every N". A power of two. */
#define WAKE_SAMPLE_EVERY 64

#define MONITORED_PIDS_MAX 1024
#define RINGBUF_BYTES	   (256 * 1024) /* also the size of each CPU's perf buffer */

/*
 * Syscall counts of the monitored processes (rates.bpf.c), on the CPUs whose number modulo
 * RATES_SLOTS is the slot's.
 */
struct rates_slot {
	__u64 all, munmap, madvise_dontneed, madvise_free, madvise_other;
	__u64 padding[3]; /* fills a cache line */
};
#define RATES_SLOTS 64

#endif
