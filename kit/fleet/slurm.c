/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* asprintf */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/path.h"
#include "kit/fleet/slurm.h"
#include "kit/fleet/task.h"
#include "kit/system/file.h"
#include "kit/system/grow.h"
#include "kit/system/process.h"

#define OLDEST 19.05 /* scontrol reboot … nextstate, squeue --array with all states */

/*
 * What a job runs: its arguments are sbatch's, so that no shell reads a word of the user. The
 * shell's own process becomes bpftoll, which gets the signal of a time limit.
 */
#define JOB_SCRIPT "#!/bin/sh\nexec \"$@\"\n"

/*
 * How long files may take to be seen over a shared folder after the job has ended, in seconds: NFS
 * keeps the absence of a name for up to 60 (nfs(5), acdirmax).
 */
#define FILES_LATE_S 60

static bool no_answer(const char *words)
{
	static const char *const signs[] = {"contact slurm",	  "timed out",	   "Zero Bytes",
					    "Connection refused", "communication", "emporarily",
					    "Transport endpoint", "getaddrinfo"};

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (strstr(words, signs[i]))
			return true;
	return false;
}

/* process_run; -EAGAIN where Slurm's controller does not answer. */
static int ask(char *const argv[], char **out, struct error *why)
{
	int err = process_run(argv, NULL, out, why);

	return err == -EIO && no_answer(why->text) ? -EAGAIN : err;
}

int slurm_check(struct error *why)
{
	char *argv[] = {"sbatch", "--version", NULL}, *text = NULL;
	const char *needed[] = {"sbatch", "squeue", "sinfo", "scontrol", "scancel"};
	int err = 0;

	for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]) && !err; i++)
		err = process_find(needed[i], why);
	if (err) {
		error_add(why, ": fleet run needs Slurm's commands (Debian: slurm-client); without "
			       "Slurm there are --ssh and --local");
		return err;
	}
	err = process_run(argv, NULL, &text, why);
	if (!err) {
		const char *digits = text + strcspn(text, "0123456789");

		text[strcspn(text, "\n")] = '\0';
		if (strtod(digits, NULL) < OLDEST)
			err = error_set(why, -ENOTSUP,
					"%s is too old, or is no Slurm: at least %.2f", text,
					OLDEST);
	} else
		error_add(why, " (without Slurm there are --ssh and --local)");
	free(text);
	return err;
}

/* ---- machines ---- */

static int add_name(char ***names, size_t *n, size_t *room, const char *name, struct error *why)
{
	char **list;

	for (size_t i = 0; i < *n; i++)
		if (!strcmp((*names)[i], name))
			return 0;
	if (!campaign_node_fits(name))
		return error_set(why, -EINVAL, "'%s' is no machine's name", name);
	list = grow(*names, *n, room, sizeof(*list), 16);
	if (list)
		*names = list;
	if (!list || !(list[*n] = strdup(name)))
		return error_set(why, -ENOMEM, "out of memory");
	(*n)++;
	return 0;
}

/* sinfo's lines "NODE|PARTITION", where "*" marks the default partition. */
static int from_partition(char *lines, const char *partition, char ***names, size_t *n,
			  struct error *why)
{
	char *save = NULL;
	size_t room = 0;
	int err = 0;

	for (char *line = strtok_r(lines, "\n", &save); line && !err;
	     line = strtok_r(NULL, "\n", &save)) {
		char *bar = strchr(line, '|');
		bool is_default;

		if (!bar)
			continue;
		*bar++ = '\0';
		is_default = bar[strcspn(bar, "*")] == '*';
		bar[strcspn(bar, "*")] = '\0';
		if (partition ? !strcmp(bar, partition) : is_default)
			err = add_name(names, n, &room, line, why);
	}
	if (!err && !*n)
		err = partition ? error_set(why, -ENOENT,
					    "no partition '%s' with machines in Slurm", partition)
				: error_set(why, -ENOENT,
					    "Slurm has no default partition: name one "
					    "with --partition, or --nodes");
	return err;
}

static bool has_line(const char *lines, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = lines; (at = strstr(at, name)); at += len)
		if ((at == lines || at[-1] == '\n') && at[len] == '|')
			return true;
	return false;
}

