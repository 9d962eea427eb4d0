/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * app_treatment: what is done to a program in the windows of one kind: nothing (A/A), counting its
 * syscalls, programs of others (suite measure), or the complete probe on munmap and madvise, with
 * the program monitored (hit) or not (miss). The events are read as a daemon would: one reader
 * process for each of the two buffers, asleep in epoll until it is woken.
 *
 * treatment_open -> [treatment_on -> window -> treatment_off] … -> treatment_close.
 */
#ifndef BPFTOLL_KIT_APPS_APP_TREATMENT_H
#define BPFTOLL_KIT_APPS_APP_TREATMENT_H

#include <stdint.h>
#include <sys/types.h>

#include "calib/error.h"
#include "bpf/load/probe.h"
#include "bpf/load/rates.h"
#include "bpf/read/probe_reader.h"
#include "reports/record/record.h"

enum treatment_kind { TREATMENT_NONE, TREATMENT_COUNTING, TREATMENT_PROBE, TREATMENT_FOREIGN };

/* What its programs and readers have done so far. */
struct tally {
	uint64_t received[TARGET_COUNT], dropped[TARGET_COUNT], foreign;
	uint64_t wakeups, consumer_ns;
	struct rates_slot calls; /* only when counting */
};

struct treatment;

struct treatment_side {
	struct probe *probe;
	struct probe_reader *reader;
};

struct treatment {
	enum treatment_kind kind;
	/* of TREATMENT_PROBE; of TREATMENT_FOREIGN one with `foreign`, whose side is the first */
	const struct variant *variant;
	bool hit;
	enum result_status status;
	struct error reason;
	struct treatment_side side[TARGET_COUNT];
	struct probe *rates;
	bool on;
};

/* "none_again", "counting" or the variant's name */
const char *treatment_name(const struct treatment *treatment);
const char *treatment_monitored(const struct treatment *treatment); /* "hit", "miss", "-" */

/* Loads it. After a failure status and reason are set. */
void treatment_open(struct treatment *treatment, int consumer_cpu);
void treatment_close(struct treatment *treatment);

/* Attaches, for these processes. Returns 0 or -errno with why. */
int treatment_on(struct treatment *treatment, const pid_t *pids, size_t n, struct error *why);

/* Adds processes that have started since, while it is attached. */
void treatment_join(struct treatment *treatment, const pid_t *pids, size_t n);

/* Detaches, and waits until all events are read. Returns 0 or -errno. */
int treatment_off(struct treatment *treatment);

void treatment_tally(const struct treatment *treatment, struct tally *out);

#endif
