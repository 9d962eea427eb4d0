/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calib/error.h"
#include "kit/cmd/options/nearest.h"
#include "kit/probes/plan.h"

#define BIT(x)	     (1u << (x))
#define ALL_BODIES   (BIT(BODY_COUNT) - 1)
#define ALL_WAKEUPS  (BIT(WAKEUP_NAMED_COUNT) - 1)
#define WHOLE_PROBES (BIT(BODY_AS_WRITTEN) | BIT(BODY_PERF) | BIT(BODY_RINGBUF))
#define COST_BODIES  (BIT(BODY_EMPTY) | BIT(BODY_LOOKUP_MISS) | WHOLE_PROBES)
#define PRICE_BODIES (BIT(BODY_EMPTY) | WHOLE_PROBES)
#define INCREMENTS_BODIES \
	(ALL_BODIES &     \
	 ~(BIT(BODY_RINGBUF_OUTPUT) | BIT(BODY_AS_WRITTEN) | BIT(BODY_AS_WRITTEN_RINGBUF)))
#define CONTROL_BODIES (BIT(BODY_EMPTY) | BIT(BODY_LOOKUP_MISS))

/*
 * The rows of a suite: a workload, and what is measured on it unless the user names something else.
 */
static const struct row {
	const char *suite, *workload;
	unsigned int bodies, wakeups;
} rows[] = {
	{"quick", "munmap_einval", COST_BODIES | BIT(BODY_LOOKUP_HIT),
	 BIT(WAKEUP_IDLE) | BIT(WAKEUP_CAUGHT_UP) | BIT(WAKEUP_POLLED_1MS)},
	{"quick", "munmap_4k", PRICE_BODIES, BIT(WAKEUP_IDLE)},
	{"quick", "madvise_dontneed_4k", PRICE_BODIES, BIT(WAKEUP_IDLE)},
	{"quick", "getppid", CONTROL_BODIES, 0},
	{"full", "munmap_einval", ALL_BODIES, ALL_WAKEUPS},
	{"full", "munmap_4k", ALL_BODIES, ALL_WAKEUPS},
	{"full", "madvise_dontneed_4k", ALL_BODIES, ALL_WAKEUPS},
	{"full", "madvise_dontneed_64k", COST_BODIES, BIT(WAKEUP_IDLE)},
	{"full", "madvise_dontneed_1m", COST_BODIES, BIT(WAKEUP_IDLE)},
	{"full", "madvise_free_4k", COST_BODIES, BIT(WAKEUP_IDLE)},
	{"full", "madvise_free_64k", COST_BODIES, BIT(WAKEUP_IDLE)},
	{"full", "madvise_free_1m", COST_BODIES, BIT(WAKEUP_IDLE)},
	{"full", "getppid", CONTROL_BODIES, 0},
	{"matrix", "munmap_einval", ALL_BODIES, ALL_WAKEUPS},
	{"matrix", "getppid", CONTROL_BODIES, 0},
	{"helpers", "munmap_einval", INCREMENTS_BODIES, BIT(WAKEUP_IDLE)},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct {
	const char *suite;
	/* rounds 0: as many as fit into seconds */
	unsigned int rounds, seconds, calls, gated_calls;
} sizes[] = {
	{"quick", 0, 50, 1024, 1024},
	{"full", 250, 0, 4032, 4032},
	{"matrix", 2, 0, 64, 64},
	/* the incremental programs: one round of them after each round of prices (suite helpers) */
	{"helpers", 0, 145, 1024, 1024},
};
/*
 * A block of 64 takes tens of milliseconds, since an eviction takes about half a millisecond. 64 is
 * also a whole number of wakeups under the policy every N.
 */
#define COLD_CALLS 64
#define SUITES	   (sizeof(sizes) / sizeof(sizes[0]))

static const struct row *find_row(const char *suite, const char *workload)
{
	const struct row *first = NULL;

	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].suite, suite) != 0)
			continue;
		if (!strcmp(rows[i].workload, workload))
			return &rows[i];
		if (!first)
			first = &rows[i];
	}
	return first;
}

