/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "kit/system/folder.h"
#include "reports/show/costs/price_tables.h"
#include "reports/show/costs/result_tables.h"
#include "reports/show/render.h"
#include "reports/document/report.h"

enum { KEY_LAB = 256, KEY_BUDGET, KEY_OTHERS, KEY_PROGRAMS };

static const struct argp_option options[] = {
	{0, 0, 0, 0, "To stdout, one record:", 1},
	{"markdown", 'm', 0, 0, "Markdown instead of a terminal's table", 0},
	{"csv", 'c', 0, 0, "one line a cell, for other programs", 0},
	{"programs", KEY_PROGRAMS, 0, 0,
	 "the programs instead: verified instructions, translated and jited bytes, stack, time to "
	 "load",
	 0},
	{0, 0, 0, 0, "The whole report, of several records:", 2},
	{"output", 'o', "DIR", 0,
	 "write report.md, report.html and report.pdf with verdict, pictures and recommendations",
	 0},
	{"lab", KEY_LAB, "LAB-RUN", 0,
	 "exact instruction counts, or an X-ray's folder; repeatable; without -o: the prices of "
	 "helpers in ns and instructions side by side, after the record",
	 0},
	{"budget", KEY_BUDGET, "FILE", 0, "other thresholds, as in bpftoll verdict", 0},
	{"other-syscalls", KEY_OTHERS, "N", 0, "a second, as in bpftoll verdict", 0},
	{0}};

#define PATHS_MOST RECORD_SET_MOST

struct args {
	enum render_format format;
	bool programs;
	const char *path[PATHS_MOST], *lab[PATHS_MOST], *budget, *dir;
	size_t paths, labs;
	double others; /* NAN: not stated */
};

static void check(const struct args *args, const struct argp_state *state)
{
	if (args->paths == 0)
		argp_error(state, "which record? (a run's folder, or its record.json)");
	if (args->dir && (args->format != RENDER_TEXT || args->programs))
		argp_error(state, "-o writes Markdown, HTML and PDF; --markdown, --csv and "
				  "--programs are for stdout");
	if (!args->dir && args->paths > 1)
		argp_error(state, "one record at a time, or -o DIR");
	if (!args->dir && (args->budget || !isnan(args->others)))
		argp_error(state, "--budget and --other-syscalls need -o DIR");
	if (!args->dir && args->labs && (args->format == RENDER_CSV || args->programs))
		argp_error(state, "--lab goes with a table or -o DIR, not with --csv or "
				  "--programs");
}

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
	case 'o':
		args->dir = arg;
		return 0;
	case KEY_BUDGET:
		args->budget = arg;
		return 0;
	case KEY_OTHERS:
		args->others = (double)cli_number(arg, 0, 1000000000, "--other-syscalls", state);
		return 0;
	case KEY_LAB:
		if (args->labs == PATHS_MOST)
			argp_error(state, "more than %d lab records", PATHS_MOST);
		args->lab[args->labs++] = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (args->paths == PATHS_MOST)
			argp_error(state, "more than %d records", PATHS_MOST);
		args->path[args->paths++] = arg;
		return 0;
	case ARGP_KEY_END:
		check(args, state);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int print_beside(const struct args *args, const struct record *record, struct error *why)
{
	struct record_set labs = {.n_labs = 0};
	int err = 0;

	for (size_t i = 0; i < args->labs && !err; i++)
		err = record_set_add_lab(&labs, args->lab[i], why);
	for (size_t i = 0; i < labs.n_labs && !err; i++)
		err = prices_render_beside(record, labs.labs[i].record, args->format, stdout);
	record_set_close(&labs);
	return err;
}

static int print(const struct args *args, struct error *why)
{
	struct record *record;
	int err;

	err = record_read(args->path[0], &record, why);
	if (err)
		return err;
	err = args->programs ? programs_print(record, args->format, stdout)
			     : render_record(record, args->format, stdout);
	if (!err)
		err = print_beside(args, record, why);
	record_free(record);
	if (err == -ENOENT && args->programs)
		return error_set(
			why, err,
			"%s keeps nothing of the programs: an older record, or none was loaded",
			args->path[0]);
	if (!err && fflush(stdout))
		err = -errno;
	if (err && !*why->text)
		error_say(why, "stdout: %s", strerror(-err));
	return err;
}

static int write_report(const struct args *args, struct error *why)
{
	struct record_set record_set = {.n_runs = 0};
	struct report_done done;
	struct budget budget;
	int err = 0;

	budget_default(&budget);
	if (args->budget)
		err = budget_read(args->budget, &budget, why);
	if (!isnan(args->others))
		budget.other_syscalls = args->others;
	for (size_t i = 0; i < args->paths && !err; i++)
		err = record_set_add_run(&record_set, args->path[i], why);
	for (size_t i = 0; i < args->labs && !err; i++)
		err = record_set_add_lab(&record_set, args->lab[i], why);
	if (!err) {
		err = folder_make(args->dir, 0755);
		if (err)
			error_say(why, "%s: cannot make the folder: %s", args->dir, strerror(-err));
	}
	if (!err)
		err = report_write(&record_set, &budget, args->dir, &done, why);
	if (!err) {
		printf("report: %s%s%s%s%s\n", done.md, *done.html ? ", " : "", done.html,
		       *done.pdf ? ", " : "", done.pdf);
		if (*done.missing)
			cli_say("left out: %s (make deps-report installs what draws and prints)",
				done.missing);
	}
	record_set_close(&record_set);
	return err;
}

int cmd_report(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"RUN...",
		"Prints a record: its conditions, a table for each trigger, and what was skipped "
		"and why. With -o it writes the report: "
		"verdict, method, pictures, recommendations, raw tables.\v"
		"Needs neither root nor the machine that it was taken on. Several runs of one "
		"machine make one report.",
		0,
		0,
		0};
	struct args args = {.format = RENDER_TEXT, .others = NAN};
	struct error why = {0};
	int err;

	argp_parse(&argp, argc, argv, 0, 0, &args);
	err = args.dir ? write_report(&args, &why) : print(&args, &why);
	if (err)
		cli_say("%s", why.text);
	return err ? EXIT_FAILED : EXIT_DONE;
}
