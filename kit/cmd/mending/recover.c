/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"
#include "kit/probes/checkpoint/recover.h"

static const char *dir[1];
static size_t n_dirs;

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static void tell(const struct recovered *done)
{
	if (done->complete) {
		printf("nothing to recover: the record is complete\n");
		return;
	}
	if (!done->logged) {
		printf("%s%snothing more than the record's last checkpoint is there; it can be "
		       "read as it is\n",
		       done->note.text, *done->note.text ? ": " : "");
		return;
	}
	printf("recovered %zu complete round%s of %u worker process%s; the last checkpoint had "
	       "%zu\n",
	       done->rounds, plural(done->rounds), done->workers, done->workers == 1 ? "" : "es",
	       done->known);
	if (done->left_out)
		printf("left out: %zu round%s of which not everything was written\n",
		       done->left_out, plural(done->left_out));
}

static int run(void)
{
	struct recovered done;
	struct error why = {0};

	if (recover_record(dir[0], &done, &why))
		return cli_fail(EXIT_FAILED, &why);
	tell(&done);
	return EXIT_DONE;
}

const struct command cmd_recover = {
	.name = "recover",
	.summary = "make the record of a killed run from what it left",
	.about = "Makes the record of a run that was killed, or whose disk was full, from what it "
		 "left in DIR: every round that was complete.",
	.more = "The record stays marked partial, and says in its warnings that it was recovered. "
		"A run that is still going on is refused. Needs neither root nor the machine that "
		"it was taken on, but the same build of bpftoll.",
	.examples = "  bpftoll recover reports/runs/20250131-120000",
	.operands = "DIR",
	.list = {dir, &n_dirs, 1},
	.least = 1,
	.missing = "of which run? (its folder)",
	.surplus = "one run at a time",
	.run = run,
};
