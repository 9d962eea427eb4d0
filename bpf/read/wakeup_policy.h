/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wakeup_policy: the one table of when the kernel wakes the reader, and of how the reader
 * waits.
 *
 * What an output helper costs is set by what its reader does at that moment, so it is part
 * of what is measured. Results (probe_reader.h), event runs, contention, the flood and the programs
 * of suite apps all take their reader from here: one name means the same wake-up policy, the same
 * wait, interval and N wherever it is printed.
 */
#ifndef BPFTOLL_BPF_READ_WAKEUP_POLICY_H
#define BPFTOLL_BPF_READ_WAKEUP_POLICY_H

#include <stdbool.h>

#include "bpf/read/consumer.h"
#include "bpf/load/variant.h"

enum wakeup_policy {
	WAKEUP_OFF,	   /* the body sends nothing */
	WAKEUP_NONE,	   /* nobody reads, the buffer is full, every event is lost */
	WAKEUP_IDLE,	   /* nobody is woken; the caller reads between blocks of calls */
	WAKEUP_CAUGHT_UP,  /* each event may wake the reader, which sleeps in epoll_wait */
	WAKEUP_BUSY,	   /* each event may wake a reader that spins and never sleeps */
	WAKEUP_SAMPLED,	   /* one event in N wakes the reader */
	WAKEUP_POLLED_1MS, /* nobody is woken; the reader looks every millisecond */
	WAKEUP_SPIN,	   /* nobody is woken; the reader spins */
	WAKEUP_NAMED_COUNT,
	/* The states above may be asked for by name; those below belong to single scenarios. */
	WAKEUP_LEVEL = WAKEUP_NAMED_COUNT, /* as caught_up, level-triggered: libbpf's own poll */
	WAKEUP_POLL,			   /* as caught_up, by poll(2) */
	WAKEUP_FORCED,			   /* each event wakes, whether the reader sleeps or not */
	WAKEUP_POLLED_10MS,		   /* nobody is woken; the reader looks every 10 ms */
	WAKEUP_SAMPLED_16_10MS,	   /* one event in 16 wakes the reader, which looks every 10 ms */
	WAKEUP_SAMPLED_256_10MS,   /* one in 256 */
	WAKEUP_SAMPLED_512,	   /* one in 512, and it does not look by itself */
	WAKEUP_WATERMARK_16K_10MS, /* perf only: 16 KiB of events wake it; it looks every 10 ms */
	WAKEUP_BACKLOG, /* nobody is woken; the reader takes a full buffer when it is told to */
	WAKEUP_COUNT
};

struct wakeup_policy_row {
	const char *name, *summary; /* summary: of those that may be asked for */
	enum ring_wake wake; /* of the program; of a perf buffer, of its reader's attributes */
	unsigned int every;  /* WAKE_SAMPLED: events from one wake-up to the next, a power of two */
	unsigned int every_bytes; /* instead, of a perf buffer */
	enum consumer_wait wait;
	int interval_ms; /* the reader looks after so long without a wake-up; -1: never */
};

/* Valid until reader_sampled_every. */
const struct wakeup_policy_row *wakeup_policy_row(enum wakeup_policy state);

/*
 * N of the state "sampled", whose name is then sampled_N; WAKE_SAMPLE_EVERY by default. From the
 * command line, before anything is opened. 0; -EINVAL: no power of two within 2 and
 * READER_EVERY_MOST.
 */
#define READER_EVERY_MOST 1024u
int reader_sampled_every(unsigned int every);

/* "default", "never", "every", "force": as a record has it. "none": nobody reads. */
const char *reader_wake_name(const struct wakeup_policy_row *state);
const char *reader_wait_name(const struct wakeup_policy_row *state);

/* What the reader's side is opened with. cpu: the thread's, -1: the caller reads. perf_cpu: see
 * consumer.h. */
struct consumer_options reader_options(enum wakeup_policy state, int cpu, int perf_cpu);

const char *wakeup_policy_name(enum wakeup_policy state); /* "caught_up"; "-" for WAKEUP_OFF */
const char *wakeup_policy_summary(enum wakeup_policy state);

/* Of those that may be asked for; "sampled" is found whatever its N. */
bool wakeup_policy_find(const char *name, enum wakeup_policy *out);

/* Does the state need a consumer on a CPU of its own? */
bool wakeup_policy_needs_cpu(enum wakeup_policy state);

/* The wake-up policy that the program must have for this state. */
enum ring_wake wakeup_ring_wake(enum wakeup_policy state);

#endif
