/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/options/showing.h"
#include "kit/cmd/reading/changes.h"
#include "reports/answer/answers.h"
#include "reports/predict/change.h"

int changes_show(const struct prediction *prediction, const struct record_set *labs,
		 const char *hook)
{
	struct change changes[RECORD_SET_MOST];
	struct error why = {0};
	struct answer *answer;
	size_t n = 0;
	int err = 0, code = EXIT_DONE;

	for (size_t i = 0; i < labs->n_labs && !err; i++) {
		const struct record *lab = labs->labs[i].record;

		if (lab == prediction->fit_lab)
			continue;
		err = change_make(prediction, lab, &changes[n], &why);
		if (err && err != -ENOMEM) {
			cli_say("%s is left out: %s", labs->labs[i].dir, why.text);
			err = 0;
		} else {
			n += !err;
		}
	}
	if (!err && !n) {
		cli_say("no other kernel to compare with: --lab LAB of one, from bpftoll lab "
			"--kernel SERIES or --append mitigations=off, with --syscall munmap_einval "
			"--wakeup-policy none --features");
		code = EXIT_WRONG_USAGE;
	}
	if (!err && n)
		err = answer_of_changes(prediction, changes, n, hook, &answer);
	if (!err && n)
		err = showing_answer(answer);
	for (size_t i = 0; i < n; i++)
		change_free(&changes[i]);
	if (code == EXIT_DONE && cli_rendered(err, &why))
		return cli_fail(EXIT_FAILED, &why);
	return code;
}
