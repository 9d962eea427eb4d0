/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/cmd/options/judging.h"
#include "reports/predict/calibration.h"
#include "reports/predict/prediction.h"
#include "reports/show/predict/prediction_print.h"

static const char *hook, *kernel;
static bool validate;

static const struct option_row options[] = {
	{"hook", "only this hook", "NAME", .text = &hook},
	{"kernel",
	 "for this kernel series (6.12), of which there must be a lab's record; default: the run's",
	 "SERIES", .text = &kernel},
	{"validate",
	 "instead: what was measured beside what is predicted when its hook is left out",
	 .flag = &validate},
	{0}};

/* The lab's record of this kernel series that has instructions by class; else one without. */
static const struct record *find_lab(const struct record_set *labs, const char *series)
{
	const struct record *found = NULL;
	char of[32];

	for (size_t i = 0; i < labs->n_labs; i++) {
		const struct record *lab = labs->labs[i].record;
		bool has;

		prediction_series(lab->host.kernel, of, sizeof(of));
		if (strcmp(of, series) != 0)
			continue;
		has = prediction_has_features(lab);
		if (has || !found)
			found = lab;
		if (has)
			break;
	}
	return found;
}

static int no_lab(const char *series)
{
	cli_say("which instructions? no --lab record is of kernel %s: bpftoll lab --kernel %s "
		"--syscall munmap_einval --wakeup-policy none --features -o LAB",
		series, series);
	return EXIT_WRONG_USAGE;
}

static bool has_hook(const struct prediction *p)
{
	for (size_t i = 0; i < p->n_rows; i++)
		if (!strcmp(p->rows[i].lab->hook, hook))
			return true;
	return false;
}

static int make(const struct record *record, const struct record *prices,
		const struct record_set *labs, const char *for_kernel, struct prediction *out)
{
	const struct record *fit_lab, *lab;
	char series[32], wanted[32];
	struct error why = {0};
	int err;

	prediction_series(record->host.kernel, series, sizeof(series));
	fit_lab = find_lab(labs, series);
	if (!fit_lab)
		return no_lab(series);
	prediction_series(for_kernel ? for_kernel : series, wanted, sizeof(wanted));
	if (for_kernel && !*wanted)
		return options_wrong("--kernel must be a series, e.g. 6.12");
	lab = find_lab(labs, wanted);
	if (!lab)
		return no_lab(wanted);
	err = prediction_make(record, prices, fit_lab, lab, out, &why);
	if (!err)
		return EXIT_DONE;
	cli_say("no prediction: %s", why.text);
	return err == -ENOMEM ? EXIT_FAILED : EXIT_NOTHING;
}

static int show(const struct prediction *p)
{
	struct error why = {0};
	int err;

	if (hook && !has_hook(p))
		return options_wrong("no prediction for hook '%s': it was measured, or the lab did "
				     "not count it",
				     hook);
	err = validate ? prediction_print_validation(p, stdout) : prediction_print(p, hook, stdout);
	return cli_rendered(err, &why) ? cli_fail(EXIT_FAILED, &why) : EXIT_DONE;
}

static const char *cpu_of(const struct record *record)
{
	return record->host.cpu ? record->host.cpu : "";
}

/* One machine's runs err alike: only the first of each says something of machines. */
static bool is_another(struct record *const *records, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (!calibration_is(records[k]) && !strcmp(cpu_of(records[k]), cpu_of(records[i])))
			return false;
	return true;
}

/* The first record is of the machine; what the others add is how far predictions are off. */
static int predict(struct record *const *records, size_t n, const struct record_set *labs)
{
	struct prediction of[RECORD_SET_MOST];
	struct holdout others[RECORD_SET_MOST];
	size_t n_others = 0, made = 0;
	int code = EXIT_DONE;

	memset(of, 0, sizeof(of));
	for (size_t i = 0; i < n && code == EXIT_DONE; i++) {
		if (calibration_is(records[i]))
			continue;
		if (!is_another(records, i)) {
			cli_say("%s: of the same kind of CPU as a run before it: left out",
				judging_runs[i]);
			continue;
		}
		code = make(records[i], calibration_find(records, n, records[i]), labs,
			    made ? NULL : kernel, &of[made]);
		if (code == EXIT_DONE && made)
			others[n_others++] = of[made].holdout;
		made += code == EXIT_DONE;
	}
	if (code == EXIT_DONE && !made) {
		cli_say("no prediction: prices of instructions alone, and no run to fit them to");
		return EXIT_NOTHING;
	}
	if (code == EXIT_DONE) {
		prediction_pool(&of[0], others, n_others, !(validate && n_others));
		code = show(&of[0]);
	}
	for (size_t i = 0; i < made; i++)
		prediction_free(&of[i]);
	return code;
}

static int run(void)
{
	struct record *records[RECORD_SET_MOST] = {NULL};
	struct record_set labs = {.n_runs = 0};
	struct error why = {0};
	size_t n = 0;
	int err = judging_labs(&labs, &why), code;

	while (!err && n < judging_n_runs) {
		err = record_read(judging_runs[n], &records[n], &why);
		n += !err;
	}
	code = err ? cli_fail(EXIT_FAILED, &why) : predict(records, n, &labs);
	for (size_t i = 0; i < n; i++)
		record_free(records[i]);
	record_set_close(&labs);
	return code;
}

const struct command cmd_predict = {
	.name = "predict",
	.summary = "what hooks would cost here that this kernel lacks, with an error that was seen",
	.about = "From what a run measured on this machine and the instructions that the lab "
		 "counts: ranges for hooks that the machine's kernel cannot run, or for another "
		 "kernel.",
	.more = "Prices of instructions are fitted to the run's results on munmap_einval. How far "
		"off such a prediction is comes from leaving each measured hook out in turn. What "
		"was measured is not predicted, but for --validate. A record of run --suite "
		"calibrate adds prices from user space. Runs of other machines after "
		"the first one only add to how far off predictions were seen to be. A range that "
		"spans more than a "
		"factor of two is withheld, and so is what has instructions without a price here "
		"(exceptions, where no exception was measured).",
	.examples = "  bpftoll lab --kernel 6.18 --syscall munmap_einval --wakeup-policy none "
		    "--features -o LAB\n"
		    "  bpftoll predict RUN --lab LAB\n"
		    "  bpftoll predict RUN CALIBRATION --lab LAB\n"
		    "  bpftoll predict RUN OTHER-MACHINE-RUN --lab LAB\n"
		    "  bpftoll predict RUN --lab LAB --validate",
	.groups = (const struct option_group[]){{NULL, options}, {NULL, judging_lab_rows}, {0}},
	JUDGING_RUNS,
	.run = run,
};
