/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * agent: the BPF programs of a process that must stay up: what is attached, what their bodies take
 * (the kernel's run_time_ns over some seconds), and the memory of their maps. The dispatch to a
 * program is not in that, so it is no price of a call.
 */
#ifndef BPFTOLL_KIT_FOREIGN_AGENT_H
#define BPFTOLL_KIT_FOREIGN_AGENT_H

#include <signal.h>
#include <sys/types.h>

#include "calib/error.h"
#include "reports/answer/answer.h"

/*
 * Looks at the process and its descendants for so many seconds. The caller closes *out. 0; -ENOENT
 * with why: no such process, or it has attached nothing; -EINTR: stopped; other -errno with why.
 */
int agent_look(pid_t pid, unsigned int seconds, const volatile sig_atomic_t *stop,
	       struct answer **out, struct error *why);

#endif
