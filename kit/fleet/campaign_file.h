/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * campaign_file: a campaign is a folder with the same measurement of many machines, and its
 * campaign.json, which is written under a temporary name and renamed.
 *
 * A task is one measurement: machine, boot, run. Its files are named by it (task.h), so
 * campaign.json only says what was asked for, and which job of Slurm has which task.
 *
 * campaign_new or campaign_read -> campaign_write after each change -> campaign_free.
 */
#ifndef BPFTOLL_KIT_FLEET_CAMPAIGN_FILE_H
#define BPFTOLL_KIT_FLEET_CAMPAIGN_FILE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "calib/error.h"

#define CAMPAIGN_NODE_MOST  64 /* bytes of a machine's name, as in Slurm */
#define CAMPAIGN_TASKS_MOST 100000

enum task_state {
	TASK_WAITING, /* not submitted */
	TASK_QUEUED,
	TASK_RUNNING,
	TASK_DONE,
	TASK_FAILED, /* the measurement ended, with a reason */
	TASK_LOST,   /* it did not: the machine died, the job was cancelled or timed out, … */
	TASK_STATES
};

struct task {
	char node[CAMPAIGN_NODE_MOST];
	unsigned int boot, run; /* from 1 */
	char job[32];		/* Slurm's, "12_3"; "": not submitted */
	bool lost;		/* kept in campaign.json, with why */
	enum task_state state;	/* task_look and slurm_look say it */
	char why[512];		/* of failed and lost; of queued: what it waits for */
	/* CLOCK_MONOTONIC, in s; 0: not at all. Since when its machine has been unusable; since
	 * when its job has ended, and its files have not been seen. */
	double blocked, late;
	bool came; /* its files came (remote.h), and who drives the campaign will keep them */
};

struct campaign {
	char dir[PATH_MAX]; /* absolute, without links */
	char id[32];	    /* random; part of the jobs' name */
	bool slurm;	    /* by Slurm */
	bool stream; /* machines share no folder: by Slurm's srun, else by clush (remote.h) */
	struct remote *remote; /* what came from such machines so far; NULL: nothing was read */
	void (*free_remote)(struct remote *remote);
	int heard_fd;	  /* a pipe whose reader waits for the run: without him it ends; -1: none */
	char *partition;  /* NULL: Slurm's default */
	char *time_limit; /* of a job, as Slurm has it; NULL: the partition's */
	unsigned int boots, repeat;
	double patience_s; /* drive.h; of who drives it */
	char **argv;	   /* for bpftoll: the command and its options */
	size_t n_argv;
	struct task *tasks; /* by boot, machine, run */
	size_t n_tasks;
	int lock_fd; /* of who drives it */
};

/*
 * Makes the campaign in memory: boots x nodes x repeat tasks. The lists are copied. NULL: out of
 * memory.
 */
struct campaign *campaign_new(const char *const *nodes, size_t n_nodes, unsigned int boots,
			      unsigned int repeat, char *const *argv, size_t n_argv);

/*
 * Makes its folder (NULL: below reports/runs), which must not hold a campaign, and copies this
 * program into it if the campaign is Slurm's. 0 or -errno, why.
 */
int campaign_settle(struct campaign *campaign, const char *dir, struct error *why);

/* 0 or -errno, why: a damaged file is named with its first fault. */
int campaign_read(const char *dir, struct campaign **out, struct error *why);
int campaign_write(const struct campaign *campaign, struct error *why);

/*
 * One process drives a campaign: -EBUSY if another does. Released by campaign_free, and by the end
 * of the process.
 */
int campaign_lock(struct campaign *campaign, struct error *why);

static inline bool task_is_over(const struct task *task)
{
	return task->state == TASK_DONE || task->state == TASK_FAILED || task->state == TASK_LOST;
}

/* Is it of this machine and boot, and not submitted? */
bool campaign_waits(const struct task *task, const char *node, unsigned int boot);

/* "1,2,5", the runs of this machine and boot that wait; to be freed. NULL: no memory. */
char *campaign_runs(const struct campaign *campaign, const char *node, unsigned int boot);

/* Has it jobs elsewhere, which outlive this process? Else all runs are made here, by it. */
static inline bool campaign_is_elsewhere(const struct campaign *campaign)
{
	return campaign->slurm || campaign->stream;
}

/* NULL is fine. */
void campaign_free(struct campaign *campaign);

/* May it be a machine's name? Letters, digits, "-", "_" and "."; it is part of file names, as are
 * the names of jobs. */
bool campaign_node_fits(const char *name);

#endif
