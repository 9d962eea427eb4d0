/* SPDX-License-Identifier: GPL-3.0-or-later */
/* worker_run executes its own binary anew: this one, whose main is then the worker. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "kit/probes/worker.h"

static const int terminal[] = {SIGINT, SIGTERM, SIGHUP};

static void be_worker(int fd)
{
	struct worker_page *page;

	if (worker_page_map(fd, &page))
		_exit(EXIT_FAILURE);
	page->err = 0;
	for (size_t i = 0; i < sizeof(terminal) / sizeof(terminal[0]); i++) {
		struct sigaction action;

		sigaction(terminal[i], NULL, &action);
		if (action.sa_handler != SIG_IGN) {
			page->err = -EPROTO;
			error_say(&page->why, "%s is not ignored", strsignal(terminal[i]));
		}
	}
	_exit(EXIT_SUCCESS);
}

/* ^C reaches the whole process group at any moment, and the parent alone decides what it means. */
static void a_worker_begins_with_the_terminals_signals_ignored(void **state)
{
	static volatile sig_atomic_t stop;
	const struct worker_watch watch = {&stop, NULL, NULL};
	struct plan_options options = {
		.suite = "quick",
		.variants = {{"raw_tp_empty"}, 1},
		.workloads = {{"munmap_einval"}, 1},
	};
	struct worker_page *page;
	struct error why = {0};
	struct plan plan;
	int fd, err;

	(void)state;
	/* as main does: exec makes a handler the default action again */
	cli_catch_signals();
	assert_int_equal(plan_make(&options, &plan, &why), 0);
	assert_int_equal(worker_page_make(&plan, 0, &fd, &page), 0);
	err = worker_run(page, fd, &watch, &why);
	if (err)
		print_error("%s\n", why.text);
	assert_int_equal(err, 0);
	close(fd);
	worker_page_free(page);
	plan_free(&plan);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_begins_with_the_terminals_signals_ignored),
	};

	if (argc == 3 && !strcmp(argv[1], WORKER_COMMAND))
		be_worker(atoi(argv[2]));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
