/* SPDX-License-Identifier: GPL-3.0-or-later */
/* config_samples: the readings of one configuration. */
#ifndef BPFTOLL_REPORTS_EFFECTS_CONFIG_SAMPLES_H
#define BPFTOLL_REPORTS_EFFECTS_CONFIG_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

/* ticks[round * calls + call]; entries that are marks (samples.h) are left out. */
struct config_samples {
	const uint32_t *ticks;
	size_t rounds, calls;
	const uint32_t *worker; /* of each round: the process that timed it; NULL: one timed all */
};

#endif
