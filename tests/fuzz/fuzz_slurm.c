/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes what Slurm's commands print: the input is the answer of each of them. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kit/system/process.h"

static const char *every_answer;

/* In the place of kit/system/process.h, for what is included below. */
static int answer_run(char *const argv[], const char *dir, char **out, struct error *why)
{
	(void)argv, (void)dir, (void)why;
	if (out)
		*out = strdup(every_answer);
	return 0;
}

static int answer_find(const char *name, struct error *why)
{
	(void)name, (void)why;
	return 0;
}

#define process_run  answer_run
#define process_find answer_find
#include "kit/fleet/slurm.c" /* NOLINT(bugprone-suspicious-include) */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void machines(const char *list, const char *partition)
{
	struct error why;
	char **names;
	size_t n;

	if (!slurm_machines(list, partition, &names, &n, &why) && !n)
		abort();
	for (size_t i = 0; i < n; i++) {
		if (!campaign_node_fits(names[i]))
			abort();
		free(names[i]);
	}
	free((void *)names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const nodes[] = {"n1", "n2"};
	char *words[] = {"run"}, *text = strndup((const char *)data, size), why_not[300];
	struct campaign *campaign = campaign_new(nodes, 2, 2, 2, words, 1);
	struct error why = {0};

	if (!text || !campaign)
		abort();
	every_answer = text;
	slurm_check(&why);
	machines(NULL, NULL);
	machines(NULL, "debug");
	machines("n[1-2]", NULL);
	slurm_trouble("n1", why_not, sizeof(why_not));
	snprintf(campaign->id, sizeof(campaign->id), "0a");
	keep_number(campaign, "n1", 1, text, &why);
	slurm_look(campaign, &why);
	for (size_t i = 0; i < campaign->n_tasks; i++)
		if ((unsigned int)campaign->tasks[i].state >= TASK_STATES)
			abort();
	campaign_free(campaign);
	free(text);
	return 0;
}
