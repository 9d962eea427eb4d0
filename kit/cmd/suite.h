/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * suite: what `bpftoll run --suite NAME` can do besides a plan of experiments (kit/probes/plan.h
 * has quick, full and matrix).
 *
 * A suite is a file suite.c in a folder of its own that defines a struct suite, and one line in
 * kit/cmd/suite.c. Its options are shown after those of run in --help, under a heading made from
 * name and summary; giving one of them implies the suite.
 *
 * check (before anything is touched) -> run.
 */
#ifndef BPFTOLL_KIT_CMD_SUITE_H
#define BPFTOLL_KIT_CMD_SUITE_H

#include "calib/error.h"
#include "kit/probes/harness.h"
#include "kit/cmd/options/options.h"
#include "kit/probes/plan.h"
#include "reports/record/record.h"

struct suite {
	const char *name, *summary;
	const struct option_row *options; /* its own options; NULL: none */
	/* gets the words after the options, a command with its arguments; NULL: none accepted */
	char ***words;
	/*
	 * Checks the options of run, and refuses those without meaning for the suite. Called for
	 * the suite that runs; may be NULL. Returns 0, -EINVAL, or -ENODATA: nothing can be
	 * measured; with why.
	 */
	int (*check)(const struct plan_options *run, struct error *why);
	/*
	 * Measures into the record and writes it whenever something is finished. Returns 0: done;
	 * -EINTR: stopped, the record is partial and written; -EBADMSG with why: done and written,
	 * but in some row events are unaccounted for, so the run fails; other -errno with why: the
	 * record cannot be written, or nothing could be tried.
	 */
	int (*run)(const struct harness_env *env, const struct plan_options *run,
		   struct record *record, struct error *why);
};

extern const struct suite suite_events;
extern const struct suite suite_helpers;
extern const struct suite suite_crosscheck;
extern const struct suite suite_apps;
extern const struct suite suite_calibrate;

/* Returns NULL if there is none of that name; it may be the name of a plan. */
const struct suite *suite_find(const char *name);

/* The i-th name, for messages; NULL past the last. */
const char *suite_name(size_t i);

/*
 * Finds the suite to which the options given belong; *name NULL: to none. named: the one given by
 * --suite, or NULL. Returns 0, or -EINVAL with why: they belong to another suite than named, or to
 * several.
 */
int suite_of_options(const char *named, const char **name, struct error *why);

/*
 * What commands share that measure into a record (run.c): --rounds, --calls, --seconds; --isolate,
 * --strict; counters, --unit, --output.
 */
extern const struct option_row run_how_long[], run_where[], run_beside[];

/*
 * Sets up, runs the suite (NULL: the one that the options name) and shows its record. Returns the
 * exit code.
 */
int run_with(const struct suite *suite);

/* For --help of run: a group of options for each suite that has any. */
const struct option_group *suite_option_groups(void);

#endif
