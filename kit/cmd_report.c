/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kit/cli.h"
#include "reports/programs.h"
#include "reports/render.h"

struct args {
	enum render_format format;
	bool programs;
	const char *path;
};

enum { KEY_PROGRAMS = 256 };

static const struct argp_option options[] = {
	{"markdown", 'm', 0, 0, "Markdown instead of a terminal's table", 0},
	{"csv", 'c', 0, 0, "one line a cell, for other programs", 0},
	{"programs", KEY_PROGRAMS, 0, 0,
	 "the programs instead: verified instructions, translated and jited bytes, stack, time to "
	 "load",
	 0},
	{0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case 'm':
		args->format = RENDER_MARKDOWN;
		return 0;
	case 'c':
		args->format = RENDER_CSV;
		return 0;
	case KEY_PROGRAMS:
		args->programs = true;
		return 0;
	case ARGP_KEY_ARG:
		if (args->path)
			argp_error(state, "one record at a time");
		args->path = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which record? (a run's folder, or its record.json)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int cmd_report(int argc, char **argv)
{
	static const struct argp argp = {options,
					 parse,
					 "DIR",
					 "Prints a record: its conditions, a table for each "
					 "trigger, and what was skipped and why.\v"
					 "Needs neither root nor the machine that it was taken on.",
					 0,
					 0,
					 0};
	struct args args = {.format = RENDER_TEXT};
	struct record *record;
	char why[512];
	int err;

	argp_parse(&argp, argc, argv, 0, 0, &args);
	err = record_read(args.path, &record, why, sizeof(why));
	if (err) {
		cli_say("%s", why);
		return EXIT_FAILED;
	}
	err = args.programs ? programs_print(record, args.format, stdout)
			    : render_record(record, args.format, stdout);
	record_free(record);
	if (err == -ENOENT) {
		cli_say("%s keeps nothing of the programs: an older record, or none was loaded",
			args.path);
		return EXIT_FAILED;
	}
	if (err || fflush(stdout)) {
		cli_say("stdout: %s", strerror(err ? -err : EXIT_FAILED));
		return EXIT_FAILED;
	}
	return EXIT_DONE;
}
