/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What came from machines that share no folder: records of several machines, mixed line by line, go
 * where they belong; a machine speaks only for its own runs; what is damaged, or stays away, has a
 * name. The launch has ended in all of these; test_fleet_ssh.sh has those that live.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/fleet/launch.h"
#include "kit/fleet/record_stream.h"
#include "kit/fleet/remote.h"
#include "kit/fleet/task.h"
#include "kit/system/file.h"
#include "kit/system/folder.h"
#include "kit/system/scratch.h"

static char base[4096];
static struct error why;
static struct campaign *campaign;

/* n1 and n2 with one launch, two runs each. */
static int set_up(void **state)
{
	const char *nodes[] = {"n1", "n2"};
	char *argv[] = {(char[]){"run"}};

	(void)state;
	if (scratch_make(NULL, base, sizeof(base), &why))
		return -1;
	campaign = campaign_new(nodes, 2, 1, 2, argv, 1);
	campaign->stream = true;
	snprintf(campaign->dir, sizeof(campaign->dir), "%s", base);
	for (size_t i = 0; i < campaign->n_tasks; i++)
		snprintf(campaign->tasks[i].job, sizeof(campaign->tasks[i].job), "launch-1");
	return campaign_lock(campaign, &why);
}

static int tear_down(void **state)
{
	(void)state;
	campaign_free(campaign);
	scratch_remove(base);
	return 0;
}

static void put(const char *name, const char *text)
{
	char path[5000];

	snprintf(path, sizeof(path), "%s/%s", base, name);
	remove(path);
	assert_int_equal(file_create(path, text, strlen(text)), 0);
}

