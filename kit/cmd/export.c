/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "reports/export/export.h"

enum { KEY_CSV = 256, KEY_ROWS, KEY_FOLDED, KEY_OPENMETRICS };

static const struct argp_option options[] = {
	{"csv", KEY_CSV, 0, 0, "every member of one kind of rows", 0},
	{"rows", KEY_ROWS, "KIND", 0,
	 "of --csv: cells (default), slopes, event_points, knees, app_results or crosschecks", 0},
	{"openmetrics", KEY_OPENMETRICS, 0, 0,
	 "all that was measured, as gauges for a monitoring system", 0},
	{"folded", KEY_FOLDED, 0, 0,
	 "call stacks of an X-ray (bpftoll lab --xray), as flame graph tools read them", 0},
	{0}};

struct args {
	int format;
	const char *path, *rows;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case KEY_CSV:
	case KEY_FOLDED:
	case KEY_OPENMETRICS:
		if (args->format)
			argp_error(state, "one format at a time");
		args->format = key;
		return 0;
	case KEY_ROWS:
		args->rows = arg;
		return 0;
	case ARGP_KEY_ARG:
		if (args->path)
			argp_error(state, "one record at a time");
		args->path = arg;
		return 0;
	case ARGP_KEY_END:
		if (!args->path)
			argp_error(state, "which record? (a run's folder, or its record.json)");
		if (!args->format)
			argp_error(state, "as what? --csv, --openmetrics or --folded");
		if (args->rows && args->format != KEY_CSV)
			argp_error(state, "--rows belongs to --csv");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int export(const struct args *args, struct error *why)
{
	struct record *record;
	int err;

	if (args->format == KEY_FOLDED)
		return export_folded(args->path, stdout, why);
	err = record_read(args->path, &record, why);
	if (err)
		return err;
	if (args->format == KEY_CSV)
		err = export_csv(record, args->rows ? args->rows : "cells", stdout);
	else
		err = export_openmetrics(record, stdout);
	if (err == -ENOENT)
		error_say(why,
			  "no rows are called '%s'; there are cells, slopes, event_points, knees, "
			  "app_results, crosschecks",
			  args->rows);
	else if (err)
		error_say(why, "stdout: %s", strerror(-err));
	record_free(record);
	return err;
}

int cmd_export(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"RUN",
		"Writes a record to stdout for other programs."
		"\vRaw readings need no export: RUN/samples/CELL.gz is gzip of little-endian "
		"32-bit TSC ticks, rounds x "
		"calls_per_round in order; 4294967295 marks a call that changed CPU, 4294967293 "
		"one whose reader was still awake. A cell names its own readings (samples) and "
		"its baseline's (baseline_samples). host.tsc_hz of record.json is the rate; "
		"nothing is taken off.",
		0,
		0,
		0};
	struct args args = {.format = 0};
	struct error why = {0};
	int err;

	argp_parse(&argp, argc, argv, 0, 0, &args);
	err = export(&args, &why);
	if (err)
		cli_say("%s", why.text);
	return err ? EXIT_FAILED : EXIT_DONE;
}
