/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/options/gating.h"
#include "kit/cmd/options/showing.h"
#include "kit/lab/lab_gate.h"
#include "reports/answer/answers.h"
#include "reports/export/ci/ci.h"

static const char *base;
static struct gate_limit limit;
static struct lab_gate_files files;
static bool markdown, limited;
static struct lab_gate gate;

static const char *take_limit(const char *value)
{
	char *end;

	limit.above = strtod(value, &end);
	limit.percent = *end == '%';
	limited = true;
	return end == value || end[limit.percent] || !(limit.above >= 0) || limit.above > 1e9
		       ? "must be a number of instructions, or a percentage as in 5%"
		       : NULL;
}

const struct option_row gating_rows[] = {
	{"against",
	 "exit 3 if a program of --object costs more than in BASE or works on fewer kernels: a "
	 "folder of the lab, or another object, which is measured too",
	 "BASE", .text = &base},
	{"fail-above",
	 "growth that --against lets pass, in executed or verified instructions (default 0), or in "
	 "per cent of each figure",
	 "N|N%", .take = take_limit},
	{"markdown", "the gate's answer as Markdown, for a pull request", .flag = &markdown},
	{"junit", "write the gate's results as JUnit XML too", "FILE", .text = &files.junit},
	{"bencher", "write the counts in Bencher's metric format too", "FILE",
	 .text = &files.bencher},
	{"github-benchmark",
	 "write the counts as github-action-benchmark's list (customSmallerIsBetter) too", "FILE",
	 .text = &files.github},
	{0}};

bool gating_wanted(void)
{
	return base;
}

int gating_check(struct lab_options *lab, struct error *why)
{
	bool is_object;
	int err;

	if (!base && (limited || markdown || files.junit))
		return error_set(why, -EINVAL, "--%s belongs to --against",
				 limited    ? "fail-above"
				 : markdown ? "markdown"
					    : "junit");
	if ((base || files.bencher || files.github) && !lab->object)
		return error_set(why, -EINVAL, "--%s belongs to --object",
				 base		 ? "against"
				 : files.bencher ? "bencher"
						 : "github-benchmark");
	if (base && lab->accel != GUEST_TCG)
		return error_set(why, -EINVAL, "--against compares counts: without --accel kvm");
	if (markdown && (showing_json() || showing_full()))
		return error_set(why, -EINVAL, "--markdown: without --json and --full");
	if (!base)
		return 0;
	err = lab_gate_read(base, &gate, &is_object, why);
	if (is_object)
		lab->base = base;
	return err == -ENOENT ? -EINVAL : err;
}

static int show(const struct lab *lab)
{
	struct answer *answer;
	int err;

	if (markdown)
		return ci_markdown(&gate.gate, stdout);
	err = answer_of_gate(&gate.gate, lab->options.dir, &answer);
	return err ? err : showing_answer(answer);
}

int gating_finish(const struct lab *lab, int code)
{
	struct error why = {0};
	int err = 0;

	lab_gate_sides(&gate, lab);
	if (base)
		err = lab_gate_decide(&gate, limit, &why);
	if (!err && base) {
		err = show(lab);
		if (err)
			error_say(&why, "stdout: %s", strerror(-err));
	}
	if (!err)
		err = lab_gate_write(&gate, &files, &why);
	if (err)
		return cli_fail(EXIT_FAILED, &why);
	return gate.gate.failed ? EXIT_GATE : code;
}

void gating_close(void)
{
	lab_gate_free(&gate);
}
