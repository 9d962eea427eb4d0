/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * witness: one variant's calls made for another tool to watch, beside bpftoll's own window (suite crosscheck).
 *
 * witness_open (loads the variant, opens its reader) -> [witness_attach, witness_block …, witness_detach] … ->
 * witness_close. A tool's file (witness_NAME.c) fills one row: what it says, what bpftoll says, why they differ; what it cannot
 * say is a skipped row with its reason.
 */
#ifndef BPFTOLL_WITNESS_H
#define BPFTOLL_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

#include "bpf/drain.h"
#include "bpf/probe.h"
#include "kit/harness.h"
#include "kit/trigger.h"
#include "reports/record_rows.h"

/* More would fill a 256 KiB buffer that is read between blocks only. */
#define WITNESS_CALLS_MOST 4032

struct witness {
	const struct harness_env *env;
	const struct trigger *trigger;
	char *area;
	const struct variant *variant;
	enum unit
		unit; /* of bpftoll's figures: in the exact lab a ns of the guest's clock is an instruction */
	struct probe *probe;
	struct drain *drain;
	uint32_t *ticks;
	double *ns;
	uint64_t calls; /* made so far, timed or not */
	/* bpftoll's own, of the same run, without the tool: ns over the baseline; NAN: not measured */
	struct effect whole, empty; /* empty: the same hook with a body that does nothing */
	double bare;		    /* ns that the call takes with nothing attached */
	double clock;		    /* what bpf_stats says of the empty body; NAN: not known yet */
};

int witness_open(struct witness *w, char *why, size_t why_len);
void witness_close(struct witness *w);

int witness_attach(struct witness *w, char *why, size_t why_len);
void witness_detach(struct witness *w);

/* A millisecond of untimed calls: what lies behind an attach or a wait reads slower. Their events are read. */
void witness_warm(struct witness *w);

/*
 * n timed calls. mark (not 0): told to who traces by getpriority(PRIO_PROCESS, mark) before them and 0 behind. The
 * interquartile mean of a window in ns, the empty window's cost still in it. Events are left in the buffer.
 */
double witness_block(struct witness *w, size_t n, uint32_t mark);
void witness_settle(struct witness *w);

/* The row is one of the record's. reason and why in printf's manner; a reason skips the row. */
void witness_skip(struct crosscheck *row, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void witness_why(struct crosscheck *row, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* How a tool of that name is asked. */
struct witness_tool {
	const char *name, *quantity;
	bool outside; /* a program of its own: none in the exact lab */
	void (*ask)(struct witness *w, struct crosscheck *row);
};
extern const struct witness_tool witness_tools[];
extern const size_t witness_tools_count;

/* The row of one syscall in perf trace's summary: how often it was seen, its total in ms. false: it is not there. */
bool witness_read_summary(const char *text, const char *call, double *calls, double *total_ms);

void witness_ask_bpf_stats(struct witness *w, struct crosscheck *row);
void witness_ask_bpftrace(struct witness *w, struct crosscheck *row);
void witness_ask_perf_stat(struct witness *w, struct crosscheck *row);
void witness_ask_perf_trace(struct witness *w, struct crosscheck *row);

#endif
