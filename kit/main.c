/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <gsl/gsl_errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/commit.h"
#include "kit/cmd/options/complete.h"
#include "kit/fleet/stream_task.h"
#include "kit/fleet/task.h"
#include "kit/lab/xray/subject.h"
#include "kit/cmd/version.h"
#include "kit/probes/worker.h"
#include "reports/record/text_stream.h"

/* "bpftoll 0.2 (1a2b3c4)" */
#define VERSION "bpftoll " BPFTOLL_VERSION BPFTOLL_IN_BRACKETS

static bool is_one_of(const char *word, const char *a, const char *b, const char *c)
{
	return !strcmp(word, a) || !strcmp(word, b) || !strcmp(word, c);
}

/*
 * Runs the commands that bpftoll or a shell's completion starts, which are not for users. Returns
 * the exit code; -1: not one of them.
 */
static int run_internal(int argc, char **argv)
{
	if (!strcmp(argv[1], WORKER_COMMAND))
		return worker_main(argc - 1, argv + 1);
	if (!strcmp(argv[1], TASK_COMMAND))
		return task_main(argc - 1, argv + 1);
	if (!strcmp(argv[1], STREAM_TASK_COMMAND))
		return stream_task_main(argc - 1, argv + 1);
	if (!strcmp(argv[1], "complete")) {
		complete_words(argc - 2, argv + 2, stdout);
		return EXIT_DONE;
	}
	if (!strcmp(argv[1], SUBJECT_COMMAND) && argc == 6)
		return subject_main(argv[2], argv[3], argv[4], argv[5]);
	return -1;
}

static int run_command(const struct command *command, int argc, char **argv)
{
	char name[64];

	/* argp takes the program's name from argv[0] */
	snprintf(name, sizeof(name), "bpftoll %s", command->name);
	argv[0] = name;
	options_parse(command, argc, argv);
	return command->run();
}

/* By default GSL ends the process. Whoever asks it for memory looks at what he gets. */
static void gsl_failed(const char *reason, const char *file, int line, int code)
{
	if (code == GSL_ENOMEM) {
		out_of_memory_note();
		return;
	}
	fprintf(stderr, "gsl: %s:%d: %s\n", file, line, reason);
	abort();
}

int main(int argc, char **argv)
{
	const struct command *command;
	char help[] = "--help";
	int code;

	argp_err_exit_status = EXIT_WRONG_USAGE;
	argp_program_version = VERSION;
	version_commit = BPFTOLL_COMMIT;
	cli_watch_stdout();
	json_set_alloc_funcs(noted_malloc, free);
	gsl_set_error_handler(gsl_failed);
	if (argc < 2) {
		commands_usage(stderr);
		return EXIT_WRONG_USAGE;
	}
	if (is_one_of(argv[1], "--version", "-V", "-v")) {
		puts(VERSION);
		return EXIT_DONE;
	}
	code = run_internal(argc, argv);
	if (code >= 0)
		return code;
	if (is_one_of(argv[1], "--help", "-h", "help")) {
		if (argc == 2 || is_one_of(argv[2], "--help", "-h", "help")) {
			commands_usage(stdout);
			return EXIT_DONE;
		}
		/* `help run` is `run --help` */
		command = commands_find(argv[2]);
		argv[1] = argv[2];
		argv[2] = help;
		argc = 3;
	} else {
		command = commands_find(argv[1]);
	}
	if (!command)
		return commands_wrong(argv[1]);
	cli_catch_signals();
	return run_command(command, argc - 1, argv + 1);
}
