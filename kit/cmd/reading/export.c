/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdbool.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/cmd/options/judging.h"
#include "reports/export/export.h"

static const char *const kinds[] = {"cells",	   "slopes",	  "event_points",      "knees",
				    "app_results", "crosschecks", "instruction_prices"};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *path[1];
static size_t n_paths;
static bool csv, openmetrics, folded;
static unsigned int rows;

static const char *kind(size_t i)
{
	return i < KINDS ? kinds[i] : NULL;
}

static const struct option_row rows_row[] = {
	{"rows",
	 "of --csv: cells (default), slopes, event_points, knees, app_results, crosschecks or "
	 "instruction_prices",
	 "KIND", .choice = &rows, .values = kind},
	{0}};

static const struct option_row options[] = {
	{"csv", "every member of one kind of rows", .flag = &csv},
	{"openmetrics", "all that was measured, as gauges for a monitoring system",
	 .flag = &openmetrics},
	{"folded", "call stacks of an X-ray (bpftoll lab --xray), as flame graph tools read them",
	 .flag = &folded},
	{0}};

/* A file with a header alone looks like a fault: says what the record has instead. */
static void say_no_rows(const struct record *rec)
{
	struct error text;
	const char *comma = "";

	if (export_rows(rec, kinds[rows]))
		return;
	error_say(&text, "the record has no %s; it has ", kinds[rows]);
	for (size_t i = 0; i < KINDS; i++) {
		if (!export_rows(rec, kinds[i]))
			continue;
		error_add(&text, "%s%s", comma, kinds[i]);
		comma = ", ";
	}
	cli_say("%s%s", text.text, *comma ? " (--rows)" : "no rows at all");
}

static int export(struct error *why)
{
	struct record *record;
	int err;

	if (folded) {
		err = export_folded(path[0], stdout, why);
		return ferror(stdout) ? 0 : err;
	}
	judging_hint(path[0]);
	err = record_read(path[0], &record, why);
	if (err)
		return err;
	err = csv ? export_csv(record, kinds[rows], stdout) : export_openmetrics(record, stdout);
	if (csv && !err)
		say_no_rows(record);
	record_free(record);
	return cli_rendered(err, why);
}

static int run(void)
{
	struct error why = {0};
	int err;

	if (csv + openmetrics + folded != 1)
		return options_wrong("as what? One of --csv, --openmetrics and --folded");
	if (options_given(rows_row) && !csv)
		return options_wrong("--rows belongs to --csv");
	err = export(&why);
	return err ? cli_fail(EXIT_FAILED, &why) : EXIT_DONE;
}

const struct command cmd_export = {
	.name = "export",
	.summary = "a record for other programs: CSV, OpenMetrics, folded stacks",
	.about = "Writes a record to stdout for other programs.",
	.more = "Raw readings need no export: RUN/samples/RESULT.gz is gzip of little-endian "
		"32-bit TSC ticks, rounds x calls_per_round in order; 4294967295 marks a call that "
		"changed CPU, 4294967293 one whose reader was still awake. A result names its own "
		"readings (samples) and its baseline's (baseline_samples). host.tsc_hz of "
		"record.json is the rate; nothing is subtracted.",
	.examples = "  bpftoll export --csv RUN >cells.csv\n"
		    "  bpftoll export --csv --rows event_points RUN",
	.groups = (const struct option_group[]){{NULL, options}, {NULL, rows_row}, {0}},
	.operands = "RUN",
	.list = {path, &n_paths, 1},
	.least = 1,
	.missing = "which record? (a run's folder, or its record.json)",
	.surplus = "one record at a time",
	.run = run,
};
