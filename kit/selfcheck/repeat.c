/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Makes the same short run several times, each in fresh worker processes, and checks that its
 * intervals include the next run's estimate. A null test (A/A) cannot show this: it subtracts what
 * differs between runs.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "calib/error.h"
#include "kit/probes/harness.h"
#include "kit/system/place.h"
#include "kit/system/guard.h"
#include "kit/selfcheck/selfcheck.h"
#include "reports/judge/agree.h"
#include "reports/stats/stats.h"

#define NAME	   "the same run again"
#define VARIANT	   "raw_tp_empty"
#define WORKLOAD   "munmap_einval"
#define RUNS	   10
#define RUNS_QUICK 3
#define SECONDS	   2
#define P_LEAST	   0.01 /* a correct instrument is called NOT ok once in a hundred times */

static void no_progress(double share, const char *what)
{
	(void)share;
	(void)what;
}

/* 0; -EOPNOTSUPP: the probe does not run here; other -errno; why. */
static int one_run(const struct selfcheck *check, const struct plan *plan, uint64_t seed,
		   struct estimate *out, struct error *why)
{
	struct record *record = record_new();
	char dir[256] = "";
	struct harness_env env = {
		.dir = dir,
		.placement = check->placement,
		.tsc = check->tsc,
		.seed = seed,
		.stop = check->stop,
		.progress = no_progress,
	};
	const struct record_result *result;
	struct guard *guard = NULL;
	int err = record ? guard_folder(NULL, dir, sizeof(dir), &guard, why) : -ENOMEM;

	if (!err)
		err = harness_run(plan, &env, record, why);
	result = err ? NULL : record_find_result(record, VARIANT "/" WORKLOAD "/-/stirred");
	if (!err && (!result || !agree_estimate(result, out)))
		err = error_set(why, -EOPNOTSUPP, "%s",
				result && result->reason ? result->reason
							 : "it could not be measured");
	guard_stop(guard, 0, 0);
	record_free(record);
	return err;
}

static void conclude(struct selfcheck *check, const struct estimate *x, size_t n)
{
	double sum = 0, squares = 0, error = 0, p = agree_p(x, n), mean;

	for (size_t i = 0; i < n; i++) {
		sum += x[i].value;
		error += x[i].error * stats_t_quantile(x[i].df);
	}
	mean = sum / (double)n;
	for (size_t i = 0; i < n; i++)
		squares += (x[i].value - mean) * (x[i].value - mean);
	selfcheck_say(
		check, TOPIC_REPEAT, p < P_LEAST ? SELFCHECK_NOT_OK : SELFCHECK_OK, NAME,
		"%zu runs of %d s of " VARIANT ": mean %.1f ns, sd %.1f from run to run, intervals "
		"±%.1f: %s (p = %.2g, asked: %.2g at least)",
		n, SECONDS, mean, sqrt(squares / (double)(n - 1)), error / (double)n,
		p < P_LEAST ? "they do NOT cover each other" : "they cover each other", p, P_LEAST);
}

int selfcheck_repeat(struct selfcheck *check, struct selfcheck_share share)
{
	struct plan_options options = {.suite = "quick",
				       .variants = {{VARIANT}, 1},
				       .workloads = {{WORKLOAD}, 1},
				       .seconds = SECONDS};
	size_t runs = check->quick ? RUNS_QUICK : RUNS;
	struct estimate x[RUNS];
	struct error why = {0};
	struct plan plan;
	int err = plan_make(&options, &plan, &why);

	for (size_t i = 0; i < runs && !err; i++) {
		check->progress(share.from + share.part * (double)i / (double)runs, NAME);
		err = one_run(check, &plan, check->seed + i, &x[i], &why);
	}
	plan_free(&plan);
	if (err == -EINTR || err == -ENOMEM)
		return err;
	if (err)
		selfcheck_say(check, TOPIC_REPEAT, SELFCHECK_SKIPPED, NAME, "%s", why.text);
	else
		conclude(check, x, runs);
	return 0;
}
