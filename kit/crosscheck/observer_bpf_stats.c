/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bpf_stats (kernel.bpf_stats_enabled): the kernel's own clock around each run of a program. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/crosscheck/observer.h"
#include "reports/stats/stats.h"

#define ROUNDS 21
#define CALLS  1024

struct said {
	double per_run[ROUNDS]; /* ns */
	double dearer[ROUNDS];	/* ns by which a call is slower with the statistics on */
	uint64_t runs, calls;	/* over all rounds */
};

/* One block with the statistics off and one with them on; the probe is attached in both. */
static int one_round(struct observer *w, struct said *said, size_t round)
{
	uint64_t runs, ns, runs_after, ns_after;
	double off, on;
	int err, fd;

	observer_warm(w);
	off = observer_block(w, CALLS, 0);
	fd = probe_count_hits();
	if (fd < 0)
		return fd;
	observer_warm(w);
	err = probe_time(w->probe, &runs, &ns);
	on = observer_block(w, CALLS, 0);
	err = err ? err : probe_time(w->probe, &runs_after, &ns_after);
	close(fd);
	observer_settle(w);
	if (err)
		return err;
	if (runs_after == runs)
		return -ENODATA;
	said->per_run[round] = (double)(ns_after - ns) / (double)(runs_after - runs);
	said->dearer[round] = on - off;
	said->runs += runs_after - runs;
	said->calls += CALLS;
	return 0;
}

static void explain(const struct observer *w, struct crosscheck *row, const struct said *said)
{
	struct effect dearer = stats_trimmed_interval(said->dearer, ROUNDS);
	double others = 100 * ((double)said->runs / (double)said->calls - 1);
	char more[96] = "";

	if (others > 5)
		snprintf(more, sizeof(more),
			 " The hook also ran for %.0f %% more syscalls than these.", others);
	if (w->variant->body == BODY_EMPTY)
		observer_why(row,
			     "of a program that does nothing it says %.1f %s: its own clock reads. "
			     "The dispatch, %.1f here, is outside of them. With it on, a call "
			     "takes %.1f [%.1f, %.1f] longer.%s",
			     row->says.value, unit_name(w->unit), w->whole.value, dearer.value,
			     dearer.lo, dearer.hi, more);
	else if (isnan(w->empty.value) || isnan(w->clock))
		observer_why(row,
			     "it times the program alone, between two clock reads of its own; "
			     "%s_empty in the same run would tell how much dispatch is outside. "
			     "With it on, a call takes %.1f [%.1f, %.1f] %s longer.%s",
			     hook_name(w->variant->hook), dearer.value, dearer.lo, dearer.hi,
			     unit_name(w->unit), more);
	else
		observer_why(row,
			     "it times the program alone: the dispatch, %.1f %s here, is outside. "
			     "The program is %.1f of the whole; with the %.1f that it says of an "
			     "empty program that would be %.1f. With it on, a call takes %.1f "
			     "[%.1f, %.1f] longer.%s",
			     w->empty.value, unit_name(w->unit), w->whole.value - w->empty.value,
			     w->clock, w->whole.value - w->empty.value + w->clock, dearer.value,
			     dearer.lo, dearer.hi, more);
}

void observer_ask_bpf_stats(struct observer *w, struct crosscheck *row)
{
	struct said said = {.runs = 0};
	struct error why = {0};
	int err;

	row->command = strdup("BPF_ENABLE_STATS (as sysctl kernel.bpf_stats_enabled=1 does)");
	err = observer_attach(w, &why);
	if (err) {
		observer_skip(row, "%s", why.text);
		return;
	}
	for (size_t i = 0; i < ROUNDS && !err; i++)
		err = *w->env->stop ? -EINTR : one_round(w, &said, i);
	observer_detach(w);
	if (err) {
		observer_skip(row, "bpf_stats: %s",
			      err == -ENODATA ? "the program did not run" : strerror(-err));
		return;
	}
	row->says = stats_trimmed_interval(said.per_run, ROUNDS);
	explain(w, row, &said);
}
