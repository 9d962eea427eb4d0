/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reason: why the kernel refused something, found in the kernel's configuration, the verifier's
 * log, libbpf's warnings and the error number.
 *
 * reason_capture (once) -> reason_clear before an attempt -> reason_explain when it failed.
 */
#ifndef BPFTOLL_BPF_LOAD_REASON_H
#define BPFTOLL_BPF_LOAD_REASON_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"

/* Does this process have the capability (linux/capability.h) now? */
bool reason_capable(int cap);

/*
 * May this process load tracing programs at all? Found by loading the shortest one. 0, or -errno
 * and why: what is missing and how to get it (-EPERM: privileges; -ENOSYS: a kernel without bpf()).
 * Any other refusal depends on the hook, and gives 0 here. What reason_other_pids refuses is
 * refused as well.
 */
int reason_refused(struct error *why);

/*
 * 0, or -EXDEV with why: bpf_get_current_pid_tgid() gives ids of the first PID namespace, which are
 * not this process's, so programs that look for its id would not find it.
 */
int reason_other_pids(struct error *why);

/* From now on collects libbpf's warnings instead of letting them go to stderr. */
void reason_capture(void);
void reason_clear(void);

/* Records a reason of our own, as if libbpf had warned. */
void reason_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* Are the addresses of functions hidden from this process, which with kprobes must be known? */
bool reason_addresses_hidden(void);

/* Is tracefs mounted, but closed to this process? */
bool reason_tracefs_closed(void);

/* Why there are no files of tracepoints. */
void reason_no_tracefs(struct error *why);

/*
 * Puts into why what keeps a hook from working: the first kernel option missing of those it needs
 * (attach.h), lockdown, missing privileges, else the last words of the verifier (log, may be NULL)
 * or of libbpf, or the error's name. err is negative.
 */
void reason_explain(const char *const *needs, int err, const char *log, struct error *why);

/* The same from libbpf's words and the error's name alone. */
void reason_say(int err, struct error *why);

#endif
