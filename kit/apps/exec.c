/* SPDX-License-Identifier: GPL-3.0-or-later */
/* exec: a command given by the user, run once in each window, never through a shell. */
#include <errno.h>
#include <stdio.h>

#include "calib/error.h"
#include "kit/apps/app.h"

static int start(struct app_run *run, struct error *why)
{
	struct window first;
	int err;

	if (!run->options->command)
		return error_set(why, -EINVAL,
				 "--app exec needs a command: --app exec -- COMMAND ARG…");
	/* the command runs on the CPUs on which it would run without bpftoll */
	run->program_cpus = run->all_cpus;
	err = app_folder(run, why);
	if (err)
		return err;
	snprintf(run->note, sizeof(run->note),
		 "each window is a run of the command, on the CPUs it would have; processes that "
		 "it starts are monitored once they are seen, within 250 ms");
	window_clear(&first);
	return run->app->once(run, &first, why); /* warms the page cache */
}

static int once(struct app_run *run, struct window *window, struct error *why)
{
	return app_run_once(run, run->options->command, "output", window, why);
}

const struct app app_exec = {
	.name = "exec",
	.packages = "",
	.summary = "a command of your own, after --: wall and CPU time, its syscalls",
	.callers = true,
	.start = start,
	.once = once,
	.stop = app_stop,
};
