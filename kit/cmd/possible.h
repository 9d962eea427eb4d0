/* SPDX-License-Identifier: GPL-3.0-or-later */
/* possible: which variants this kernel can load and attach, found out by doing so briefly. */
#ifndef BPFTOLL_KIT_POSSIBLE_H
#define BPFTOLL_KIT_POSSIBLE_H

#include "calib/error.h"
#include "bpf/load/probe.h"
#include "kit/probes/plan.h"

/*
 * Loads the variant and attaches it to munmap. Returns 0: close it with probe_close; else -errno
 * with why.
 */
int possible_attach(const struct variant *variant, struct probe **out, struct error *why);

/*
 * Can any of the variants asked for (may have wildcards; empty: all) be measured? Stops at the
 * first that can. Returns 0, or -ENOTSUP: why has each reason with the variants it applies to.
 */
int possible_any(const struct name_list *asked, struct error *why);

#endif
