/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/cmd/cli.h"
#include "kit/system/process.h"

#define LIMIT_S 60

static struct error why;

static void what_it_says_comes_back(void **state)
{
	char *argv[] = {(char[]){"echo"}, (char[]){"said"}, NULL}, *out = NULL;

	(void)state;
	assert_int_equal(process_run(argv, NULL, &out, &why), 0);
	assert_string_equal(out, "said\n");
	free(out);
}

static void a_program_that_is_not_there(void **state)
{
	char *argv[] = {(char[]){"no-such-program"}, NULL};

	(void)state;
	assert_int_equal(process_run(argv, NULL, NULL, &why), -ENOENT);
}

/* The signal came after the last look at stop and before the wait: no system call returns EINTR. */
static void stopped_before_the_wait(void **state)
{
	char *argv[] = {(char[]){"sleep"}, (char[]){"1000"}, NULL};

	(void)state;
	alarm(LIMIT_S);
	cli_stop = 1;
	assert_int_equal(process_run(argv, NULL, NULL, &why), -EINTR);
	cli_stop = 0;
	alarm(0);
}

/* A program with a user: his rights alone, and nothing of our environment. */
static void as_somebody_else(void **state)
{
	char *argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"},
			(char[]){"id -u; id -G; grep -c 'NoNewPrivs:.1' /proc/self/status;"
				 "echo \"$PATH $HOME $OURS\""},
			NULL};
	struct unprivileged user = {.uid = 0};
	struct process_io io = {.out_fd = memfd_create("out", 0), .err_fd = -1, .user = &user};
	char said[128] = "";
	pid_t pid;

	(void)state;
	if (geteuid())
		skip();
	setenv("SUDO_UID", "1234", 1);
	setenv("SUDO_GID", "1235", 1);
	setenv("PATH", "/sbin:/usr/bin:/bin", 1);
	setenv("OURS", "ours", 1);
	assert_int_equal(unprivileged_find(&user), 0);
	unsetenv("SUDO_UID");
	unsetenv("SUDO_GID");
	assert_int_equal(process_start(argv, &io, &pid, &why), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(pread(io.out_fd, said, sizeof(said) - 1, 0) > 0);
	assert_string_equal(said, "1234\n1235\n1\n/usr/bin:/bin /nonexistent \n");
	close(io.out_fd);
}

/* What a program shares in memory and does not remove is gone with it, and ours is not there. */
static void its_shared_memory_ends_with_it(void **state)
{
	char *argv[] = {(char[]){"/bin/sh"}, (char[]){"-c"},
			(char[]){"ls /dev/shm && ipcmk -M 4096 >/dev/null && >/dev/shm/theirs-$$ &&"
				 "ipcs -m | grep -c 4096 && ls /dev/shm | grep -c theirs"},
			NULL};
	struct process_io io = {.out_fd = memfd_create("out", 0), .err_fd = -1, .own_shm = true};
	char said[128] = "", own[64], theirs[64];
	int segment, status;
	pid_t pid;

	(void)state;
	if (geteuid() || prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN) != 1 ||
	    access("/usr/bin/ipcmk", X_OK))
		skip();
	snprintf(own, sizeof(own), "/dev/shm/bpftoll-test-%d", getpid());
	close(open(own, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
	segment = shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600);
	assert_int_equal(process_start(argv, &io, &pid, &why), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_true(pread(io.out_fd, said, sizeof(said) - 1, 0) > 0);
	assert_string_equal(said, "1\n1\n");
	snprintf(theirs, sizeof(theirs), "/dev/shm/theirs-%d", pid);
	assert_int_equal(access(theirs, F_OK), -1);
	shmctl(segment, IPC_RMID, NULL);
	unlink(own);
	close(io.out_fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says_comes_back),
		cmocka_unit_test(a_program_that_is_not_there),
		cmocka_unit_test(stopped_before_the_wait),
		cmocka_unit_test(as_somebody_else),
		cmocka_unit_test(its_shared_memory_ends_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
