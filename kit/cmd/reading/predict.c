/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/cmd/options/judging.h"
#include "kit/cmd/options/showing.h"
#include "kit/cmd/reading/changes.h"
#include "reports/answer/answers.h"
#include "reports/predict/calibration.h"
#include "reports/predict/predicted.h"

static const char *hook, *kernel;
static bool validate, changes;

static const struct option_row options[] = {
	{"hook", "only this hook", "NAME", .text = &hook},
	{"kernel",
	 "for this kernel series (6.12), of which there must be a lab's record; default: the run's",
	 "SERIES", .text = &kernel},
	{"validate",
	 "instead: what was measured beside what is predicted when its mechanism is left out",
	 .flag = &validate},
	{"changes",
	 "instead: what the kernels of the other lab records, or mitigations=off, would change",
	 .flag = &changes},
	{0}};

static bool has_hook(const struct prediction *p)
{
	for (size_t i = 0; i < p->n_rows; i++)
		if (!strcmp(p->rows[i].lab->hook, hook))
			return true;
	return false;
}

static int show(const struct prediction *p, const struct record_set *set)
{
	struct error why = {0};
	struct answer *answer;
	int err;

	if (changes)
		return changes_show(p, set, hook);
	if (hook && !has_hook(p))
		return options_wrong("no prediction for hook '%s': it was measured, or the lab did "
				     "not count it",
				     hook);
	err = validate ? answer_of_validation(p, &answer)
		       : answer_of_prediction(p, hook, showing_full() || showing_json(), &answer);
	if (!err)
		err = showing_answer(answer);
	return cli_rendered(err, &why) ? cli_fail(EXIT_FAILED, &why) : EXIT_DONE;
}

static int is_run(const char *path, bool *run, struct error *why)
{
	struct record *rec;
	int err = record_read(path, &rec, why);

	if (err)
		return err;
	*run = !calibration_is(rec);
	record_free(rec);
	return 0;
}

/* The first run is of the machine; what the others add is how far predictions are off. */
static int read_all(struct record_set *set, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < judging_n_runs && !err; i++) {
		bool run;

		err = is_run(judging_runs[i], &run, why);
		if (err)
			return err;
		err = run && !set->n_runs ? record_set_add_run(set, judging_runs[i], why)
					  : record_set_add_other(set, judging_runs[i], why);
		if (err == -EEXIST) {
			cli_say("%s: left out", why->text);
			err = 0;
		}
	}
	return err ? err : judging_labs(set, why);
}

static int predict(const struct record_set *set)
{
	struct predicted predicted;
	int code;

	if (predicted_open(set, kernel, validate && set->n_others, &predicted))
		return cli_fail(EXIT_FAILED, &(struct error){"out of memory"});
	if (!predicted.asked) {
		cli_say("no prediction: %s",
			set->n_labs ? "the lab's record has no instructions by class: bpftoll lab "
				      "--features writes them"
				    : "which instructions? --lab LAB, a record of bpftoll lab "
				      "--features");
		return set->n_labs ? EXIT_NOTHING : EXIT_WRONG_USAGE;
	}
	if (!predicted.err)
		code = show(&predicted.of, set);
	else {
		cli_say("no prediction: %s", predicted.why.text);
		code = predicted.err == -ENOENT ? EXIT_WRONG_USAGE : EXIT_NOTHING;
	}
	if (predicted.err == -ENOENT)
		cli_say("bpftoll lab --kernel SERIES --syscall munmap_einval --wakeup-policy none "
			"--features -o LAB counts them");
	predicted_close(&predicted);
	return code;
}

static int run(void)
{
	struct record_set set = {.n_runs = 0};
	struct error why = {0};
	char series[32];
	int code;

	if (showing_full() && showing_json())
		return options_wrong("--json has all: without --full");
	if (changes && (validate || kernel))
		return options_wrong("--changes has all kernels: without --kernel and --validate");
	prediction_series(kernel, series, sizeof(series));
	if (kernel && !*series)
		return options_wrong("--kernel must be a series, e.g. 6.12");
	code = read_all(&set, &why) ? cli_fail(EXIT_FAILED, &why) : predict(&set);
	record_set_close(&set);
	return code;
}

const struct command cmd_predict = {
	.name = "predict",
	.summary = "what hooks that this kernel lacks would cost here, as ranges",
	.about = "From what a run measured on this machine and the instructions that the lab "
		 "counts: ranges for hooks that the machine's kernel cannot run, or for another "
		 "kernel.",
	.more = "Prices of instructions are fitted to the run's results on munmap_einval. How far "
		"off such a prediction is comes from leaving each mechanism out in turn. What "
		"was measured is not predicted, but for --validate. A record of run --suite "
		"calibrate adds prices from user space. Runs of other machines after "
		"the first one only add to how far off predictions were seen to be. A range that "
		"spans more than a "
		"factor of two is withheld, and so is what has instructions without a price here "
		"(exceptions, where no exception was measured).",
	.examples = "  bpftoll lab --kernel 6.18 --syscall munmap_einval --wakeup-policy none \\\n"
		    "    -o LAB --features\n"
		    "  bpftoll predict RUN --lab LAB\n"
		    "  bpftoll predict RUN CALIBRATION --lab LAB\n"
		    "  bpftoll predict RUN OTHER-MACHINE-RUN --lab LAB\n"
		    "  bpftoll predict RUN --lab LAB --validate\n"
		    "  bpftoll predict RUN CALIBRATION --lab LAB --lab LAB-6.12 --changes",
	.groups = (const struct option_group[]){{NULL, options},
						{"What is shown:", showing_rows},
						{NULL, judging_lab_rows},
						{0}},
	JUDGING_RUNS,
	.run = run,
};
