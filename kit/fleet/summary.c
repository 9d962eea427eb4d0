/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE /* asprintf */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "calib/path.h"
#include "kit/fleet/summary.h"
#include "kit/fleet/task.h"
#include "kit/system/grow.h"
#include "reports/record/record.h"
#include "reports/show/escape.h"

#define PLACES_MOST 8 /* machines named for a gap; the number of the others follows */

/* What records lack: a result's name and reason, and in how many records. */
struct gap {
	char *words;
	size_t records;
	char places[PLACES_MOST][CAMPAIGN_NODE_MOST];
	size_t n_places;
};

struct gaps {
	struct gap *list;
	size_t n, room, records;
};

static void place(struct gap *gap, const char *node)
{
	for (size_t i = 0; i < gap->n_places && i < PLACES_MOST; i++)
		if (!strcmp(gap->places[i], node))
			return;
	if (gap->n_places < PLACES_MOST)
		snprintf(gap->places[gap->n_places], CAMPAIGN_NODE_MOST, "%s", node);
	gap->n_places++;
}

static void add_gap(struct gaps *gaps, const struct task *task, const char *id, const char *status,
		    const char *reason)
{
	struct gap *gap = NULL, *list;
	char *words;

	if (asprintf(&words, "%s: %s: %s", id, status, reason) < 0)
		return;
	for (size_t i = 0; i < gaps->n && !gap; i++)
		if (!strcmp(gaps->list[i].words, words))
			gap = &gaps->list[i];
	if (gap) {
		free(words);
	} else {
		list = grow(gaps->list, gaps->n, &gaps->room, sizeof(*list), 16);
		if (!list) {
			free(words);
			return;
		}
		gaps->list = list;
		gap = &list[gaps->n++];
		*gap = (struct gap){.words = words};
	}
	gap->records++;
	place(gap, task->node);
}

/* Every row of every list of the record that has a status which is not "measured". */
static int read_one(const char *dir, const struct task *task, struct gaps *gaps, struct error *why)
{
	struct record *record = NULL;
	int err = record_read(dir, &record, why);
	json_t *json = err ? NULL : record_to_json(record), *value, *row;
	const char *key;
	size_t i;

	json_object_foreach(json, key, value) json_array_foreach(value, i, row)
	{
		const char *id = NULL, *status = NULL, *reason = NULL;

		if (!json_unpack(row, "{s:s, s:s, s?s}", "id", &id, "status", &status, "reason",
				 &reason) &&
		    strcmp(status, "measured") != 0)
			add_gap(gaps, task, id, status, reason ? reason : "no reason");
	}
	if (!err && record->partial)
		err = error_set(why, -EINVAL, "the record is partial: its run was stopped");
	gaps->records += !err;
	json_decref(json);
	record_free(record);
	return err;
}

/* The record of a task; a lab of several kernels has a folder for each. */
static int read_records(const char *dir, const struct task *task, struct gaps *gaps,
			struct error *why)
{
	char path[PATH_MAX], file[PATH_MAX + 300];
	struct dirent *entry;
	size_t n = 0;
	int err = 0;
	DIR *folder;

	task_path(dir, task, "", path, sizeof(path));
	path_put(file, sizeof(file), "%s/record.json", path);
	if (!access(file, F_OK))
		return read_one(path, task, gaps, why);
	folder = opendir(path);
	while (folder && !err && (entry = readdir(folder))) {
		path_put(file, sizeof(file), "%s/%s/record.json", path, entry->d_name);
		if (entry->d_name[0] == '.' || access(file, F_OK))
			continue;
		*strrchr(file, '/') = '\0';
		err = read_one(file, task, gaps, why);
		n++;
	}
	if (folder)
		closedir(folder);
	if (!err && !n)
		err = error_set(why, -ENOENT, "%s: no record is there", path);
	return err;
}

static void print_gaps(FILE *out, const struct gaps *gaps)
{
	for (size_t i = 0; i < gaps->n; i++) {
		const struct gap *gap = &gaps->list[i];

		if (!i)
			fputs("\nNot measured, of the records that are there\n", out);
		fputs("  ", out);
		escape_print(out, gap->words, RENDER_TEXT);
		if (gap->records == gaps->records) {
			fputs(" (in all of them)\n", out);
			continue;
		}
		fputs(" (on", out);
		for (size_t k = 0; k < gap->n_places && k < PLACES_MOST; k++)
			fprintf(out, " %s", gap->places[k]);
		if (gap->n_places > PLACES_MOST)
			fprintf(out, " and more");
		fputs(")\n", out);
	}
}

static size_t print_missing(FILE *out, const struct campaign *campaign)
{
	static const char *const words[] = {[TASK_FAILED] = "failed", [TASK_LOST] = "lost"};
	size_t n = 0;

	for (size_t i = 0; i < campaign->n_tasks; i++) {
		const struct task *task = &campaign->tasks[i];

		if (task->state != TASK_FAILED && task->state != TASK_LOST)
			continue;
		fprintf(out, "%s  %s boot %u run %u %s: ", n++ ? "" : "\nMissing\n", task->node,
			task->boot, task->run, words[task->state]);
		escape_print(out, task->why, RENDER_TEXT);
		fputc('\n', out);
	}
	return n;
}

static void print_blocked(FILE *out, const struct campaign *campaign)
{
	size_t n = 0;

	for (size_t i = 0; i < campaign->n_tasks; i++) {
		const struct task *task = &campaign->tasks[i];

		if (task->state != TASK_QUEUED || !*task->why || !strcmp(task->why, "Resources") ||
		    !strcmp(task->why, "Priority") || !strcmp(task->why, "JobArrayTaskLimit") ||
		    !strcmp(task->why, "None"))
			continue;
		fprintf(out, "%s  %s boot %u run %u: ", n++ ? "" : "\nWaiting\n", task->node,
			task->boot, task->run);
		escape_print(out, task->why, RENDER_TEXT);
		fputc('\n', out);
	}
}

size_t summary_print(FILE *out, struct campaign *campaign)
{
	size_t n[TASK_STATES] = {0}, missing;
	struct gaps gaps = {.list = NULL};

	for (size_t i = 0; i < campaign->n_tasks; i++) {
		struct task *task = &campaign->tasks[i];
		struct error why = {0};

		if (task->state == TASK_DONE && read_records(campaign->dir, task, &gaps, &why)) {
			task->state = TASK_FAILED;
			snprintf(task->why, sizeof(task->why), "%.500s", why.text);
		}
		n[task->state]++;
	}
	fprintf(out, "Campaign  ");
	escape_print(out, campaign->dir, RENDER_TEXT);
	fprintf(out,
		"\nRuns      %zu: done %zu, running %zu, queued %zu, failed %zu, lost %zu\n"
		"Records   %zu complete\n",
		campaign->n_tasks, n[TASK_DONE], n[TASK_RUNNING], n[TASK_WAITING] + n[TASK_QUEUED],
		n[TASK_FAILED], n[TASK_LOST], gaps.records);
	missing = print_missing(out, campaign);
	print_blocked(out, campaign);
	print_gaps(out, &gaps);
	for (size_t i = 0; i < gaps.n; i++)
		free(gaps.list[i].words);
	free(gaps.list);
	return missing;
}
