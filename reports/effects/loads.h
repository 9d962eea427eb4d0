/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * loads: what one load of a program costs, from effects of which each is of a load of its own.
 *
 * Each round loads the program anew, and the cost follows where the JIT puts it and what state the
 * processor is found in: on one machine 80, 90, 110, 146 or 160 ns from load to load, each repeated
 * to 0.2 ns within its block. The mean's interval says nothing of that; who loads a probe once pays
 * one of them.
 */
#ifndef BPFTOLL_REPORTS_EFFECTS_LOADS_H
#define BPFTOLL_REPORTS_EFFECTS_LOADS_H

#include <stddef.h>
#include "reports/record/record.h"

#define LOADS_LEAST 10 /* a tenth of fewer is less than one load */
#define LOADS_MODES 3

/*
 * Ten loads in a hundred cost less than p10, ten more than p90. effects: one a load, NAN left out.
 * noise: standard error of one of them, the block's own (0 or NAN: not known): what it explains of
 * the distances from the median is taken off in quadrature, so loads that differ by noise alone
 * leave p10 = p90. NAN for fewer than LOADS_LEAST, with loads set. 0 or -ENOMEM.
 */
int loads_spread(const double *effects, size_t n, double noise, struct load_spread *out);

/*
 * The groups that the effects fall into, from the cheapest up. One, unless a dip test says that
 * they are no single heap (called so by chance in at most 1.5 %: loads.c), and each holds three
 * loads and a twentieth of all. `value` is the group's mean. Returns how many, 0 for fewer than
 * LOADS_LEAST effects; -ENOMEM.
 */
int loads_modes(const double *effects, size_t n, struct load_mode out[LOADS_MODES]);

#endif
