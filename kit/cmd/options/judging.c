/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/options/judging.h"
#include "reports/record/record.h"

const char *judging_runs[RECORD_SET_MOST];
size_t judging_n_runs;

static const char *lab_runs[RECORD_SET_MOST], *budget_file;
static const char *other_runs[RECORD_SET_MOST];
static size_t n_labs, n_others;
static double other_syscalls = NAN; /* not given */

const struct option_row judging_budget_rows[] = {
	{"budget",
	 "other thresholds, of GREEN and RED, than p99 1000 and 2000 ns, CPU 1 and 3 %, loss 0.01 "
	 "% (no RED), at 10,000 events/s (JSON, see bpftoll-budget(5))",
	 "FILE", .text = &budget_file},
	{"other-syscalls",
	 "syscalls a second of the whole machine, which pay for tracepoint, raw_tp and tp_btf too; "
	 "default: the highest of an apps record among the runs, else 50000, assumed",
	 "N", .real = &other_syscalls, .most = 1000000000},
	{0}};

const struct option_row judging_lab_rows[] = {
	{"lab",
	 "a record of bpftoll lab: exact instruction counts of what this machine could not "
	 "measure; one made with --features gives predictions too; report takes the folder of "
	 "an X-ray too; repeatable",
	 "LAB-RUN", .list = {lab_runs, &n_labs, RECORD_SET_MOST}},
	{"predict-with",
	 "for predictions: this machine's prices of instructions (run --suite calibrate), or a run "
	 "of another kind of machine, which shows how far off predictions are there; repeatable",
	 "RUN", .list = {other_runs, &n_others, RECORD_SET_MOST}},
	{0}};

int judging_labs(struct record_set *out, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < n_labs && !err; i++)
		err = record_set_add_lab(out, lab_runs[i], why);
	for (size_t i = 0; i < n_others && !err; i++)
		err = record_set_add_other(out, other_runs[i], why);
	return err;
}

void judging_hint(const char *run)
{
	if (record_is_orphan(run))
		cli_say("%s: the run was killed, and not all of its rounds are here; bpftoll "
			"recover %s makes a record of all",
			run, run);
}

int judging_record_set(struct record_set *out, struct error *why)
{
	int err = 0;

	for (size_t i = 0; i < judging_n_runs && !err; i++) {
		judging_hint(judging_runs[i]);
		err = record_set_add_run(out, judging_runs[i], why);
	}
	return err ? err : judging_labs(out, why);
}

int judging_budget(struct budget *out, struct error *why)
{
	int err = 0;

	budget_default(out);
	if (budget_file)
		err = budget_read(budget_file, out, why);
	if (!isnan(other_syscalls))
		out->other_syscalls = other_syscalls;
	return err;
}
