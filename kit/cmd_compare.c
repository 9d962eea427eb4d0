/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "kit/cli.h"
#include "reports/diff.h"

enum { KEY_FAIL_ABOVE = 256, KEY_MARKDOWN };

static const struct argp_option options[] = {
	{"fail-above", KEY_FAIL_ABOVE, "PERCENT", 0,
	 "exit 3 when a cell is proven dearer by more than that, e.g. 5%", 0},
	{"markdown", KEY_MARKDOWN, 0, 0, "Markdown instead of a terminal's table", 0},
	{0}};

struct args {
	const char *path[2];
	size_t n;
	double margin;
	bool gated;
	enum render_format format;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;
	char *end;

	switch (key) {
	case KEY_FAIL_ABOVE:
		args->margin = strtod(arg, &end) / 100;
		if (*end == '%')
			end++;
		if (end == arg || *end || !(args->margin >= 0) || args->margin > 100)
			argp_error(state,
				   "--fail-above must be a percentage from 0 to 10000, not '%s'",
				   arg);
		args->gated = true;
		return 0;
	case KEY_MARKDOWN:
		args->format = RENDER_MARKDOWN;
		return 0;
	case ARGP_KEY_ARG:
		if (args->n == 2)
			argp_error(state, "two records, no more");
		args->path[args->n++] = arg;
		return 0;
	case ARGP_KEY_END:
		if (args->n < 2)
			argp_error(state,
				   "which two records? (folders of runs, or their record.json)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int compare(const struct args *args, const struct record *a, const struct record *b,
		   char *why, size_t why_len)
{
	struct diff diff;
	int err = diff_records(a, b, args->margin, &diff, why, why_len), code;

	if (err)
		return EXIT_FAILED;
	diff.gated = args->gated;
	err = diff_print(&diff, args->format, stdout);
	code = args->gated && diff.past_gate ? EXIT_GATE : EXIT_DONE;
	diff_free(&diff);
	if (err || fflush(stdout)) {
		snprintf(why, why_len, "stdout: %s", strerror(err ? -err : errno));
		return EXIT_FAILED;
	}
	return code;
}

int cmd_compare(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"A B",
		"Cell by cell, what changed from record A to record B: same, slower, faster or "
		"undecided."
		"\vA percentage is of A. Cells pair by variant, trigger, drain and cache state. Of "
		"exact records (bpftoll lab) every "
		"difference counts; of others only what stands at 5 % over all pairs together.",
		0,
		0,
		0};
	struct args args = {.margin = 0.05, .format = RENDER_TEXT};
	struct record *record[2] = {NULL, NULL};
	int code = EXIT_FAILED, err = 0;
	char why[1024] = "";

	argp_parse(&argp, argc, argv, 0, 0, &args);
	for (size_t i = 0; i < 2 && !err; i++)
		err = record_read(args.path[i], &record[i], why, sizeof(why));
	if (!err)
		code = compare(&args, record[0], record[1], why, sizeof(why));
	if (code == EXIT_FAILED)
		cli_say("%s", why);
	record_free(record[0]);
	record_free(record[1]);
	return code;
}
