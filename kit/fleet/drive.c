/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit/cmd/cli.h"
#include "kit/fleet/drive.h"
#include "kit/fleet/launch.h"
#include "kit/fleet/remote.h"
#include "kit/fleet/slurm.h"
#include "kit/fleet/task.h"

#define POLL_MS	     2000
#define POLL_FILE_MS 500 /* a file here, and nobody else's controller */

static void lose(struct task *task, const char *words)
{
	task->state = TASK_LOST;
	snprintf(task->why, sizeof(task->why), "%.500s", words);
}

int drive_look(struct campaign *campaign, struct error *why)
{
	for (size_t i = 0; i < campaign->n_tasks; i++) {
		struct task *task = &campaign->tasks[i];

		if (task->state == TASK_DONE || task->state == TASK_FAILED)
			continue;
		if (task->lost)
			task->state = TASK_LOST;
		else if (!*task->job)
			task->state = TASK_WAITING;
		/* a machine that was given up may have ended its task all the same */
		task_look(campaign->dir, task);
	}
	if (campaign->stream)
		return remote_look(campaign, why);
	return campaign->slurm ? slurm_look(campaign, why) : 0;
}

size_t drive_again(struct campaign *campaign, bool failed)
{
	size_t n = 0;

	for (size_t i = 0; i < campaign->n_tasks; i++) {
		struct task *task = &campaign->tasks[i];

		if (task->state != TASK_LOST && !(failed && task->state == TASK_FAILED))
			continue;
		if (failed && task->state == TASK_FAILED)
			task_forget(campaign->dir, task);
		task->state = TASK_WAITING;
		task->lost = false;
		task->job[0] = task->why[0] = '\0';
		task->blocked = task->late = 0;
		n++;
	}
	return n;
}

/* ---- progress ---- */

static void show_progress(const struct campaign *campaign)
{
	size_t n[TASK_STATES] = {0};
	char what[160];

	for (size_t i = 0; i < campaign->n_tasks; i++)
		n[campaign->tasks[i].state]++;
	snprintf(what, sizeof(what), "queued %zu, running %zu, done %zu, failed %zu, lost %zu",
		 n[TASK_WAITING] + n[TASK_QUEUED], n[TASK_RUNNING], n[TASK_DONE], n[TASK_FAILED],
		 n[TASK_LOST]);
	cli_progress((double)(n[TASK_DONE] + n[TASK_FAILED] + n[TASK_LOST]) /
			     (double)campaign->n_tasks,
		     what);
}

/* Says each gap when it comes, and keeps what is lost. */
static int note_changes(struct campaign *campaign, struct error *why)
{
	bool changed = false;

	for (size_t i = 0; i < campaign->n_tasks; i++) {
		struct task *task = &campaign->tasks[i];

		if (task->state != TASK_LOST || task->lost)
			continue;
		task->lost = changed = true;
		cli_progress_end();
		cli_say("%s boot %u run %u is lost: %s", task->node, task->boot, task->run,
			task->why);
	}
	return changed ? campaign_write(campaign, why) : 0;
}

/* ---- on other machines ---- */

/* Has the machine's boot before this one ended, all runs of it? */
static bool boot_before_over(const struct campaign *campaign, const struct task *task)
{
	for (size_t i = 0; i < campaign->n_tasks; i++) {
		const struct task *other = &campaign->tasks[i];

		if (other->boot < task->boot && !strcmp(other->node, task->node) &&
		    !task_is_over(other))
			return false;
	}
	return true;
}

static bool any_submitted(const struct campaign *campaign, const struct task *task)
{
	for (size_t i = 0; i < campaign->n_tasks; i++) {
		const struct task *other = &campaign->tasks[i];

		if (other->boot == task->boot && !strcmp(other->node, task->node) &&
		    (*other->job || task_is_over(other)))
			return true;
	}
	return false;
}

static void lose_boot(struct campaign *campaign, const struct task *first, const char *words)
{
	char node[CAMPAIGN_NODE_MOST];
	unsigned int boot = first->boot;

	snprintf(node, sizeof(node), "%s", first->node);
	for (size_t i = 0; i < campaign->n_tasks; i++) {
		struct task *task = &campaign->tasks[i];

		if (task->boot == boot && !strcmp(task->node, node) && task->state == TASK_WAITING)
			lose(task, words);
	}
}

/*
 * Submits what waits and may: a machine's first boot, or the next one after a reboot. -EAGAIN:
 * Slurm does not answer.
 */
