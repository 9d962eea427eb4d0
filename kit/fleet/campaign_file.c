/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* asprintf */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <jansson.h>

#include "calib/path.h"
#include "kit/fleet/campaign_file.h"
#include "kit/system/file.h"
#include "kit/system/folder.h"

#define SCHEMA	  "bpftoll-campaign/1"
#define FILE_NAME "campaign.json"

bool campaign_node_fits(const char *name)
{
	size_t len = strlen(name);

	if (!len || len >= CAMPAIGN_NODE_MOST || *name == '.' || *name == '-')
		return false;
	for (; *name; name++)
		if (!isalnum((unsigned char)*name) && !strchr("-_.", *name))
			return false;
	return true;
}

struct campaign *campaign_new(const char *const *nodes, size_t n_nodes, unsigned int boots,
			      unsigned int repeat, char *const *argv, size_t n_argv)
{
	struct campaign *campaign = calloc(1, sizeof(*campaign));
	size_t n = n_nodes * boots * repeat, t = 0;
	uint64_t random = 0;

	if (!campaign)
		return NULL;
	campaign->lock_fd = campaign->heard_fd = -1;
	campaign->boots = boots;
	campaign->repeat = repeat;
	campaign->tasks = calloc(n ? n : 1, sizeof(*campaign->tasks));
	campaign->argv = calloc(n_argv + 1, sizeof(*campaign->argv));
	if (!campaign->tasks || !campaign->argv ||
	    getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		goto failed;
	snprintf(campaign->id, sizeof(campaign->id), "%016llx", (unsigned long long)random);
	for (; campaign->n_argv < n_argv; campaign->n_argv++) {
		campaign->argv[campaign->n_argv] = strdup(argv[campaign->n_argv]);
		if (!campaign->argv[campaign->n_argv])
			goto failed;
	}
	for (unsigned int boot = 1; boot <= boots; boot++)
		for (size_t i = 0; i < n_nodes; i++)
			for (unsigned int run = 1; run <= repeat; run++, t++) {
				struct task *task = &campaign->tasks[t];

				snprintf(task->node, sizeof(task->node), "%s", nodes[i]);
				task->boot = boot;
				task->run = run;
			}
	campaign->n_tasks = n;
	return campaign;
failed:
	campaign_free(campaign);
	return NULL;
}

void campaign_free(struct campaign *campaign)
{
	if (!campaign)
		return;
	for (size_t i = 0; i < campaign->n_argv; i++)
		free(campaign->argv[i]);
	free(campaign->argv);
	free(campaign->tasks);
	free(campaign->partition);
	free(campaign->time_limit);
	if (campaign->remote)
		campaign->free_remote(campaign->remote);
	if (campaign->lock_fd >= 0)
		close(campaign->lock_fd);
	free(campaign);
}

bool campaign_waits(const struct task *task, const char *node, unsigned int boot)
{
	return task->state == TASK_WAITING && !*task->job && task->boot == boot &&
	       !strcmp(task->node, node);
}

char *campaign_runs(const struct campaign *campaign, const char *node, unsigned int boot)
{
	char *text = strdup("");

	for (size_t i = 0; text && i < campaign->n_tasks; i++) {
		char *more = NULL;

		if (!campaign_waits(&campaign->tasks[i], node, boot))
			continue;
		if (asprintf(&more, "%s%s%u", text, *text ? "," : "", campaign->tasks[i].run) < 0)
			more = NULL;
		free(text);
		text = more;
	}
	return text;
}

/* ---- the folder ---- */

/* This program, into the campaign's folder: a machine may have another version of it, or none. */
static int copy_program(const char *dir, struct error *why)
{
	char path[PATH_MAX + 16];
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = -1, err = 0;
	struct stat st = {.st_size = 0};

	path_put(path, sizeof(path), "%s/bpftoll", dir);
	to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0755);
	if (from < 0 || to < 0 || fstat(from, &st))
		err = -errno;
	for (off_t left = st.st_size; left > 0 && !err;) {
		ssize_t sent = sendfile(to, from, NULL, (size_t)left);

		if (sent <= 0)
			err = sent ? -errno : -EIO;
		else
			left -= sent;
	}
	if (!err && fsync(to))
		err = -errno;
	if (to >= 0 && close(to) && !err)
		err = -errno;
	if (from >= 0)
		close(from);
	return err ? error_set(why, err, "cannot copy this program to %s: %s", path, strerror(-err))
		   : 0;
}

