/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * task: one measurement of a campaign: its files, and the process that makes it on its machine.
 *
 * In the campaign's folder, NODE/boot-B/run-R is the record, and beside it: run-R.begun (locked
 * while it runs; when, where and in which boot), run-R.out and run-R.err (what it printed), and,
 * written last, run-R.ended (how it ended).
 *
 * What a machine that died left of a record is renamed to run-R.lost-N when the task is made again.
 */
#ifndef BPFTOLL_KIT_FLEET_TASK_H
#define BPFTOLL_KIT_FLEET_TASK_H

#include "kit/fleet/campaign_file.h"

#define TASK_COMMAND "fleet-job"

/* The task's file with this ending ("" is the record). 0 or -ENAMETOOLONG. */
int task_path(const char *dir, const struct task *task, const char *ending, char *path, size_t len);

/*
 * What the files say: done, failed or running, with why. Leaves the state as it was where they say
 * nothing.
 */
void task_look(const char *dir, struct task *task);

/* Is there a record in the task's folder, or one of a lab's kernels? */
bool task_has_record(const char *dir, const struct task *task);

/* Makes the folder for the runs of a machine's boot. 0 or -errno, why. */
int task_folder(const struct campaign *campaign, const char *node, unsigned int boot,
		struct error *why);

/* What Slurm's job printed last, where its task could not begin or end; "": nothing. */
void task_job_words(const char *dir, const struct task *task, char *words, size_t len);

/* What is left of an earlier attempt is kept, under a name that says so. 0 or -errno, why. */
int task_move_aside(const struct campaign *campaign, const struct task *task, struct error *why);

/* The task's end is no longer known: it can be made again. */
void task_forget(const char *dir, const struct task *task);

/* CLOCK_MONOTONIC. */
double task_now_s(void);

/*
 * `bpftoll fleet-job DIR NODE BOOT RUN`: makes the task. RUN 0: of Slurm's array. One that is done
 * is not made again; one that another process makes is refused. Returns the exit code.
 */
int task_main(int argc, char **argv);

/* The same in this process. */
int task_make(const struct campaign *campaign, const struct task *task, struct error *why);

#endif