static int submit_all(struct campaign *campaign, struct error *why)
{
	for (size_t i = 0; i < campaign->n_tasks && !cli_stop; i++) {
		struct task *task = &campaign->tasks[i];
		struct error said = {0};
		int err = 0;

		if (task->state != TASK_WAITING || *task->job || !boot_before_over(campaign, task))
			continue;
		if (task->boot > 1 && !any_submitted(campaign, task))
			err = slurm_reboot(task->node, &said);
		if (!err)
			err = campaign->stream
				      ? remote_submit(campaign, task, &said)
				      : slurm_submit(campaign, task->node, task->boot, &said);
		if (err == -EAGAIN || err == -EINTR) {
			*why = said;
			return err;
		}
		if (err)
			lose_boot(campaign, task, said.text);
		else
			err = campaign_write(campaign, why);
		if (err && !*said.text)
			return err;
	}
	return 0;
}

/* Gives up tasks whose machine has been unusable for longer than patience. */
static void give_up(struct campaign *campaign, double patience_s)
{
	const char *asked = "";
	char words[256] = "";

	for (size_t i = 0; i < campaign->n_tasks && !cli_stop; i++) {
		struct task *task = &campaign->tasks[i];
		/* of sbatch's jobs Slurm says it itself; an srun may not notice */
		bool begun =
			campaign->stream && !task_is_over(task) && remote_has_begun(campaign, task);

		if ((task->state != TASK_QUEUED && !begun) || !*task->job)
			continue;
		if (strcmp(asked, task->node) != 0) {
			asked = task->node;
			slurm_trouble(task->node, words, sizeof(words));
		}
		/* one that is drained ends what it began */
		if (!*words || (begun && strncmp(words, "down", 4) != 0)) {
			task->blocked = 0;
			continue;
		}
		if (task->blocked <= 0)
			task->blocked = task_now_s();
		if (task_now_s() - task->blocked < patience_s)
			continue;
		if (campaign->stream)
			remote_cancel(campaign, task);
		else
			slurm_cancel(task->job);
		lose(task, words);
	}
}

static bool all_over(const struct campaign *campaign)
{
	for (size_t i = 0; i < campaign->n_tasks; i++)
		if (!task_is_over(&campaign->tasks[i]))
			return false;
	return true;
}

static int finish(struct campaign *campaign, struct error *why)
{
	struct error said;

	if (campaign->stream && launch_sweep(campaign, &said))
		cli_say("Slurm does not answer (%s): it may keep jobs named bpftoll-%s-launch-*, "
			"which scancel ends",
			said.text, campaign->id);
	return note_changes(campaign, why);
}

static int drive_elsewhere(struct campaign *campaign, double patience_s, struct error *why)
{
	double silent = 0;
	int err = 0;

	while (!cli_stop) {
		err = drive_look(campaign, why);
		/* all over in files: Slurm is not needed for it */
		if (all_over(campaign))
			return finish(campaign, why);
		if (!err && campaign->stream)
			err = launch_sweep(campaign, why);
		if (!err)
			err = submit_all(campaign, why);
		if (!err && campaign->slurm)
			give_up(campaign, patience_s);
		if (err == -EAGAIN && silent <= 0) {
			silent = task_now_s();
			cli_progress_end();
			cli_say("Slurm does not answer: %s; jobs that run go on", why->text);
		}
		if (!err)
			silent = 0;
		else if (err != -EAGAIN || task_now_s() - silent > patience_s)
			break;
		err = note_changes(campaign, why);
		if (err)
			break;
		show_progress(campaign);
		poll(NULL, 0, campaign->slurm ? POLL_MS : POLL_FILE_MS);
	}
	return cli_stop ? -EINTR : err;
}

/* ---- here ---- */

static int drive_here(struct campaign *campaign, struct error *why)
{
	int err = drive_look(campaign, why);

	for (size_t i = 0; i < campaign->n_tasks && !err && !cli_stop; i++) {
		struct task *task = &campaign->tasks[i];
		struct error said = {0};

		if (task_is_over(task))
			continue;
		task->state = TASK_RUNNING;
		show_progress(campaign);
		err = task_make(campaign, task, &said);
		if (err && err != -EINTR) {
			lose(task, said.text);
			err = 0;
		} else if (!err) {
			task_look(campaign->dir, task);
		}
		if (!err)
			err = note_changes(campaign, why);
	}
	return cli_stop ? -EINTR : err;
}

int drive_run(struct campaign *campaign, double patience_s, struct error *why)
{
	int err;

	campaign->patience_s = patience_s;
	err = campaign_is_elsewhere(campaign) ? drive_elsewhere(campaign, patience_s, why)
					      : drive_here(campaign, why);

	cli_progress_end();
	return err;
}
