/* SPDX-License-Identifier: GPL-3.0-or-later */
/* possible: which variants this kernel can load and attach, found by doing it for a moment. */
#ifndef BPFTOLL_KIT_POSSIBLE_H
#define BPFTOLL_KIT_POSSIBLE_H

#include "calib/error.h"
#include "bpf/load/probe.h"
#include "kit/probes/plan.h"

/* Loads the variant and attaches it to munmap. 0: to be closed with probe_close; else -errno, why.
 */
int possible_attach(const struct variant *variant, struct probe **out, struct error *why);

/*
 * Can one of the variants asked for (globs; none: any) be measured? Stops at the first that can. 0
 * or -ENOTSUP: why has each reason, and the variants that it is of.
 */
int possible_any(const struct name_list *asked, struct error *why);

#endif
