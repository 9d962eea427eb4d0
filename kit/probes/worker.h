/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker: a new process that measures one slice of a run: rounds of every experiment, for some
 * seconds.
 *
 * A probe's cost differs more between processes than between rounds of one process (addresses of
 * text, stack and samples, state of the branch predictor). So a run is divided into slices, each
 * made by its own process, and intervals are taken over processes. A worker is this program
 * executed again: new address space, stack and memory.
 *
 * worker_run in the parent starts one; worker_main is what the child does (`bpftoll worker`, not
 * for users). worker_slice does the work; where instructions are counted, the same in every
 * process, the parent calls it directly.
 */
#ifndef BPFTOLL_KIT_PROBES_WORKER_H
#define BPFTOLL_KIT_PROBES_WORKER_H

#include "calib/error.h"
#include "calib/counters.h"
#include "kit/probes/worker_page.h"

#define WORKER_COMMAND "worker"

/* What to watch while a worker runs. tick: called a few times a second. */
struct worker_watch {
	const volatile sig_atomic_t *stop;
	void (*tick)(void *ctx);
	void *ctx;
};

/*
 * Starts one worker with the page (in the memfd fd) and waits for it. Returns 0; -EINTR: stopped,
 * the rounds it had completed count; -ECHILD: it died, why says how; other -errno with why: from
 * the worker.
 */
int worker_run(struct worker_page *page, int fd, const struct worker_watch *watch,
	       struct error *why);

/*
 * Measures the slice in this process. counters: opened by the calling thread, or NULL. Returns as
 * worker_run.
 */
int worker_slice(struct worker_page *page, struct counters *counters, struct error *why);

/* main of the child. argv[1]: the memfd's number. Returns the exit code. */
int worker_main(int argc, char **argv);

#endif
