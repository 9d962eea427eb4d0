/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * round_log: what a run of worker processes knows of its complete rounds beside their readings, in
 * the file DIR/checkpoint: a head (the page as the run made it) and, after each round, what the
 * worker tells of it. With samples/ it is all that results are made of.
 *
 * Written: round_log_begin -> round_log_add (by workers, after the round's readings are in
 * samples/) … -> round_log_end. The file is locked as long as its run lives.
 * Read: round_log_open -> round_log_next … -> round_log_close.
 *
 * Entries are packed structures of this build: another build refuses them.
 */
#ifndef BPFTOLL_KIT_PROBES_ROUND_LOG_H
#define BPFTOLL_KIT_PROBES_ROUND_LOG_H

#include "calib/counters.h"
#include "calib/error.h"
#include "kit/probes/checkpoint/round_entry.h"
#include "kit/probes/worker_page.h"

#define ROUND_LOG_NAME RECORD_LOG

/*
 * Begins a new file for page->dir. Returns its descriptor, which holds the lock, or -errno with
 * why. counters: what the page's counts are of; may be NULL.
 */
int round_log_begin(const struct worker_page *page, const struct counters *counters,
		    const struct round_log_before *before, struct error *why);

/* Ends it; fd below 0 is fine. done: its rounds are in the record, and the file is removed. */
void round_log_end(int fd, const char *dir, bool done);

/*
 * Adds the page's current round of an experiment, which is told->rounds. 0, or -errno: the file is
 * as it was before.
 */
int round_log_add(const struct worker_page *page, size_t experiment);

struct round_log;

/*
 * Opens that of a folder. 0, or -errno with why: -ENOENT: there is none; -EBUSY: its run is still
 * going on.
 */
int round_log_open(const char *dir, struct round_log **out, struct error *why);

/*
 * Takes the next round into the page: its experiment has one round, all others none, and events of
 * configurations are those of this round alone. 1; 0: there is none left, or none whole; -errno: it
 * cannot be read.
 */
int round_log_next(struct round_log *log);

/* Of the file at hand; valid until it is closed. */
struct worker_page *round_log_page(const struct round_log *log);
const struct round_log_before *round_log_before(const struct round_log *log);
const struct counter *round_log_counters(const struct round_log *log);

/* May be NULL. */
void round_log_close(struct round_log *log);

#endif
