/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unmeasured: the skipped and invalid cells, grouped by reason, each group as short as it can be said.
 *
 * Internal to render. "kprobe_*" when every cell of the hook shares status and reason, the variant's name when every cell of
 * the variant does, "variant on trigger", else the cell's id.
 */
#ifndef BPFTOLL_UNMEASURED_H
#define BPFTOLL_UNMEASURED_H

#include "reports/page.h"

/* 0 or -errno. Prints nothing when every cell was measured. */
int unmeasured_print(struct page *page);

#endif
