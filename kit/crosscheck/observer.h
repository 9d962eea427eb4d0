/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * observer: makes one variant's calls while another tool watches, next to bpftoll's own timing
 * (suite crosscheck).
 *
 * observer_open (loads the variant, opens its reader) -> [observer_attach, observer_block …,
 * observer_detach] … -> observer_close.
 *
 * The file of a tool (observer_NAME.c) fills one row: the tool's figure, bpftoll's, and why they
 * differ. What a tool cannot measure is a skipped row with the reason.
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

/* More calls would fill a buffer of 256 KiB, which is read only between blocks. */
#define OBSERVER_CALLS_MOST 4032

struct observer {
	const struct harness_env *env;
	const struct workload *workload;
	char *area;
	const struct variant *variant;
	/* Of bpftoll's figures: in the exact lab one ns of the guest's clock is one instruction. */
	enum unit unit;
	struct probe *probe;
	struct probe_reader *wakeup;
	uint32_t *ticks;
	double *ns;
	uint64_t calls; /* made so far, timed or not */
	/*
	 * bpftoll's own results from the same run, without the tool: ns over the baseline; NAN: not
	 * measured
	 */
	struct effect whole, empty; /* empty: of the same hook with an empty program */
	double bare;		    /* ns of a call with nothing attached */
	double clock; /* what bpf_stats says of the empty program, in ns; NAN: not yet known */
};

int observer_open(struct observer *w, struct error *why);
void observer_close(struct observer *w);

int observer_attach(struct observer *w, struct error *why);
void observer_detach(struct observer *w);

/*
 * Makes untimed calls for a millisecond, since those just after an attach or a wait are slower, and
 * reads their events.
 */
void observer_warm(struct observer *w);

/*
 * n timed calls. If mark is not 0, getpriority(PRIO_PROCESS, mark) before them and with 0 after
 * them tell a tracing tool which block it sees. Returns the interquartile mean of the timed regions
 * in ns, the timer overhead included. The events stay in the buffer.
 */
double observer_block(struct observer *w, size_t n, uint32_t mark);
void observer_settle(struct observer *w);

/*
 * Both take a format as printf does, for a row of the record. observer_skip sets the reason and
 * skips the row; observer_why sets the explanation.
 */
void observer_skip(struct crosscheck *row, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void observer_why(struct crosscheck *row, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A tool and the function that fills its row. */
struct observer_tool {
	const char *name, *quantity;
	bool outside; /* a program outside bpftoll, which the exact lab does not have */
	void (*ask)(struct observer *w, struct crosscheck *row);
};
extern const struct observer_tool observer_tools[];
extern const size_t observer_tools_count;

/*
 * Finds a syscall in perf trace's summary: how often it was seen, and its total in ms. false: not
 * found.
 */
bool observer_read_summary(const char *text, const char *call, double *calls, double *total_ms);

void observer_ask_bpf_stats(struct observer *w, struct crosscheck *row);
void observer_ask_bpftrace(struct observer *w, struct crosscheck *row);
void observer_ask_perf_stat(struct observer *w, struct crosscheck *row);
void observer_ask_perf_trace(struct observer *w, struct crosscheck *row);

#endif
