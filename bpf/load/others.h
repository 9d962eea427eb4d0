/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * others: tracing programs of other tools that are loaded at the same time. Another agent's program
 * on sys_enter already puts every task on the slow syscall entry, and a second user of an ftrace
 * site changes its cost; both would be part of the baseline and so hide a part of the probe's cost.
 */
#ifndef BPFTOLL_BPF_LOAD_OTHERS_H
#define BPFTOLL_BPF_LOAD_OTHERS_H

#include <stddef.h>

#define OTHERS_MOST 256

/* Which ones; of more the rest is not noted. */
struct others {
	unsigned int ids[OTHERS_MOST];
	size_t n;
};

/*
 * Lists the loaded tracing programs (kprobe, tracepoint, raw tracepoint, trampoline) in text; call
 * it before the first probe_open. Their number (0 with an empty text), or -errno where they cannot
 * be listed.
 */
int others_loaded(struct others *out, char *text, size_t len);

/*
 * The same of those that are not known yet and stay; they are known then. Call it where no program
 * of this process's children is loaded; its own are not counted.
 */
int others_came(struct others *known, char *text, size_t len);

#endif
