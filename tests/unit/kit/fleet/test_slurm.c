/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What Slurm's commands print, to states and reasons. The commands are scripts here that print what
 * a test says, damaged text among it; test_fleet.sh has the real ones.
 */
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
#include "kit/fleet/slurm.h"
#include "kit/system/file.h"
#include "kit/system/scratch.h"

static char base[4096];
static struct error why;

/* From now on this command prints this, and exits with this code (words on stderr then). */
static void command(const char *name, const char *text, int code)
{
	char path[5000], script[10000];

	snprintf(path, sizeof(path), "%s/%s.text", base, name);
	remove(path);
	assert_int_equal(file_create(path, text, strlen(text)), 0);
	snprintf(script, sizeof(script), "#!/bin/sh\ncat '%s'%s\nexit %d\n", path,
		 code ? " >&2" : "", code);
	snprintf(path, sizeof(path), "%s/%s", base, name);
	remove(path);
	assert_int_equal(file_create(path, script, strlen(script)), 0);
	assert_int_equal(chmod(path, 0755), 0);
}

static int set_up(void **state)
{
	char path[8192];

	(void)state;
	if (scratch_make(NULL, base, sizeof(base), &why))
		return -1;
	snprintf(path, sizeof(path), "%s:%s", base, "/usr/bin:/bin");
	return setenv("PATH", path, 1);
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(base);
	return 0;
}

/* Two machines, two runs each; none is submitted. */
static struct campaign *campaign(void)
{
	const char *nodes[] = {"n1", "n2"};
	char *argv[] = {(char[]){"run"}};
	struct campaign *made = campaign_new(nodes, 2, 1, 2, argv, 1);

	assert_non_null(made);
	made->slurm = true;
	snprintf(made->dir, sizeof(made->dir), "%.2000s", base);
	return made;
}

static void jobs_get_the_states_that_squeue_says(void **state)
{
	struct campaign *c = campaign();

	(void)state;
	command("squeue",
		"7|1|PENDING|Resources|n1/1\n7|2|RUNNING|None|n1/1\n"
		"8|1|NODE_FAIL|None|n2/1\n8|2|TIMEOUT|TimeLimit|n2/1\n",
		0);
	snprintf(c->tasks[2].job, sizeof(c->tasks[2].job), "8_1");
	snprintf(c->tasks[3].job, sizeof(c->tasks[3].job), "8_2");
	assert_int_equal(slurm_look(c, &why), 0);
	/* a job whose number was not kept is found by its comment */
	assert_string_equal(c->tasks[0].job, "7_1");
	assert_int_equal(c->tasks[0].state, TASK_QUEUED);
	assert_string_equal(c->tasks[0].why, "Resources");
	assert_int_equal(c->tasks[1].state, TASK_RUNNING);
	assert_int_equal(c->tasks[2].state, TASK_LOST);
	assert_string_equal(c->tasks[2].why, "the machine failed (Slurm: NODE_FAIL)");
	assert_int_equal(c->tasks[3].state, TASK_LOST);
	assert_string_equal(c->tasks[3].why, "the job's time limit (Slurm: TIMEOUT, TimeLimit)");
	campaign_free(c);
}

static void a_job_of_another_number_is_not_ours(void **state)
{
	struct campaign *c = campaign();

	(void)state;
	command("squeue", "7|1|NODE_FAIL|None|n1/1\n9|1|RUNNING|None|n1/1\n", 0);
	snprintf(c->tasks[0].job, sizeof(c->tasks[0].job), "9_1");
	assert_int_equal(slurm_look(c, &why), 0);
	assert_string_equal(c->tasks[0].job, "9_1");
	assert_int_equal(c->tasks[0].state, TASK_RUNNING);
	campaign_free(c);
}

static void damaged_lines_change_nothing(void **state)
{
	static const char *const lines[] = {
		"",
		"\n\n\n",
		"|||||||\n",
		"7|1|RUNNING|None\n",
		"7|1|RUNNING|None|n9/1\n",
		"7|1|RUNNING|None|n1/2\n",
		"7|99999999999999999999|RUNNING|None|n1/1\n",
		"7|N/A|RUNNING|None|n1/1\n",
		"7|-1|RUNNING|None|n1/1\n",
		"7|1|RUNN",
		"\xff\xfe|\x01|\x1b[31m|%s%n|n1/1\n",
		"slurm_load_jobs error: Unable\n",
	};
	struct campaign *c = campaign();
	char *longest = malloc(100001);

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		command("squeue", lines[i], 0);
		assert_int_equal(slurm_look(c, &why), 0);
		for (size_t t = 0; t < c->n_tasks; t++) {
			assert_string_equal(c->tasks[t].job, "");
			assert_int_equal(c->tasks[t].state, TASK_WAITING);
		}
	}
	memset(longest, '7', 100000);
	longest[100000] = '\0';
	memcpy(longest + 50000, "|1|RUNNING|", 11);
	command("squeue", longest, 0);
	assert_int_equal(slurm_look(c, &why), 0);
	assert_string_equal(c->tasks[0].job, "");
	free(longest);
	campaign_free(c);
}

