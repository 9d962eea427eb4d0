/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "reports/judge/costs/other_syscalls.h"
#include "reports/record/record_rows.h"

bool other_syscalls_pay(const char *hook)
{
	static const char *const hooks[] = {"tracepoint", "raw_tp", "tp_btf"};

	for (size_t i = 0; i < sizeof(hooks) / sizeof(*hooks); i++)
		if (strcmp(hooks[i], hook) == 0)
			return true;
	return false;
}

/* The windows in which a program's syscalls were counted. */
static bool counts_syscalls(const struct app_result *r)
{
	return r->status == RESULT_MEASURED && strcmp(r->variant, "counting") == 0 &&
	       strcmp(r->quantity, "syscalls_per_s") == 0 && r->value.value > 0;
}

struct other_syscalls other_syscalls_rate(const struct record_set *e, double asked)
{
	struct other_syscalls out = {OTHER_SYSCALLS_ASSUMED, OTHER_ASSUMED, NULL};

	if (!isnan(asked))
		return (struct other_syscalls){asked, OTHER_ASKED, NULL};
	for (size_t r = 0; r < e->n_runs; r++) {
		const struct record *rec = e->runs[r].record;

		for (size_t i = 0; i < rec->n_app_results; i++) {
			const struct app_result *row = &rec->app_results[i];

			if (!counts_syscalls(row) ||
			    (out.source == OTHER_MEASURED && row->value.value <= out.rate))
				continue;
			out = (struct other_syscalls){row->value.value, OTHER_MEASURED, row->app};
		}
	}
	return out;
}

/*
 * How well a control result prices another's hook; 0: not at all. A program returns at once from a
 * syscall that it does not watch, so the program makes no difference, and those that send nothing
 * are measured with the least noise.
 */
static int fits(const struct record_result *control, const struct record_result *result)
{
	if (control->status != RESULT_MEASURED || isnan(control->overhead.mean.lo) ||
	    strcmp(control->workload, OTHER_SYSCALLS_CONTROL) != 0 ||
	    strcmp(control->hook, result->hook) != 0 || strcmp(control->cache, result->cache) != 0)
		return 0;
	if (strcmp(control->body, "lookup_miss") == 0)
		return 4;
	if (strcmp(control->body, "empty") == 0)
		return 3;
	return strcmp(control->variant, result->variant) == 0 ? 2 : 1;
}

const struct record_result *other_syscalls_result(const struct record_set *e,
						  const struct record_result *result)
{
	const struct record_result *best = NULL;
	int best_fit = 0;

	for (size_t r = 0; r < e->n_runs; r++) {
		const struct record *rec = e->runs[r].record;

		for (size_t i = 0; i < rec->n_results; i++) {
			int fit = fits(rec->results[i], result);

			if (fit > best_fit ||
			    (fit && fit == best_fit && rec->results[i]->n > best->n)) {
				best = rec->results[i];
				best_fit = fit;
			}
		}
	}
	return best;
}

struct effect other_syscalls_cpu(const struct record_set *e, const struct record_result *result,
				 const struct other_syscalls *others)
{
	const struct record_result *control;
	double percent = others->rate * 1e-9 * 100;
	struct effect mean;

	if (!other_syscalls_pay(result->hook))
		return (struct effect){0, 0, 0};
	control = other_syscalls_result(e, result);
	if (!control)
		return (struct effect){NAN, NAN, NAN};
	mean = control->overhead.mean;
	return (struct effect){mean.value * percent, mean.lo * percent, mean.hi * percent};
}
