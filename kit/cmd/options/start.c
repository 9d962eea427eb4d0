/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/random.h>
#include <time.h>

#include "kit/cmd/options/start.h"

#define CPU_MOST 65536

static struct start start = {.cpu = -1, .reader_cpu = -1};

const struct option_row start_cpu_rows[] = {
	{"cpu", "measuring CPU; default: isolated, nohz_full, else the quietest", "N",
	 .index = &start.cpu, .most = CPU_MOST},
	{"reader-cpu", "CPU of the reader; default: another core of the same node", "N",
	 .index = &start.reader_cpu, .most = CPU_MOST},
	{"wait",
	 "where another measurement has these CPUs, wait for its end; default: refuse (exit 1)",
	 .flag = &start.wait},
	{"drain-cpu", "", "N", .hidden = true, .index = &start.reader_cpu, .most = CPU_MOST},
	{0}};

const struct option_row start_seed_rows[] = {
	{"seed", "seed of the order of blocks and of the bootstrap; default: from the kernel", "N",
	 .large = &start.seed, .most = INT32_MAX},
	{0}};

struct start start_chosen(void)
{
	if (!options_given(start_seed_rows)) {
		if (getrandom(&start.seed, sizeof(start.seed), 0) != (ssize_t)sizeof(start.seed))
			start.seed = (unsigned long)time(NULL);
		start.seed &=
			INT32_MAX; /* 31 bits: every JSON reader keeps such a number exactly */
	}
	return start;
}
