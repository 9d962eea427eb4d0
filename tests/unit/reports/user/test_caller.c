/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/user/caller.h"

static char folder[] = "/tmp/bpftoll-test-XXXXXX";

static int begin(void **state)
{
	(void)state;
	umask(022);
	return !mkdtemp(folder) || chdir(folder);
}

static int end(void **state)
{
	(void)state;
	unlink("file");
	unlink("theirs");
	rmdir("inner");
	return chdir("/") || rmdir(folder);
}

static void sudo(const char *uid)
{
	if (uid) {
		setenv("SUDO_UID", uid, 1);
		setenv("SUDO_GID", uid, 1);
	} else {
		unsetenv("SUDO_UID");
		unsetenv("SUDO_GID");
	}
}

static void assert_is(const char *path, uid_t uid, mode_t mode)
{
	struct stat st;

	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_uid, uid);
	assert_int_equal(st.st_gid, uid);
	assert_int_equal(st.st_mode & 07777, mode);
}

static void write_one(const char *path)
{
	FILE *file = caller_create(path);

	assert_non_null(file);
	assert_true(fputs("text", file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void what_is_new_is_his(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	sudo("1234");
	write_one("file");
	assert_is("file", 1234, 0644);
	umask(077);
	assert_int_equal(caller_mkdirat(AT_FDCWD, "inner", 0755), 0);
	umask(022);
	assert_is("inner", 1234, 0700);
	assert_int_equal(caller_mkdirat(AT_FDCWD, "inner", 0755), -EEXIST);
	assert_int_equal(caller_mkdirat(AT_FDCWD, "no/such", 0755), -ENOENT);
}

/* What was there, his or not, keeps its owner, and so does what is not root's. */
static void what_was_there_is_not(void **state)
{
	int fd;

	(void)state;
	if (geteuid())
		skip();
	sudo(NULL);
	write_one("theirs");
	assert_is("theirs", 0, 0644);
	sudo("1234");
	write_one("theirs");
	assert_is("theirs", 0, 0644);
	assert_int_equal(chown("theirs", 77, 77), 0);
	fd = open("theirs", O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	caller_own(fd);
	close(fd);
	assert_is("theirs", 77, 0644);
}

static void without_sudo_nothing_changes(void **state)
{
	struct stat st;

	(void)state;
	sudo(NULL);
	unlink("file");
	write_one("file");
	assert_int_equal(stat("file", &st), 0);
	assert_int_equal(st.st_uid, geteuid());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_new_is_his),
		cmocka_unit_test(what_was_there_is_not),
		cmocka_unit_test(without_sudo_nothing_changes),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
