/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * observer: one variant's calls made for another tool to watch, beside bpftoll's own window (suite
 * crosscheck).
 *
 * observer_open (loads the variant, opens its reader) -> [observer_attach, observer_block …,
 * observer_detach] … -> observer_close. A tool's file (observer_NAME.c) fills one row: what it
 * says, what bpftoll says, why they differ; what it cannot say is a skipped row with its reason.
 */
#ifndef BPFTOLL_KIT_CROSSCHECK_OBSERVER_H
#define BPFTOLL_KIT_CROSSCHECK_OBSERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "calib/error.h"
#include "bpf/read/probe_reader.h"
#include "bpf/load/probe.h"
#include "kit/probes/harness.h"
#include "kit/timing/workload.h"
#include "reports/record/record_rows.h"

/* More would fill a 256 KiB buffer that is read between blocks only. */
#define OBSERVER_CALLS_MOST 4032

struct observer {
	const struct harness_env *env;
	const struct workload *workload;
	char *area;
	const struct variant *variant;
	enum unit unit; /* of bpftoll's figures: in the exact lab a ns of the guest's clock is an
			   instruction */
	struct probe *probe;
	struct probe_reader *wakeup;
	uint32_t *ticks;
	double *ns;
	uint64_t calls; /* made so far, timed or not */
	/* bpftoll's own, of the same run, without the tool: ns over the baseline; NAN: not measured
	 */
	struct effect whole, empty; /* empty: the same hook with a body that does nothing */
	double bare;		    /* ns that the call takes with nothing attached */
	double clock;		    /* what bpf_stats says of the empty body; NAN: not known yet */
};

int observer_open(struct observer *w, struct error *why);
void observer_close(struct observer *w);

int observer_attach(struct observer *w, struct error *why);
void observer_detach(struct observer *w);

/* A millisecond of untimed calls: what lies behind an attach or a wait reads slower. Their events
 * are read. */
void observer_warm(struct observer *w);

/*
 * n timed calls. mark (not 0): told to who traces by getpriority(PRIO_PROCESS, mark) before them
 * and 0 behind. The interquartile mean of a window in ns, the empty window's cost still in it.
 * Events are left in the buffer.
 */
double observer_block(struct observer *w, size_t n, uint32_t mark);
void observer_settle(struct observer *w);

/* The row is one of the record's. reason and why in printf's manner; a reason skips the row. */
void observer_skip(struct crosscheck *row, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void observer_why(struct crosscheck *row, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* How a tool of that name is asked. */
struct observer_tool {
	const char *name, *quantity;
	bool outside; /* a program of its own: none in the exact lab */
	void (*ask)(struct observer *w, struct crosscheck *row);
};
extern const struct observer_tool observer_tools[];
extern const size_t observer_tools_count;

/* The row of one syscall in perf trace's summary: how often it was seen, its total in ms. false: it
 * is not there. */
bool observer_read_summary(const char *text, const char *call, double *calls, double *total_ms);

void observer_ask_bpf_stats(struct observer *w, struct crosscheck *row);
void observer_ask_bpftrace(struct observer *w, struct crosscheck *row);
void observer_ask_perf_stat(struct observer *w, struct crosscheck *row);
void observer_ask_perf_trace(struct observer *w, struct crosscheck *row);

#endif
