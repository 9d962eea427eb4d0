/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config_load: what a configuration is; its probe's life (loaded, attached, its accounts closed)
 * and its calls.
 *
 * config_load -> config_attach -> config_run, config_untimed … -> config_detach … -> config_unload
 * -> config_close.
 */
#ifndef BPFTOLL_KIT_PROBES_CONFIG_LOAD_H
#define BPFTOLL_KIT_PROBES_CONFIG_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/read/probe_reader.h"
#include "bpf/load/probe.h"
#include "bpf/load/program.h"
#include "calib/counters.h"
#include "calib/neighbour.h"
#include "kit/timing/stir.h"
#include "kit/timing/tick.h"
#include "kit/timing/timing.h"
#include "kit/timing/workload.h"
#include "reports/record/record.h"

enum config_kind {
	CONFIG_TIMER, /* the empty window: the timer overhead */
	CONFIG_BARE,  /* a baseline: nothing attached, behind a sham where variant names one */
	CONFIG_PROBE
};

/* What all configurations of an experiment share. */
struct bench {
	const struct workload *workload;
	char *area; /* the workload's */
	int measure_cpu;
	int reader_cpu;	       /* -1: none */
	size_t warmup;	       /* untimed calls before each block */
	bool exact;	       /* ticks are instructions: neither placement nor warmth matters */
	struct tick tick;      /* where exact */
	struct evict *evict;   /* cold: before each timed call; else NULL */
	struct stir *stir;     /* stirred: between the calls; else NULL */
	struct timing *timing; /* makes the calls; NULL: the caller does */
	uint32_t *scratch;     /* at least CONFIG_SCRATCH readings, prefaulted */
	uint64_t ticks_per_us;
	int idle_fd;		   /* a /proc stat file, for the baseline's gate */
	struct counters *counters; /* opened by the thread that makes the calls */
};
#define CONFIG_SCRATCH	8192
#define CONFIG_READINGS 2

/* What a configuration tells beside its status and its readings. */
struct config_told {
	char mechanism[32];
	struct program_facts facts; /* of its first load */
	struct result_hits hits;
	struct result_events events; /* of all loads */
};

struct config {
	enum config_kind kind;
	const struct variant *variant; /* CONFIG_BARE: of its sham, NULL: none */
	enum wakeup_policy wakeup_policy;
	size_t calls; /* timed, a round */
	enum result_status status;
	char reason[256];
	struct probe *probe;
	struct probe_reader *wakeup;
	struct gate gate;
	bool gated, rehearsed;
	bool timing;	 /* its block is the timed one: warming up evicts nothing */
	bool rehearsing; /* its calls are counted: nothing is stirred between them */
	bool again; /* the same treatment once more: its difference to the first must hold zero */
	size_t own; /* the baseline that it is compared with: an index among the experiment's
		       configurations */
	uint64_t produced; /* events that its calls should have sent since it was loaded */
	struct config_told told;
	double steady_calls; /* the pilot's answer */
	char samples[168];   /* file name */
	/* before and behind the timed block: is another thread of the core at work? */
	struct neighbour_reading neighbour[CONFIG_READINGS];
	double *counts; /* of this visit: n_events counts a call, NAN what it did not count; or NULL
			 */
	size_t rounds;	/* visits so far */
};

/* Sets status and reason. */
void config_fail(struct config *config, enum result_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* A probe, or a baseline's sham. */
bool config_has_probe(const struct config *config);

/* Does each call of it send an event? */
bool config_sends(const struct config *config, const struct bench *bench);

/* Opens program and reader, unless they are. */
void config_load(struct config *config, const struct bench *bench);

bool config_attach(struct config *config);
void config_detach(struct config *config);

/* Keeps a buffer from filling, but for the state that wants it full. */
void config_settle(struct config *config);

/* Closes the accounts of what is loaded (produced = received + lost, or the configuration is
 * invalid) and unloads it. */
void config_unload(struct config *config, struct bench *bench);

/* Lets go of everything, whatever state it is in. */
void config_close(struct config *config);

typedef void (*block_fn)(struct config *config, const struct bench *bench, uint32_t *out, size_t n);

/* n untimed calls by the timing process; how many ticks they took. */
uint64_t config_untimed(struct config *config, struct bench *bench, block_fn block, size_t n);

/* n calls of the configuration's operation, counted where each sends an event; the same with
 * nothing attached. */
void config_run(struct config *config, const struct bench *bench, uint32_t *out, size_t n);
void config_run_bare(struct config *config, const struct bench *bench, uint32_t *out, size_t n);

/* What the timing process does: a block of a configuration, all of it in shared memory. */
struct config_job {
	struct config *config;
	struct bench *bench;
	uint32_t *out;
	size_t n;
	block_fn block;
	uint64_t ticks; /* that n calls took, or that a call takes */
};

#endif
