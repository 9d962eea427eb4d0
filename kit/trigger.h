/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trigger: the timed operations, each with its own inlined window.
 *
 * trigger_open (maps what the operation needs, checks that it does what it says) -> trigger_block … ->
 * trigger_close. Preparation of a call (mapping, touching) and the gate are outside the window.
 */
#ifndef BPFTOLL_TRIGGER_H
#define BPFTOLL_TRIGGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/drain.h"
#include "bpf/probe.h"
#include "calib/evict.h"

struct pace;
struct stir;

/*
 * Holds each call back until it is due (pace), or until the consumer is asleep again and at least gap_ticks have passed
 * since the last one. drain NULL: the same waiting for a baseline, which reads idle_fd where an arm reads its
 * consumer's state.
 */
struct gate {
	struct pace *pace; /* NULL: the consumer's sleep decides */
	struct drain *drain;
	int idle_fd;
	uint64_t gap_ticks, patience_ticks;
	uint64_t sent;	 /* events sent to the drain so far; counted up by each call */
	uint64_t events; /* that a call sends */
	uint64_t missed; /* calls that ran out of patience: their readings are left out */
};

struct trigger {
	const char *name, *summary;
	enum probe_target target; /* what a probe attaches to when this trigger is timed */
	bool fires;		  /* the operation is the target; false: the control */
	bool maps;		  /* the preparation of a call makes a syscall of its own */
	size_t bytes;		  /* the second argument, what an event must report */
	void (*block)(char *area, uint32_t *out, size_t n, struct gate *gate, struct evict *evict);
	/* the same with other code between the calls; NULL: there is none */
	void (*stirred)(char *area, uint32_t *out, size_t n, struct gate *gate, struct stir *stir);
};

extern const struct trigger triggers[];
extern const size_t triggers_count;

/* BPF_PROG_TEST_RUN, no choice of the user's: area is its argument (carrier_test_run), and neither opened nor closed. */
extern const struct trigger trigger_test_run;

const struct trigger *trigger_find(const char *name);
bool trigger_match(const struct trigger *trigger, const char *glob);

/* Maps the area (no huge pages, locked where it may be). 0 or -errno, why. */
int trigger_open(const struct trigger *trigger, char **area, char *why, size_t why_len);
void trigger_close(const struct trigger *trigger, char *area);

/* n timed calls into out (prefaulted), in ticks; see calib/floor.h for the marks. gate may be NULL. */
static inline void trigger_block(const struct trigger *trigger, char *area, uint32_t *out, size_t n,
				 struct gate *gate)
{
	trigger->block(area, out, n, gate, NULL);
}

/* The same, everything evicted right before each window: behind the preparation and the gate, which warm the kernel up. */
static inline void trigger_block_cold(const struct trigger *trigger, char *area, uint32_t *out,
				      size_t n, struct gate *gate, struct evict *evict)
{
	trigger->block(area, out, n, gate, evict);
}

/* n empty windows with that code between them: the timer overhead of stirred blocks. */
void trigger_floor_stirred(uint32_t *out, size_t n, struct stir *stir);

/* Ticks a call of the bare operation in a loop, clock reads around the loop only. NAN where it cannot loop. */
double trigger_bare_loop(const struct trigger *trigger, size_t n);

#endif
