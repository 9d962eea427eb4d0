/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pid: a process that runs already, with its child processes. It is only observed. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "calib/error.h"
#include "kit/apps/app.h"
#include "kit/system/tasks.h"

static int start(struct app_run *run, struct error *why)
{
	if (run->options->pid <= 0)
		return error_set(why, -EINVAL, "--app pid needs a process: --pid N");
	run->n_pids = task_family(run->options->pid, run->pids, APP_PIDS_MOST);
	if (!run->n_pids)
		return error_set(why, -ESRCH, "there is no process %d", run->options->pid);
	snprintf(run->note, sizeof(run->note),
		 "process %d and its %zu descendants, where they run; what they do is not counted: "
		 "a probe shows in their CPU time only",
		 run->options->pid, run->n_pids - 1);
	return 0;
}

/* There are no counters to read; it fails if the process has ended. */
static int mark(struct app_run *run, struct app_mark *out)
{
	(void)out;
	return task_parent(run->pids[0]) ? 0 : -ESRCH;
}

const struct app app_pid = {
	.name = "pid",
	.packages = "",
	.summary = "a process that runs already (--pid N)",
	.start = start,
	.mark = mark,
	.stop = app_stop,
};
