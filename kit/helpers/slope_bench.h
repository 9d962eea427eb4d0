/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slope_bench: what the rows of a run of slopes share while they are measured: buffers with their
 * readers, maps for lookups, their programs, and one host program at a time.
 *
 * Internal to slopes.c: slope_bench_open -> slope_bench_make (buffers, maps) -> the blocks
 * (slope_block.h) -> slope_bench_check (event accounting) -> slope_bench_drop -> slope_bench_close.
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
#define SLOPE_OUTPUTS	 3 /* one for each value of enum output */

/*
 * A buffer. For a perf buffer also a copy of what the kernel keeps in rb->head, rb->wakeup and
 * rb->events: how many bytes have been written, at which byte the reader is woken next, and events
 * since the last wakeup.
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
	size_t round;	    /* the one being measured; exact: the row's first */
	unsigned int calls; /* timed calls in a block; 0: by the kind of row */
	gsl_rng *rng;
	uint32_t *out; /* SLOPE_CALLS_MOST readings */
	struct tick tick;
	int idle_fd;
	/*
	 * Exact: one for each size, since a record's cost depends on where the one before it ended.
	 * Else only the first is used.
	 */
	struct slope_sink sinks[SLOPE_OUTPUTS][WAKEUP_NAMED_COUNT][SEND_SIZES];
	bool filled[SLOPE_OUTPUTS]; /* is the buffer of WAKEUP_NONE full? */
	struct slope_map maps[16];
	size_t n_maps;
	uint32_t key; /* a key that is in every map; lookups that miss use one above all keys */
	/* the host program in use */
	int kind;
	struct host_program *host_program;
	const struct workload *workload;
	char *area;
	int stub_only; /* an empty program, selected while no row is measured */
	/*
	 * Typical ticks of a call with nothing attached; bare_gated: waiting between calls as rows
	 * of the policy "per event" do.
	 */
	double bare, bare_gated;
	struct error reason; /* why the host program does not work; empty: it works */
};

int slope_bench_open(struct slope_bench *bench, const struct harness_env *env, bool exact,
		     unsigned int calls);
void slope_bench_close(struct slope_bench *bench);

/* Makes the buffers and maps that the rows need. A row without them is skipped with the reason. */
void slope_bench_make(struct slope_bench *bench, struct slope_rows *rows);

/* Reads all buffers. Rows in which events are unaccounted for become invalid. */
void slope_bench_check(struct slope_bench *bench, struct slope_rows *rows);
void slope_bench_drop(struct slope_bench *bench);

/*
 * The row's buffer; its channel is NULL if the helper sends nothing or the buffer could not be
 * made.
 */
struct slope_sink *slope_sink_of(struct slope_bench *bench, const struct helper *helper,
				 enum wakeup_policy wakeup, unsigned int size);

/* Loads one program of a helper for the host program. Returns an fd, or -errno with why. */
int slope_program(struct slope_bench *bench, const struct helper *helper, unsigned int size,
		  enum wakeup_policy wakeup, unsigned int times, struct error *why);

/*
 * Loads the row's programs, one for each point. If the kernel refuses the longest as too long or
 * too complex, the row falls back to shorter ones. Returns 0; -errno: refused, the row is skipped
 * with the reason. Call slope_programs_close in both cases.
 */
int slope_programs(struct slope_bench *bench, struct slope_row *row, int progs[SLOPE_POINTS]);
void slope_programs_close(int progs[SLOPE_POINTS]);

#endif