/* The lines of a run whose record is this text. */
static char *block(unsigned int run, const char *record, const char *id)
{
	struct stream_head head = {.boot = 1, .run = run};
	char dir[4200], path[4300], *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	snprintf(head.id, sizeof(head.id), "%s", id);
	snprintf(dir, sizeof(dir), "%s/sent", base);
	snprintf(path, sizeof(path), "%s/run-%u", dir, run);
	assert_int_equal(folder_make(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/run-%u/record.json", dir, run);
	assert_int_equal(file_create(path, record, strlen(record)), 0);
	snprintf(path, sizeof(path), "%s/run-%u.ended", dir, run);
	assert_int_equal(file_create(path, "{\"code\": 0, \"why\": \"\"}", 22), 0);
	assert_int_equal(record_stream_write(out, &head, dir, &why), 0);
	fclose(out);
	scratch_remove(dir);
	return text;
}

/* Writes lines of two machines, one of each in turn, as clush does. */
static void mix(const char *a_node, char *a, const char *b_node, char *b)
{
	char *text = NULL, *a_save = NULL, *b_save = NULL;
	char *a_line = strtok_r(a, "\n", &a_save), *b_line = strtok_r(b, "\n", &b_save);
	size_t len;
	FILE *out = open_memstream(&text, &len);

	while (a_line || b_line) {
		if (a_line)
			fprintf(out, "%s: %s\n", a_node, a_line);
		if (b_line)
			fprintf(out, "%s: %s\n", b_node, b_line);
		a_line = a_line ? strtok_r(NULL, "\n", &a_save) : NULL;
		b_line = b_line ? strtok_r(NULL, "\n", &b_save) : NULL;
	}
	fclose(out);
	put("launch-1.out", text);
	free(text);
	free(a);
	free(b);
}

static void record_is(const char *node, unsigned int run, const char *text)
{
	char path[5000];
	struct file_bytes bytes;

	snprintf(path, sizeof(path), "%s/%s/boot-1/run-%u/record.json", base, node, run);
	assert_int_equal(file_read(path, O_NOFOLLOW, &bytes), 0);
	assert_string_equal((char *)bytes.at, text);
	free(bytes.at);
}

static void records_go_where_they_belong(void **state)
{
	(void)state;
	mix("n1", block(1, "first", campaign->id), "n2", block(2, "second", campaign->id));
	put("launch-1.err",
	    "n2: Warning: known\nn2: disk broke\nclush: n2: exited with exit code 9\n");
	assert_int_equal(remote_look(campaign, &why), 0);
	assert_int_equal(campaign->tasks[0].state, TASK_DONE);
	assert_int_equal(campaign->tasks[3].state, TASK_DONE);
	record_is("n1", 1, "first");
	record_is("n2", 2, "second");
	/* the others never came */
	assert_int_equal(campaign->tasks[1].state, TASK_LOST);
	assert_string_equal(campaign->tasks[1].why, "the job ended without a result");
	assert_int_equal(campaign->tasks[2].state, TASK_LOST);
	assert_string_equal(campaign->tasks[2].why, "the job ended without a result: disk broke");
}

static void nobody_speaks_for_another(void **state)
{
	(void)state;
	/* an id of another campaign; a machine that was not asked; a name that leaves the folder */
	mix("n1", block(1, "x", "00000000000000ff"), "n3", block(2, "x", campaign->id));
	assert_int_equal(remote_look(campaign, &why), 0);
	for (size_t i = 0; i < campaign->n_tasks; i++)
		assert_int_equal(campaign->tasks[i].state, TASK_LOST);
}

static void a_name_does_not_leave_the_folder(void **state)
{
	char path[5000];

	(void)state;
	mix("../n1", block(1, "x", campaign->id), "n1/..", block(2, "x", campaign->id));
	assert_int_equal(remote_look(campaign, &why), 0);
	assert_int_equal(campaign->tasks[0].state, TASK_LOST);
	snprintf(path, sizeof(path), "%s/n1", base);
	assert_int_equal(access(path, F_OK), -1);
}

static void what_was_changed_or_cut_has_a_name(void **state)
{
	char *changed = block(1, "first", campaign->id), *cut = block(1, "second", campaign->id);
	char *at = strstr(changed, "data ") + 30;

	(void)state;
	*at = *at == 'A' ? 'B' : 'A';
	*strstr(cut, "bpftoll-record end") = '\0';
	mix("n1", changed, "n2", cut);
	put("launch-1.err", "");
	assert_int_equal(remote_look(campaign, &why), 0);
	assert_int_equal(campaign->tasks[0].state, TASK_LOST);
	assert_string_equal(campaign->tasks[0].why,
			    "its record came damaged: its checksum is another");
	assert_int_equal(campaign->tasks[2].state, TASK_LOST);
	assert_string_equal(campaign->tasks[2].why, "its record was cut short on the way");
}

/* Two that keep the same run would move each other's files away. */
static void only_who_has_the_lock_keeps_files(void **state)
{
	(void)state;
	close(campaign->lock_fd);
	campaign->lock_fd = -1;
	mix("n1", block(1, "first", campaign->id), "n1", strdup(""));
	assert_int_equal(remote_look(campaign, &why), 0);
	assert_int_equal(campaign->tasks[0].state, TASK_RUNNING);
}

static void the_cause_is_what_came_before_the_end(void **state)
{
	char words[100];

	(void)state;
	put("launch-1.err", "n1: mkdir: no space\nclush: n1: exited with exit code 1\n"
			    "n1: sh: not found\nclush: n11: exited with exit code 2\n");
	assert_true(launch_words(campaign, "launch-1", "n1", words, sizeof(words)));
	assert_string_equal(words, "mkdir: no space");
	assert_true(launch_words(campaign, "launch-1", "n11", words, sizeof(words)));
	assert_string_equal(words, "exit 2");
	assert_false(launch_words(campaign, "launch-1", "n2", words, sizeof(words)));
	assert_string_equal(words, "");
	put("launch-1.err", "clush: no such group\n");
	assert_false(launch_words(campaign, "launch-1", "n2", words, sizeof(words)));
	assert_string_equal(words, "clush: no such group");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(records_go_where_they_belong),
		TEST(nobody_speaks_for_another),
		TEST(a_name_does_not_leave_the_folder),
		TEST(what_was_changed_or_cut_has_a_name),
		TEST(only_who_has_the_lock_keeps_files),
		TEST(the_cause_is_what_came_before_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
