/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slurm: Slurm's own commands, as its users run them: what they print is parsed by formats that all
 * versions since 19.05 have. Neither root nor Slurm's libraries are needed.
 *
 * One array of jobs for a machine and a boot, one run a job, one after another (%1), --exclusive
 * and
 * --no-requeue. All jobs of a campaign have one name, and their machine and boot as comment: a job
 * whose number was not kept is found by them.
 */
#ifndef BPFTOLL_KIT_FLEET_SLURM_H
#define BPFTOLL_KIT_FLEET_SLURM_H

#include "kit/fleet/campaign_file.h"
#include "kit/system/process.h"

/* Are the commands there, and not too old? 0 or -errno, why. */
int slurm_check(struct error *why);

/*
 * The machines of list ("n[1-8],m2"; NULL: all of the partition; NULL: Slurm's default), each known
 * to Slurm. names: to be freed, as each of its n. 0 or -errno, why; -ENOENT: a name that is wrong.
 */
int slurm_machines(const char *list, const char *partition, char ***names, size_t *n,
		   struct error *why);

/* Adds the partition and the time limit that were asked for to sbatch's or srun's words; asked
 * keeps their text. */
struct slurm_asked {
	char partition[256], limit[64];
};
void slurm_ask_for(struct words *words, const struct campaign *campaign, struct slurm_asked *asked);

/*
 * Submits the tasks of this machine and boot that wait, as one array, and keeps its number in them.
 * 0 or -errno, why; -EAGAIN: Slurm does not answer now.
 */
int slurm_submit(struct campaign *campaign, const char *node, unsigned int boot, struct error *why);

/*
 * Asks for the jobs: sets the state of each task that the files do not have as ended, and finds
 * jobs whose number was not kept. Call it after task_look. -EAGAIN: Slurm does not answer now,
 * nothing is changed.
 */
int slurm_look(struct campaign *campaign, struct error *why);

/* Why nothing starts on this machine ("down: Not responding"); "": it is up, or is not known. */
void slurm_trouble(const char *node, char *words, size_t len);

void slurm_cancel(const char *job);

/* Asks for a reboot as soon as the machine is free. 0 or -errno, why. */
int slurm_reboot(const char *node, struct error *why);

#endif
