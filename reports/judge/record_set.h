/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * record_set: the records that one verdict or report rests on: runs of one machine, and lab records
 * beside them.
 *
 * record_set_add_run, record_set_add_lab … -> record_set_result, or the runs themselves ->
 * record_set_close. Runs are of one host: a verdict is machine-local, so a second machine is
 * refused. Lab records count instructions and may be of any kernel. Others are for predictions
 * alone (reports/predict): runs of other machines, and prices of instructions.
 */
#ifndef BPFTOLL_REPORTS_JUDGE_RECORD_SET_H
#define BPFTOLL_REPORTS_JUDGE_RECORD_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "calib/error.h"
#include "reports/record/record.h"

#define RECORD_SET_MOST 32

struct record_set {
	struct {
		struct record *record;
		char *dir; /* of the run: its samples are below */
	} runs[RECORD_SET_MOST], labs[RECORD_SET_MOST];
	struct record *others[RECORD_SET_MOST];
	char *xrays[RECORD_SET_MOST]; /* folders that have hit.folded */
	size_t n_runs, n_labs, n_others, n_xrays;
};

/* path: a run's folder or its record.json. 0 or -errno, why; -EXDEV: of another machine than the
 * first run. */
int record_set_add_run(struct record_set *e, const char *path, struct error *why);

/* The same for a lab's folder: its record, or those of its subfolders (one a kernel), by name, or
 * an X-ray's stacks. */
int record_set_add_lab(struct record_set *e, const char *path, struct error *why);

/* For predictions: prices of suite calibrate, or a run of another machine. 0 or -errno, why;
 * -EEXIST: a run of the same kind of CPU is there. */
int record_set_add_other(struct record_set *e, const char *path, struct error *why);
void record_set_close(struct record_set *e);

/* The measured result of that id with the most calls; else one that is not measured; else NULL. */
const struct record_result *record_set_result(const struct record_set *e, const char *id);

/* The null test (nothing attached, twice) measured with this one; NULL: none. */
const struct record_result *record_set_aa(const struct record_set *e,
					  const struct record_result *result);

/*
 * Is the lab's k-th record of the runs' architecture? Another one's instructions say nothing of
 * this machine's. True where either is not known.
 */
bool record_set_lab_fits(const struct record_set *e, size_t k);

/*
 * What differs between two hosts, "kernel 6.1 / 6.12; CPU …", in out (quoted as text); "" when
 * nothing does. Returns how many facts differ.
 */
size_t record_set_hosts_differ(const struct record *a, const struct record *b, char *out,
			       size_t len);

#endif
