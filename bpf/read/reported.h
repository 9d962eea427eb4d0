/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reported: checks what the events of a variant say against calls about which everything is known.
 * A second thread of the process makes them, each with another length, between two readings of the
 * clock.
 *
 * It answers whether a hook and program report the same data, and finds wrong values in events that
 * all arrive: as_written reports the syscall's number as the length.
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

/* One call as it was. Times are of CLOCK_MONOTONIC, which bpf_ktime_get_ns() reads. */
struct reported_call {
	uint64_t bytes, before_ns, after_ns;
};

struct reported_truth {
	pid_t pid, tgid; /* of the calling thread and its process, as user space names them */
	enum probe_target target;
	struct reported_call calls[REPORTED_CALLS];
};

enum reported_as { REPORTED_UNKNOWN, REPORTED_RIGHT, REPORTED_WRONG };

struct reported {
	enum reported_as length, pid, tgid;
	enum reported_as order; /* event i was sent during call i; none is missing or doubled */
	char note[256];		/* what is wrong, and what the event holds instead; else empty */
};

/* "right", "wrong"; NULL: not checked. */
const char *reported_name(enum reported_as as);

/*
 * Loads and attaches the variant, which must send events, makes the calls and judges. Releases
 * everything before it returns. 0; or -errno, why: nothing is known then.
 */
int reported_check(const struct variant *variant, enum probe_target target, struct reported *out,
		   struct error *why);

/* The judgement alone, of n events in the order in which they came. */
void reported_judge(const struct reported_truth *truth, const struct entropy_event *events,
		    size_t n, struct reported *out);

#endif