static bool row_exists(const char *suite, const char *workload)
{
	const struct row *row = find_row(suite, workload);

	return row && !strcmp(row->workload, workload);
}

/* ---- what may be named ---- */

static const char *variant_name_at(size_t i)
{
	return i < variants_count ? variants[i].name : NULL;
}

static const char *workload_at(size_t i)
{
	return i < workloads_count ? workloads[i].name : NULL;
}

/* WAKEUP_OFF cannot be chosen: it stands for programs that send no events. */
static const char *wakeup_at(size_t i)
{
	return i + 1 < WAKEUP_NAMED_COUNT ? wakeup_policy_name((enum wakeup_policy)(i + 1)) : NULL;
}

static bool wakeup_match(const char *given, const char *name)
{
	enum wakeup_policy state;

	return wakeup_policy_find(given, &state) && !strcmp(wakeup_policy_name(state), name);
}

static const char *const cache_names[] = {
	[CACHE_HOT] = "hot", [CACHE_STIRRED] = "stirred", [CACHE_COLD] = "cold"};
_Static_assert(sizeof(cache_names) / sizeof(cache_names[0]) == CACHE_COUNT, "a name for each");

const char *cache_state_name(enum cache_state state)
{
	return cache_names[state];
}

static const char *cache_at(size_t i)
{
	return i < CACHE_COUNT ? cache_names[i] : NULL;
}

const struct name_table plan_variants = {"variant", variant_name_at, NULL};
static const struct name_table caches = {"cache state", cache_at, name_same};
const struct name_table plan_workloads = {"syscall", workload_at, NULL};
const struct name_table plan_wakeups = {"wakeup policy", wakeup_at, wakeup_match};

/* Cache states make no sense where instructions are counted. */
static int check_caches(const struct plan_options *options, struct error *why)
{
	int err = name_list_check(&options->caches, &caches, why);

	for (size_t i = 0; !err && i < options->caches.n; i++)
		if (options->unit == UNIT_INSTRUCTIONS &&
		    strcmp(options->caches.names[i], "hot") != 0)
			err = error_set(why, -EINVAL,
					"--cache %s: instructions are counted here, and caches do "
					"not change them",
					options->caches.names[i]);
	return err;
}

static int check_names(const struct plan_options *options, struct error *why)
{
	int err = name_list_check(&options->variants, &plan_variants, why);

	if (!err)
		err = name_list_check(&options->workloads, &plan_workloads, why);
	if (!err)
		err = name_list_check(&options->wakeups, &plan_wakeups, why);
	return err ? err : check_caches(options, why);
}

/* ---- what is wanted ---- */

static bool want_workload(const struct plan_options *options, const struct workload *workload)
{
	return options->workloads.n
		       ? name_list_has(&options->workloads, &plan_workloads, workload->name)
		       : row_exists(options->suite, workload->name);
}

static bool want_variant(const struct plan_options *options, const struct row *row,
			 const struct variant *variant)
{
	return options->variants.n
		       ? name_list_has(&options->variants, &plan_variants, variant->name)
		       : row->bodies & BIT(variant->body);
}

static bool want_wakeup(const struct plan_options *options, const struct row *row,
			const struct variant *variant, enum wakeup_policy state)
{
	if (body_output(variant->body) == OUTPUT_NONE || state == WAKEUP_OFF)
		return body_output(variant->body) == OUTPUT_NONE && state == WAKEUP_OFF;
	if (options->wakeups.n)
		return name_list_has(&options->wakeups, &plan_wakeups, wakeup_policy_name(state));
	/*
	 * a program with output on a control workload sends no event: one wakeup policy is enough
	 */
	return row->wakeups ? row->wakeups & BIT(state) : state == WAKEUP_IDLE;
}

