/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * programs: what the kernel made of each program that a record has cells of: what its verifier walked through, sizes, stack,
 * and the time to load it.
 */
#ifndef BPFTOLL_PROGRAMS_H
#define BPFTOLL_PROGRAMS_H

#include <stdio.h>
#include "reports/record.h"
#include "reports/render.h"

/* A row each program (those of the drain states that differ apart). 0, -ENOENT: the record has none; other -errno. */
int programs_print(const struct record *rec, enum render_format format, FILE *out);

#endif
