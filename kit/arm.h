/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arm: one treatment of a panel: an empty window, nothing attached (a baseline), or one probe in one drain state.
 *
 * arm_gate -> arm_pilot (does it work, how, how long until it is steady) -> arm_visit … -> [arm_unload] -> arm_close. A failure sets
 * status and reason and never reaches another arm.
 *
 * A visit of a probe loads it anew (where the JIT puts a program moves its cost), attaches it, counts its hits, makes a
 * millisecond of untimed calls, times a block, detaches and unloads. A visit of a baseline does the same with a probe of its
 * group (a sham: the same loads, text patches, waits and calls), and only then, with nothing attached, makes a millisecond
 * of untimed calls and times its block: baseline and treated block differ in the treatment alone. Without the sham a state
 * of the branch predictor that only baselines had made 15 of 110 ns.
 *
 * The timed calls are made by bench->timing, everything else by the caller, on another CPU where there is one.
 */
#ifndef BPFTOLL_ARM_H
#define BPFTOLL_ARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/drain.h"
#include "bpf/probe.h"
#include "bpf/program.h"
#include "calib/counters.h"
#include "calib/neighbour.h"
#include "kit/stir.h"
#include "kit/tick.h"
#include "kit/timing.h"
#include "kit/trigger.h"
#include "reports/record.h"

enum arm_kind {
	ARM_FLOOR, /* the empty window: the timer overhead */
	ARM_BARE,  /* a baseline: nothing attached, behind a sham where variant names one */
	ARM_PROBE
};

/* What all arms of a panel share. */
struct bench {
	const struct trigger *trigger;
	char *area; /* the trigger's */
	int measure_cpu;
	int drain_cpu;	       /* -1: none */
	size_t warmup;	       /* untimed calls before each block */
	bool exact;	       /* ticks are instructions: neither placement nor warmth matters */
	struct tick tick;      /* where exact */
	struct evict *evict;   /* cold: before each timed call; else NULL */
	struct stir *stir;     /* stirred: between the calls; else NULL */
	struct timing *timing; /* makes the calls; NULL: the caller does */
	uint32_t *scratch;     /* at least ARM_SCRATCH readings, prefaulted */
	uint64_t ticks_per_us;
	int idle_fd;		   /* a /proc stat file, for the baseline's gate */
	struct counters *counters; /* opened by the thread that makes the calls */
};
#define ARM_SCRATCH  8192
#define ARM_READINGS 2

struct arm_books {
	uint64_t produced, received, lost, lost_records, wakeups;
};

struct arm {
	enum arm_kind kind;
	const struct variant *variant; /* ARM_BARE: of its sham, NULL: none */
	enum drain_state drain_state;
	size_t calls; /* timed, a round */
	enum cell_status status;
	char reason[256];
	struct probe *probe;
	struct drain *drain;
	struct gate gate;
	bool gated, rehearsed;
	bool timing;	 /* its block is the timed one: warming up evicts nothing */
	bool rehearsing; /* its calls are counted: nothing is stirred between them */
	bool again; /* the same treatment once more: its difference to the first must hold zero */
	size_t own; /* the baseline that it is compared with: an index among the panel's arms */
	uint64_t produced; /* events that its calls should have sent since it was loaded */
	uint64_t hits_expected, hits_counted;
	char mechanism[32];
	struct program_facts facts; /* of its first load */
	struct arm_books books;	    /* of all loads */
	double steady_calls;	    /* the pilot's answer */
	char samples[168];	    /* file name */
	/* before and behind the timed block: is another thread of the core at work? */
	struct neighbour_reading neighbour[ARM_READINGS];
	double *counts; /* of this visit: n_events counts a call, NAN what it did not count; or NULL */
	size_t rounds; /* visits so far */
};

/* How its calls are held back, from its drain state. Before anything else. */
void arm_gate(struct arm *arm, const struct bench *bench);

/* Does it work here, and after how many calls is it steady? A failure sets status and reason. */
void arm_pilot(struct arm *arm, struct bench *bench);

/*
 * One visit into out[0 .. arm->calls). false: the arm has failed, its status and reason say why. Where instructions are
 * counted the program stays loaded until arm_unload.
 */
bool arm_visit(struct arm *arm, struct bench *bench, uint32_t *out);

/* Closes the accounts of what is loaded (produced = received + lost, or the arm is invalid) and unloads it. */
void arm_unload(struct arm *arm, struct bench *bench);

/* Lets go of everything, whatever state it is in. */
void arm_close(struct arm *arm);

/* Would a counter around the arm's block count syscalls beside the timed ones? Then it is not counted. */
bool arm_counts_more(const struct arm *arm, const struct trigger *trigger);

/*
 * Does the hook also cost the read() that ends a counted block, where user space cannot read the counters? Then what read() says
 * is not taken: it was 2.8 instructions a call too much, of 64 calls.
 */
bool arm_hears_reads(const struct arm *arm);

#endif
