/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reader_state: the one table of consumer states: when the kernel wakes the reader, and how the reader waits.
 *
 * What an output helper costs is set by what its reader does at that moment, so the state is part of what is measured.
 * Cells (drain.h), event runs, contention, the flood and the programs of suite apps all take their reader from here: one
 * name means the same wake-up policy, the same wait, interval and N wherever it is printed.
 */
#ifndef BPFTOLL_READER_STATE_H
#define BPFTOLL_READER_STATE_H

#include <stdbool.h>

#include "bpf/consumer.h"
#include "bpf/variant.h"

enum drain_state {
	DRAIN_OFF,	  /* the body sends nothing */
	DRAIN_NONE,	  /* nobody reads, the buffer is full, every event is lost */
	DRAIN_IDLE,	  /* nobody is woken; the caller reads between blocks of calls */
	DRAIN_CAUGHT_UP,  /* each event may wake the reader, which sleeps in epoll_wait */
	DRAIN_BUSY,	  /* each event may wake a reader that spins and never sleeps */
	DRAIN_SAMPLED,	  /* one event in N wakes the reader */
	DRAIN_POLLED_1MS, /* nobody is woken; the reader looks every millisecond */
	DRAIN_SPIN,	  /* nobody is woken; the reader spins */
	DRAIN_STATE_COUNT,
	/* The states above may be asked for by name; those below belong to single scenarios. */
	DRAIN_LEVEL = DRAIN_STATE_COUNT, /* as caught_up, level-triggered: libbpf's own poll */
	DRAIN_POLL,			 /* as caught_up, by poll(2) */
	DRAIN_FORCED,			 /* each event wakes, whether the reader sleeps or not */
	DRAIN_POLLED_10MS,
	DRAIN_SAMPLED_16_10MS,
	DRAIN_SAMPLED_256_10MS,
	DRAIN_SAMPLED_512,
	DRAIN_WATERMARK_16K_10MS, /* perf only */
	DRAIN_BACKLOG, /* nobody is woken; the reader takes a full buffer when it is told to */
	READER_STATE_COUNT
};

struct reader_state {
	const char *name, *summary;
	enum wake_policy wake; /* of the program; of a perf buffer, of its reader's attributes */
	unsigned int every; /* WAKE_SAMPLED: events from one wake-up to the next, a power of two */
	unsigned int every_bytes; /* instead, of a perf buffer */
	enum consumer_wait wait;
	int interval_ms; /* the reader looks after so long without a wake-up; -1: never */
};

/* Valid until reader_sampled_every. */
const struct reader_state *reader_state(enum drain_state state);

/*
 * N of the state "sampled", whose name is then sampled_N; WAKE_SAMPLE_EVERY by default. From the command line, before anything
 * is opened. 0; -EINVAL: no power of two within 2 and READER_EVERY_MOST.
 */
#define READER_EVERY_MOST 1024u
int reader_sampled_every(unsigned int every);

/* "default", "never", "every", "force": as a record has it. "none": nobody reads. */
const char *reader_wake_name(const struct reader_state *state);
const char *reader_wait_name(const struct reader_state *state);

/* What the reader's side is opened with. cpu: the thread's, -1: the caller reads. perf_cpu: see consumer.h. */
struct consumer_options reader_options(enum drain_state state, int cpu, int perf_cpu);

const char *drain_state_name(enum drain_state state); /* "caught_up"; "-" for DRAIN_OFF */
const char *drain_state_summary(enum drain_state state);

/* Of those that may be asked for; "sampled" is found whatever its N. */
bool drain_state_find(const char *name, enum drain_state *out);

/* Does the state need a consumer on a CPU of its own? */
bool drain_needs_cpu(enum drain_state state);

/* The wake-up policy that the program must have for this state. */
enum wake_policy drain_wake_policy(enum drain_state state);

#endif
