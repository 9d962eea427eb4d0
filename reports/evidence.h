/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * evidence: the records that one verdict or report rests on: runs of one machine, and lab records beside them.
 *
 * evidence_add_run, evidence_add_lab … -> evidence_cell, or the runs themselves -> evidence_close. Runs are of one host: a verdict
 * is machine-local, so a second machine is refused. Lab records count instructions and may be of any kernel.
 */
#ifndef BPFTOLL_EVIDENCE_H
#define BPFTOLL_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "reports/record.h"

#define EVIDENCE_MOST 32

struct evidence {
	struct {
		struct record *record;
		char *dir; /* of the run: its samples are below */
	} runs[EVIDENCE_MOST], labs[EVIDENCE_MOST];
	char *xrays[EVIDENCE_MOST]; /* folders that have hit.folded */
	size_t n_runs, n_labs, n_xrays;
};

/* path: a run's folder or its record.json. 0 or -errno, why; -EXDEV: of another machine than the first run. */
int evidence_add_run(struct evidence *e, const char *path, char *why, size_t why_len);

/* The same for a lab's folder: its record, or those of its subfolders (one a kernel), by name, or an X-ray's stacks. */
int evidence_add_lab(struct evidence *e, const char *path, char *why, size_t why_len);
void evidence_close(struct evidence *e);

/* The measured cell of that id with the most calls; else one that is not measured; else NULL. */
const struct record_cell *evidence_cell(const struct evidence *e, const char *id);

/* The A/A cell (nothing attached, twice) measured with this one; NULL: none. */
const struct record_cell *evidence_aa(const struct evidence *e, const struct record_cell *cell);

/*
 * Is the lab's k-th record of the runs' architecture? Another one's instructions say nothing of this machine's. True where either
 * is not known.
 */
bool evidence_lab_fits(const struct evidence *e, size_t k);

/* Unit of the first measured cell; ns when there is none. */
enum unit evidence_unit(const struct record *rec);

/*
 * What differs between two hosts, "kernel 6.1 / 6.12; CPU …", in out (quoted as text); "" when nothing does. Returns
 * how many facts differ.
 */
size_t evidence_hosts_differ(const struct record *a, const struct record *b, char *out, size_t len);

#endif
