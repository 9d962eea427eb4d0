/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * foreign: a program of the bundle, or all programs of an object together, from bytes to attached,
 * counted and closed. struct probe (bpf/load/probe.h) is made of it for a variant with `foreign`.
 *
 * foreign_open (loads, with all maps of the object) -> foreign_attach -> … -> foreign_detach ->
 * foreign_close. What the kernel refuses is told in the kernel's words.
 */
#ifndef BPFTOLL_BPF_FOREIGN_FOREIGN_H
#define BPFTOLL_BPF_FOREIGN_FOREIGN_H

#include "calib/error.h"
#include "bpf/foreign/foreign_bundle.h"
#include "bpf/load/program.h"

struct foreign;

#define FOREIGN_VALUE_MOST 256 /* bytes of a value in the map of monitored processes */

int foreign_open(const struct foreign_entry *entry, struct foreign **out, struct error *why);
void foreign_close(struct foreign *foreign);

/* 0 or -errno with why. */
int foreign_attach(struct foreign *foreign, struct error *why);
/* Detaches and waits until the functions' code is what it was. */
void foreign_detach(struct foreign *foreign);

/* "perf tracepoint", …; of several programs: how many. */
const char *foreign_mechanism(const struct foreign *foreign);

/* The sums over its programs; runs as program_runs. */
const struct program_facts *foreign_facts(const struct foreign *foreign);
int foreign_runs(const struct foreign *foreign, struct program_runs *out);

/*
 * The map of monitored processes (--monitor), which takes a process id as its key; -1: none, or the
 * object is another of the file's. -EINVAL with why: its keys or values are of another size.
 */
int foreign_monitor_fd(const struct foreign *foreign, int *fd, struct error *why);

/* Maps that events are sent to. */
#define FOREIGN_BUFFERS_MOST 8
struct foreign_maps {
	int ring_fds[FOREIGN_BUFFERS_MOST], perf_fds[FOREIGN_BUFFERS_MOST];
	size_t n_rings, n_perfs;
	size_t least_bytes; /* of the smallest ring, and of a perf buffer as readers make it */
};
const struct foreign_maps *foreign_maps(const struct foreign *foreign);

#endif
