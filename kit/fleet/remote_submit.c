/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* asprintf */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/fleet/launch.h"
#include "kit/fleet/remote.h"
#include "kit/system/grow.h"
#include "kit/system/process.h"

int remote_check(struct error *why)
{
	int err = process_find("clush", why);

	if (!err)
		err = process_find("nodeset", why);
	if (err)
		error_add(why, ": --ssh needs ClusterShell (Debian: clustershell)");
	return err;
}

int remote_machines(const char *list, char ***names, size_t *n, struct error *why)
{
	char *argv[] = {"nodeset", "--expand", "--separator=\n", "--", (char *)list, NULL};
	char *lines = NULL, *save = NULL, **more;
	size_t room = 0;
	int err = process_run(argv, NULL, &lines, why);

	*names = NULL;
	*n = 0;
	if (err == -EIO)
		return error_set(why, -ENOENT,
				 "'%s' is no list of machines as clush has it (\"n[1-8],m2\")",
				 list);
	for (char *line = err ? NULL : strtok_r(lines, "\n", &save); line && !err;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!campaign_node_fits(line)) {
			err = error_set(why, -ENOENT, "'%s' is no machine's name", line);
			break;
		}
		more = grow(*names, *n, &room, sizeof(*more), 16);
		if (more)
			*names = more;
		if (!more || !(more[*n] = strdup(line)))
			err = error_set(why, -ENOMEM, "out of memory");
		else
			(*n)++;
	}
	if (!err && !*n)
		err = error_set(why, -ENOENT, "'%s' names no machine", list);
	free(lines);
	return err;
}

static bool same_runs(const struct campaign *campaign, const struct task *task, const char *runs)
{
	char *own = campaign_runs(campaign, task->node, task->boot);
	bool same = own && !strcmp(own, runs);

	free(own);
	return same;
}

/* Is it the first of its machine and boot that waits? */
static bool is_first(const struct campaign *campaign, size_t at)
{
	const struct task *task = &campaign->tasks[at];

	for (size_t i = 0; i < at; i++)
		if (campaign_waits(&campaign->tasks[i], task->node, task->boot))
			return false;
	return true;
}

static char *nodes_of(const struct campaign *campaign, const struct task *first, const char *runs)
{
	char *text = strdup(first->node);

	for (size_t i = 0; text && !campaign->slurm && i < campaign->n_tasks; i++) {
		const struct task *task = &campaign->tasks[i];
		char *more = NULL;

		if (task->boot != first->boot || !strcmp(task->node, first->node) ||
		    !campaign_waits(task, task->node, task->boot) || !is_first(campaign, i) ||
		    !same_runs(campaign, task, runs))
			continue;
		if (asprintf(&more, "%s,%s", text, task->node) < 0)
			more = NULL;
		free(text);
		text = more;
	}
	return text;
}

static bool in_list(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, name, len) && (at[len] == ',' || !at[len]))
			return true;
	}
	return false;
}

int remote_submit(struct campaign *campaign, const struct task *first, struct error *why)
{
	char *runs = campaign_runs(campaign, first->node, first->boot);
	char *nodes = runs ? nodes_of(campaign, first, runs) : NULL;
	struct launch_order order = {.nodes = nodes, .runs = runs, .boot = first->boot};
	int err = nodes ? launch_start(campaign, &order, why)
			: error_set(why, -ENOMEM, "out of memory");

	for (size_t i = 0; i < campaign->n_tasks && !err; i++) {
		struct task *task = &campaign->tasks[i];

		if (!in_list(nodes, task->node) || !campaign_waits(task, task->node, order.boot))
			continue;
		snprintf(task->job, sizeof(task->job), "%s", order.name);
		task->state = TASK_QUEUED;
		task->why[0] = '\0';
		task->blocked = task->late = 0;
	}
	free(nodes);
	free(runs);
	return err;
}