static int from_list(const char *list, const char *known, char ***names, size_t *n,
		     struct error *why)
{
	char *argv[] = {"scontrol", "show", "hostnames", (char *)list, NULL};
	char *lines = NULL, *save = NULL;
	size_t room = 0;
	int err = *list == '-' ? -EINVAL : process_run(argv, NULL, &lines, why);

	if (err)
		return error_set(why, -ENOENT,
				 "'%s' is no list of machines as Slurm has it "
				 "(\"n[1-8],m2\")",
				 list);
	for (char *line = strtok_r(lines, "\n", &save); line && !err;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!has_line(known, line))
			err = error_set(why, -ENOENT,
					"Slurm has no machine '%s' (sinfo -N lists "
					"them)",
					line);
		else
			err = add_name(names, n, &room, line, why);
	}
	if (!err && !*n)
		err = error_set(why, -ENOENT, "'%s' names no machine", list);
	free(lines);
	return err;
}

int slurm_machines(const char *list, const char *partition, char ***names, size_t *n,
		   struct error *why)
{
	char *argv[] = {"sinfo", "--noheader", "--all", "--Node", "--format=%N|%P", NULL};
	char *lines = NULL;
	int err = ask(argv, &lines, why);

	*names = NULL;
	*n = 0;
	if (err)
		return err;
	err = list ? from_list(list, lines, names, n, why)
		   : from_partition(lines, partition, names, n, why);
	free(lines);
	return err;
}

void slurm_trouble(const char *node, char *words, size_t len)
{
	char *argv[] = {"sinfo", "--noheader", "--all", "--Node", NULL, "--format=%T|%E", NULL};
	static const char *const bad[] = {"down",  "drain", "fail",   "unk",
					  "maint", "power", "reboot", "inval"};
	char *text = NULL, *option = NULL;
	struct error why;

	words[0] = '\0';
	if (asprintf(&option, "--nodes=%s", node) < 0)
		return;
	argv[4] = option;
	if (!ask(argv, &text, &why)) {
		char *reason = strchr(text, '|');
		bool not_responding = strchr(text, '*') != NULL;

		text[strcspn(text, "\n")] = '\0';
		if (reason)
			*reason++ = '\0';
		if (!reason || !strcmp(reason, "none"))
			reason = not_responding ? "it does not respond" : "no reason given";
		for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]) && !*words; i++)
			if (!strncmp(text, bad[i], strlen(bad[i])) || not_responding)
				snprintf(words, len, "%.*s: %s", (int)strcspn(text, "*"), text,
					 reason);
	}
	free(text);
	free(option);
}

int slurm_reboot(const char *node, struct error *why)
{
	char *argv[] = {"scontrol",	  "reboot",	"ASAP", "nextstate=RESUME",
			"reason=bpftoll", (char *)node, NULL};

	return ask(argv, NULL, why);
}

void slurm_cancel(const char *job)
{
	char *argv[] = {"scancel", (char *)job, NULL};
	struct error why;

	if (*job && job[strspn(job, "0123456789_")] == '\0')
		ask(argv, NULL, &why);
}

/* ---- jobs ---- */

/* "--array=1,2,5%1": the runs that wait, one after another. NULL: none, or no memory. */
static char *array_of(const struct campaign *campaign, const char *node, unsigned int boot)
{
	char *runs = campaign_runs(campaign, node, boot), *option = NULL;

	if (runs && *runs && asprintf(&option, "--array=%s%%1", runs) < 0)
		option = NULL;
	free(runs);
	return option;
}

static int keep_number(struct campaign *campaign, const char *node, unsigned int boot,
		       const char *answer, struct error *why)
{
	size_t digits = strspn(answer, "0123456789");

	if (!digits || digits > 16)
		return error_set(why, -EIO, "sbatch answered no job's number: %.100s", answer);
	for (size_t i = 0; i < campaign->n_tasks; i++) {
		struct task *task = &campaign->tasks[i];

		if (!campaign_waits(task, node, boot))
			continue;
		snprintf(task->job, sizeof(task->job), "%.*s_%u", (int)digits, answer, task->run);
		task->state = TASK_QUEUED;
		task->why[0] = '\0';
		task->blocked = 0;
		task->late = 0;
	}
	return 0;
}

