/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cputime: what all CPUs together did since boot, from the first line of /proc/stat. Read it twice
 * and take the difference. It advances in ticks of USER_HZ (10 ms) per CPU.
 */
#ifndef BPFTOLL_CPUSET_CPUTIME_H
#define BPFTOLL_CPUSET_CPUTIME_H

#include <stdint.h>

struct cputime {
	uint64_t busy;	/* user, nice, system, irq, softirq; user already includes guests */
	uint64_t idle;	/* idle, iowait */
	uint64_t steal; /* what the hypervisor gave to other guests: neither busy nor idle */
};

/* Maps and unmaps no memory. 0 or -errno; -EBADMSG: the line is not as proc(5) describes it. */
int cputime_read(struct cputime *out);

#endif
