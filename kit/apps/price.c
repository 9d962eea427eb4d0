/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "kit/apps/price.h"
#include "reports/stats/combine.h"

#define WORKLOAD      "munmap_einval"
#define CONTROL	      "getppid"
#define CALLS_SECONDS 12
#define OTHER_SECONDS 3
#define NAME_MOST     64

static void add_name(struct name_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->names[i], name))
			return;
	if (list->n < PLAN_LIST_MAX)
		list->names[list->n++] = name;
}

static int run_experiment(const struct harness_env *env, const struct plan_options *options,
			  struct record *record, struct error *why)
{
	struct plan plan;
	int err = plan_make(options, &plan, why);

	if (!err)
		err = harness_run(&plan, env, record, why);
	plan_free(&plan);
	return err;
}

int price_measure(const struct harness_env *env, const struct variant *const *variants_wanted,
		  size_t n_variants, struct record *record, struct error *why)
{
	struct plan_options calls = {.suite = "quick", .seconds = CALLS_SECONDS};
	struct plan_options others = {.suite = "quick", .seconds = OTHER_SECONDS};
	char miss[HOOK_COUNT][NAME_MOST];
	int err;

	for (size_t i = 0; i < n_variants; i++) {
		enum hook hook = variants_wanted[i]->hook;

		snprintf(miss[hook], sizeof(miss[hook]), "%s_lookup_miss", hook_name(hook));
		add_name(&calls.variants, variants_wanted[i]->name);
		add_name(&calls.variants, miss[hook]);
		add_name(&others.variants, miss[hook]);
	}
	add_name(&calls.workloads, WORKLOAD);
	add_name(&calls.wakeups, wakeup_policy_name(WAKEUP_IDLE));
	add_name(&calls.wakeups, wakeup_policy_name(WAKEUP_CAUGHT_UP));
	add_name(&others.workloads, CONTROL);
	err = run_experiment(env, &calls, record, why);
	return err ? err : run_experiment(env, &others, record, why);
}

static struct effect find(const struct record *prices, const char *variant, const char *workload,
			  enum wakeup_policy wakeup)
{
	/*
	 * a program runs other code between two calls, as in stirred results; older records have
	 * only hot ones
	 */
	static const enum cache_state caches[] = {CACHE_STIRRED, CACHE_HOT};
	const struct record_result *result = NULL;
	char id[160];

	for (size_t i = 0; i < 2 && !result; i++) {
		snprintf(id, sizeof(id), "%s/%s/%s/%s", variant, workload,
			 wakeup_policy_name(wakeup), cache_state_name(caches[i]));
		result = record_find_result(prices, id);
	}
	if (!result || result->status != RESULT_MEASURED || result->unit != UNIT_NS)
		return (struct effect){NAN, NAN, NAN};
	return result->overhead.typical;
}

/* With a negative factor the ends change places, so they are put in order. */
static struct effect times(struct effect e, double by)
{
	struct effect out = {e.value * by, e.lo * by, e.hi * by};

	if (out.lo > out.hi)
		return (struct effect){out.value, out.hi, out.lo};
	return out;
}

/*
 * A price times a rate that was measured independently: each contributes its error as if the other
 * had none, and the two are added in quadrature.
 */
static struct effect product(struct effect price, struct effect rate)
{
	struct effect of_rate = {0, rate.lo - rate.value, rate.hi - rate.value};

	return combine_sum(times(price, rate.value), times(of_rate, price.value));
}

struct effect price_predict(const struct record *prices, const struct treatment *treatment,
			    const struct price_load *load)
{
	const struct variant *variant = treatment->variant;
	double woken = fmin(fmax(load->wakeups_per_event, 0), 1);
	struct effect call, other, second, sum;
	char miss[NAME_MOST];

	snprintf(miss, sizeof(miss), "%s_lookup_miss", hook_name(variant->hook));
	other = find(prices, miss, CONTROL, WAKEUP_OFF);
	call = find(prices, miss, WORKLOAD, WAKEUP_OFF);
	if (treatment->hit) {
		struct effect asleep = find(prices, variant->name, WORKLOAD, WAKEUP_CAUGHT_UP);
		struct effect idle = find(prices, variant->name, WORKLOAD, WAKEUP_IDLE);

		call = combine_sum(times(woken > 0 ? asleep : idle, woken),
				   times(woken < 1 ? idle : asleep, 1 - woken));
	}
	sum = combine_sum(product(call, load->calls), product(other, load->others));
	if (hook_sees_all_syscalls(variant->hook)) {
		second = times(other, load->calls.value + load->others.value);
		second = (struct effect){second.value / 2, fmin(0, second.lo), fmax(0, second.hi)};
		sum = combine_sum(sum, second);
	}
	return times(sum, -100 * 1e-9 / load->cpu);
}
