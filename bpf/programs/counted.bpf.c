// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * Copies of the probes that count their own runs. They are never timed: where the kernel may not
 * count runs for this process (BPF_ENABLE_STATS asks for CAP_SYS_ADMIN), one takes the place of the
 * probe while runs are counted.
 */
#define COUNT_RUN __sync_fetch_and_add(&counts.runs, 1);
#include "bpf/programs/probes.bpf.c"
