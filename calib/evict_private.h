/* SPDX-License-Identifier: GPL-3.0-or-later */
/* evict_private: what evict.c (the mechanism) and evict_check.c (its proofs) share. */
#ifndef BPFTOLL_CALIB_EVICT_PRIVATE_H
#define BPFTOLL_CALIB_EVICT_PRIVATE_H

#include "calib/evict.h"

#define EVICT_PROBE_PAGES 32
#define EVICT_PROBE_LINES 64 /* of code, straight and with branches; a page each */

struct evict {
	struct cache_sizes sizes;
	struct evict_plan plan;
	char *sweep, *probe;
	uint8_t *code; /* plan.code_lines, then a page of straight code and a page of branches */
	size_t code_bytes;
	uint64_t *bits; /* directions of the branches, one per line */
	uint64_t random;
	char levels[256];
};

/* Judges the data's figures and fills note. twice: ticks after two evictions. Pure. */
bool evict_judge_data(const struct evict *e, struct evict_proof *p, double twice);

void evict_sweep(struct evict *e, size_t pages, unsigned int lines_a_page);
void evict_toss(struct evict *e, size_t words);
void evict_run(struct evict *e, size_t offset);

#endif
