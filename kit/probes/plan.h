/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * plan: what to measure. It turns the user's options into a complete list of experiments and their
 * configurations before anything is touched. An experiment is one workload in one cache state with
 * all configurations that are compared in it, round by round, with its baselines.
 *
 * plan_make -> plan_free.
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
#include "reports/stats/sequential/stopping.h"

/* As the user gave them; zero or empty means the suite's default. */
struct plan_options {
	const char *suite;
	struct name_list variants, workloads; /* may contain wildcards */
	struct name_list wakeups;
	struct name_list caches; /* hot, stirred, cold; empty: the suite's default */
	unsigned int rounds, calls, seconds;
	struct precision precision;
	enum unit unit;
};

struct plan_config {
	const struct variant *variant;
	enum wakeup_policy wakeup;
};

/* The values of --variant, --syscall and --wakeup-policy. */
extern const struct name_table plan_variants, plan_workloads, plan_wakeups;

/*
 * What happens between two timed calls: nothing; other code runs (stir.h); caches, TLB and branch
 * predictor are emptied (calib/evict.h).
 */
enum cache_state { CACHE_HOT, CACHE_STIRRED, CACHE_COLD, CACHE_COUNT };
const char *cache_state_name(enum cache_state state);

struct plan_experiment {
	const struct workload *workload;
	enum cache_state cache;
	struct plan_config *configs;
	size_t n_configs;
	size_t calls; /* a configuration and round; 0: the plan's */
};

struct plan {
	const char *suite;
	struct plan_experiment *experiments;
	size_t n_experiments, n_configs; /* n_configs: in all experiments together */
	unsigned int rounds;		 /* 0: as many as fit into seconds */
	unsigned int seconds;
	struct precision precision; /* asked of each row's typical cost; value 0: none */
	unsigned int calls;	    /* a configuration and round */
	unsigned int gated_calls;   /* where the reader must fall asleep between calls */
	unsigned int cold_calls;    /* in a cold experiment */
	enum unit unit;
};

/*
 * Returns 0, or -EINVAL if a name matches nothing: why then has the name and the nearest valid
 * ones. Call plan_free after an error too.
 */
int plan_make(const struct plan_options *options, struct plan *out, struct error *why);
void plan_free(struct plan *plan);

#endif
