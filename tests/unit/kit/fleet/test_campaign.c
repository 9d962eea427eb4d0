/* SPDX-License-Identifier: GPL-3.0-or-later */
/* campaign.json comes back as it was, a damaged one is refused; what is missing is told by name. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "kit/fleet/campaign_file.h"
#include "kit/fleet/summary.h"
#include "kit/fleet/task.h"
#include "kit/system/file.h"
#include "kit/system/folder.h"
#include "kit/system/scratch.h"

static char base[4096];
static struct error why;

static int set_up(void **state)
{
	(void)state;
	return scratch_make(NULL, base, sizeof(base), &why);
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(base);
	return 0;
}

static void put(const char *name, const char *text)
{
	char path[5000], *slash;

	snprintf(path, sizeof(path), "%s/%s", base, name);
	slash = strrchr(path, '/');
	*slash = '\0';
	assert_int_equal(folder_make(path, 0755), 0);
	*slash = '/';
	remove(path);
	assert_int_equal(file_create(path, text, strlen(text)), 0);
}

static struct campaign *campaign(void)
{
	const char *nodes[] = {"n1", "n2", "n3"};
	char *argv[] = {(char[]){"run"}, (char[]){"--variant"}, (char[]){"a b'\"*"}};
	struct campaign *made = campaign_new(nodes, 3, 2, 1, argv, 3);

	assert_non_null(made);
	snprintf(made->dir, sizeof(made->dir), "%s", base);
	return made;
}

static void it_comes_back_as_it_was(void **state)
{
	struct campaign *c = campaign(), *back;

	(void)state;
	c->slurm = c->stream = true;
	c->partition = strdup("lab");
	snprintf(c->tasks[1].job, sizeof(c->tasks[1].job), "launch-7");
	c->tasks[2].lost = true;
	snprintf(c->tasks[2].why, sizeof(c->tasks[2].why), "cut \xc3");
	assert_int_equal(campaign_write(c, &why), 0);
	assert_int_equal(campaign_read(base, &back, &why), 0);
	assert_string_equal(back->id, c->id);
	assert_true(back->slurm && back->stream);
	assert_string_equal(back->partition, "lab");
	assert_null(back->time_limit);
	assert_int_equal(back->boots, 2);
	assert_int_equal(back->n_argv, 3);
	assert_string_equal(back->argv[2], "a b'\"*");
	assert_int_equal(back->n_tasks, 6);
	assert_string_equal(back->tasks[1].job, "launch-7");
	assert_string_equal(back->tasks[1].node, "n2");
	assert_true(back->tasks[2].lost);
	assert_string_equal(back->tasks[2].why, "cut ?");
	assert_int_equal(back->tasks[3].boot, 2);
	campaign_free(back);
	campaign_free(c);
}

static void one_of_the_first_version_is_read(void **state)
{
	struct campaign *c;

	(void)state;
	put("campaign.json", "{\"schema\": \"bpftoll-campaign/1\", \"id\": \"0\", \"slurm\": true, "
			     "\"boots\": 1, \"repeat\": 1, \"argv\": [\"run\"], \"tasks\": "
			     "[{\"node\": \"n1\", \"boot\": 1, \"run\": 1, \"job\": \"3_1\"}]}");
	assert_int_equal(campaign_read(base, &c, &why), 0);
	assert_true(c->slurm && !c->stream);
	campaign_free(c);
}

static void damaged_ones_are_refused(void **state)
{
#define HEAD "{\"schema\": \"bpftoll-campaign/1\", \"id\": \"0\", \"slurm\": true, \"boots\": 1, "
#define REST "\"repeat\": 1, \"argv\": [\"run\"], \"tasks\": "
	static const char *const texts[] = {
		"",
		"[]",
		"null",
		HEAD REST "[]",
		"{\"schema\": \"other\", \"id\": \"0\", \"slurm\": true, \"boots\": 1, " REST "[]}",
		HEAD "\"repeat\": 1, \"argv\": [], \"tasks\": []}",
		HEAD "\"repeat\": 1, \"argv\": [1], \"tasks\": []}",
		HEAD "\"repeat\": \"1\", \"argv\": [\"run\"], \"tasks\": []}",
		HEAD REST "{}}",
		HEAD REST "[1]}",
		HEAD REST "[{\"node\": \"../n\", \"boot\": 1, \"run\": 1}]}",
		HEAD REST "[{\"node\": \"\", \"boot\": 1, \"run\": 1}]}",
		HEAD REST "[{\"node\": \"-n\", \"boot\": 1, \"run\": 1}]}",
		HEAD REST "[{\"node\": \"n\", \"boot\": 0, \"run\": 1}]}",
		HEAD REST "[{\"node\": \"n\", \"boot\": 1, \"run\": -1}]}",
		HEAD REST "[{\"node\": \"n\", \"boot\": 1, \"run\": 1, \"job\": "
			  "\"0123456789012345678901234567890123456789\"}]}",
		HEAD REST "[{\"node\": \"n\", \"boot\": 1, \"run\": 1, \"job\": \"../j\"}]}",
		/* each boot before a task's is looked for */
		HEAD REST "[{\"node\": \"n\", \"boot\": 2147483647, \"run\": 1}]}",
		HEAD REST "[{\"node\": \"n\", \"boot\": 1, \"run\": 2}]}",
		HEAD "\"repeat\": 0, \"argv\": [\"run\"], \"tasks\": []}",
		HEAD "\"repeat\": 2147483647, \"argv\": [\"run\"], \"tasks\": []}",
		/* the id is a word of what other machines' shells get */
		"{\"schema\": \"bpftoll-campaign/1\", \"id\": \"0; reboot\", \"slurm\": false, "
		"\"boots\": 1, " REST "[]}",
		"{\"schema\": \"bpftoll-campaign/1\", \"id\": \"\", \"slurm\": false, "
		"\"boots\": 1, " REST "[]}",
	};
	struct campaign *c;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		put("campaign.json", texts[i]);
		assert_int_equal(campaign_read(base, &c, &why), -EINVAL);
		assert_null(c);
		assert_non_null(strstr(why.text, "campaign.json: "));
	}
}