int campaign_settle(struct campaign *campaign, const char *dir, struct error *why)
{
	char made[PATH_MAX], file[PATH_MAX + 16];
	int err;

	if (dir) {
		err = path_put(made, sizeof(made), "%s", dir);
		if (!err)
			err = folder_make(dir, 0755);
		if (err)
			return error_set(why, err, "%s: %s", dir, strerror(-err));
	} else {
		err = folder_make_run("-fleet", made, sizeof(made), why);
		if (err)
			return err;
	}
	if (!realpath(made, campaign->dir))
		return error_set(why, -errno, "%s: %s", made, strerror(errno));
	/* sbatch takes both for patterns in the name of a job's output */
	if (strpbrk(campaign->dir, "%\\\n"))
		return error_set(why, -EINVAL,
				 "%s: Slurm cannot write into a folder with %% or \\ in its name",
				 campaign->dir);
	path_put(file, sizeof(file), "%s/" FILE_NAME, campaign->dir);
	if (!access(file, F_OK))
		return error_set(
			why, -EEXIST,
			"%s holds a campaign already: bpftoll fleet resume, or another folder",
			made);
	if (campaign_is_elsewhere(campaign)) {
		err = copy_program(campaign->dir, why);
		if (err)
			return err;
	}
	return campaign_write(campaign, why);
}

int campaign_lock(struct campaign *campaign, struct error *why)
{
	char path[PATH_MAX + 32];

	path_put(path, sizeof(path), "%s/campaign.lock", campaign->dir);
	campaign->lock_fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (campaign->lock_fd < 0)
		return error_set(why, -errno, "%s: %s", path, strerror(errno));
	if (!flock(campaign->lock_fd, LOCK_EX | LOCK_NB))
		return 0;
	return error_set(why, -EBUSY, "%s: another bpftoll drives this campaign now",
			 campaign->dir);
}

/* ---- campaign.json ---- */

/* Words of other programs may be cut within a character, and JSON is UTF-8. */
static const char *plain(const char *words, char *out, size_t len)
{
	size_t n = 0;

	for (; *words && n + 1 < len; words++)
		out[n++] = (char)((unsigned char)*words < 0x80 ? *words : '?');
	out[n] = '\0';
	return out;
}

