/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzzes what a fleet's folder says: a list of campaign.json and of what the first task left. What
 * is accepted is written and read again, and summed up.
 */
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "kit/fleet/campaign_file.h"
#include "kit/fleet/summary.h"
#include "kit/fleet/task.h"
#include "tests/fuzz/fuzz_file.h"
#include "tests/fuzz/fuzz_json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The list's value number k; nothing: there is none. */
static void lay_out(const struct json_text *list, size_t k, const char *name)
{
	size_t end = 0;

	for (size_t i = 1; i < list->n; i++) {
		const struct json_span *value = &list->values[i];

		if (value->begin < end)
			continue;
		end = value->end;
		if (!k--)
			fuzz_file(name, list->bytes + value->begin, end - value->begin);
	}
}

static void use(struct campaign *campaign, FILE *nowhere)
{
	struct campaign *again;
	struct error why = {0};

	for (size_t i = 0; i < campaign->n_tasks; i++) {
		struct task *task = &campaign->tasks[i];

		if (!campaign_node_fits(task->node) || task->boot > campaign->boots ||
		    task->run > campaign->repeat)
			abort();
		free(campaign_runs(campaign, task->node, task->boot));
		task_look(campaign->dir, task);
	}
	summary_print(nowhere, campaign);
	if (campaign_write(campaign, &why) || campaign_read(campaign->dir, &again, &why)) {
		fprintf(stderr, "accepted, but not its own writing: %s\n", why.text);
		abort();
	}
	campaign_free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct json_text list;
	static FILE *nowhere;
	struct campaign *campaign;
	struct error why;
	char path[128];

	if (!json_scan(&list, data, size))
		return 0;
	if (!nowhere) {
		nowhere = fopen("/dev/null", "we");
		snprintf(path, sizeof(path), "%s/n1", fuzz_folder());
		mkdir(path, 0700);
		snprintf(path, sizeof(path), "%s/n1/boot-1", fuzz_folder());
		mkdir(path, 0700);
	}
	lay_out(&list, 0, "campaign.json");
	fuzz_file("n1/boot-1/run-1.ended", (const uint8_t *)"", 0);
	lay_out(&list, 1, "n1/boot-1/run-1.ended");
	if (!nowhere || campaign_read(fuzz_folder(), &campaign, &why))
		return 0;
	use(campaign, nowhere);
	campaign_free(campaign);
	return 0;
}
