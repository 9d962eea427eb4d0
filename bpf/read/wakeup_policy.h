/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wakeup_policy: the one table of when the kernel wakes the reader and how the reader waits.
 *
 * The cost of an output helper depends on what its reader does at that moment, so this is part of
 * what is measured. Probes (probe_reader.h), event runs, contention, floods and the suite apps all
 * take their reader's settings from here: a name means the same wakeups, wait, interval and N
 * wherever it is printed.
 */
#ifndef BPFTOLL_BPF_READ_WAKEUP_POLICY_H
#define BPFTOLL_BPF_READ_WAKEUP_POLICY_H

#include <stdbool.h>

#include "bpf/read/consumer.h"
#include "bpf/load/variant.h"

enum wakeup_policy {
	WAKEUP_OFF,	   /* the program sends nothing */
	WAKEUP_NONE,	   /* nobody reads: the buffer is full and every event is lost */
	WAKEUP_IDLE,	   /* nobody is woken; the caller reads between blocks of calls */
	WAKEUP_CAUGHT_UP,  /* each event may wake the reader, which sleeps in epoll_wait */
	WAKEUP_BUSY,	   /* each event may wake the reader, which spins and never sleeps */
	WAKEUP_SAMPLED,	   /* one event in N wakes the reader */
	WAKEUP_POLLED_1MS, /* nobody is woken; the reader looks every millisecond */
	WAKEUP_SPIN,	   /* nobody is woken; the reader spins */
	WAKEUP_NAMED_COUNT,
	/* The policies above may be asked for by name; those below belong to single scenarios. */
	WAKEUP_LEVEL = WAKEUP_NAMED_COUNT, /* as WAKEUP_CAUGHT_UP, level-triggered */
	WAKEUP_POLL,			   /* as WAKEUP_CAUGHT_UP, by poll(2) */
	WAKEUP_FORCED,		   /* each event wakes the reader, whether it sleeps or not */
	WAKEUP_POLLED_10MS,	   /* nobody is woken; the reader looks every 10 ms */
	WAKEUP_SAMPLED_16_10MS,	   /* one event in 16 wakes the reader, which looks every 10 ms */
	WAKEUP_SAMPLED_256_10MS,   /* the same, one in 256 */
	WAKEUP_SAMPLED_512,	   /* one in 512, and the reader does not look by itself */
	WAKEUP_WATERMARK_16K_10MS, /* perf only: 16 KiB of events wake it; it looks every 10 ms */
	WAKEUP_BACKLOG, /* nobody is woken; the reader takes a full buffer when it is told to */
	WAKEUP_COUNT
};

struct wakeup_policy_row {
	const char *name, *summary; /* summary: only of those that may be asked for */
	enum ring_wake wake; /* of the program; for a perf buffer, of its reader's attributes */
	unsigned int every;  /* WAKE_SAMPLED: one event in this many wakes, a power of two */
	unsigned int every_bytes; /* the same in bytes, for a perf buffer */
	enum consumer_wait wait;
	int interval_ms; /* the reader looks after this long without a wakeup; -1: never */
};

/* Valid until reader_sampled_every is called. */
const struct wakeup_policy_row *wakeup_policy_row(enum wakeup_policy state);

/*
 * Sets N of WAKEUP_SAMPLED, which becomes a part of its name; WAKE_SAMPLE_EVERY by default. Call it
 * before anything is opened. 0; -EINVAL: not a power of two from 2 to READER_EVERY_MOST.
 */
#define READER_EVERY_MOST 1024u
int reader_sampled_every(unsigned int every);

/* As in a record: "default", "never", "every", "force"; "none": nobody reads. */
const char *reader_wake_name(const struct wakeup_policy_row *state);
const char *reader_wait_name(const struct wakeup_policy_row *state);

/*
 * Options for opening the reader. cpu: of its process; -1: the caller reads. perf_cpu: see
 * consumer.h.
 */
struct consumer_options reader_options(enum wakeup_policy state, int cpu, int perf_cpu);

const char *wakeup_policy_name(enum wakeup_policy state); /* "-" for WAKEUP_OFF */
const char *wakeup_policy_summary(enum wakeup_policy state);

/* Finds a policy that may be asked for; WAKEUP_SAMPLED whatever its N. */
bool wakeup_policy_find(const char *name, enum wakeup_policy *out);

/* Does the policy need a reader process on a CPU of its own? */
bool wakeup_policy_needs_cpu(enum wakeup_policy state);

/* What the program must be told about wakeups under this policy. */
enum ring_wake wakeup_ring_wake(enum wakeup_policy state);

#endif
