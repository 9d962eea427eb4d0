/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope_bench: what the rows of a run of slopes share while they are measured: buffers with their
 * consumers, maps that are looked up in, their programs, and one host program at a time.
 *
 * Internal to slopes.c: slope_bench_open -> slope_bench_make (buffers, maps) -> the blocks
 * (slope_block.h) -> slope_bench_check (the event accounting) -> slope_bench_drop ->
 * slope_bench_close.
 */
#ifndef BPFTOLL_KIT_HELPERS_SLOPE_BENCH_H
#define BPFTOLL_KIT_HELPERS_SLOPE_BENCH_H

#include <gsl/gsl_rng.h>

#include "calib/error.h"
#include "bpf/load/host_program.h"
#include "bpf/read/channel.h"
#include "kit/probes/harness.h"
#include "kit/helpers/slope_rows.h"
#include "kit/timing/tick.h"
#include "kit/timing/workload.h"

#define SLOPE_CALLS_MOST 8192
#define SLOPE_OUTPUTS	 3 /* enum output */

/*
 * A buffer, and of a perf buffer what the kernel keeps in its rb->head, rb->wakeup and rb->events:
 * how far it has been written, and from where on (and after how many events) a reader is woken
 * again.
 */
struct slope_sink {
	struct channel *channel;
	uint64_t head, wakeup, events;
};

struct slope_map {
	int type, fd;
	unsigned int entries;
};

struct slope_bench {
	const struct harness_env *env;
	bool exact;
	size_t round;	    /* that is measured now; exact: the first one of the row */
	unsigned int calls; /* 0: by the row's kind */
	gsl_rng *rng;
	uint32_t *out; /* SLOPE_CALLS_MOST readings */
	struct tick tick;
	int idle_fd;
	/* exact: one for each size, as a record's cost has to do with where the one before it
	 * ended; else the first */
	struct slope_sink sinks[SLOPE_OUTPUTS][WAKEUP_NAMED_COUNT][SEND_SIZES];
	bool filled[SLOPE_OUTPUTS]; /* of WAKEUP_NONE */
	struct slope_map maps[16];
	size_t n_maps;
	uint32_t key; /* looked up and found; a miss is far above every key */
	/* the host program at work */
	int kind;
	struct host_program *host_program;
	const struct workload *workload;
	char *area;
	int stub_only; /* the program that does nothing, selected when no row is measured */
	double bare, bare_gated; /* typical ticks with nothing attached; the latter as caught_up
				    rows wait */
	struct error reason;	 /* why the host program does not work; empty: it does */
};

int slope_bench_open(struct slope_bench *bench, const struct harness_env *env, bool exact,
		     unsigned int calls);
void slope_bench_close(struct slope_bench *bench);

/* Makes the buffers and maps that the rows need; a row that cannot have its own is skipped with the
 * reason. */
void slope_bench_make(struct slope_bench *bench, struct slope_rows *rows);

/* Reads everything; rows whose event accounting do not balance become invalid. */
void slope_bench_check(struct slope_bench *bench, struct slope_rows *rows);
void slope_bench_drop(struct slope_bench *bench);

/* The row's buffer; channel NULL: it sends nothing, or has none. */
struct slope_sink *slope_sink_of(struct slope_bench *bench, const struct helper *helper,
				 enum wakeup_policy wakeup, unsigned int size);

/* Loads one program of a helper for the host program. An fd, or -errno, why. */
int slope_program(struct slope_bench *bench, const struct helper *helper, unsigned int size,
		  enum wakeup_policy wakeup, unsigned int times, struct error *why);

/*
 * Loads the row's programs, one a point. Where the longest is too much for the kernel
 * (instructions, complexity) the row falls back to shorter ones. -errno: refused, and the row is
 * skipped with the reason. Closed in both cases.
 */
int slope_programs(struct slope_bench *bench, struct slope_row *row, int progs[SLOPE_POINTS]);
void slope_programs_close(int progs[SLOPE_POINTS]);

#endif
