/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arm: one treatment of a panel: an empty window, nothing attached once more, or one probe in one drain state.
 *
 * arm_pilot (does it work, how, how long until it is steady) -> [arm_load, arm_before, arm_round, arm_unload] … ->
 * arm_close. A failure sets status and reason and never reaches another arm.
 *
 * In every round an arm is compared with a block of its own, timed right before it is attached: between two arms lie
 * up to 100 ms in which the kernel waits for RCU, and a shared machine's speed drifts over such times. Against one
 * baseline a round the intervals were 1.5 to 6 times as wide.
 *
 * Both blocks follow a millisecond of untimed calls: after fewer the block behind a wait read 1 to 3 ns more. And each
 * round loads its program anew: where the JIT puts it moves a cost by several ns, which one load for a whole run would
 * hide from the interval.
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
#include "kit/tick.h"
#include "kit/trigger.h"
#include "reports/record.h"

enum arm_kind {
	ARM_FLOOR,    /* the empty window */
	ARM_BASELINE, /* the operation, nothing attached */
	ARM_AA,	      /* the same once more: its difference must hold zero */
	ARM_GATED, /* the operation at the pace of a consumer that falls asleep: baseline of caught_up */
	ARM_PROBE
};

/* What all arms of a panel share. */
struct bench {
	const struct trigger *trigger;
	char *area; /* the trigger's */
	int measure_cpu;
	int drain_cpu;	     /* -1: none */
	size_t warmup;	     /* untimed calls before each block */
	bool exact;	     /* ticks are instructions: neither placement nor warmth matters */
	struct tick tick;    /* where exact */
	struct evict *evict; /* cold: before each timed call; NULL: hot */
	uint32_t *scratch;   /* at least ARM_SCRATCH readings, prefaulted */
	uint64_t ticks_per_us;
	int idle_fd; /* a /proc stat file, for the baseline's gate */
	struct counters *counters;
	uint64_t
		attach_ns; /* how long the last attach took: A/A waits as long between its blocks */
};
#define ARM_SCRATCH 8192

struct arm_books {
	uint64_t produced, received, lost, lost_records, wakeups;
};

struct arm {
	enum arm_kind kind;
	const struct variant *variant; /* NULL but for ARM_PROBE */
	enum drain_state drain_state;
	size_t calls; /* timed, a round */
	enum cell_status status;
	char reason[256];
	struct probe *probe;
	struct drain *drain;
	struct gate gate;
	bool gated, rehearsed;
	bool timing;	   /* its block is the timed one: warming up evicts nothing */
	uint64_t produced; /* events that its calls should have sent since it was loaded */
	uint64_t hits_expected, hits_counted;
	char mechanism[32];
	struct program_facts facts; /* of its first load */
	struct arm_books books;	    /* of all loads */
	double steady_calls;	    /* the pilot's answer */
	char samples[160];	    /* file name */
	char before[168];	    /* the same of its own baseline blocks, empty: it has none */
	struct record_cell *cell;
	/* per round: n_events counts a call, NAN where that round did not count it */
	double *counts, *counts_before;
	size_t rounds, rounds_most; /* rounds_most: what counts has room for */
};

void arm_pilot(struct arm *arm, struct bench *bench);

/* Opens program and reader, unless they are; closes their books (produced = received + lost, or the arm is invalid) and them. */
void arm_load(struct arm *arm, const struct bench *bench);
void arm_unload(struct arm *arm, struct bench *bench);

/*
 * The arm's own baseline of this round: the same block with nothing attached, right before the arm. out as in
 * arm_round.
 */
void arm_before(struct arm *arm, const struct bench *bench, uint32_t *out);

/* One round into out[0 .. arm->calls). false: the arm has failed, its status and reason say why. */
bool arm_round(struct arm *arm, struct bench *bench, uint32_t *out);

/* Lets go of everything, whatever state it is in. */
void arm_close(struct arm *arm);

/* Would a counter around the arm's block count syscalls beside the timed ones? Then it is not counted. */
bool arm_counts_more(const struct arm *arm, const struct trigger *trigger);

/*
 * Does the hook also cost the read() that ends a counted block, where user space cannot read the counters? Then what read() says
 * is not taken: it was 2.8 instructions a call too much, of 64 calls.
 */
bool arm_hears_reads(const struct arm *arm);

/* How many calls until a series is steady; see arm.c for the rule. */
size_t arm_steady_after(const uint32_t *ticks, size_t n);

#endif
