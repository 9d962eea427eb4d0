/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker_page: what a run asks of a worker process, and what that tells back: one block of memory
 * that both map.
 *
 * Made once for a plan, asked again by every worker in turn (worker.h). All of it is plain data:
 * variants and workloads are indices of their tables, which both sides have since they are the same
 * program.
 *
 * worker_page_make -> worker_page_experiment, _arm, _row … -> worker_page_free; a worker:
 * worker_page_map -> … -> worker_page_unmap.
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

/* Rounds of an experiment that one worker can tell of. */
#define WORKER_ROWS_MOST 2048
#define WORKER_CPUS_MOST 1024

struct worker_config {
	/* asked */
	enum config_kind kind;
	int variant; /* index of variants[], -1: none */
	enum wakeup_policy wakeup;
	bool again; /* B/B: the treatment of another configuration once more */
	size_t own; /* index of its baseline in the experiment; of an `again` configuration: of the
		       configuration that it repeats */
	size_t calls;
	/* told; status is also asked: what an earlier worker could not measure is not tried again
	 */
	enum result_status status;
	char reason[256];
	struct config_told told; /* events: of this worker */
};

/* A round of an experiment: what happened on the measuring CPU meanwhile. */
struct worker_row {
	double seconds, steal;	       /* steal: % of the round */
	uint64_t interrupts, switches; /* switches: involuntary, of who makes the timed calls */
	double frequency;	       /* running over TSC frequency; NAN: not to be read */
};

struct worker_experiment {
	/* asked */
	int workload; /* index of workloads[] */
	enum cache_state cache;
	size_t first_config, n_configs;
	/* asked and told: untimed calls before a block; below 0: not known, the worker pilots */
	double warmup;
	/* told: rounds that this worker has done */
	size_t rounds;
};

struct worker_page {
	size_t bytes;
	/* asked */
	unsigned int number; /* of the worker */
	uint64_t seed;
	int cpu, reader_cpu;
	int cpus[WORKER_CPUS_MOST]; /* where the process may run */
	size_t n_cpus;
	struct tsc_rate tsc;
	enum unit unit;
	bool allow_sysctl;	 /* attach_allow_sysctl */
	unsigned int wake_every; /* reader_sampled_every */
	char dir[PATH_MAX];	 /* of the record */
	/* as many rounds as fit into seconds, one of each experiment at least; rounds_most: no
	 * more, 0: any number */
	double seconds;
	size_t rounds_most;
	char events[1024]; /* counters, as --events takes them; empty: none */
	char counter_set[64];
	size_t n_counters;
	size_t n_experiments, n_configs; /* n_configs: of all experiments */
	/* told */
	volatile sig_atomic_t stop; /* set by the one who asks */
	volatile double share;	    /* of its time that is over */
	volatile size_t experiment; /* at work on */
	int err;
	struct error why;
};

/* The page of a plan. shared: in a memfd that a child can inherit (*fd), else fd is NULL. 0 or
 * -errno. */
int worker_page_make(const struct plan *plan, size_t n_counters, int *fd, struct worker_page **out);
void worker_page_free(struct worker_page *page);

/* By the child. 0 or -errno. */
int worker_page_map(int fd, struct worker_page **out);

struct worker_experiment *worker_page_experiment(const struct worker_page *page, size_t experiment);
struct worker_config *worker_page_config(const struct worker_page *page, size_t experiment,
					 size_t config);
struct worker_row *worker_page_row(const struct worker_page *page, size_t experiment, size_t round);

/* n_counters counts a call of a configuration in a round; NULL where nothing is counted. */
double *worker_page_counts(const struct worker_page *page, size_t experiment, size_t config,
			   size_t round);

/* CONFIG_READINGS readings around the block of a configuration in a round. */
struct neighbour_reading *worker_page_neighbour(const struct worker_page *page, size_t experiment,
						size_t config, size_t round);

/* File name of a configuration's readings below samples/. */
void worker_page_samples(const struct worker_page *page, size_t experiment, size_t config,
			 char *out, size_t len);

/* "none_again", "same_probe_again", "window", or the variant's name: the first part of the result's
 * id. */
const char *worker_config_variant(const struct worker_page *page, size_t experiment, size_t config);

#endif
