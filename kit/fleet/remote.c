/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "calib/path.h"
#include "kit/fleet/launch.h"
#include "kit/fleet/remote.h"
#include "kit/fleet/record_stream.h"
#include "kit/fleet/task.h"
#include "kit/system/grow.h"
#include "kit/system/scratch.h"

#define SILENT_S (3 * STREAM_ALIVE_S)

/* What came of one launch so far. */
struct sender {
	char node[CAMPAIGN_NODE_MOST];
	struct record_stream *stream;
	double heard; /* task_now_s of its last line */
};

struct launch {
	char name[32];
	off_t at;			 /* bytes of its file that were read */
	char line[STREAM_LINE_MOST + 1]; /* the beginning of one whose end has not come */
	size_t len;
	bool too_long;
	struct sender *senders;
	size_t n, room;
};

struct remote {
	struct launch **launches;
	size_t n, room;
};

static void free_remote(struct remote *remote)
{
	for (size_t i = 0; i < remote->n; i++) {
		for (size_t k = 0; k < remote->launches[i]->n; k++)
			record_stream_close(remote->launches[i]->senders[k].stream);
		free(remote->launches[i]->senders);
		free(remote->launches[i]);
	}
	free(remote->launches);
	free(remote);
}

void remote_cancel(const struct campaign *campaign, const struct task *task)
{
	launch_stop(campaign, task->job);
}

bool remote_has_begun(const struct campaign *campaign, const struct task *task)
{
	for (size_t i = 0; i < campaign->n_tasks; i++) {
		const struct task *other = &campaign->tasks[i];

		if (other->state > TASK_QUEUED && !strcmp(other->job, task->job) &&
		    !strcmp(other->node, task->node))
			return true;
	}
	return false;
}

static void lose(struct task *task, const char *what, const char *words)
{
	task->state = TASK_LOST;
	snprintf(task->why, sizeof(task->why), "%s%s%.400s", what, *words ? ": " : "", words);
}

/* Moves what was unpacked to the names of the run; the file that says that it ended comes last. */
static int move_in(const struct campaign *campaign, const struct task *task, const char *from,
		   struct error *why)
{
	static const char *const endings[] = {"", ".out", ".err", ".begun", ".ended"};
	char source[PATH_MAX], target[PATH_MAX];
	struct stat st;
	int err = task_move_aside(campaign, task, why);

	path_put(source, sizeof(source), "%s/run-%u.ended", from, task->run);
	if (!err && (lstat(source, &st) || !S_ISREG(st.st_mode)))
		err = error_set(why, -EBADMSG, "it does not say how it ended");
	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && !err; i++) {
		path_put(source, sizeof(source), "%s/run-%u%s", from, task->run, endings[i]);
		task_path(campaign->dir, task, endings[i], target, sizeof(target));
		if (rename(source, target) && errno != ENOENT)
			err = error_set(why, -errno, "%s: %s", target, strerror(errno));
	}
	return err;
}

/* A run's files, which are whole: into the campaign's folder. */
static int keep(struct campaign *campaign, struct task *task, struct record_stream *stream,
		struct error *why)
{
	char parent[PATH_MAX], folder[PATH_MAX] = "";
	struct error said = {0};
	int err;

	/* two that keep the same would move each other's away */
	if (campaign->lock_fd < 0) {
		task->came = true;
		return 0;
	}
	err = task_folder(campaign, task->node, task->boot, why);
	if (!err)
		err = path_put(parent, sizeof(parent), "%s/%s/boot-%u", campaign->dir, task->node,
			       task->boot);
	if (!err)
		err = scratch_make(parent, folder, sizeof(folder), why);
	if (err)
		return err;
	err = record_stream_unpack(stream, folder, &said);
	if (!err)
		err = move_in(campaign, task, folder, &said);
	scratch_remove(folder);
	/* what is wrong with one run is its gap; a disk that is full is everybody's */
	if (err == -ENOSPC || err == -EDQUOT)
		return error_set(why, err, "%s", said.text);
	if (err)
		lose(task, "its record came damaged", said.text);
	else
		task_look(campaign->dir, task);
	return 0;
}

