/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>

#include "cpuset/isolate/isolate.h"
#include "kit/cmd/cli.h"
#include "kit/cmd/commands.h"

static int run(void)
{
	size_t restored = 0;
	struct error why = {0};
	int err = isolation_recover("", NULL, stderr, &restored, &why);

	if (err)
		return cli_fail(EXIT_FAILED, &why);
	if (restored)
		printf("restored %zu settings\n", restored);
	else
		printf("nothing to restore\n");
	return EXIT_DONE;
}

const struct command cmd_restore = {
	.name = "restore",
	.summary = "put back what a killed --isolate run had changed",
	.about = "Puts back what a run with --isolate had changed and could not restore because it "
		 "was killed.",
	.more = "A run that ends in any other way restores by itself.",
	.run = run,
};
