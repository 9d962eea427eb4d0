/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cputime: what all CPUs together did since boot, from the first line of /proc/stat. Read twice and
 * take the difference; it advances in ticks of USER_HZ (10 ms) a CPU.
 */
#ifndef BPFTOLL_CPUSET_CPUTIME_H
#define BPFTOLL_CPUSET_CPUTIME_H

#include <stdint.h>

struct cputime {
	uint64_t busy;	/* user, nice, system, irq, softirq; guests are in user already */
	uint64_t idle;	/* idle, iowait */
	uint64_t steal; /* what a hypervisor gave to others: neither ours nor idle */
};

/* No memory is mapped or unmapped. 0 or -errno; -EBADMSG: the line reads otherwise than proc(5)
 * says. */
int cputime_read(struct cputime *out);

#endif