static struct task *find(struct campaign *campaign, const struct launch *launch, const char *node,
			 const struct stream_head *head)
{
	for (size_t i = 0; i < campaign->n_tasks; i++) {
		struct task *task = &campaign->tasks[i];

		if (task->run == head->run && task->boot == head->boot &&
		    !strcmp(task->node, node) && !strcmp(task->job, launch->name))
			return strcmp(head->id, campaign->id) != 0 || task_is_over(task) ? NULL
											 : task;
	}
	return NULL;
}

static struct sender *sender_of(struct launch *launch, const char *node)
{
	struct sender *more;

	for (size_t i = 0; i < launch->n; i++)
		if (!strcmp(launch->senders[i].node, node))
			return &launch->senders[i];
	more = grow(launch->senders, launch->n, &launch->room, sizeof(*more), 8);
	if (!more)
		return NULL;
	launch->senders = more;
	more += launch->n;
	snprintf(more->node, sizeof(more->node), "%s", node);
	more->heard = 0;
	more->stream = record_stream_open();
	if (!more->stream)
		return NULL;
	launch->n++;
	return more;
}

static int take_line(struct campaign *campaign, struct launch *launch, const char *node,
		     const char *line, struct error *why)
{
	struct stream_head head = {.run = 0};
	struct error said = {0};
	struct sender *sender;
	enum stream_event event;
	struct task *task;

	if (strncmp(line, STREAM_MARK, strlen(STREAM_MARK)) != 0)
		return 0;
	sender = sender_of(launch, node);
	if (!sender)
		return error_set(why, -ENOMEM, "out of memory");
	sender->heard = task_now_s();
	event = record_stream_take(sender->stream, line, &head, &said);
	task = event == STREAM_NOTHING ? NULL : find(campaign, launch, node, &head);
	if (!task)
		return 0;
	if (event == STREAM_STARTED)
		task->state = TASK_RUNNING;
	else if (event == STREAM_GAP)
		lose(task, "it could not be made there", said.text);
	else if (event == STREAM_DAMAGED)
		lose(task, "its record came damaged", said.text);
	else
		return keep(campaign, task, sender->stream, why);
	return 0;
}

/* A line of clush is "NODE: LINE"; all lines of an srun are of one machine. */
static int split_line(struct campaign *campaign, struct launch *launch, char *line,
		      struct error *why)
{
	const char *node = NULL;
	char *text = line;

	for (size_t i = 0; i < campaign->n_tasks && campaign->slurm && !node; i++)
		if (!strcmp(campaign->tasks[i].job, launch->name))
			node = campaign->tasks[i].node;
	if (!campaign->slurm) {
		text = strstr(line, ": ");
		if (!text)
			return 0;
		*text = '\0';
		text += 2;
		node = campaign_node_fits(line) ? line : NULL;
	}
	text[strcspn(text, "\r")] = '\0';
	return node ? take_line(campaign, launch, node, text, why) : 0;
}

static int take_bytes(struct campaign *campaign, struct launch *launch, const char *bytes,
		      size_t len, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < len && !err; i++) {
		if (bytes[i] != '\n') {
			if (launch->len < STREAM_LINE_MOST && bytes[i])
				launch->line[launch->len++] = bytes[i];
			else
				launch->too_long = true;
			continue;
		}
		launch->line[launch->len] = '\0';
		if (!launch->too_long)
			err = split_line(campaign, launch, launch->line, why);
		launch->len = 0;
		launch->too_long = false;
	}
	return err;
}

