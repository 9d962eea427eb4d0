/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * others: who else is on the hooks. Another agent's program on sys_enter puts every task on the
 * slow entry path already, and a second user of an ftrace site changes its cost: baselines then
 * hold what should be measured.
 */
#ifndef BPFTOLL_BPF_LOAD_OTHERS_H
#define BPFTOLL_BPF_LOAD_OTHERS_H

#include <stddef.h>

/*
 * Names the tracing programs (kprobe, tracepoint, raw tracepoint, trampoline) that are loaded now,
 * and how many; call it before the first probe_open. The number of them, 0 with an empty text, or
 * -errno where they cannot be listed.
 */
int others_loaded(char *text, size_t len);

#endif
