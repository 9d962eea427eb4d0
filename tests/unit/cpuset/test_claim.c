/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cpuset/claim.h"

static char folder[] = "/tmp/bpftoll-claim-XXXXXX";
static volatile sig_atomic_t stopped;

static void stop(int signal)
{
	(void)signal;
	stopped = 1;
}

static int make(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int drop(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	return system(command);
}

/* Another process that has the CPU until it is killed. */
static pid_t holder(int cpu)
{
	const struct claim_wish wish = {.folder = folder, .cpus = {cpu}, .n = 1};
	int ready[2];
	char done = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (!pid) {
		struct claim claim;
		struct error why;

		done = claim_open(&wish, &claim, &why) ? 'x' : '.';
		if (write(ready[1], &done, 1) == 1)
			pause();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(read(ready[0], &done, 1), 1);
	assert_int_equal(done, '.');
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void refused_and_named(void **state)
{
	const struct claim_wish both = {.folder = folder, .cpus = {3, 1}, .n = 2};
	const struct claim_wish other = {.folder = folder, .cpus = {1}, .n = 1};
	char pid_text[32];
	struct claim claim, more;
	struct error why;
	pid_t pid = holder(3);

	(void)state;
	assert_int_equal(claim_open(&both, &claim, &why), -EBUSY);
	snprintf(pid_text, sizeof(pid_text), "process %d measures with CPU 3 (", pid);
	assert_non_null(strstr(why.text, pid_text));
	/* all or none: CPU 1 is free again */
	assert_int_equal(claim_open(&other, &more, &why), 0);
	claim_close(&more);
	end(pid);
	assert_int_equal(claim_open(&both, &claim, &why), 0);
	claim_close(&claim);
}

static void waits(void **state)
{
	const struct claim_wish wish = {.folder = folder, .cpus = {5}, .n = 1, .wait = &stopped};
	const struct sigaction action = {.sa_handler = stop};
	struct claim claim;
	struct error why;
	pid_t pid = holder(5), killer;

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	stopped = 0;
	alarm(1);
	assert_int_equal(claim_open(&wish, &claim, &why), -EINTR);
	stopped = 0;
	killer = fork();
	if (!killer) {
		kill(pid, SIGKILL);
		_exit(0);
	}
	assert_int_equal(claim_open(&wish, &claim, &why), 0);
	claim_close(&claim);
	waitpid(killer, NULL, 0);
	waitpid(pid, NULL, 0);
}

static void unsafe_places(void **state)
{
	struct claim_wish wish = {.folder = folder, .cpus = {7}, .n = 1};
	char path[64], target[64];
	struct claim claim;
	struct error why;

	(void)state;
	snprintf(path, sizeof(path), "%s/cpu7.lock", folder);
	snprintf(target, sizeof(target), "%s/target", folder);
	assert_int_equal(symlink(target, path), 0);
	assert_true(claim_open(&wish, &claim, &why) < 0);
	assert_int_equal(access(target, F_OK), -1);
	unlink(path);
	assert_int_equal(mkfifo(path, 0666), 0);
	assert_true(claim_open(&wish, &claim, &why) < 0);
	unlink(path);
	/* anybody could take a lock away there */
	assert_int_equal(chmod(folder, 0777), 0);
	assert_int_equal(claim_open(&wish, &claim, &why), -EPERM);
	assert_int_equal(chmod(folder, 0700), 0);
	assert_int_equal(claim_open(&wish, &claim, &why), 0);
	claim_close(&claim);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refused_and_named),
		cmocka_unit_test(waits),
		cmocka_unit_test(unsafe_places),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
