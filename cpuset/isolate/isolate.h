/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * isolate: makes the measuring CPU quiet for --isolate, and restores everything afterwards.
 *
 * isolation_open -> [measure] -> isolation_close, which restores in reverse order; or
 * isolation_recover after a SIGKILL. Every setting is a row {name, path, save, set, restore}
 * (settings.c). The value before goes to a journal on disk (fsynced) before anything is changed.
 */
#ifndef BPFTOLL_CPUSET_ISOLATE_ISOLATE_H
#define BPFTOLL_CPUSET_ISOLATE_ISOLATE_H

#include <stddef.h>
#include <stdio.h>

#include "calib/error.h"

struct isolation;

/*
 * root: "" on a real system, or a folder that stands for / in tests. journal: NULL for the default
 * (/run/bpftoll/isolate.journal below root). reader_cpu: -1 for none. log: NULL for stderr; gets a
 * line for each setting that was changed ("THP: madvise -> never (…)") and for each that could not
 * be ("governor: no cpufreq here, …"), which is not an error.
 *
 * Sets the governor (both CPUs), turbo, NUMA balancing, THP, watchdogs, IRQ affinity (away from the
 * measuring CPU), a cgroup-v2 isolated partition of both CPUs with this process in it, and C-states
 * (PM QoS of the measuring CPU only; idle.h says why not the reader CPU). Pin threads after this
 * call: on kernels before 6.2, moving into the partition resets affinities.
 *
 * 0, or -errno and why. -EBUSY: a journal exists, of a running bpftoll (why names its pid) or of a
 * killed one (why says to run `bpftoll restore`); -EACCES: not root; -EINVAL: measure_cpu below 0;
 * -EPERM: others can write to the journal's folder. Otherwise the journal could not be written, and
 * what had been changed has been put back.
 */
int isolation_open(const char *root, const char *journal, int measure_cpu, int reader_cpu,
		   FILE *log, struct isolation **out, struct error *why);

/*
 * Restores in reverse order and removes the journal. NULL is fine. A setting that somebody else has
 * changed since is left alone and named on log. 0, or the first -errno, with a line for each
 * failure on log; the journal stays then.
 */
int isolation_close(struct isolation *iso);

/*
 * The same from the journal alone, after a SIGKILL. *restored: number of settings put back. 0 with
 * *restored = 0 when there is no journal, or one from before the last boot. -EBUSY: its owner still
 * runs; -EBADMSG: it is damaged or names something that bpftoll never sets, and nothing was written
 * (why names the line); -EPERM, -ELOOP: somebody else may have put it there; -EAGAIN: another
 * restore is running. Otherwise the kernel refused a value, and the journal stays.
 */
int isolation_recover(const char *root, const char *journal, FILE *log, size_t *restored,
		      struct error *why);

#endif
