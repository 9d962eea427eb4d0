/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan: what to measure. Options as the user gave them -> panels of arms, in full, before anything is touched.
 *
 * A panel is one trigger with all its arms: they are compared with that panel's baselines, round by round.
 */
#ifndef BPFTOLL_PLAN_H
#define BPFTOLL_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/drain.h"
#include "bpf/variant.h"
#include "kit/name_list.h"
#include "kit/trigger.h"
#include "reports/record.h"

/* As given; zero or empty means "the suite's own". */
struct plan_options {
	const char *suite;
	struct name_list variants, triggers; /* globs */
	struct name_list drains;
	struct name_list caches; /* hot, stirred, cold; none: the suite's own */
	unsigned int rounds, calls, seconds;
	enum unit unit;
};

struct plan_arm {
	const struct variant *variant;
	enum drain_state drain;
};

/* What --trigger and --drain may name. */
extern const struct name_table plan_triggers, plan_drains;

/* What is done between two timed calls: nothing; other code runs (stir.h); everything is evicted (calib/evict.h). */
enum cache_state { CACHE_HOT, CACHE_STIRRED, CACHE_COLD, CACHE_COUNT };
const char *cache_state_name(enum cache_state state);

struct plan_panel {
	const struct trigger *trigger;
	enum cache_state cache;
	struct plan_arm *arms;
	size_t n_arms;
};

struct plan {
	const char *suite;
	struct plan_panel *panels;
	size_t n_panels, n_arms; /* n_arms: of all panels */
	unsigned int rounds;	 /* 0: as many as fit into seconds */
	unsigned int seconds;
	unsigned int calls;	  /* per arm and round */
	unsigned int gated_calls; /* of arms whose consumer must fall asleep between calls */
	unsigned int cold_calls;  /* of a cold panel's arms */
	enum unit unit;
};

/*
 * -EINVAL when a name matches nothing: why names it and the nearest valid ones. The result is freed with
 * plan_free also after an error.
 */
int plan_make(const struct plan_options *options, struct plan *out, char *why, size_t why_len);
void plan_free(struct plan *plan);

#endif
