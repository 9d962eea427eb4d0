/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker_page: what a run asks of a worker process and what the worker reports, in one block of
 * memory that both map. It is made once for a plan and reused by every worker in turn (worker.h).
 * All of it is plain data; variants and workloads are indices of tables, which both sides share
 * because they are the same program.
 *
 * worker_page_make -> worker_page_experiment, worker_page_config, worker_page_row … ->
 * worker_page_free. In a worker: worker_page_map -> … -> worker_page_unmap.
 */
#ifndef BPFTOLL_KIT_PROBES_WORKER_PAGE_H
#define BPFTOLL_KIT_PROBES_WORKER_PAGE_H

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "calib/tsc.h"
#include "kit/probes/config_load.h"
#include "kit/probes/plan.h"

/* The most rounds of an experiment that one worker can report. */
#define WORKER_ROWS_MOST 2048
#define WORKER_CPUS_MOST 1024
/* Rounds beside a neighbour are told from others where a worker has three or more (strata.h). */
#define WORKER_ROUNDS_ENOUGH 4

struct worker_config {
	/* set by the parent */
	enum config_kind kind;
	int variant; /* of variant_at, -1: none */
	enum wakeup_policy wakeup;
	bool again; /* B/B: the probe of another configuration once more */
	/*
	 * Index in the experiment of its baseline; where again is set, of the probe that it
	 * repeats.
	 */
	size_t own;
	size_t calls;
	/*
	 * Not visited any more: its interval is as narrow as was asked for. What rests does not
	 * come back, so the rounds of a configuration are the first ones of its experiment.
	 */
	bool rests;
	/*
	 * Reported by the worker. status is also set by the parent: what an earlier worker could
	 * not measure is not tried again.
	 */
	enum result_status status;
	char reason[256];
	struct config_told told; /* events: of this worker */
};

/* One round of an experiment: what happened on the measuring CPU during it. */
struct worker_row {
	double seconds, steal; /* steal: % of the round */
	/* switches: involuntary ones, of the process that makes the timed calls */
	uint64_t interrupts, switches;
	double frequency; /* running over TSC frequency; NAN: cannot be read */
};

struct worker_experiment {
	/* set by the parent */
	int workload; /* index of workloads[] */
	enum cache_state cache;
	size_t first_config, n_configs;
	/*
	 * untimed calls before a block, from both sides; below 0: not known, the worker runs the
	 * pilot
	 */
	double warmup;
	/* reported: rounds that this worker completed */
	size_t rounds;
};

struct worker_page {
	size_t bytes;
	/* set by the parent */
	unsigned int number; /* of the worker */
	uint64_t seed;
	int cpu, reader_cpu;
	int cpus[WORKER_CPUS_MOST]; /* CPUs on which the process may run */
	size_t n_cpus;
	struct tsc_rate tsc;
	enum unit unit;
	bool allow_sysctl;	 /* for attach_allow_sysctl */
	unsigned int wake_every; /* for reader_sampled_every */
	int objects_fd;		 /* for bundle_adopt; -1: no foreign programs */
	char dir[PATH_MAX];	 /* folder of the record */
	bool logged;		 /* rounds go to the round log too (checkpoint/round_log.h) */
	/*
	 * Rounds until the seconds are over, at least one of each experiment. rounds_most limits
	 * them; 0: no limit.
	 */
	double seconds;
	/* With WORKER_ROUNDS_ENOUGH rounds of an experiment so many seconds suffice; 0: they don't.
	 */
	double seconds_enough;
	size_t rounds_most;
	char events[1024]; /* counters, as option --events takes them; empty: none */
	char counter_set[64];
	size_t n_counters;
	size_t n_experiments, n_configs; /* n_configs: in all experiments together */
	/* reported by the worker, except stop */
	volatile sig_atomic_t stop; /* set by the parent */
	volatile double share;	    /* part of the slice's time that has passed, 0 to 1 */
	volatile size_t experiment; /* the one being measured */
	int err;
	struct error why;
	char lost[sizeof(((struct error *)0)->text)]; /* place_lost; empty: nothing */
	/* -errno: the round log could not be written, and no later round goes there */
	int log_err;
};

/*
 * The page for a plan. fd not NULL: in a memfd that a child can inherit; fd NULL: in this process
 * alone. Returns 0 or -errno.
 */
int worker_page_make(const struct plan *plan, size_t n_counters, int *fd, struct worker_page **out);

/* A page in this process, laid out as this one, with its members and nothing else. 0 or -errno. */
int worker_page_like(const struct worker_page *page, struct worker_page **out);
void worker_page_free(struct worker_page *page);

/* Called by the child. Returns 0 or -errno. */
int worker_page_map(int fd, struct worker_page **out);

struct worker_experiment *worker_page_experiment(const struct worker_page *page, size_t experiment);
struct worker_config *worker_page_config(const struct worker_page *page, size_t experiment,
					 size_t config);
struct worker_row *worker_page_row(const struct worker_page *page, size_t experiment, size_t round);

/* n_counters counts of one call, for a configuration in a round; NULL if nothing is counted. */
double *worker_page_counts(const struct worker_page *page, size_t experiment, size_t config,
			   size_t round);

/* CONFIG_READINGS readings, from before and after the block of a configuration in a round. */
struct neighbour_reading *worker_page_neighbour(const struct worker_page *page, size_t experiment,
						size_t config, size_t round);

/* Writes the name of the file with a configuration's readings, below samples/. */
void worker_page_samples(const struct worker_page *page, size_t experiment, size_t config,
			 char *out, size_t len);

/*
 * The first part of the result's id: "none_again", "same_probe_again", "window" (the timer
 * overhead), or the variant's name.
 */
const char *worker_config_variant(const struct worker_page *page, size_t experiment, size_t config);

#endif