static void a_silent_controller_changes_nothing(void **state)
{
	struct campaign *c = campaign();

	(void)state;
	command("squeue", "slurm_load_jobs error: Unable to contact slurm controller\n", 1);
	snprintf(c->tasks[0].job, sizeof(c->tasks[0].job), "7_1");
	c->tasks[0].state = TASK_RUNNING;
	assert_int_equal(slurm_look(c, &why), -EAGAIN);
	assert_int_equal(c->tasks[0].state, TASK_RUNNING);
	campaign_free(c);
}

static void a_job_that_is_forgotten_is_waited_for_first(void **state)
{
	struct campaign *c = campaign();

	(void)state;
	command("squeue", "", 0);
	snprintf(c->tasks[0].job, sizeof(c->tasks[0].job), "7_1");
	assert_int_equal(slurm_look(c, &why), 0);
	/* its files may be on their way through a shared folder */
	assert_int_equal(c->tasks[0].state, TASK_RUNNING);
	c->tasks[0].late -= 61;
	assert_int_equal(slurm_look(c, &why), 0);
	assert_int_equal(c->tasks[0].state, TASK_LOST);
	assert_non_null(strstr(c->tasks[0].why, "no longer knows its job 7_1"));
	campaign_free(c);
}

static void what_is_wrong_with_a_machine(void **state)
{
	static const char *const rows[][2] = {
		{"idle|none\n", ""},
		{"allocated|none\n", ""},
		{"mixed|none\n", ""},
		{"down*|Not responding\n", "down: Not responding"},
		{"idle*|none\n", "idle: it does not respond"},
		{"drained|fan broken\n", "drained: fan broken"},
		{"draining|none\n", "draining: no reason given"},
		{"drained\n", "drained: no reason given"},
		{"", ""},
		{"|\n", ""},
		{"\xff\xff\xff\n", ""},
	};
	char words[64];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		command("sinfo", rows[i][0], 0);
		slurm_trouble("n1", words, sizeof(words));
		assert_string_equal(words, rows[i][1]);
	}
	command("sinfo", "error\n", 1);
	slurm_trouble("n1", words, sizeof(words));
	assert_string_equal(words, "");
}

static void free_names(char **names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		free(names[i]);
	free(names);
}

static void machines_of_a_partition(void **state)
{
	char **names;
	size_t n;

	(void)state;
	command("sinfo", "n1|lab*\nn1|big\nn2|lab*\nno bar\nn3|big\n", 0);
	assert_int_equal(slurm_machines(NULL, NULL, &names, &n, &why), 0);
	assert_int_equal(n, 2);
	assert_string_equal(names[1], "n2");
	free_names(names, n);
	assert_int_equal(slurm_machines(NULL, "big", &names, &n, &why), 0);
	assert_int_equal(n, 2);
	assert_string_equal(names[1], "n3");
	free_names(names, n);
	assert_int_equal(slurm_machines(NULL, "none", &names, &n, &why), -ENOENT);
	free_names(names, n);
	/* a name is part of file names */
	command("sinfo", "../../etc|lab*\n", 0);
	assert_int_equal(slurm_machines(NULL, NULL, &names, &n, &why), -EINVAL);
	free_names(names, n);
}

static void machines_of_a_list_are_known_to_slurm(void **state)
{
	char **names;
	size_t n;

	(void)state;
	command("sinfo", "n1|lab*\nn11|lab*\n", 0);
	command("scontrol", "n11\nn1\nn11\n", 0);
	assert_int_equal(slurm_machines("n[1,11]", NULL, &names, &n, &why), 0);
	assert_int_equal(n, 2);
	free_names(names, n);
	command("scontrol", "n\n", 0);
	assert_int_equal(slurm_machines("n", NULL, &names, &n, &why), -ENOENT);
	assert_non_null(strstr(why.text, "no machine 'n'"));
	free_names(names, n);
}

static void submitted(const char *answer, int code, int expected, const char *job)
{
	struct campaign *c = campaign();

	command("sbatch", answer, code);
	assert_int_equal(slurm_submit(c, "n1", 1, &why), expected);
	assert_string_equal(c->tasks[0].job, job);
	assert_string_equal(c->tasks[2].job, "");
	campaign_free(c);
}

static void the_number_that_sbatch_answers(void **state)
{
	(void)state;
	submitted("123\n", 0, 0, "123_1");
	submitted("123;cluster\n", 0, 0, "123_1");
	submitted("Submitted batch job 123\n", 0, -EIO, "");
	submitted("", 0, -EIO, "");
	submitted("12345678901234567890\n", 0, -EIO, "");
	submitted("sbatch: error: Batch job submission failed: Unable to contact slurm\n", 1,
		  -EAGAIN, "");
	submitted("sbatch: error: invalid partition\n", 1, -EIO, "");
	assert_non_null(strstr(why.text, "invalid partition"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(jobs_get_the_states_that_squeue_says),
		TEST(a_job_of_another_number_is_not_ours),
		TEST(damaged_lines_change_nothing),
		TEST(a_silent_controller_changes_nothing),
		TEST(a_job_that_is_forgotten_is_waited_for_first),
		TEST(what_is_wrong_with_a_machine),
		TEST(machines_of_a_partition),
		TEST(machines_of_a_list_are_known_to_slurm),
		TEST(the_number_that_sbatch_answers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
