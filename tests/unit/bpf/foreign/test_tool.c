/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A tool is started, known by what it attached, and gone afterwards, however it behaves. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "bpf/foreign/foreign_tool.h"
#include "bpf/foreign/tool_fds.h"
#include "kit/system/mounts.h"

#define TOOL "/usr/sbin/opensnoop"

static void need_tool(void)
{
	if (access(TOOL, X_OK) || geteuid())
		skip();
}

/* 0; why has the reason otherwise; skips where the kernel lets nobody attach. */
static struct tool *started(const char *words, size_t bytes)
{
	struct error why = {""};
	struct tool *tool = NULL;

	if (tool_start(words, bytes, &tool, &why)) {
		print_message("%s\n", why.text);
		skip();
	}
	return tool;
}

static void its_programs_and_hooks_are_known(void **state)
{
	static const char words[] = TOOL;
	struct program_runs runs;
	char hooks[8][64];
	struct tool *tool;
	bool openat = false;
	size_t n;

	(void)state;
	need_tool();
	tool = started(words, sizeof(words));
	tool_hooks(tool, hooks, 8, &n);
	for (size_t i = 0; i < n; i++)
		openat = openat || !strcmp(hooks[i], "tp/syscalls/sys_enter_openat");
	assert_true(openat);
	assert_true(tool_programs(tool) >= 2);
	assert_int_equal(tool_runs(tool, &runs), 0);
	tool_stop(tool);
}

/* The one that has the programs is a child, and both ignore SIGINT. */
static void a_stubborn_family_is_gone(void **state)
{
	static const char words[] = "/bin/bash\0-c\0trap '' INT; " TOOL " & "
				    "echo $! >&2; wait; sleep 1000";
	struct tool *tool;
	struct program_runs runs;

	(void)state;
	need_tool();
	tool = started(words, sizeof(words));
	assert_int_equal(tool_runs(tool, &runs), 0);
	tool_stop(tool);
}

static void one_that_ends_says_why(void **state)
{
	static const char words[] = "/bin/sh\0-c\0echo no such probe >&2; exit 1";
	struct tool *tool;
	struct error why;

	(void)state;
	assert_int_equal(tool_start(words, sizeof(words), &tool, &why), -ECHILD);
	assert_non_null(strstr(why.text, "no such probe"));
}

#define POLLS	2000
#define EACH_US 5000

static bool all_gone(const pid_t *pids, size_t n)
{
	pid_t one;

	for (int i = 0; i < POLLS; i++) {
		size_t alive = 0;

		for (size_t k = 0; k < n; k++)
			alive += tool_tree(pids[k], &one, 1);
		if (!alive)
			return true;
		usleep(EACH_US);
	}
	return false;
}

/* Killed before the tool is even ready: it, two children of it and whoever watches. */
static void nothing_outlives_the_one_that_started_it(void **state)
{
	static const char words[] = "/bin/sh\0-c\0sleep 1000 & sleep 1000; :";
	pid_t tree[16], child = fork();
	struct tool *tool;
	struct error why;
	size_t n = 0;

	(void)state;
	if (!child) {
		tool_start(words, sizeof(words), &tool, &why);
		_exit(1);
	}
	for (int i = 0; i < POLLS && n < 5; i++) {
		usleep(EACH_US);
		n = tool_tree(child, tree, 16);
	}
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
	assert_int_equal(n, 5);
	assert_true(all_gone(tree, n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(its_programs_and_hooks_are_known),
		cmocka_unit_test(a_stubborn_family_is_gone),
		cmocka_unit_test(one_that_ends_says_why),
		cmocka_unit_test(nothing_outlives_the_one_that_started_it),
	};

	/* tools look for tracefs */
	mounts_complete();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
