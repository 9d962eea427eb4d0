/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "reports/show/verdict/matrix.h"

enum { KEY_BUDGET = 256, KEY_LAB, KEY_WORKLOAD, KEY_VARIANT, KEY_WAKEUP, KEY_OTHERS, KEY_MARKDOWN };

static const struct argp_option options[] = {
	{"budget", KEY_BUDGET, "FILE", 0,
	 "other thresholds than p99 1000 and 2000 ns, CPU 1 and 3 %, loss 0.01 %, at 10,000 "
	 "events/s (JSON, see the manual)",
	 0},
	{"lab", KEY_LAB, "LAB-RUN", 0,
	 "instruction counts beside what this machine could not measure; repeatable", 0},
	{"trigger", KEY_WORKLOAD, "NAME", 0,
	 "whose p99 is judged; default: munmap_einval, the cheapest, which resolves a probe best",
	 0},
	{"variant", KEY_VARIANT, "GLOB", 0,
	 "only these, e.g. 'tracepoint_*': the verdict is that of the worst of them", 0},
	{"drain", KEY_WAKEUP, "STATE", 0, "only this drain state, in the same way", 0},
	{"other-syscalls", KEY_OTHERS, "N", 0,
	 "syscalls a second of the whole machine, which pay for tracepoint, raw_tp and tp_btf too; "
	 "default: the highest of an apps record among the runs, else 50000, assumed",
	 0},
	{"markdown", KEY_MARKDOWN, 0, 0, "Markdown instead of a terminal's tables", 0},
	{0}};

struct args {
	struct record_set record_set;
	struct verdict_scope scope;
	const char *budget;
	double others; /* NAN: not stated */
	enum render_format format;
	struct error why;
	int err; /* the first record that could not be taken in */
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct args *args = state->input;

	switch (key) {
	case KEY_BUDGET:
		args->budget = arg;
		return 0;
	case KEY_LAB:
		if (!args->err)
			args->err = record_set_add_lab(&args->record_set, arg, &args->why);
		return 0;
	case KEY_WORKLOAD:
		args->scope.workload = arg;
		return 0;
	case KEY_VARIANT:
		args->scope.variant = arg;
		return 0;
	case KEY_WAKEUP:
		args->scope.wakeup = arg;
		return 0;
	case KEY_OTHERS:
		args->others = (double)cli_number(arg, 0, 1000000000, "--other-syscalls", state);
		return 0;
	case KEY_MARKDOWN:
		args->format = RENDER_MARKDOWN;
		return 0;
	case ARGP_KEY_ARG:
		if (!args->err)
			args->err = record_set_add_run(&args->record_set, arg, &args->why);
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which record? (a run's folder, or its record.json)");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int exit_code(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_GREEN:
	case VERDICT_YELLOW:
		return EXIT_DONE;
	case VERDICT_INCONCLUSIVE:
		return EXIT_NOTHING;
	case VERDICT_RED:
		break;
	}
	return EXIT_GATE;
}

static int judge(struct args *args)
{
	struct budget budget;
	struct verdicts verdicts;
	int err = 0, code;

	budget_default(&budget);
	if (args->budget)
		err = budget_read(args->budget, &budget, &args->why);
	if (err) {
		cli_say("%s", args->why.text);
		return EXIT_FAILED;
	}
	if (!isnan(args->others))
		budget.other_syscalls = args->others;
	err = verdict_judge(&args->record_set, &budget, &args->scope, &verdicts);
	if (!err)
		err = matrix_print(&verdicts, args->format, stdout);
	code = exit_code(verdicts.run);
	verdict_free(&verdicts);
	if (err || fflush(stdout)) {
		cli_say("stdout: %s", strerror(err ? -err : errno));
		return EXIT_FAILED;
	}
	return code;
}

int cmd_verdict(int argc, char **argv)
{
	static const struct argp argp = {
		options,
		parse,
		"RUN...",
		"GREEN, YELLOW, RED or INCONCLUSIVE for the design as it stands, and for each "
		"hook, "
		"output body and drain state that a record holds, against a budget."
		"\vSeveral runs of one machine are taken together (say, quick and events). GREEN: "
		"the whole interval is below the "
		"threshold; RED: all of it is above. The run's verdict answers for the design as "
		"it "
		"stands (kprobe, perf buffer, each event wakes the reader), which alone can be "
		"GREEN: "
		"proceed; where it is RED and another configuration passes, YELLOW: proceed with "
		"changes. With --variant or --drain it is that of the worst configuration asked "
		"for. "
		"Exit codes: 0 GREEN or YELLOW, 3 RED, 4 INCONCLUSIVE.",
		0,
		0,
		0};
	struct args args = {.format = RENDER_TEXT, .others = NAN};
	int code = EXIT_FAILED;

	argp_parse(&argp, argc, argv, 0, 0, &args);
	if (args.err)
		cli_say("%s", args.why.text);
	else
		code = judge(&args);
	record_set_close(&args.record_set);
	return code;
}
