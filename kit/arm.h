/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arm: one treatment of a panel: an empty window, nothing attached, or one probe in one drain state.
 *
 * arm_open (load, reader) -> arm_pilot (attach once: does it work, how, how long until it is steady) ->
 * arm_round … (attach, rehearse with hits counted, warm up, time, detach) -> arm_close_books -> arm_close. A failure
 * sets status and reason and never reaches another arm.
 */
#ifndef BPFTOLL_ARM_H
#define BPFTOLL_ARM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/drain.h"
#include "bpf/probe.h"
#include "calib/counters.h"
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
	int drain_cpu;	   /* -1: none */
	size_t warmup;	   /* untimed calls before each block */
	uint32_t *scratch; /* at least ARM_SCRATCH readings, prefaulted */
	uint64_t ticks_per_us;
	int idle_fd; /* a /proc stat file, for the baseline's gate */
	struct counters *counters;
};
#define ARM_SCRATCH 8192

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
	bool gated;
	uint64_t produced; /* events that its calls should have sent since the reader was opened */
	uint64_t hits_expected, hits_counted;
	struct drain_books books;
	uint64_t dropped;
	double steady_calls; /* the pilot's answer */
	char samples[160];   /* file name */
	struct record_cell *cell;
	/* per round and event: calls' counts, rows of n_events (NAN: not counted in that round) */
	double *counts;
	size_t rounds;
};

void arm_open(struct arm *arm, const struct bench *bench);
void arm_pilot(struct arm *arm, const struct bench *bench);

/* One round into out[0 .. arm->calls). false: the arm has failed, its status and reason say why. */
bool arm_round(struct arm *arm, const struct bench *bench, uint32_t *out);

/* Output bodies: every event produced is received or lost, else the arm is invalid. */
void arm_close_books(struct arm *arm, const struct bench *bench);
void arm_close(struct arm *arm);

/* How many calls until a series is steady; see arm.c for the rule. */
size_t arm_steady_after(const uint32_t *ticks, size_t n);

#endif
