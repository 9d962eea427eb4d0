/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/fleet/campaign_gaps.h"
#include "kit/system/folder.h"
#include "kit/system/guard.h"
#include "kit/cmd/options/judging.h"
#include "kit/cmd/options/showing.h"
#include "reports/predict/prediction.h"
#include "reports/show/costs/price_tables.h"
#include "reports/show/costs/result_tables.h"
#include "reports/show/render.h"
#include "reports/document/report.h"

static bool markdown, csv, programs;
static const char *dir, *fleet_dir;

static const struct option_row printed[] = {
	{"markdown", "Markdown instead of a terminal's table", .letter = 'm', .flag = &markdown},
	{"csv", "one line a result, for other programs", .letter = 'c', .flag = &csv},
	{"programs",
	 "the programs instead: verified instructions, translated and jited bytes, stack, time to "
	 "load",
	 .flag = &programs},
	{0}};

static const struct option_row written[] = {
	{"output",
	 "write report.md, report.html and report.pdf with verdict, pictures and recommendations, "
	 "and the raw tables as CSV",
	 "DIR", .letter = 'o', .text = &dir},
	{"fleet",
	 "with -o: a section on many machines, from a campaign or a folder of records, as verdict "
	 "--fleet judges them",
	 "DIR", .text = &fleet_dir},
	{0}};

static enum render_format format(void)
{
	return csv ? RENDER_CSV : markdown ? RENDER_MARKDOWN : RENDER_TEXT;
}

/* A message about options that exclude each other; NULL: none do. */
static const char *misfit(void)
{
	if (dir && (csv || markdown || programs))
		return "-o writes Markdown, HTML and PDF; --markdown, --csv and --programs are for "
		       "stdout";
	if (dir)
		return NULL;
	if (showing_json() && (csv || markdown || programs || showing_full()))
		return "--json is the answer: without --full, --markdown, --csv and --programs";
	if (judging_n_runs > 1)
		return "one record at a time, or -o DIR";
	if (fleet_dir)
		return "--fleet needs -o DIR";
	if (options_given(judging_budget_rows))
		return "--budget and --other-syscalls need -o DIR";
	if (options_given(judging_lab_rows) && (csv || programs))
		return "--lab goes with a table or -o DIR, not with --csv or --programs";
	return NULL;
}

static int print_beside(const struct record *record, const struct record_set *labs)
{
	int err = 0;

	/* records that are for predictions count no helpers */
	for (size_t i = 0; i < labs->n_labs && !err; i++)
		if (!prediction_has_features(labs->labs[i].record))
			err = prices_render_beside(record, labs->labs[i].record, format(), stdout);
	return err;
}

/* Markdown and CSV are of all tables. */
static bool in_full(void)
{
	return showing_full() || csv || markdown;
}

static int print_record(const struct record *record, const struct record_set *set)
{
	if (programs)
		return programs_print(record, format(), stdout);
	if (in_full())
		judging_hint(judging_runs[0]);
	return in_full() ? render_record(record, format(), stdout)
			 : showing_run(record, judging_runs[0], set);
}

static int print(struct error *why)
{
	struct record_set set = {.n_labs = 0};
	struct record *record;
	int err;

	err = record_read(judging_runs[0], &record, why);
	if (err)
		return err;
	/* of any unit: a lab's own record is printed as well */
	set.runs[set.n_runs++].record = record;
	err = judging_labs(&set, why);
	if (!err)
		err = print_record(record, &set);
	if (!err)
		err = print_beside(record, &set);
	record_set_close(&set);
	if (err == -ENOENT && programs)
		return error_set(
			why, err,
			"%s keeps nothing of the programs: an older record, or none was loaded",
			judging_runs[0]);
	return *why->text ? err : cli_rendered(err, why);
}

static int write_report(struct error *why)
{
	struct record_set record_set = {.n_runs = 0};
	struct report_done done;
	struct budget budget;
	struct guard *guard = NULL;
	struct fleet fleet = {.n_rows = 0};
	char work[256];
	int err = judging_budget(&budget, why);

	if (!err)
		err = judging_record_set(&record_set, why);
	if (!err) {
		err = folder_make(dir, 0755);
		if (err)
			error_say(why, "%s: cannot make the folder: %s", dir, strerror(-err));
	}
	if (!err && fleet_dir)
		err = campaign_judge(&fleet_dir, 1, &budget, &(struct verdict_scope){0}, &fleet,
				     why);
	/* private, and gone however this process ends */
	if (!err)
		err = guard_folder(NULL, work, sizeof(work), &guard, why);
	if (!err)
		err = report_write(
			&record_set, &budget,
			&(struct report_place){dir, work, &cli_stop, fleet_dir ? &fleet : NULL},
			&done, why);
	guard_stop(guard, 0, 0);
	if (!err) {
		printf("report: %s%s%s%s%s\n", done.md, *done.html ? ", " : "", done.html,
		       *done.pdf ? ", " : "", done.pdf);
		if (*done.note)
			cli_say("%s", done.note);
		if (*done.missing)
			cli_say("left out: %s (make deps-report installs what draws and prints)",
				done.missing);
	}
	fleet_free(&fleet);
	record_set_close(&record_set);
	return err;
}

static int run(void)
{
	const char *fault = misfit();
	struct error why = {0};
	int err;

	if (fault)
		return options_wrong("%s", fault);
	err = dir ? write_report(&why) : print(&why);
	if (cli_stop)
		return cli_fail(EXIT_STOPPED, err ? &why : &(struct error){"stopped"});
	return err ? cli_fail(EXIT_FAILED, &why) : EXIT_DONE;
}

const struct command cmd_report = {
	.name = "report",
	.summary = "print a record again; -o: the report with verdict and pictures",
	.about = "Prints what a record says in one screen; with --full its conditions, a table "
		 "for each syscall under test, and what was skipped and why. With -o it writes "
		 "the report: verdict, method, pictures, recommendations, raw tables.",
	.more = "Needs neither root nor the machine that it was taken on. Several runs of one "
		"machine make one report. Without -o --lab puts the prices of helpers in ns and "
		"instructions side by side, behind the record; or, of a lab record with "
		"--features, "
		"what hooks would cost that were not measured, marked ≈.",
	.examples = "  bpftoll report RUN\n"
		    "  bpftoll report -o REPORT RUN EVENTS-RUN --lab LAB-RUN",
	.groups = (const struct option_group[]){{"To stdout, one record:", printed},
						{"The whole report, of several records:", written},
						{"What is shown:", showing_rows},
						{"What is judged:", judging_budget_rows},
						{NULL, judging_lab_rows},
						{0}},
	JUDGING_RUNS,
	.run = run,
};
