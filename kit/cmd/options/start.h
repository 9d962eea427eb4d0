/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * start: on which CPUs a measurement runs, and the seed for its order: options shared by run and
 * selfcheck.
 */
#ifndef BPFTOLL_KIT_START_H
#define BPFTOLL_KIT_START_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/cmd/options/options.h"

extern const struct option_row start_cpu_rows[], start_seed_rows[];

struct start {
	int cpu, reader_cpu; /* -1: to be chosen */
	unsigned long seed;
	bool wait; /* for CPUs that another measurement has */
};

/*
 * The values given. Without --seed the seed is random, from the kernel; --seed accepts every such
 * value.
 */
struct start start_chosen(void);

#endif
