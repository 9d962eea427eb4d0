/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * programs: what the kernel made of each program that a record has results of: what its verifier
 * walked through, sizes, stack, and the time to load it.
 */
#ifndef BPFTOLL_REPORTS_SHOW_COSTS_PROGRAMS_H
#define BPFTOLL_REPORTS_SHOW_COSTS_PROGRAMS_H

#include <stdio.h>
#include "reports/record/record.h"
#include "reports/show/render.h"

/* A row each program (those of the wakeup policies that differ apart). 0, -ENOENT: the record has
 * none; other -errno. */
int programs_print(const struct record *rec, enum render_format format, FILE *out);

#endif
