/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * workload: the timed operations, each with its own inlined window.
 *
 * workload_open (maps what the operation needs, checks that it does what it says) -> workload_block
 * … -> workload_close. Preparation of a call (mapping, touching) and the gate are outside the
 * window.
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
 * Holds each call back until it is due (pace), or until the reader is asleep again and at least
 * gap_ticks have passed since the last one. wakeup NULL: the same waiting for a baseline, which
 * reads idle_fd where a configuration reads its reader's state.
 */
struct gate {
	struct pace *pace; /* NULL: the reader's sleep decides */
	struct probe_reader *wakeup;
	int idle_fd;
	uint64_t gap_ticks, patience_ticks;
	uint64_t sent;	 /* events sent to the reader so far; counted up by each call */
	uint64_t events; /* that a call sends */
	uint64_t missed; /* calls that ran out of patience: their readings are left out */
};

struct workload {
	const char *name, *summary;
	enum probe_target target; /* what a probe attaches to when this workload is timed */
	bool fires;		  /* the operation is the target; false: the control */
	bool maps;		  /* the preparation of a call makes a syscall of its own */
	size_t bytes;		  /* the second argument, what an event must report */
	long answer;		  /* the kernel's; not below 0: at least this */
	/* evict may be NULL, else everything is evicted right before each timed region: behind the
	 * preparation and the gate, which warm the kernel up */
	void (*block)(char *area, uint32_t *out, size_t n, struct gate *gate, struct evict *evict);
	/* the same with other code between the calls; NULL: there is none */
	void (*stirred)(char *area, uint32_t *out, size_t n, struct gate *gate, struct stir *stir);
	long (*once)(char *area); /* untimed; its answer */
};

extern const struct workload workloads[];
extern const size_t workloads_count;

/* BPF_PROG_TEST_RUN, no choice of the user's: area is its argument (host_program_test_run), and
 * neither opened nor closed. */
extern const struct workload workload_test_run;

const struct workload *workload_find(const char *name);

/* Maps the area (no huge pages, locked where it may be). 0 or -errno, why. */
int workload_open(const struct workload *workload, char **area, struct error *why);
void workload_close(const struct workload *workload, char *area);

/* n timed calls into out (prefaulted), in ticks; see calib/timer_overhead.h for the marks. gate may
 * be NULL. */
static inline void workload_block(const struct workload *workload, char *area, uint32_t *out,
				  size_t n, struct gate *gate)
{
	workload->block(area, out, n, gate, NULL);
}

/*
 * Calls when the pace says that they are due, until so many are done, the clock reads until, or
 * stop (may be NULL) is set: what was made is pace->done, counted from pace_begin.
 */
void workload_paced(const struct workload *workload, char *area, struct pace *pace, size_t calls,
		    uint64_t until, const volatile sig_atomic_t *stop);

/* n empty windows with that code between them: the timer overhead of stirred blocks. */
void workload_floor_stirred(uint32_t *out, size_t n, struct stir *stir);

/* Ticks a call of the bare operation in a loop, clock reads around the loop only. NAN where it
 * cannot loop. */
double workload_bare_loop(const struct workload *workload, size_t n);

#endif
