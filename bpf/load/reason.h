/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reason: why the kernel refused, asked of the kernel itself: its configuration, its log, its
 * error.
 */
#ifndef BPFTOLL_BPF_LOAD_REASON_H
#define BPFTOLL_BPF_LOAD_REASON_H

#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"

/*
 * Is option ("CONFIG_KPROBES") set? 1, 0, or -ENOENT when no configuration can be read. Read once.
 */
int reason_config(const char *option);

/* Does this process hold the capability (linux/capability.h) now? */
bool reason_capable(int cap);

/*
 * May this process load tracing programs at all? Asked by loading the shortest. 0, or -errno and
 * why: what is missing and how to get it (-EPERM: privileges; -ENOSYS: a kernel without bpf()).
 * Other refusals are a hook's own: 0.
 */
int reason_refused(struct error *why);

/* Collects libbpf's own warnings from now on instead of letting them reach stderr. */
void reason_capture(void);
void reason_clear(void);

/* A reason of our own, kept as libbpf's would be. */
void reason_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * Puts into why what keeps a hook from working: the first missing option of those it needs
 * (attach.h), lockdown, missing privileges, else the verifier's last words (log, may be NULL),
 * libbpf's, or the error's name. err is negative.
 */
void reason_explain(const char *const *needs, int err, const char *log, struct error *why);

#endif
