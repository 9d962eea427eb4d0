/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <argp.h>
#include <stdio.h>

#include "cpuset/isolate/isolate.h"
#include "kit/cmd/cli.h"

int cmd_restore(int argc, char **argv)
{
	static const struct argp argp = {0,
					 0,
					 NULL,
					 "Puts back what a run with --isolate had changed and "
					 "could not restore because it was killed.\v"
					 "A run that ends in any other way restores by itself.",
					 0,
					 0,
					 0};
	size_t restored = 0;
	struct error why = {0};
	int err;

	argp_parse(&argp, argc, argv, 0, 0, NULL);
	err = isolation_recover("", NULL, stderr, &restored, &why);
	if (err) {
		cli_say("%s", why.text);
		return EXIT_FAILED;
	}
	if (restored)
		printf("restored %zu settings\n", restored);
	else
		printf("nothing to restore\n");
	return EXIT_DONE;
}
