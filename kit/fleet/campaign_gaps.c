/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/fleet/campaign_file.h"
#include "kit/fleet/campaign_gaps.h"
#include "kit/fleet/task.h"

/* What is missing of this task, in words; "": nothing. */
static void missing(const struct campaign *campaign, struct task *task, char *words, size_t len)
{
	task->state = TASK_WAITING;
	task_look(campaign->dir, task);
	words[0] = '\0';
	if (task->state == TASK_FAILED)
		snprintf(words, len, "failed: %s", task->why);
	else if (task->state != TASK_DONE && task->lost)
		snprintf(words, len, "lost: %s", task->why);
	else if (task->state != TASK_DONE)
		snprintf(words, len, "has no result yet (bpftoll fleet status)");
	else if (!task_has_record(campaign->dir, task))
		snprintf(words, len, "has ended, and its record is not there");
}

static int of_one(const char *dir, struct fleet *fleet, size_t *n_gaps)
{
	struct campaign *campaign = NULL;
	struct error why = {0};
	int err = campaign_read(dir, &campaign, &why);

	if (err == -ENOMEM)
		return err;
	if (err) {
		(*n_gaps)++;
		return fleet_add_gap(fleet, dir, "what it asked for is not known: %s", why.text);
	}
	for (size_t i = 0; i < campaign->n_tasks && !err; i++) {
		struct task *task = &campaign->tasks[i];
		char words[600], where[CAMPAIGN_NODE_MOST + 40];

		missing(campaign, task, words, sizeof(words));
		if (!*words)
			continue;
		snprintf(where, sizeof(where), "%s boot %u run %u", task->node, task->boot,
			 task->run);
		err = fleet_add_gap(fleet, where, "%s", words);
		(*n_gaps)++;
	}
	campaign_free(campaign);
	return err;
}

static int add_gaps(const char *const *paths, size_t n, struct fleet *fleet, size_t *n_gaps)
{
	int err = 0;

	*n_gaps = 0;
	for (size_t i = 0; i < n && !err; i++) {
		char *copy = strdup(paths[i]), *roots[] = {copy, NULL};
		FTS *tree = copy ? fts_open(roots, FTS_PHYSICAL | FTS_NOCHDIR, NULL) : NULL;
		FTSENT *entry;

		err = tree ? 0 : -ENOMEM;
		while (!err && (entry = fts_read(tree))) {
			if (entry->fts_info != FTS_F ||
			    strcmp(entry->fts_name, "campaign.json") != 0)
				continue;
			entry->fts_path[entry->fts_pathlen - strlen("/campaign.json")] = '\0';
			err = of_one(entry->fts_path, fleet, n_gaps);
			entry->fts_path[strlen(entry->fts_path)] = '/';
		}
		if (tree)
			fts_close(tree);
		free(copy);
	}
	return err;
}

int campaign_judge(const char *const *paths, size_t n, const struct budget *budget,
		   const struct verdict_scope *scope, struct fleet *fleet, struct error *why)
{
	size_t n_gaps = 0;
	int err = fleet_judge(paths, n, budget, scope, fleet, why);

	if ((!err || err == -ENOENT) && add_gaps(paths, n, fleet, &n_gaps))
		err = error_set(why, -ENOMEM, "out of memory");
	if (err == -ENOENT && n_gaps)
		error_add(why, "; %zu runs of its campaign are missing: bpftoll fleet status",
			  n_gaps);
	return err;
}