/* Cut at any byte it is refused; nothing else is to be shown of it. */
static void cut_ones_are_refused(void **state)
{
	struct campaign *c = campaign(), *back;
	struct file_bytes whole;
	char path[5000];

	(void)state;
	assert_int_equal(campaign_write(c, &why), 0);
	snprintf(path, sizeof(path), "%s/campaign.json", base);
	assert_int_equal(file_read(path, 0, &whole), 0);
	for (size_t len = strlen((char *)whole.at); len-- > 1;) {
		whole.at[len] = '\0';
		put("campaign.json", (char *)whole.at);
		assert_int_equal(campaign_read(base, &back, &why), -EINVAL);
	}
	free(whole.at);
	campaign_free(c);
}

static void one_process_drives_it(void **state)
{
	struct campaign *c = campaign(), *other = campaign();

	(void)state;
	assert_int_equal(campaign_lock(c, &why), 0);
	assert_int_equal(campaign_lock(other, &why), -EBUSY);
	campaign_free(c);
	assert_int_equal(campaign_lock(other, &why), 0);
	campaign_free(other);
}

static void what_the_files_of_a_task_say(void **state)
{
	static const struct {
		const char *ended;
		enum task_state state;
		const char *why;
	} rows[] = {
		{"{\"code\": 0, \"why\": \"\", \"boot_id\": \"b\"}", TASK_DONE, ""},
		{"{\"code\": 2, \"why\": \"no hook\", \"boot_id\": \"b\"}", TASK_FAILED,
		 "exit 2: no hook"},
		{"{\"code\": 0}", TASK_FAILED, "its file run-1.ended is damaged"},
		{"{\"code\": \"0\", \"why\": \"\"}", TASK_FAILED,
		 "its file run-1.ended is damaged"},
		{"{\"code\": 0, ", TASK_WAITING, ""},
		{"", TASK_WAITING, ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct task task = {.node = "n1", .boot = 1, .run = 1};

		put("n1/boot-1/run-1.ended", rows[i].ended);
		task_look(base, &task);
		assert_int_equal(task.state, rows[i].state);
		assert_string_equal(task.why, rows[i].why);
	}
}

static void a_second_boot_that_was_none_is_a_gap(void **state)
{
	struct task task = {.node = "n1", .boot = 2, .run = 1};

	(void)state;
	put("n1/boot-1/run-1.ended", "{\"code\": 0, \"why\": \"\", \"boot_id\": \"same\"}");
	put("n1/boot-2/run-1.ended", "{\"code\": 0, \"why\": \"\", \"boot_id\": \"same\"}");
	task_look(base, &task);
	assert_int_equal(task.state, TASK_FAILED);
	assert_non_null(strstr(task.why, "the same boot"));
	put("n1/boot-2/run-1.ended", "{\"code\": 0, \"why\": \"\", \"boot_id\": \"next\"}");
	task_look(base, &task);
	assert_int_equal(task.state, TASK_DONE);
}

static void each_missing_run_is_told(void **state)
{
	struct campaign *c = campaign();
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	assert_non_null(out);
	for (size_t i = 0; i < c->n_tasks; i++)
		c->tasks[i].state = TASK_QUEUED;
	c->tasks[0].state = TASK_FAILED;
	snprintf(c->tasks[0].why, sizeof(c->tasks[0].why), "exit 1: \x1b[31mred");
	c->tasks[1].state = TASK_LOST;
	snprintf(c->tasks[1].why, sizeof(c->tasks[1].why), "the machine failed");
	c->tasks[2].state = TASK_DONE; /* and no record is there */
	snprintf(c->tasks[3].why, sizeof(c->tasks[3].why), "ReqNodeNotAvail");
	snprintf(c->tasks[4].why, sizeof(c->tasks[4].why), "Resources");
	assert_int_equal(summary_print(out, c), 3);
	fclose(out);
	assert_non_null(strstr(text, "6: done 0, running 0, queued 3, failed 2, lost 1"));
	assert_non_null(strstr(text, "n1 boot 1 run 1 failed: exit 1: \\x1b[31mred"));
	assert_non_null(strstr(text, "n2 boot 1 run 1 lost: the machine failed"));
	assert_non_null(strstr(text, "n3 boot 1 run 1 failed: "));
	assert_non_null(strstr(text, "no record is there"));
	assert_non_null(strstr(text, "n1 boot 2 run 1: ReqNodeNotAvail"));
	assert_null(strstr(text, "Resources"));
	free(text);
	campaign_free(c);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(it_comes_back_as_it_was),
		TEST(one_of_the_first_version_is_read),
		TEST(damaged_ones_are_refused),
		TEST(cut_ones_are_refused),
		TEST(one_process_drives_it),
		TEST(what_the_files_of_a_task_say),
		TEST(a_second_boot_that_was_none_is_a_gap),
		TEST(each_missing_run_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
