/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "calib/path.h"
#include "kit/archive/base64.h"
#include "kit/cmd/cli.h"
#include "kit/fleet/record_stream.h"
#include "kit/fleet/stream_task.h"
#include "kit/fleet/task.h"
#include "kit/system/scratch.h"

#define HERE "here" /* the machine's name in the private folder; who receives it knows its name */

char *stream_task_words(const struct campaign *campaign)
{
	json_t *list = json_array();
	char *json = NULL, *text = NULL;
	bool ok = list != NULL;

	for (size_t i = 0; ok && i < campaign->n_argv; i++)
		ok = !json_array_append_new(list, json_string(campaign->argv[i]));
	json = ok ? json_dumps(list, JSON_COMPACT) : NULL;
	text = json ? malloc(BASE64_TEXT(strlen(json))) : NULL;
	if (text)
		base64_encode((const unsigned char *)json, strlen(json), text);
	free(json);
	json_decref(list);
	return text;
}

/* A campaign of this machine alone, with these words. NULL: they are damaged, or no memory. */
static struct campaign *campaign_of(const char *words)
{
	char *node = (char[]){HERE}, **argv = NULL;
	unsigned char *json = malloc(strlen(words) + 1);
	long len = json ? base64_decode(words, strlen(words), json) : -ENOMEM;
	json_t *list = len > 0 ? json_loadb((char *)json, (size_t)len, 0, NULL) : NULL, *word;
	struct campaign *campaign = NULL;
	size_t n = json_array_size(list), i;
	bool ok = n > 0;

	argv = calloc(n + 1, sizeof(*argv));
	json_array_foreach(list, i, word)
	{
		if (argv)
			argv[i] = (char *)json_string_value(word);
		ok = ok && argv && argv[i];
	}
	if (ok)
		campaign = campaign_new((const char *const *)&node, 1, 1, 1, argv, n);
	free(argv);
	free(json);
	json_decref(list);
	return campaign;
}

/* Makes one run and sends it. 0, or -EINTR: who would receive it has gone, or we are stopped. */
static int make_one(struct campaign *campaign, const struct stream_head *head)
{
	struct task task = {.node = HERE, .boot = head->boot, .run = head->run};
	char folder[PATH_MAX];
	struct error why = {0};
	int err = scratch_make(NULL, campaign->dir, sizeof(campaign->dir), &why);

	record_stream_say_started(stdout, head);
	if (!err)
		err = task_make(campaign, &task, &why);
	path_put(folder, sizeof(folder), "%s/" HERE "/boot-%u", campaign->dir, head->boot);
	if (!err)
		err = record_stream_write(stdout, head, folder, &why);
	if (err)
		record_stream_say_gap(stdout, head, why.text);
	scratch_remove(campaign->dir);
	return ferror(stdout) || cli_stop ? -EINTR : 0;
}

static void remove_program(void)
{
	char path[PATH_MAX], *slash;
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (len <= 0)
		return;
	path[len] = '\0';
	unlink(path);
	slash = strrchr(path, '/');
	*slash = '\0';
	slash = strrchr(path, '/');
	if (slash && !strncmp(slash + 1, "bpftoll-", 8))
		rmdir(path);
}

int stream_task_main(int argc, char **argv)
{
	struct campaign *campaign = NULL;
	struct stream_head head = {.boot = 0};
	const char *at;
	int err = 0;

	cli_catch_signals();
	if (argc < 5 || strspn(argv[1], "0123456789abcdef") != strlen(argv[1]) ||
	    strlen(argv[1]) >= sizeof(head.id) || sscanf(argv[2], "%9u", &head.boot) != 1 ||
	    !(campaign = campaign_of(argv[4])))
		return EXIT_WRONG_USAGE;
	snprintf(head.id, sizeof(head.id), "%s", argv[1]);
	campaign->heard_fd = STDOUT_FILENO;
	for (at = argv[3]; at && !err; at = strchr(at, ',')) {
		at += *at == ',';
		if (sscanf(at, "%9u", &head.run) == 1)
			err = make_one(campaign, &head);
	}
	campaign_free(campaign);
	if (argc > 5)
		remove_program();
	return err ? EXIT_STOPPED : EXIT_DONE;
}
