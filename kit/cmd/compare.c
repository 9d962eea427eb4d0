/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "reports/show/verdict/diff_print.h"

enum { KEY_FAIL_ABOVE = 256, KEY_MARKDOWN };

static const struct argp_option options[] = {
	{"fail-above", KEY_FAIL_ABOVE, "PERCENT", 0,
	 "exit 3 when a cell is proven dearer by more than that, e.g. 5%", 0},
	{"markdown", KEY_MARKDOWN, 0, 0, "Markdown instead of a terminal's table", 0},
	{0}};

#define RUNS_MOST 32

/* The runs of one side. */
struct side {
	struct record *records[RUNS_MOST];
	size_t n;
};

struct args {
	const char *path[2]; /* each one or more, with commas between them */
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
			argp_error(state,
				   "two sides, no more: several runs of one thing have commas "
				   "between them (A1,A2 B1,B2)");
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

/* A path that is there as it stands may have a comma in its name. */
static int read_side(const char *list, struct side *side, struct error *why)
{
	char *copy = access(list, F_OK) == 0 ? NULL : strdup(list), *rest = copy;
	const char *path = copy ? strsep(&rest, ",") : list;
	int err = 0;

	for (; path && !err; path = copy ? strsep(&rest, ",") : NULL) {
		if (side->n == RUNS_MOST) {
			err = error_set(why, -E2BIG, "more than %d runs on one side", RUNS_MOST);
		} else {
			err = record_read(path, &side->records[side->n], why);
			side->n += !err;
		}
	}
	free(copy);
	return err;
}

static void free_side(struct side *side)
{
	for (size_t i = 0; i < side->n; i++)
		record_free(side->records[i]);
}

static int compare(const struct args *args, const struct side *side, struct error *why)
{
	struct diff_side a = {(const struct record *const *)side[0].records, side[0].n};
	struct diff_side b = {(const struct record *const *)side[1].records, side[1].n};
	struct diff diff;
	int err = diff_sides(&a, &b, args->margin, &diff, why), code;

	if (err)
		return EXIT_FAILED;
	diff.gated = args->gated;
	err = diff_print(&diff, args->format, stdout);
	code = args->gated && diff.past_gate ? EXIT_GATE : EXIT_DONE;
	diff_free(&diff);
	if (err || fflush(stdout))
		return error_set(why, EXIT_FAILED, "stdout: %s", strerror(err ? -err : errno));
	return code;
}

int cmd_compare(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"A[,A2...] B[,B2...]",
		"Cell by cell, what changed from record A to record B: same, slower, faster or "
		"undecided."
		"\vA percentage is of A. Cells pair by variant, trigger, drain and cache state. Of "
		"exact records (bpftoll lab) every "
		"difference counts; of others only what stands at 5 % over all pairs together. "
		"With one run a "
		"side that covers these two runs; with several (commas between them) their scatter "
		"counts, and the gate covers the next run as well.",
		0,
		0,
		0};
	struct args args = {.margin = 0.05, .format = RENDER_TEXT};
	struct side side[2] = {{.n = 0}, {.n = 0}};
	int code = EXIT_FAILED, err = 0;
	struct error why = {0};

	argp_parse(&argp, argc, argv, 0, 0, &args);
	for (size_t i = 0; i < 2 && !err; i++)
		err = read_side(args.path[i], &side[i], &why);
	if (!err)
		code = compare(&args, side, &why);
	if (code == EXIT_FAILED)
		cli_say("%s", why.text);
	free_side(&side[0]);
	free_side(&side[1]);
	return code;
}
