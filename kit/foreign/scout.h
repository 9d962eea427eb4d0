/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * scout: tries each program of the bundle once, before anything is timed: does it load, does it
 * attach, and which operation runs it?
 *
 * The trials are made in a process of its own on the measuring CPU, so that an object on which
 * libbpf crashes, or an operation that does not return, ends that process alone.
 */
#ifndef BPFTOLL_KIT_FOREIGN_SCOUT_H
#define BPFTOLL_KIT_FOREIGN_SCOUT_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "calib/error.h"
#include "bpf/foreign/foreign_bundle.h"
#include "kit/cmd/name_list.h"
#include "kit/timing/workload.h"

struct scouted {
	enum { SCOUT_UNTRIED, SCOUT_TRYING, SCOUT_REFUSED, SCOUT_UNREACHED, SCOUT_REACHED } state;
	char reason[512];
	uint64_t workloads; /* bits: indices of workloads[] that run it at every call */
	/* the most that a call of any workload ran it, of those that did not at every call */
	double runs;
	enum foreign_buffers buffers;
	double call_ns[WORKLOADS_MOST]; /* of a call while it was attached */
	double event_bytes;		/* at most, that a call sent */
	size_t buffer_bytes;		/* of the smallest buffer that was read */
};

/* As triggers: loads and attaches only; what can be attached is then SCOUT_UNREACHED. */
#define SCOUT_ATTACH_ONLY NULL

/*
 * Tries the entries from `first` on. out: room for BUNDLE_ENTRIES_MOST. triggers: the names that
 * the user gave; empty: those that suit the program's hook, the nearest first, until one runs it.
 * ticks_per_ns: of the clock. 0, -EINTR, or another -errno with why.
 */
int scout_all(size_t first, const struct name_list *triggers, double ticks_per_ns,
	      const volatile sig_atomic_t *stop, void (*progress)(double share, const char *what),
	      struct scouted *out, struct error *why);

#endif
