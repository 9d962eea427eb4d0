/* SPDX-License-Identifier: GPL-3.0-or-later */
/* diff_print: what changed from one record to another, and whether runs agree, in words. */
#ifndef BPFTOLL_REPORTS_SHOW_VERDICT_DIFF_PRINT_H
#define BPFTOLL_REPORTS_SHOW_VERDICT_DIFF_PRINT_H

#include <stdio.h>
#include "reports/judge/agree.h"
#include "reports/judge/diff.h"
#include "reports/show/format.h"

/* Hosts, the table, results without a partner, the sum. 0 or -errno. */
int diff_print(const struct diff *d, enum render_format format, FILE *out);

/* "Run A and run B disagree on 3 of 40 results beyond their intervals; largest: …"; nothing (and
 * false) where none does. */
bool agree_say(FILE *out, const struct agreement *a, enum render_format format);

#endif
