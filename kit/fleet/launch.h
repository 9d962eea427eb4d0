/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * launch: starts one clush or srun that outlives this process, and says what is known of it
 * (remote.h).
 */
#ifndef BPFTOLL_KIT_FLEET_LAUNCH_H
#define BPFTOLL_KIT_FLEET_LAUNCH_H

#include <stdbool.h>

#include "kit/fleet/campaign_file.h"

struct launch_order {
	char name[32];	   /* out: "launch-3" */
	const char *nodes; /* "n1,n2"; srun's is one */
	unsigned int boot;
	const char *runs; /* "1,2,5" */
};

/* 0 or -errno, why. */
int launch_start(const struct campaign *campaign, struct launch_order *order, struct error *why);

/* The file of a launch with this ending. */
void launch_path(const char *dir, const char *name, const char *ending, char *path, size_t len);

/* Does its process live? */
bool launch_lives(const char *dir, const char *name);

/*
 * What launch-N.err says last of this machine before it ended there, or of all ("": nothing). Has
 * the machine's part ended with an error?
 */
bool launch_words(const struct campaign *campaign, const char *name, const char *node, char *words,
		  size_t len);

/* Asks it to end; its job is taken back. */
void launch_stop(const struct campaign *campaign, const char *name);

/*
 * Takes back Slurm's jobs of launches that have ended: a controller that died just then has not
 * heard of it, and keeps the machine for ever. 0, or -EAGAIN, why: Slurm does not answer.
 */
int launch_sweep(const struct campaign *campaign, struct error *why);

#endif