/* Suites whose results are compared with loops of one call (helpers) measure hot calls only. */
static bool want_cache(const struct plan_options *options, enum cache_state cache)
{
	bool hot = options->unit == UNIT_INSTRUCTIONS || !strcmp(options->suite, "helpers");

	return options->caches.n ? name_list_has(&options->caches, &caches, cache_names[cache])
				 : cache == (hot ? CACHE_HOT : CACHE_STIRRED);
}

static int fill_experiment(const struct plan_options *options, struct plan_experiment *experiment)
{
	const struct row *row = find_row(options->suite, experiment->workload->name);

	experiment->configs =
		calloc(variants_count * WAKEUP_NAMED_COUNT, sizeof(*experiment->configs));
	if (!experiment->configs)
		return -ENOMEM;
	for (size_t v = 0; v < variants_count; v++) {
		if (!want_variant(options, row, &variants[v]))
			continue;
		for (int d = 0; d < WAKEUP_NAMED_COUNT; d++)
			if (want_wakeup(options, row, &variants[v], (enum wakeup_policy)d))
				experiment->configs[experiment->n_configs++] =
					(struct plan_config){&variants[v], (enum wakeup_policy)d};
	}
	return 0;
}

static int choose_size(const struct plan_options *options, struct plan *plan, struct error *why)
{
	struct nearest near = {.wrong = options->suite};

	for (size_t i = 0; i < SUITES; i++) {
		nearest_offer(&near, sizes[i].suite);
		if (strcmp(sizes[i].suite, options->suite) != 0)
			continue;
		plan->suite = sizes[i].suite;
		plan->seconds = options->seconds ? options->seconds : sizes[i].seconds;
		plan->rounds = options->rounds ? options->rounds : sizes[i].rounds;
		/* a number of rounds takes precedence over a time */
		if (options->seconds && !options->rounds)
			plan->rounds = 0;
		plan->precision = options->precision;
		plan->calls = options->calls ? options->calls : sizes[i].calls;
		plan->cold_calls = options->calls ? options->calls : COLD_CALLS;
		plan->gated_calls = options->calls ? options->calls : sizes[i].gated_calls;
		plan->unit = options->unit;
		return 0;
	}
	nearest_say(&near, "suite", why);
	return -EINVAL;
}

/* Rounds go on until the intervals are narrow, or for a time. */
static int check_precision(const struct plan_options *options, const struct plan *plan,
			   struct error *why)
{
	if (!(options->precision.value > 0))
		return 0;
	if (options->unit == UNIT_INSTRUCTIONS)
		return error_set(why, -EINVAL,
				 "--precision: instruction counts have no error to make smaller");
	if (plan->rounds)
		return error_set(why, -EINVAL,
				 "--precision needs a time after which to end: --seconds, and not "
				 "--rounds");
	return 0;
}

int plan_make(const struct plan_options *options, struct plan *out, struct error *why)
{
	int err;

	memset(out, 0, sizeof(*out));
	err = choose_size(options, out, why);
	if (!err)
		err = check_precision(options, out, why);
	if (!err)
		err = check_names(options, why);
	if (err)
		return err;
	out->experiments = calloc(CACHE_COUNT * workloads_count, sizeof(*out->experiments));
	if (!out->experiments)
		return -ENOMEM;
	for (size_t t = 0; t < CACHE_COUNT * workloads_count && !err; t++) {
		struct plan_experiment *experiment = &out->experiments[out->n_experiments];
		const struct workload *workload = &workloads[t / CACHE_COUNT];
		enum cache_state cache = (enum cache_state)(t % CACHE_COUNT);

		if (!want_workload(options, workload) || !want_cache(options, cache))
			continue;
		experiment->workload = workload;
		experiment->cache = cache;
		err = fill_experiment(options, experiment);
		out->n_experiments++;
		out->n_configs += experiment->n_configs;
	}
	if (!err && !out->n_configs)
		err = error_set(
			why, -EINVAL,
			"nothing to measure: no variant fits the wakeup policies asked for");
	return err;
}

void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->n_experiments; i++)
		free(plan->experiments[i].configs);
	free(plan->experiments);
	memset(plan, 0, sizeof(*plan));
}
