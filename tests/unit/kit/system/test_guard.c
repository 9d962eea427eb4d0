/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/error.h"
#include "kit/system/guard.h"
#include "kit/system/tasks.h"

static const struct process_io quiet = {.out_fd = -1, .err_fd = -1};

static void test_ends_by_itself(void **state)
{
	char *argv[] = {"sh", "-c", "exit 7", NULL};
	struct error why = {0};
	struct guard *guard = NULL;
	struct guard_end end;

	(void)state;
	assert_int_equal(guard_start(argv, &quiet, &guard, &why), 0);
	assert_int_equal(guard_wait(guard, 60), 0);
	assert_true(guard_ended(guard, &end));
	assert_true(WIFEXITED(end.status));
	assert_int_equal(WEXITSTATUS(end.status), 7);
	assert_true(end.end > end.start);
	guard_stop(guard, SIGTERM, 1);
}

static void test_not_installed(void **state)
{
	char *argv[] = {"no-such-program-here", NULL};
	struct error why = {0};
	struct guard *guard = NULL;

	(void)state;
	assert_int_equal(guard_start(argv, &quiet, &guard, &why), -ENOENT);
	assert_null(guard);
	assert_non_null(strstr(why.text, "not installed"));
}

/*
 * A descendant that left its session and lost its parent ends as well; until then it holds the
 * other end of the pipe open.
 */
static void test_stop_ends_descendants(void **state)
{
	char *argv[] = {"sh", "-c", "setsid sh -c 'sleep 1000 & sleep 1000' & echo started; wait",
			NULL};
	struct process_io io = quiet;
	struct guard *guard = NULL;
	char text[16] = "";
	struct error why = {0};
	int out[2];

	(void)state;
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	io.out_fd = out[1];
	assert_int_equal(guard_start(argv, &io, &guard, &why), 0);
	close(out[1]);
	assert_true(read(out[0], text, sizeof(text)) > 0);
	assert_string_equal(text, "started\n");
	assert_false(guard_ended(guard, NULL));
	guard_stop(guard, 0, 0);
	/* the last writer has ended */
	assert_int_equal(read(out[0], text, sizeof(text)), 0);
	close(out[0]);
}

static void test_folder(void **state)
{
	char path[256] = "", file[300];
	struct error why = {0};
	struct guard *guard = NULL, *inner_guard = NULL;
	char inner[300] = "";
	struct stat st;
	int fd;

	(void)state;
	assert_int_equal(guard_folder(NULL, path, sizeof(path), &guard, &why), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	snprintf(file, sizeof(file), "%s/file", path);
	fd = open(file, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(guard_folder_in(path, inner, sizeof(inner), &inner_guard, &why), 0);
	assert_memory_equal(inner, path, strlen(path));
	assert_int_equal(stat(inner, &st), 0);
	guard_stop(inner_guard, 0, 0);
	assert_int_equal(stat(inner, &st), -1);
	assert_int_equal(guard_folder_in(file, inner, sizeof(inner), &inner_guard, &why), -ENOTDIR);
	guard_stop(guard, 0, 0);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(errno, ENOENT);
}

static pid_t only_child(void)
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;
	pid_t found = 0;

	assert_non_null(proc);
	while ((entry = readdir(proc))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0 && task_parent(pid) == getpid())
			found = pid;
	}
	closedir(proc);
	return found;
}

/* A keeper that is killed cannot remove it: whoever stops it does. */
static void test_folder_of_a_killed_keeper(void **state)
{
	struct error why = {0};
	struct guard *guard = NULL;
	char path[256] = "", inner[300];
	struct stat st;
	pid_t keeper;

	(void)state;
	assert_int_equal(guard_folder(NULL, path, sizeof(path), &guard, &why), 0);
	snprintf(inner, sizeof(inner), "%s/inner", path);
	assert_int_equal(mkdir(inner, 0700), 0);
	keeper = only_child();
	assert_true(keeper > 0);
	assert_int_equal(kill(keeper, SIGKILL), 0);
	guard_stop(guard, 0, 0);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(errno, ENOENT);
}