void slurm_ask_for(struct words *words, const struct campaign *campaign, struct slurm_asked *asked)
{
	if (campaign->partition && !path_put(asked->partition, sizeof(asked->partition),
					     "--partition=%s", campaign->partition))
		words_add(words, asked->partition, NULL);
	if (campaign->time_limit &&
	    !path_put(asked->limit, sizeof(asked->limit), "--time=%s", campaign->time_limit))
		words_add(words, asked->limit, NULL);
}

int slurm_submit(struct campaign *campaign, const char *node, unsigned int boot, struct error *why)
{
	char script[PATH_MAX + 16], program[PATH_MAX + 16], *answer = NULL, *array = NULL;
	char name[64], list[CAMPAIGN_NODE_MOST + 16], comment[CAMPAIGN_NODE_MOST + 32];
	char output[PATH_MAX + 128], folder[PATH_MAX + 128], number[16];
	struct slurm_asked asked;
	struct words words = {.n = 0};
	int err;

	path_put(script, sizeof(script), "%s/job.sh", campaign->dir);
	path_put(program, sizeof(program), "%s/bpftoll", campaign->dir);
	path_put(folder, sizeof(folder), "%s/%s/boot-%u", campaign->dir, node, boot);
	path_put(output, sizeof(output), "--output=%s/job-%%a.log", folder);
	snprintf(name, sizeof(name), "--job-name=bpftoll-%s", campaign->id);
	snprintf(list, sizeof(list), "--nodelist=%s", node);
	snprintf(comment, sizeof(comment), "--comment=%s/%u", node, boot);
	snprintf(number, sizeof(number), "%u", boot);
	err = task_folder(campaign, node, boot, why);
	if (!err) {
		err = file_replace(script, JOB_SCRIPT, strlen(JOB_SCRIPT));
		if (err)
			error_say(why, "%s: %s", script, strerror(-err));
	}
	array = err ? NULL : array_of(campaign, node, boot);
	if (!array)
		return err;
	words_add(&words, "sbatch", "--parsable", "--exclusive", "--nodes=1", "--ntasks=1",
		  "--no-requeue", "--input=none", name, list, comment, output, array, NULL);
	slurm_ask_for(&words, campaign, &asked);
	words_add(&words, script, program, TASK_COMMAND, campaign->dir, (char *)node, number, "0",
		  NULL);
	err = ask(words.argv, &answer, why);
	if (!err)
		err = keep_number(campaign, node, boot, answer, why);
	free(answer);
	free(array);
	return err;
}

/* A job that ended without an end of its task: by Slurm's state; "": it is not known there. */
static void judge_end(struct task *task, const char *state, const char *reason)
{
	static const struct {
		const char *state, *words;
	} ends[] = {
		{"NODE_FAIL", "the machine failed"},
		{"BOOT_FAIL", "the machine did not boot"},
		{"TIMEOUT", "the job's time limit"},
		{"DEADLINE", "the job's deadline"},
		{"CANCELLED", "the job was cancelled"},
		{"PREEMPTED", "the job was preempted"},
		{"OUT_OF_MEMORY", "the job's memory limit"},
	};
	const char *words = "the job ended without a result";

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		if (!strcmp(state, ends[i].state))
			words = ends[i].words;
	task->state = TASK_LOST;
	if (!*state) {
		snprintf(task->why, sizeof(task->why),
			 "Slurm no longer knows its job %s, which left no result", task->job);
		return;
	}
	snprintf(task->why, sizeof(task->why), "%s (Slurm: %s%s%.200s)", words, state,
		 strcmp(reason, "None") ? ", " : "", strcmp(reason, "None") ? reason : "");
}

static bool is_one_of(const char *state, const char *const *states)
{
	for (; *states; states++)
		if (!strcmp(state, *states))
			return true;
	return false;
}

static const char *const queued[] = {"PENDING",	    "CONFIGURING",  "REQUEUED",	     "REQUEUE_HOLD",
				     "REQUEUE_FED", "SPECIAL_EXIT", "RESV_DEL_HOLD", NULL};
