/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reported: what the events of a variant say, held against calls of which all is known: a thread
 * that is not the process's first makes them, each with a length of its own, between two readings
 * of the clock.
 *
 * It answers "is the same data there?" for a hook and a body, and finds what a probe says wrongly
 * although every event arrives: as_written reports the syscall's number for the length.
 */
#ifndef BPFTOLL_BPF_READ_REPORTED_H
#define BPFTOLL_BPF_READ_REPORTED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "calib/error.h"
#include "bpf/load/probe.h"
#include "bpf/programs/shared.h"

#define REPORTED_CALLS 16

/* One call, and its truth. CLOCK_MONOTONIC, which bpf_ktime_get_ns() reads. */
struct reported_call {
	uint64_t bytes, before_ns, after_ns;
};

struct reported_truth {
	pid_t pid, tgid; /* the calling thread's and its process's, as the kernel names them */
	enum probe_target target;
	struct reported_call calls[REPORTED_CALLS];
};

enum reported_as { REPORTED_UNKNOWN, REPORTED_RIGHT, REPORTED_WRONG };

struct reported {
	enum reported_as length, pid, tgid;
	enum reported_as order; /* event i was sent during call i, and none is missing or doubled */
	char note[256];		/* what is wrong, and what stands there instead; else empty */
};

/* "right", "wrong"; NULL: not checked */
const char *reported_name(enum reported_as as);

/*
 * Loads and attaches the variant, which sends events, makes the calls and judges. Everything is let
 * go of before it returns. 0; or -errno, why: then nothing is known.
 */
int reported_check(const struct variant *variant, enum probe_target target, struct reported *out,
		   struct error *why);

/* The judgement alone, of the n events that came in that order. */
void reported_judge(const struct reported_truth *truth, const struct entropy_event *events,
		    size_t n, struct reported *out);

#endif
