/* SPDX-License-Identifier: GPL-3.0-or-later */
/* start: where a measurement runs and how its order is drawn: options that run and selfcheck share.
 */
#ifndef BPFTOLL_KIT_START_H
#define BPFTOLL_KIT_START_H

#include <stdint.h>

#include "kit/cmd/options/options.h"

extern const struct option_row start_cpu_rows[], start_seed_rows[];

struct start {
	int cpu, reader_cpu; /* -1: to be chosen */
	unsigned long seed;
};

/* As given; a seed that was not is drawn from the kernel: it always fits in what --seed takes. */
struct start start_chosen(void);

#endif
