/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker: a fresh process that measures a slice of a run: rounds of every experiment, for some
 * seconds.
 *
 * What a probe costs differs from process to process more than from round to round (where text,
 * stack and samples lie, what the branch predictor makes of it), so a run is cut into slices, each
 * made by a process of its own, and intervals are taken over those. A worker is this program
 * executed anew: another address space, stack and memory.
 *
 * worker_run in the parent; worker_main is what the child does (`bpftoll worker`, not for users).
 * worker_slice is the work itself, done by this process where instructions are counted: they are
 * the same in every process.
 */
#ifndef BPFTOLL_KIT_PROBES_WORKER_H
#define BPFTOLL_KIT_PROBES_WORKER_H

#include "calib/error.h"
#include "calib/counters.h"
#include "kit/probes/worker_page.h"

#define WORKER_COMMAND "worker"

/* Asks one worker with the page (in the memfd fd) and waits for it. tick: called some times a
 * second until it ends. */
struct worker_watch {
	const volatile sig_atomic_t *stop;
	void (*tick)(void *ctx);
	void *ctx;
};

/*
 * 0; -EINTR: stopped, the rounds that it had done count; -ECHILD: it died, why says how; other
 * -errno of the worker itself, why.
 */
int worker_run(struct worker_page *page, int fd, const struct worker_watch *watch,
	       struct error *why);

/* The slice, in this process. counters: opened by the calling thread, or NULL. Returns as
 * worker_run. */
int worker_slice(struct worker_page *page, struct counters *counters, struct error *why);

/* The child's main. argv[1]: the memfd's number. Exit code. */
int worker_main(int argc, char **argv);

#endif
