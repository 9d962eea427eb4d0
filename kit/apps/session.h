/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session: one program is started, measured in windows with and without each treatment, and
 * stopped; the results are rows of the record. evaluate.c makes the rows from the windows.
 *
 * session_run does it all; session_add_row and session_evaluate are used within it.
 */
#ifndef BPFTOLL_KIT_APPS_SESSION_H
#define BPFTOLL_KIT_APPS_SESSION_H

#include "calib/error.h"
#include "kit/apps/app.h"
#include "kit/apps/app_treatment.h"
#include "kit/probes/harness.h"
#include "kit/timing/rounds.h"
#include "reports/record/record.h"

struct session_pair {
	struct window without, with;
};

struct session_config {
	struct treatment *treatment;
	struct session_pair *pair;
	size_t n, room;
};

struct session {
	const struct harness_env *env;
	struct record *record;
	const struct record *prices; /* NULL: no predictions */
	const char *scale;
	double window_s, seconds; /* window_s: of one window; seconds: of all together */
	unsigned int blocks; /* ABBA blocks for each treatment; 0: as many as fit into seconds */
	double share_before, share;
	struct app_run run;
	struct session_config *configs;
	size_t n_configs;
	struct rounds turns; /* a visit is a configuration */
	struct error why;    /* the program cannot be measured, because … */
};

/*
 * Returns 0, also if the program cannot be measured: then the record has a row with the reason.
 * -EINTR: stopped. Other -errno with why: the record cannot be written.
 */
int session_run(struct session *session, struct treatment *treatments, size_t n, struct error *why);

/*
 * Adds a row (status measured) with the fields that are known, for the caller to complete. Returns
 * NULL without memory.
 */
struct app_result *session_add_row(struct session *session, const char *variant,
				   const char *monitored, const char *quantity,
				   const char *measure);

/* Adds the rows for what has been measured. Returns 0 or -errno. */
int session_evaluate(struct session *session);

#endif
