/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan: what to measure. Options as the user gave them -> experiments of configurations, in full,
 * before anything is touched.
 *
 * An experiment is one workload with all its configurations: they are compared with that
 * experiment's baselines, round by round.
 */
#ifndef BPFTOLL_KIT_PROBES_PLAN_H
#define BPFTOLL_KIT_PROBES_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/error.h"
#include "bpf/read/probe_reader.h"
#include "bpf/load/variant.h"
#include "kit/cmd/name_list.h"
#include "kit/timing/workload.h"
#include "reports/record/record.h"

/* As given; zero or empty means "the suite's own". */
struct plan_options {
	const char *suite;
	struct name_list variants, workloads; /* globs */
	struct name_list wakeups;
	struct name_list caches; /* hot, stirred, cold; none: the suite's own */
	unsigned int rounds, calls, seconds;
	enum unit unit;
};

struct plan_config {
	const struct variant *variant;
	enum wakeup_policy wakeup;
};

/* What --syscall and --drain may name. */
extern const struct name_table plan_workloads, plan_wakeups;

/* What is done between two timed calls: nothing; other code runs (stir.h); everything is evicted
 * (calib/evict.h). */
enum cache_state { CACHE_HOT, CACHE_STIRRED, CACHE_COLD, CACHE_COUNT };
const char *cache_state_name(enum cache_state state);

struct plan_experiment {
	const struct workload *workload;
	enum cache_state cache;
	struct plan_config *configs;
	size_t n_configs;
};

struct plan {
	const char *suite;
	struct plan_experiment *experiments;
	size_t n_experiments, n_configs; /* n_configs: of all experiments */
	unsigned int rounds;		 /* 0: as many as fit into seconds */
	unsigned int seconds;
	unsigned int calls; /* per configuration and round */
	unsigned int
		gated_calls; /* of configurations whose consumer must fall asleep between calls */
	unsigned int cold_calls; /* of a cold experiment's configurations */
	enum unit unit;
};

/*
 * -EINVAL when a name matches nothing: why names it and the nearest valid ones. The result is freed
 * with plan_free also after an error.
 */
int plan_make(const struct plan_options *options, struct plan *out, struct error *why);
void plan_free(struct plan *plan);

#endif
