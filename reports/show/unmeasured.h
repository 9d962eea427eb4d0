/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unmeasured: the skipped and invalid results and rows, grouped by reason, each group as short as
 * it can be said.
 *
 * Internal to render. "kprobe_*" when every result of the hook shares status and reason, the
 * variant's name when every result of the variant does, "variant on workload", else the result's
 * id.
 */
#ifndef BPFTOLL_REPORTS_SHOW_UNMEASURED_H
#define BPFTOLL_REPORTS_SHOW_UNMEASURED_H

#include <stdbool.h>
#include "reports/show/page.h"

/* Results, then the other rows. 0 or -errno. Prints nothing when everything was measured. */
int unmeasured_print(struct page *page);

#endif