static json_t *tasks_json(const struct campaign *campaign)
{
	json_t *list = json_array();

	for (size_t i = 0; list && i < campaign->n_tasks; i++) {
		const struct task *task = &campaign->tasks[i];
		char why[sizeof(task->why)];
		json_t *row = json_pack("{s:s, s:i, s:i, s:s*, s:s*}", "node", task->node, "boot",
					(int)task->boot, "run", (int)task->run, "job",
					*task->job ? task->job : NULL, "lost",
					task->lost ? plain(task->why, why, sizeof(why)) : NULL);

		if (!row || json_array_append_new(list, row)) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

int campaign_write(const struct campaign *campaign, struct error *why)
{
	json_t *words = json_array(), *tasks = tasks_json(campaign), *all = NULL;
	char path[PATH_MAX + 16], *text = NULL;
	int err = -ENOMEM;

	path_put(path, sizeof(path), "%s/" FILE_NAME, campaign->dir);
	for (size_t i = 0; words && i < campaign->n_argv; i++)
		if (json_array_append_new(words, json_string(campaign->argv[i])))
			goto out; /* a word that is not UTF-8, or no memory */
	all = json_pack("{s:s, s:s, s:b, s:b, s:s*, s:s*, s:i, s:i, s:O, s:O}", "schema", SCHEMA,
			"id", campaign->id, "slurm", campaign->slurm, "stream", campaign->stream,
			"partition", campaign->partition, "time_limit", campaign->time_limit,
			"boots", (int)campaign->boots, "repeat", (int)campaign->repeat, "argv",
			words, "tasks", tasks);
	text = all ? json_dumps(all, JSON_INDENT(1)) : NULL;
	err = text ? file_replace(path, text, strlen(text)) : -ENOMEM;
out:
	if (err)
		error_say(why, "%s: cannot write: %s; what was there before is unchanged", path,
			  strerror(-err));
	free(text);
	json_decref(all);
	json_decref(tasks);
	json_decref(words);
	return err;
}

static int read_tasks(struct campaign *campaign, const json_t *rows)
{
	size_t i;
	json_t *row;

	json_array_foreach(rows, i, row)
	{
		struct task *task = &campaign->tasks[i];
		const char *node, *job = "", *lost = NULL;
		int boot, run;

		if (json_unpack(row, "{s:s, s:i, s:i, s?s, s?s}", "node", &node, "boot", &boot,
				"run", &run, "job", &job, "lost", &lost) ||
		    !campaign_node_fits(node) || boot < 1 || run < 1 ||
		    (unsigned int)boot > campaign->boots || (unsigned int)run > campaign->repeat ||
		    strlen(job) >= sizeof(task->job) || (*job && !campaign_node_fits(job)))
			return -EINVAL;
		snprintf(task->node, sizeof(task->node), "%s", node);
		snprintf(task->job, sizeof(task->job), "%s", job);
		snprintf(task->why, sizeof(task->why), "%s", lost ? lost : "");
		task->lost = lost != NULL;
		task->boot = (unsigned int)boot;
		task->run = (unsigned int)run;
		campaign->n_tasks = i + 1;
	}
	return 0;
}

static int from_json(json_t *all, struct campaign **out, struct error *why)
{
	const char *schema, *id, *partition = NULL, *limit = NULL;
	json_t *argv, *tasks, *word;
	struct campaign *campaign;
	json_error_t fault;
	int boots, repeat, slurm, stream = 0;
	size_t i;

	if (json_unpack_ex(all, &fault, 0, "{s:s, s:s, s:b, s?b, s?s, s?s, s:i, s:i, s:o, s:o}",
			   "schema", &schema, "id", &id, "slurm", &slurm, "stream", &stream,
			   "partition", &partition, "time_limit", &limit, "boots", &boots, "repeat",
			   &repeat, "argv", &argv, "tasks", &tasks))
		return error_set(why, -EINVAL, "%s", fault.text);
	if (strcmp(schema, SCHEMA) != 0)
		return error_set(why, -EINVAL, "unknown schema");
	/* it becomes a word of commands, here and on other machines */
	if (!*id || strlen(id) >= sizeof(campaign->id) || id[strspn(id, "0123456789abcdef")])
		return error_set(why, -EINVAL, "id is no hexadecimal number");
	if (boots < 1 || repeat < 1 || boots > CAMPAIGN_TASKS_MOST || repeat > CAMPAIGN_TASKS_MOST)
		return error_set(why, -EINVAL, "boots and repeat must be 1 to %d",
				 CAMPAIGN_TASKS_MOST);
	if (!json_is_array(argv) || !json_array_size(argv) || !json_is_array(tasks) ||
	    json_array_size(tasks) > CAMPAIGN_TASKS_MOST)
		return error_set(why, -EINVAL, "argv and tasks must be lists");
	campaign = campaign_new(NULL, 0, 0, 0, NULL, 0);
	*out = campaign;
	if (!campaign)
		return error_set(why, -ENOMEM, "out of memory");
	free(campaign->argv);
	free(campaign->tasks);
	campaign->argv = calloc(json_array_size(argv) + 1, sizeof(*campaign->argv));
	campaign->tasks = calloc(json_array_size(tasks) + 1, sizeof(*campaign->tasks));
	campaign->partition = partition ? strdup(partition) : NULL;
	campaign->time_limit = limit ? strdup(limit) : NULL;
	if (!campaign->argv || !campaign->tasks || (partition && !campaign->partition) ||
	    (limit && !campaign->time_limit))
		return error_set(why, -ENOMEM, "out of memory");
	snprintf(campaign->id, sizeof(campaign->id), "%s", id);
	campaign->slurm = slurm;
	campaign->stream = stream;
	campaign->boots = (unsigned int)boots;
	campaign->repeat = (unsigned int)repeat;
	json_array_foreach(argv, i, word)
	{
		const char *text = json_string_value(word);

		campaign->argv[i] = text ? strdup(text) : NULL;
		if (!campaign->argv[i])
			return error_set(why, -EINVAL, "argv[%zu] is no text", i);
		campaign->n_argv = i + 1;
	}
	if (read_tasks(campaign, tasks))
		return error_set(why, -EINVAL, "tasks[%zu] is damaged", campaign->n_tasks);
	return 0;
}

int campaign_read(const char *dir, struct campaign **out, struct error *why)
{
	char path[PATH_MAX + 16];
	struct file_bytes bytes;
	json_error_t fault;
	struct error said = {0};
	json_t *all = NULL;
	int err;

	*out = NULL;
	path_put(path, sizeof(path), "%s/" FILE_NAME, dir);
	err = file_read(path, 0, &bytes);
	if (err)
		return error_set(why, err, "%s: %s", path,
				 err == -ENOENT ? "no campaign is there" : strerror(-err));
	all = json_loadb((const char *)bytes.at, bytes.len, 0, &fault);
	if (!all) {
		err = -EINVAL;
		error_say(&said, "line %d: %s", fault.line, fault.text);
	} else {
		err = from_json(all, out, &said);
	}
	if (!err && !realpath(dir, (*out)->dir)) {
		err = -errno;
		error_say(&said, "%s", strerror(-err));
	}
	json_decref(all);
	free(bytes.at);
	if (err) {
		campaign_free(*out);
		*out = NULL;
		error_say(why, "%s: %s", path, said.text);
	}
	return err;
}
