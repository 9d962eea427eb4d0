/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reports/user/unprivileged.h"

static void sudo(const char *uid, const char *gid)
{
	setenv("SUDO_UID", uid, 1);
	setenv("SUDO_GID", gid, 1);
}

static int known_path(void **state)
{
	(void)state;
	setenv("PATH", "/usr/bin:/bin", 1);
	return 0;
}

static int no_sudo(void **state)
{
	(void)state;
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	return 0;
}

static void the_caller_of_sudo(void **state)
{
	struct unprivileged user;

	(void)state;
	if (geteuid())
		skip();
	sudo("1234", "1235");
	assert_int_equal(unprivileged_find(&user), 0);
	assert_int_equal(user.uid, 1234);
	assert_int_equal(user.gid, 1235);
}

/* What sudo does not set names nobody, above all not root. */
static void else_nobody(void **state)
{
	static const char *const wrong[][2] = {
		{"0", "0"},    {"1000", "0"},	     {"0", "1000"},
		{"", ""},      {"-1", "-1"},	     {"4294967295", "4294967295"},
		{"1x", "1x"},  {" 1000", "1000"},    {"4294967296", "4294967296"},
		{"root", "0"}, {"0x3e8", "00000x1"},
	};
	const struct passwd *nobody = getpwnam("nobody");
	struct unprivileged user;

	(void)state;
	if (geteuid() || !nobody)
		skip();
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		sudo(wrong[i][0], wrong[i][1]);
		assert_int_equal(unprivileged_find(&user), 0);
		assert_int_equal(user.uid, nobody->pw_uid);
		assert_int_equal(user.gid, nobody->pw_gid);
	}
}

static void nothing_changes_where_we_are_not_root(void **state)
{
	struct unprivileged user;

	(void)state;
	if (!geteuid())
		skip();
	sudo("1234", "1235");
	assert_int_equal(unprivileged_find(&user), 0);
	assert_int_equal(user.uid, 0);
	assert_ptr_equal(unprivileged_environment(&user), environ);
}

static void a_program_in_a_list(void **state)
{
	char path[64];

	(void)state;
	assert_int_equal(program_search("/nonexistent::/usr/bin:/bin", "env", path, 64), 0);
	assert_string_equal(path, "/usr/bin/env");
	assert_int_equal(program_search("/nonexistent", "env", path, 64), -ENOENT);
	assert_int_equal(program_search("", "env", path, 64), -ENOENT);
	/* an empty part is no folder: not the working folder */
	assert_int_equal(chdir("/usr/bin"), 0);
	assert_int_equal(program_search(":", "env", path, 64), -ENOENT);
	/* a name that does not fit is not cut */
	assert_int_equal(program_search("/usr/bin", "env", path, 8), -ENOENT);
}

/* Root's own folders in PATH give no program to somebody else. */
static void the_systems_folders_alone(void **state)
{
	char folder[] = "/tmp/bpftoll-test-XXXXXX", path[128], program[64];

	(void)state;
	if (geteuid())
		skip();
	assert_non_null(mkdtemp(folder));
	strcpy(program, folder);
	strcat(program, "/theirs");
	assert_int_equal(symlink("/usr/bin/env", program), 0);
	setenv("PATH", folder, 1);
	assert_int_equal(unprivileged_program("theirs", path, sizeof(path)), -ENOENT);
	assert_int_equal(unprivileged_program("env", path, sizeof(path)), -ENOENT);
	setenv("PATH", "/usr/bin", 1);
	assert_int_equal(unprivileged_program("env", path, sizeof(path)), 0);
	assert_string_equal(path, "/usr/bin/env");
	unlink(program);
	rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(the_caller_of_sudo, no_sudo),
		cmocka_unit_test_teardown(else_nobody, no_sudo),
		cmocka_unit_test_teardown(nothing_changes_where_we_are_not_root, no_sudo),
		cmocka_unit_test(a_program_in_a_list),
		cmocka_unit_test(the_systems_folders_alone),
	};

	return cmocka_run_group_tests(tests, known_path, NULL);
}
