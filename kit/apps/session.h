/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session: one program's life: started, measured in windows with and without each treatment,
 * stopped; its rows in the record. evaluate.c turns windows into rows.
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
	const struct record *prices; /* NULL: nothing can be predicted */
	const char *scale;
	double window_s, seconds; /* of a window; of all of them */
	unsigned int blocks;	  /* ABBA blocks a treatment; 0: as many as fit into seconds */
	double share_before, share;
	struct app_run run;
	struct session_config *configs;
	size_t n_configs;
	struct rounds turns; /* a visit is a configuration */
	struct error why;    /* the program cannot be measured, because … */
};

/*
 * A program that cannot be measured becomes a row with the reason: 0 all the same. -EINTR: stopped.
 * Other -errno: the record cannot be written, why.
 */
int session_run(struct session *session, struct treatment *treatments, size_t n, struct error *why);

/* A measured row of what is known before it is filled in; NULL: no memory. */
struct app_result *session_add_row(struct session *session, const char *variant,
				   const char *monitored, const char *quantity,
				   const char *measure);

/* The rows, from what the configurations hold. 0 or -errno. */
int session_evaluate(struct session *session);

#endif
