/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * remote: runs on machines that share no folder with this one, by clush (ssh) or Slurm's srun. The
 * machine gets this program, and each run comes back by its standard output (record_stream.h).
 *
 * A launch is one clush over all machines that lack the same runs, or one srun for one machine: a
 * process that outlives this one, with launch-N.out (what came) and launch-N.err (what went wrong,
 * locked while it lives) in the campaign's folder. A task's job is its launch's name. Whoever reads
 * launch-N.out from its beginning knows as much as who started it.
 */
#ifndef BPFTOLL_KIT_FLEET_REMOTE_H
#define BPFTOLL_KIT_FLEET_REMOTE_H

#include "kit/fleet/campaign_file.h"

/* Is clush there? 0 or -ENOENT, why. */
int remote_check(struct error *why);

/*
 * The machines of list ("n[1-8],m2", "@group"), as clush understands it; each name once. names: to
 * be freed, as each of its n. 0 or -errno, why; -ENOENT: it is no list.
 */
int remote_machines(const char *list, char ***names, size_t *n, struct error *why);

/*
 * Starts a launch for what waits: of this task's machine and boot, and, by clush, of all machines
 * that wait for the same runs. Keeps its name in the tasks. 0 or -errno, why.
 */
int remote_submit(struct campaign *campaign, const struct task *first, struct error *why);

/*
 * Reads what came since the last look, keeps the files of each run that is whole if this process
 * has the campaign's lock, and sets the tasks' states. Call it after task_look. 0 or -errno, why.
 */
int remote_look(struct campaign *campaign, struct error *why);

/* Ends the srun of this task, which waits for a machine or has lost it. */
void remote_cancel(const struct campaign *campaign, const struct task *task);

/* Has the launch of this task begun on its machine? The task may be a later run of it. */
bool remote_has_begun(const struct campaign *campaign, const struct task *task);

#endif
