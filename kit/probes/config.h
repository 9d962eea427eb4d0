/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config: one treatment of an experiment: an empty window, nothing attached (a baseline), or one
 * probe in one wakeup policy.
 *
 * config_gate -> config_pilot (does it work, how, how long until it is steady) -> config_visit … ->
 * [config_unload] -> config_close. A failure sets status and reason and never reaches another
 * configuration.
 *
 * A visit of a probe loads it anew (where the JIT puts a program moves its cost), attaches it,
 * counts its hits, makes a millisecond of untimed calls, times a block, detaches and unloads. A
 * visit of a baseline does the same with a probe of its group (a sham: the same loads, text
 * patches, waits and calls), and only then, with nothing attached, makes a millisecond of untimed
 * calls and times its block: baseline and treated block differ in the treatment alone. Without the
 * sham a state of the branch predictor that only baselines had made 15 of 110 ns.
 *
 * The timed calls are made by bench->timing, everything else by the caller, on another CPU where
 * there is one.
 */
#ifndef BPFTOLL_KIT_PROBES_CONFIG_H
#define BPFTOLL_KIT_PROBES_CONFIG_H

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

struct config_accounting {
	uint64_t produced, received, lost, lost_records, wakeups;
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
	uint64_t hits_expected, hits_counted;
	char mechanism[32];
	struct program_facts facts;	     /* of its first load */
	struct config_accounting accounting; /* of all loads */
	double steady_calls;		     /* the pilot's answer */
	char samples[168];		     /* file name */
	/* before and behind the timed block: is another thread of the core at work? */
	struct neighbour_reading neighbour[CONFIG_READINGS];
	double *counts; /* of this visit: n_events counts a call, NAN what it did not count; or NULL
			 */
	size_t rounds;	/* visits so far */
};

/* How its calls are held back, from its wakeup policy. Before anything else. */
void config_gate(struct config *config, const struct bench *bench);

/* Does it work here, and after how many calls is it steady? A failure sets status and reason. */
void config_pilot(struct config *config, struct bench *bench);

/*
 * One visit into out[0 .. configuration->calls). false: the configuration has failed, its status
 * and reason say why. Where instructions are counted the program stays loaded until config_unload.
 */
bool config_visit(struct config *config, struct bench *bench, uint32_t *out);

/* Closes the accounts of what is loaded (produced = received + lost, or the configuration is
 * invalid) and unloads it. */
void config_unload(struct config *config, struct bench *bench);

/* Lets go of everything, whatever state it is in. */
void config_close(struct config *config);

/* Would a counter around the configuration's block count syscalls beside the timed ones? Then it is
 * not counted. */
bool config_counts_more(const struct config *config, const struct workload *workload);

/*
 * Does the hook also cost the read() that ends a counted block, where user space cannot read the
 * counters? Then what read() says is not taken: it was 2.8 instructions a call too much, of 64
 * calls.
 */
bool config_hears_reads(const struct config *config);

#endif
