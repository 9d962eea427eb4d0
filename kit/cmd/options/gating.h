/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gating: options of a gate for pull requests on counts of the lab, and what comes of them.
 *
 * After options_parse: gating_check -> lab_run -> gating_finish -> gating_close.
 */
#ifndef BPFTOLL_KIT_CMD_GATING_H
#define BPFTOLL_KIT_CMD_GATING_H

#include <stdbool.h>

#include "kit/cmd/options/options.h"
#include "kit/lab/lab.h"

extern const struct option_row gating_rows[];

/* Is there a gate, which has an answer of its own? */
bool gating_wanted(void);

/* Before anything boots: reads what is compared with, or names it in lab->base. 0, or -EINVAL
 * (wrong usage) or another -errno with why. */
int gating_check(struct lab_options *lab, struct error *why);

/* Writes the files asked for and shows the gate's answer. code: of the run so far. The command's
 * exit code. */
int gating_finish(const struct lab *lab, int code);
void gating_close(void);

#endif
