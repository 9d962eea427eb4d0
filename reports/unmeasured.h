/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unmeasured: the skipped and invalid cells and rows, grouped by reason, each group as short as it can be said.
 *
 * Internal to render. "kprobe_*" when every cell of the hook shares status and reason, the variant's name when every cell of
 * the variant does, "variant on trigger", else the cell's id.
 */
#ifndef BPFTOLL_UNMEASURED_H
#define BPFTOLL_UNMEASURED_H

#include <stdbool.h>
#include "reports/page.h"

/* Cells, then the other rows. 0 or -errno. Prints nothing when everything was measured. */
int unmeasured_print(struct page *page);

/* The record's rows of other kinds than cells; headed: the heading stands already. */
int unmeasured_print_rows(struct page *page, bool headed);

#endif