/* Of another user: his, and gone by his rights; one that he cannot come to is refused. */
static void test_folder_of_another(void **state)
{
	const struct unprivileged user = {.uid = 1234, .gid = 1235};
	char closed[] = "/tmp/bpftoll-test-XXXXXX", path[256] = "", inner[300], kept[64];
	const char *before = getenv("TMPDIR");
	struct error why = {0};
	struct guard *guard = NULL;
	struct stat st;

	(void)state;
	if (geteuid())
		skip();
	assert_non_null(mkdtemp(closed));
	snprintf(kept, sizeof(kept), "%s/kept", closed);
	close(open(kept, O_WRONLY | O_CREAT, 0600));
	setenv("TMPDIR", closed, 1);
	assert_int_equal(guard_folder(&user, path, sizeof(path), &guard, &why), -EACCES);
	assert_null(guard);
	assert_non_null(strstr(why.text, "TMPDIR"));
	/* may be passed through, but not written in: what is his goes, and then the folder */
	assert_int_equal(chmod(closed, 0711), 0);
	assert_int_equal(guard_folder(&user, path, sizeof(path), &guard, &why), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_uid, 1234);
	assert_int_equal(st.st_gid, 1235);
	assert_int_equal(st.st_mode & 07777, 0700);
	snprintf(inner, sizeof(inner), "%s/link", path);
	assert_int_equal(symlink(closed, inner), 0);
	guard_stop(guard, 0, 0);
	assert_int_equal(stat(path, &st), -1);
	assert_int_equal(stat(kept, &st), 0);
	unlink(kept);
	assert_int_equal(rmdir(closed), 0);
	if (before)
		setenv("TMPDIR", before, 1);
	else
		unsetenv("TMPDIR");
}

/*
 * In a child that is killed: a folder and a program. The child's pipe closes when the last of them
 * has ended.
 */
static void owner(int report, int held)
{
	char *argv[] = {"sh", "-c",
			"trap 'test -d \"$PWD\" && echo bye; exit' INT; setsid sleep 1000 &"
			"echo here; wait",
			NULL};
	struct error why;
	struct process_io io = quiet;
	struct guard *folder, *program;
	char path[256] = "";

	/* a test in the background of a script ignores it, and sh then cannot heed it */
	signal(SIGINT, SIG_DFL);
	io.out_fd = held;
	if (guard_folder(NULL, path, sizeof(path), &folder, &why) ||
	    (io.dir = path, guard_start(argv, &io, &program, &why)))
		_exit(1);
	close(held);
	if (write(report, path, sizeof(path)) < 0)
		_exit(1);
	for (;;)
		pause();
}

static void test_owner_killed(void **state)
{
	int report[2], held[2];
	char path[256], text[16];
	struct stat st;
	pid_t pid;

	(void)state;
	/*
	 * the keepers of a killed owner become this process's children; waiting for them makes sure
	 * that they are done
	 */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	assert_int_equal(pipe2(held, O_CLOEXEC), 0);
	pid = fork();
	if (!pid)
		owner(report[1], held[1]);
	close(report[1]);
	close(held[1]);
	assert_int_equal(read(report[0], path, sizeof(path)), sizeof(path));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(read(held[0], text, 5), 5); /* its trap is set */
	kill(pid, SIGKILL);
	while (waitpid(-1, NULL, 0) > 0)
		;
	/* it ended in order, with its folder still there */
	assert_int_equal(read(held[0], text, sizeof(text)), 4);
	assert_memory_equal(text, "bye\n", 4);
	assert_int_equal(read(held[0], text, 1), 0);
	assert_int_equal(stat(path, &st), -1);
	close(report[0]);
	close(held[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends_by_itself),
		cmocka_unit_test(test_not_installed),
		cmocka_unit_test(test_stop_ends_descendants),
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_folder_of_a_killed_keeper),
		cmocka_unit_test(test_folder_of_another),
		cmocka_unit_test(test_owner_killed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
