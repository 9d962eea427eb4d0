/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lab: runs `bpftoll run` in guests with given kernels, as many guests at once as there are CPUs,
 * and brings back their records.
 *
 * lab_prepare (finds every kernel and makes every folder, so that mistakes are reported before
 * anything boots) -> lab_run -> lab_side_by_side -> lab_free. If a guest fails, its entry of struct
 * lab has the reason, and the others go on.
 */
#ifndef BPFTOLL_KIT_LAB_LAB_H
#define BPFTOLL_KIT_LAB_LAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "calib/error.h"
#include "kit/lab/guest/guest.h"
#include "kit/lab/kernels/kernel.h"
#include "reports/record/record.h"

#define LAB_KERNELS_MAX	 16
#define LAB_MACHINES_MAX 2
#define LAB_WORDS_MAX	 48
#define LAB_BASE_DIR	 "base" /* below lab_options.dir: records of lab_options.base */

struct lab_options {
	const struct machine *machines[LAB_MACHINES_MAX]; /* every kernel is booted on each */
	size_t n_machines;
	const char *kernels[LAB_KERNELS_MAX]; /* none: the default kernel */
	size_t n_kernels;
	const char *run_words[LAB_WORDS_MAX]; /* more words for `bpftoll run` in the guest */
	size_t n_run_words;
	const char *program; /* NULL: the running program, or its build for the machine */
	const char *object;  /* `bpftoll measure` runs it instead of `bpftoll run`; NULL: none */
	const char *base;    /* another object, each kernel is booted for it too; NULL: none */
	const char *append, *dir;
	enum guest_accel accel;
	unsigned int timeout_s, memory_mib;
	unsigned int cpus; /* 0 or 1; with 2, readers run and costs are withheld (withhold.h) */
	bool refresh;
};

/* One kernel on one machine, and what came of it. */
struct lab_entry {
	struct kernel kernel;
	const char *object;	/* as in lab_options */
	bool is_base;		/* it is for lab_options.base */
	char program[PATH_MAX]; /* runs in the guest; empty: the running program */
	char dir[PATH_MAX];	/* where its record goes */
	char label[160];	/* column heading: the package's upstream version, or the release */
	struct record *record;
	int err; /* 0: there is a record */
	struct error why;
	double seconds; /* for which the guest ran */
};

struct lab {
	struct lab_options options;
	struct lab_entry *entries;
	size_t n;
	char scratch[256];
	struct guard *scratch_guard;
};

/*
 * -ENOENT and -EINVAL: the user named something wrong; other -errno: not available here. why says
 * it.
 */
int lab_prepare(struct lab *lab, const struct lab_options *options, struct error *why);

/*
 * Runs all guests. 0: there is at least one record; -EINTR: stopped; else there is none, and the
 * -errno is that of the first kernel (-ENOSPC: the temporary folder is full). Each kernel has its
 * own why.
 */
int lab_run(struct lab *lab, struct error *why);
void lab_free(struct lab *lab);

/*
 * Prints a table with a row for each result and a column for each kernel; then what was skipped and
 * why, and whether all of it is exact.
 */
void lab_side_by_side(struct record *const *records, const char *const *labels, size_t n,
		      FILE *out);

#endif
