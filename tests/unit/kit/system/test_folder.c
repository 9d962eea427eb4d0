/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kit/system/folder.h"
#include "kit/system/scratch.h"

static char base[256];

static int set_up(void **state)
{
	struct error why;

	(void)state;
	umask(022);
	return scratch_make(NULL, base, sizeof(base), &why) || chdir(base);
}

static int tear_down(void **state)
{
	(void)state;
	scratch_remove(base);
	return 0;
}

static void touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	close(fd);
}

static void parents_are_made(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(folder_make("a/b/c", 0755), 0);
	assert_int_equal(folder_make("a/b/c", 0755), 0);
	assert_int_equal(folder_make("a//b/./d/", 0755), 0);
	assert_int_equal(stat("a/b", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat("a/b/d", &st), 0);
	assert_int_equal(folder_make("private", 0700), 0);
	assert_int_equal(stat("private", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void the_umask_takes_its_part(void **state)
{
	mode_t before = umask(077);
	struct stat st;

	(void)state;
	assert_int_equal(folder_make("closed/inner", 0755), 0);
	umask(before);
	assert_int_equal(stat("closed/inner", &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
}

static void what_is_no_folder_is_said(void **state)
{
	char name[5000];

	(void)state;
	touch("file");
	assert_int_equal(folder_make("file", 0755), -ENOTDIR);
	assert_int_equal(folder_make("file/below", 0755), -ENOTDIR);
	assert_int_equal(symlink("nowhere", "dangling"), 0);
	assert_int_equal(folder_make("dangling/x", 0755), -ENOTDIR);
	assert_int_equal(access("nowhere", F_OK), -1);
	assert_int_equal(folder_make("", 0755), -ENOENT);
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(folder_make(name, 0755), -ENAMETOOLONG);
}

static void a_link_to_a_folder_is_one(void **state)
{
	struct stat st;

	(void)state;
	assert_int_equal(folder_make("real", 0755), 0);
	assert_int_equal(symlink("real", "link"), 0);
	assert_int_equal(folder_make("link/x/y", 0755), 0);
	assert_int_equal(stat("real/x/y", &st), 0);
}

static void one_record_a_folder(void **state)
{
	char dir[512];
	struct error why = {0};

	(void)state;
	assert_int_equal(folder_for_record("r/one", dir, sizeof(dir), &why), 0);
	assert_string_equal(dir, "r/one");
	/* there is no record in it yet */
	assert_int_equal(folder_for_record("r/one", dir, sizeof(dir), &why), 0);
	touch("r/one/record.json");
	assert_int_equal(folder_for_record("r/one", dir, sizeof(dir), &why), -EEXIST);
	assert_non_null(strstr(why.text, "r/one: there is a record already"));
	touch("r/file");
	assert_int_equal(folder_for_record("r/file/x", dir, sizeof(dir), &why), -ENOTDIR);
	assert_non_null(strstr(why.text, "r/file/x: Not a directory"));
}

static void runs_never_share_a_folder(void **state)
{
	char one[512], two[512];
	struct error why = {0};

	(void)state;
	assert_int_equal(folder_make_run("", one, sizeof(one), &why), 0);
	assert_int_equal(folder_for_record(NULL, two, sizeof(two), &why), 0);
	assert_string_not_equal(one, two);
	assert_int_equal(strncmp(one, "reports/runs/2", 14), 0);
	assert_int_equal(access(one, W_OK), 0);
	assert_int_equal(access(two, W_OK), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parents_are_made),
		cmocka_unit_test(the_umask_takes_its_part),
		cmocka_unit_test(what_is_no_folder_is_said),
		cmocka_unit_test(a_link_to_a_folder_is_one),
		cmocka_unit_test(one_record_a_folder),
		cmocka_unit_test(runs_never_share_a_folder),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