static int read_on(struct campaign *campaign, struct launch *launch, struct error *why)
{
	char path[PATH_MAX], bytes[1 << 16];
	ssize_t got;
	int fd, err = 0;

	launch_path(campaign->dir, launch->name, ".out", path, sizeof(path));
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0
				       : error_set(why, -errno, "%s: %s", path, strerror(errno));
	while (!err && (got = pread(fd, bytes, sizeof(bytes), launch->at)) > 0) {
		launch->at += got;
		err = take_bytes(campaign, launch, bytes, (size_t)got, why);
	}
	close(fd);
	return err;
}

static struct launch *launch_of(struct campaign *campaign, const char *name)
{
	struct remote *remote = campaign->remote;
	struct launch *launch;
	void *more;

	if (!remote)
		remote = campaign->remote = calloc(1, sizeof(*remote));
	campaign->free_remote = free_remote;
	for (size_t i = 0; remote && i < remote->n; i++)
		if (!strcmp(remote->launches[i]->name, name))
			return remote->launches[i];
	more = remote ? grow(remote->launches, remote->n, &remote->room, sizeof(struct launch *), 8)
		      : NULL;
	if (!more)
		return NULL;
	remote->launches = more;
	launch = calloc(1, sizeof(*launch));
	if (launch) {
		snprintf(launch->name, sizeof(launch->name), "%s", name);
		remote->launches[remote->n++] = launch;
	}
	return launch;
}

/*
 * Has it spoken before, and then not for longer than patience? An srun does not notice that the
 * processes of a step are gone, where their machine is back at once.
 */
static bool is_silent(const struct campaign *campaign, const struct sender *sender)
{
	double most = campaign->patience_s > SILENT_S ? campaign->patience_s : SILENT_S;

	return sender && sender->heard > 0 && task_now_s() - sender->heard > most;
}

/* A run whose launch, or its machine's part of it, has ended without its files. */
static void judge_end(struct campaign *campaign, struct launch *launch, struct task *task,
		      bool lives)
{
	struct sender *sender = sender_of(launch, task->node);
	struct stream_head head;
	char words[400];
	bool ended = launch_words(campaign, launch->name, task->node, words, sizeof(words));

	if (task->came) {
		task->state = TASK_RUNNING;
	} else if (lives && !ended) {
		if (task->state == TASK_WAITING)
			task->state = TASK_QUEUED;
		if (is_silent(campaign, sender)) {
			lose(task, "nothing was heard of it for too long", words);
			/* a clush has other machines, and its ssh notices by itself */
			if (campaign->slurm)
				launch_stop(campaign, launch->name);
		}
	} else if (sender && record_stream_is_open(sender->stream, &head) &&
		   head.run == task->run && head.boot == task->boot) {
		lose(task, "its record was cut short on the way", words);
	} else {
		lose(task, "the job ended without a result", words);
	}
}

static int look_at(struct campaign *campaign, const char *name, struct error *why)
{
	struct launch *launch = launch_of(campaign, name);
	/* asked before its file is read: what is not there after its end does not come */
	bool lives = launch_lives(campaign->dir, name);
	int err =
		launch ? read_on(campaign, launch, why) : error_set(why, -ENOMEM, "out of memory");

	for (size_t i = 0; i < campaign->n_tasks && !err; i++) {
		struct task *task = &campaign->tasks[i];

		if (!strcmp(task->job, launch->name) && !task_is_over(task))
			judge_end(campaign, launch, task, lives);
	}
	return err;
}

int remote_look(struct campaign *campaign, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < campaign->n_tasks && !err; i++) {
		const struct task *task = &campaign->tasks[i];

		/* the first of a launch that is not over: look_at settles or marks the others */
		if (*task->job && !task_is_over(task)) {
			bool seen = false;

			for (size_t k = 0; k < i && !seen; k++)
				seen = !strcmp(campaign->tasks[k].job, task->job) &&
				       !task_is_over(&campaign->tasks[k]);
			if (!seen)
				err = look_at(campaign, task->job, why);
		}
	}
	return err;
}
