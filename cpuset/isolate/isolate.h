/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * isolate: quiets the measuring CPU, and puts everything back.
 *
 * Every setting is a row {name, path, save, set, restore}; what was there before goes to a journal
 * on disk (fsynced) before it is changed. isolation_close restores in reverse; after a SIGKILL
 * isolation_recover does it from the journal. Nothing here runs without --isolate.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_ISOLATE_H
#define BPFTOLL_CPUSET_ISOLATE_ISOLATE_H

#include <stddef.h>
#include <stdio.h>

#include "calib/error.h"

struct isolation;

/*
 * root: "" on a real system; a folder that stands for / in tests. journal: NULL for the default
 * (/run/bpftoll/isolate.journal below root). reader_cpu: -1 for none. log: NULL for stderr; a line
 * for each thing that was changed ("THP: madvise -> never (…)") and each that could not be
 * ("governor: no cpufreq here, …"), which is no error.
 *
 * Sets governor (both CPUs), turbo, NUMA balancing, THP, watchdogs, IRQ affinity (away from the
 * measuring CPU), a cgroup-v2 isolated partition of both CPUs with this process in it, and C-states
 * (PM QoS of the measuring CPU; the reader CPU sleeps as it did, see idle.h). Pin threads after
 * this call: moving into the partition resets affinities on kernels before 6.2.
 *
 * 0, or -errno and why: -EBUSY: a journal is there already, of a running bpftoll (why names its
 * pid) or of a killed one (why says to run `bpftoll restore`); -EACCES: no root; -EINVAL:
 * measure_cpu below 0; -EPERM: the journal's folder is open to others; else the journal could not
 * be written, and what was changed until then has been put back.
 */
int isolation_open(const char *root, const char *journal, int measure_cpu, int reader_cpu,
		   FILE *log, struct isolation **out, struct error *why);

/*
 * Restores in reverse order and removes the journal. NULL is fine. A setting that someone else has
 * since changed to a third value is left alone and named on log. 0, or the first -errno (a line
 * each on log; the journal stays then).
 */
int isolation_close(struct isolation *iso);

/*
 * The same from the journal alone, after a SIGKILL. *restored: how many settings were put back. 0
 * with *restored = 0 when there is no journal, or one from before the last boot. -EBUSY: its owner
 * still runs; -EBADMSG: it is damaged or names what bpftoll never sets, and nothing was written
 * (why names the line); -EPERM, -ELOOP: others could have put it there; -EAGAIN: another restore is
 * at work; else the kernel refused a value, and the journal stays.
 */
int isolation_recover(const char *root, const char *journal, FILE *log, size_t *restored,
		      struct error *why);

#endif
