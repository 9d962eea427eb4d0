/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config_load: what a configuration is, the life of its probe (load, attach, detach, event
 * accounting, unload) and its calls. Used by config.h.
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
	CONFIG_TIMER, /* an empty timed region: the timer overhead */
	/*
	 * A baseline: nothing attached, after a sham visit (config.h) with variant, if that is set.
	 */
	CONFIG_BARE,
	CONFIG_PROBE
};

/* What all configurations of an experiment share. */
struct bench {
	const struct workload *workload;
	char *area; /* opened by workload_open */
	int measure_cpu;
	int reader_cpu; /* -1: none */
	size_t warmup;	/* untimed calls before each block */
	/* Ticks are instructions (the exact lab): neither placement nor warm-up matters. */
	bool exact;
	struct tick tick;      /* only where exact */
	struct evict *evict;   /* cold: evicts before each timed call; else NULL */
	struct stir *stir;     /* stirred: runs between timed calls; else NULL */
	struct timing *timing; /* makes the calls; NULL: the caller makes them */
	uint32_t *scratch;     /* at least CONFIG_SCRATCH readings, prefaulted */
	uint64_t ticks_per_us;
	int idle_fd;		   /* an open /proc stat file, which the gate of a baseline reads */
	struct counters *counters; /* opened by the process that makes the calls */
};
#define CONFIG_SCRATCH	8192
#define CONFIG_READINGS 2

/* What a configuration tells beside its status and its readings. */
struct config_told {
	char mechanism[32];
	struct program_facts facts; /* of its first load */
	struct result_hits hits;
	struct result_events events; /* of all loads */
	struct result_foreign foreign;
};

struct config {
	enum config_kind kind;
	const struct variant *variant; /* CONFIG_BARE: the one of the sham visit; NULL: none */
	enum wakeup_policy wakeup_policy;
	size_t calls; /* timed calls in a round */
	enum result_status status;
	char reason[256];
	struct probe *probe;
	struct probe_reader *wakeup;
	struct gate gate;
	bool gated, rehearsed;
	/* The block at hand is the timed one; in others nothing is evicted between calls. */
	bool timing;
	/* Hits or counters are being counted: no other code runs between calls. */
	bool rehearsing;
	/*
	 * B/B: the same probe once more; the difference between the two must be zero within the
	 * detection limit.
	 */
	bool again;
	/* Index in the experiment of the baseline that it is compared with. */
	size_t own;
	uint64_t produced; /* events that its calls should have sent since the last load */
	struct config_told told;
	double steady_calls; /* calls until readings are steady, by the pilot */
	char samples[168];   /* file name below samples/ */
	/* before and after the timed block: is the core's other hardware thread in use? */
	struct neighbour_reading neighbour[CONFIG_READINGS];
	/*
	 * Counts of one call of this visit, one for each counter; NAN: not counted in this visit.
	 * NULL: no counters.
	 */
	double *counts;
	size_t rounds; /* visits so far */
};

/* Sets status and reason. */
void config_fail(struct config *config, enum result_status status, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* Is a probe loaded for it: a configuration with a probe, or a baseline with a sham visit? */
bool config_has_probe(const struct config *config);

/* Does each of its calls send an event? */
bool config_sends(const struct config *config, const struct bench *bench);

/* Opens program and reader if they are not open. A failure sets status and reason. */
void config_load(struct config *config, const struct bench *bench);

bool config_attach(struct config *config);
void config_detach(struct config *config);

/* Empties the buffer, except under the policy that measures a full one. */
void config_settle(struct config *config);

/*
 * Closes the event accounting of the loaded probe and unloads it. produced = received + lost must
 * hold, else the configuration is invalid.
 */
void config_unload(struct config *config, struct bench *bench);

/* Releases everything, in whatever state it is. */
void config_close(struct config *config);

typedef void (*block_fn)(struct config *config, const struct bench *bench, uint32_t *out, size_t n);

/* n untimed calls by the process that times. Returns the ticks they took together. */
uint64_t config_untimed(struct config *config, struct bench *bench, block_fn block, size_t n);

/*
 * n calls of the configuration's operation into out. config_run adds to produced where each call
 * sends an event; config_run_bare is the same with nothing attached.
 */
void config_run(struct config *config, const struct bench *bench, uint32_t *out, size_t n);
void config_run_bare(struct config *config, const struct bench *bench, uint32_t *out, size_t n);

/*
 * One block of a configuration, as it is passed to the process that times. All of it is in shared
 * memory.
 */
struct config_job {
	struct config *config;
	struct bench *bench;
	uint32_t *out;
	size_t n;
	block_fn block;
	uint64_t ticks; /* out: that n calls took; in: that one call takes */
};

#endif
