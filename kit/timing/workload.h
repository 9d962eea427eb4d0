/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workload: the timed operations, each with its own inlined timed region.
 *
 * workload_open (maps what the operation needs and checks that it returns what is expected) ->
 * workload_block … -> workload_close. The preparation of a call (mapping, touching) and the gate
 * are outside the timed region.
 */
#ifndef BPFTOLL_KIT_TIMING_WORKLOAD_H
#define BPFTOLL_KIT_TIMING_WORKLOAD_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "bpf/read/probe_reader.h"
#include "bpf/load/probe.h"
#include "calib/evict.h"

struct pace;
struct stir;

/*
 * Holds each call back: until it is due (pace), or until the reader is asleep again and at least
 * gap_ticks have passed since the last call. wakeup NULL: the same for a baseline, which reads
 * idle_fd instead of its reader's state.
 */
struct gate {
	struct pace *pace; /* NULL: wait for the reader */
	struct probe_reader *wakeup;
	int idle_fd;
	uint64_t gap_ticks, patience_ticks;
	uint64_t sent;	 /* events sent to the reader so far; each call adds to it */
	uint64_t events; /* that one call sends */
	uint64_t missed; /* calls whose wait exceeded patience_ticks: their readings are left out */
};

struct workload {
	const char *name, *summary;
	enum probe_target target; /* what a probe attaches to when this workload is timed */
	bool fires;		  /* the operation runs the probe; false: it is the control */
	bool maps;		  /* the preparation of a call makes a syscall */
	size_t bytes;		  /* the second argument: the length that an event must report */
	long answer;		  /* what the kernel must return; if not negative: at least this */
	/*
	 * A block of n timed regions. If evict is not NULL, everything is evicted immediately
	 * before each one: after the preparation and the gate, which would warm the kernel up.
	 */
	void (*block)(char *area, uint32_t *out, size_t n, struct gate *gate, struct evict *evict);
	/* The same with other code between the calls; NULL: not available. */
	void (*stirred)(char *area, uint32_t *out, size_t n, struct gate *gate, struct stir *stir);
	long (*once)(char *area); /* untimed; returns the kernel's answer */
	/*
	 * Of a trigger for foreign programs: what it runs, as words with blanks between them (a
	 * syscall's name, or a part of the name of a tracepoint or function), and what its area
	 * needs (triggers/trigger_area.h). NULL: none of those.
	 */
	const char *reaches;
	unsigned int needs;
};

/* Sets of them are bits of a uint64_t. */
#define WORKLOADS_MOST 64

extern const struct workload workloads[];
extern const size_t workloads_count;

/*
 * BPF_PROG_TEST_RUN; users cannot choose it. area is its argument (host_program_test_run), so it is
 * neither opened nor closed.
 */
extern const struct workload workload_test_run;

const struct workload *workload_find(const char *name);

/* Does the operation run what has this name? By `reaches`. */
bool workload_reaches(const struct workload *workload, const char *name);

/* Maps the area (no huge pages, locked where allowed). Returns 0 or -errno with why. */
int workload_open(const struct workload *workload, char **area, struct error *why);
void workload_close(const struct workload *workload, char *area);

/*
 * n timed calls into out (prefaulted), in ticks; calib/timer_overhead.h explains marked readings.
 * gate may be NULL.
 */
static inline void workload_block(const struct workload *workload, char *area, uint32_t *out,
				  size_t n, struct gate *gate)
{
	workload->block(area, out, n, gate, NULL);
}

/*
 * Makes calls when the pace says they are due, until `calls` are made, the clock has reached
 * `until`, or stop (may be NULL) is set. pace->done counts them from pace_begin.
 */
void workload_paced(const struct workload *workload, char *area, struct pace *pace, size_t calls,
		    uint64_t until, const volatile sig_atomic_t *stop);

/* n empty timed regions with that code between them: the timer overhead of stirred blocks. */
void workload_floor_stirred(uint32_t *out, size_t n, struct stir *stir);

/*
 * Ticks of one call in a plain loop, with clock reads around the whole loop. NAN if the operation
 * cannot be repeated so.
 */
double workload_bare_loop(const struct workload *workload, size_t n);

#endif
