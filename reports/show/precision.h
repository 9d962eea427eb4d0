/* SPDX-License-Identifier: GPL-3.0-or-later */
/* precision: what a run with --precision says of its rows. */
#ifndef BPFTOLL_REPORTS_SHOW_PRECISION_H
#define BPFTOLL_REPORTS_SHOW_PRECISION_H

#include "reports/record/record.h"

/*
 * One sentence: how many rows have the half-width that was asked for, and which have not, the
 * farthest from it first. As the record has it: quote it. The caller frees it. NULL: no precision
 * was asked for, or out of memory.
 */
char *precision_text(const struct record *rec);

#endif