static const char *const running[] = {"RUNNING",  "SUSPENDED", "STOPPED",    "SIGNALING",
				      "RESIZING", "STAGE_OUT", "COMPLETING", NULL};
/* ended, and its files may be on their way */
static const char *const ending[] = {"COMPLETED", "FAILED", NULL};

/* Waits for files of a job that has ended; then it is lost. */
static void expect_files(const struct campaign *campaign, struct task *task, const char *state,
			 const char *reason)
{
	char words[200];

	if (task->late <= 0)
		task->late = task_now_s();
	task->state = TASK_RUNNING;
	task_job_words(campaign->dir, task, words, sizeof(words));
	if (!*words && task_now_s() - task->late < FILES_LATE_S)
		return;
	judge_end(task, state, reason);
	if (*words) {
		size_t used = strlen(task->why);

		snprintf(task->why + used, sizeof(task->why) - used, ": %s", words);
	}
}

/* One line of squeue: "ARRAY|INDEX|STATE|REASON|NODE/BOOT". */
static void take_line(struct campaign *campaign, char *line, bool *seen, size_t *hint)
{
	char *field[5], job[64];
	size_t n = 0;

	for (char *at = line; n < 5 && at; n++) {
		field[n] = at;
		at = n < 4 ? strchr(at, '|') : NULL;
		if (at)
			*at++ = '\0';
	}
	if (n < 5)
		return;
	snprintf(job, sizeof(job), "%.20s_%.20s", field[0], field[1]);
	for (size_t k = 0; k < campaign->n_tasks; k++) {
		size_t i = (*hint + k) % campaign->n_tasks;
		struct task *task = &campaign->tasks[i];
		char place[CAMPAIGN_NODE_MOST + 32];
		bool active = is_one_of(field[2], queued) || is_one_of(field[2], running);

		path_put(place, sizeof(place), "%s/%u", task->node, task->boot);
		if (strcmp(place, field[4]) != 0 ||
		    task->run != (unsigned int)strtoul(field[1], NULL, 10))
			continue;
		*hint = i + 1;
		if (!*task->job && active && task->state == TASK_WAITING && !task->lost)
			snprintf(task->job, sizeof(task->job), "%.31s", job);
		if (strcmp(task->job, job) != 0 || task->lost)
			return;
		seen[i] = true;
		if (task->state == TASK_DONE || task->state == TASK_FAILED)
			return;
		if (is_one_of(field[2], queued)) {
			task->state = TASK_QUEUED;
			snprintf(task->why, sizeof(task->why), "%.200s", field[3]);
		} else if (is_one_of(field[2], running)) {
			task->state = TASK_RUNNING;
		} else if (is_one_of(field[2], ending)) {
			expect_files(campaign, task, field[2], field[3]);
		} else {
			judge_end(task, field[2], field[3]);
		}
		return;
	}
}

int slurm_look(struct campaign *campaign, struct error *why)
{
	char name[64], *lines = NULL, *save = NULL;
	char *argv[] = {"squeue",
			"--noheader",
			"--all",
			"--states=all",
			"--array",
			name,
			"--format=%F|%K|%T|%r|%k",
			NULL};
	bool *seen = calloc(campaign->n_tasks + 1, sizeof(*seen));
	size_t hint = 0;
	int err;

	if (!seen)
		return error_set(why, -ENOMEM, "out of memory");
	snprintf(name, sizeof(name), "--name=bpftoll-%s", campaign->id);
	err = process_run(argv, NULL, &lines, why);
	if (err == -EIO) /* nothing of it is the user's: the controller did not answer */
		err = -EAGAIN;
	for (char *line = err ? NULL : strtok_r(lines, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save))
		take_line(campaign, line, seen, &hint);
	for (size_t i = 0; i < campaign->n_tasks && !err; i++) {
		struct task *task = &campaign->tasks[i];

		if (!seen[i] && *task->job && !task->lost && task->state != TASK_DONE &&
		    task->state != TASK_FAILED && task->state != TASK_LOST)
			expect_files(campaign, task, "", "None");
	}
	free(lines);
	free(seen);
	return err;
}
