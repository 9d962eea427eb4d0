/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * asked: asks libpfm4 about the model of another CPU. libpfm4 reads LIBPFM_FORCE_PMU once, when it
 * starts, and 4.13 does not survive a second start after pfm_terminate(), so each question gets a
 * process of its own.
 *
 * The test defines struct answer and includes cmocka.h first; the child fills *answer.
 */
#ifndef BPFTOLL_TESTS_UNIT_CALIB_ASKED_H
#define BPFTOLL_TESTS_UNIT_CALIB_ASKED_H

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static struct answer *answer;

/* model NULL: this machine's own PMUs. `fill` runs in the child. */
static inline void ask_model(const char *model, void (*fill)(const char *what), const char *what)
{
	int status = 0;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		if (model)
			setenv("LIBPFM_FORCE_PMU", model, 1);
		else
			unsetenv("LIBPFM_FORCE_PMU");
		memset(answer, 0, sizeof(*answer));
		fill(what);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		fail_msg("asking for %s of %s ended with status %#x", what,
			 model ? model : "this machine", status);
}

static int share_answer(void **state)
{
	(void)state;
	answer = mmap(NULL, sizeof(*answer), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	return answer == MAP_FAILED ? -1 : 0;
}

static int drop_answer(void **state)
{
	(void)state;
	return munmap(answer, sizeof(*answer));
}

#endif
