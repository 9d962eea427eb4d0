/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/nearest.h"
#include "kit/plan.h"
#include "kit/suite.h"

#define BIT(x)	     (1u << (x))
#define ALL_BODIES   (BIT(BODY_COUNT) - 1)
#define ALL_DRAINS   (BIT(DRAIN_STATE_COUNT) - 1)
#define WHOLE_PROBES (BIT(BODY_AS_WRITTEN) | BIT(BODY_PERF) | BIT(BODY_RINGBUF))
#define COST_BODIES  (BIT(BODY_EMPTY) | BIT(BODY_LOOKUP_MISS) | WHOLE_PROBES)
#define PRICE_BODIES (BIT(BODY_EMPTY) | WHOLE_PROBES)
#define LADDER_BODIES \
	(ALL_BODIES & \
	 ~(BIT(BODY_RINGBUF_OUTPUT) | BIT(BODY_AS_WRITTEN) | BIT(BODY_AS_WRITTEN_RINGBUF)))
#define CONTROL_BODIES (BIT(BODY_EMPTY) | BIT(BODY_LOOKUP_MISS))

/* A suite is its rows: a trigger, and what is measured on it when the user names nothing else. */
static const struct row {
	const char *suite, *trigger;
	unsigned int bodies, drains;
} rows[] = {
	{"quick", "munmap_einval", COST_BODIES | BIT(BODY_LOOKUP_HIT),
	 BIT(DRAIN_IDLE) | BIT(DRAIN_CAUGHT_UP) | BIT(DRAIN_POLLED_1MS)},
	{"quick", "munmap_4k", PRICE_BODIES, BIT(DRAIN_IDLE)},
	{"quick", "madvise_dontneed_4k", PRICE_BODIES, BIT(DRAIN_IDLE)},
	{"quick", "getppid", CONTROL_BODIES, 0},
	{"full", "munmap_einval", ALL_BODIES, ALL_DRAINS},
	{"full", "munmap_4k", ALL_BODIES, ALL_DRAINS},
	{"full", "madvise_dontneed_4k", ALL_BODIES, ALL_DRAINS},
	{"full", "madvise_dontneed_64k", COST_BODIES, BIT(DRAIN_IDLE)},
	{"full", "madvise_dontneed_1m", COST_BODIES, BIT(DRAIN_IDLE)},
	{"full", "madvise_free_4k", COST_BODIES, BIT(DRAIN_IDLE)},
	{"full", "madvise_free_64k", COST_BODIES, BIT(DRAIN_IDLE)},
	{"full", "madvise_free_1m", COST_BODIES, BIT(DRAIN_IDLE)},
	{"full", "getppid", CONTROL_BODIES, 0},
	{"matrix", "munmap_einval", ALL_BODIES, ALL_DRAINS},
	{"matrix", "getppid", CONTROL_BODIES, 0},
	{"helpers", "munmap_einval", LADDER_BODIES, BIT(DRAIN_IDLE)},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const struct {
	const char *suite;
	unsigned int rounds, seconds, calls,
		gated_calls; /* rounds 0: as many as fit into seconds */
} sizes[] = {
	{"quick", 0, 50, 1024, 1024},
	{"full", 250, 0, 4032, 4032},
	{"matrix", 2, 0, 64, 64},
	{"helpers", 0, 145, 1024, 1024}, /* the ladder, a round of prices behind each of its own */
};
/* A block of them takes tens of milliseconds: evictions take half of one each. A whole number of sampled wake-ups. */
#define COLD_CALLS 64
#define SUITES	   (sizeof(sizes) / sizeof(sizes[0]))

static const struct row *find_row(const char *suite, const char *trigger)
{
	const struct row *first = NULL;

	for (size_t i = 0; i < ROWS; i++) {
		if (strcmp(rows[i].suite, suite) != 0)
			continue;
		if (!strcmp(rows[i].trigger, trigger))
			return &rows[i];
		if (!first)
			first = &rows[i];
	}
	return first;
}

static bool row_exists(const char *suite, const char *trigger)
{
	const struct row *row = find_row(suite, trigger);

	return row && !strcmp(row->trigger, trigger);
}

/* ---- what may be named ------------------------------------------------------------------------- */

static const char *variant_at(size_t i)
{
	return i < variants_count ? variants[i].name : NULL;
}

static const char *trigger_at(size_t i)
{
	return i < triggers_count ? triggers[i].name : NULL;
}

/* DRAIN_OFF is no choice: it is what a program without events has. */
static const char *drain_at(size_t i)
{
	return i + 1 < DRAIN_STATE_COUNT ? drain_state_name((enum drain_state)(i + 1)) : NULL;
}

static bool drain_match(const char *given, const char *name)
{
	enum drain_state state;

	return drain_state_find(given, &state) && !strcmp(drain_state_name(state), name);
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

static const struct name_table variant_names = {"variant", variant_at, NULL};
static const struct name_table caches = {"cache state", cache_at, name_same};
const struct name_table plan_triggers = {"trigger", trigger_at, NULL};
const struct name_table plan_drains = {"drain state", drain_at, drain_match};

/* Instructions know no caches, and need nothing stirred. */
static int check_caches(const struct plan_options *options, char *why, size_t why_len)
{
	int err = name_list_check(&options->caches, &caches, why, why_len);

	for (size_t i = 0; !err && i < options->caches.n; i++)
		if (options->unit == UNIT_INSTRUCTIONS &&
		    strcmp(options->caches.names[i], "hot") != 0) {
			snprintf(why, why_len,
				 "--cache %s: instructions are counted here, and they know no "
				 "caches",
				 options->caches.names[i]);
			err = -EINVAL;
		}
	return err;
}

static int check_names(const struct plan_options *options, char *why, size_t why_len)
{
	int err = name_list_check(&options->variants, &variant_names, why, why_len);

	if (!err)
		err = name_list_check(&options->triggers, &plan_triggers, why, why_len);
	if (!err)
		err = name_list_check(&options->drains, &plan_drains, why, why_len);
	return err ? err : check_caches(options, why, why_len);
}

/* ---- what is wanted ---------------------------------------------------------------------------- */

static bool want_trigger(const struct plan_options *options, const struct trigger *trigger)
{
	return options->triggers.n
		       ? name_list_has(&options->triggers, &plan_triggers, trigger->name)
		       : row_exists(options->suite, trigger->name);
}

static bool want_variant(const struct plan_options *options, const struct row *row,
			 const struct variant *variant)
{
	return options->variants.n
		       ? name_list_has(&options->variants, &variant_names, variant->name)
		       : row->bodies & BIT(variant->body);
}

static bool want_drain(const struct plan_options *options, const struct row *row,
		       const struct variant *variant, enum drain_state state)
{
	if (body_output(variant->body) == OUTPUT_NONE || state == DRAIN_OFF)
		return body_output(variant->body) == OUTPUT_NONE && state == DRAIN_OFF;
	if (options->drains.n)
		return name_list_has(&options->drains, &plan_drains, drain_state_name(state));
	/* a control trigger named with an output body: no event will come, one state says it all */
	return row->drains ? row->drains & BIT(state) : state == DRAIN_IDLE;
}

/* Suites whose cells are compared with what is repeated in one call (helpers) have hot calls only. */
static bool want_cache(const struct plan_options *options, enum cache_state cache)
{
	bool hot = options->unit == UNIT_INSTRUCTIONS || !strcmp(options->suite, "helpers");

	return options->caches.n ? name_list_has(&options->caches, &caches, cache_names[cache])
				 : cache == (hot ? CACHE_HOT : CACHE_STIRRED);
}

static int fill_panel(const struct plan_options *options, struct plan_panel *panel)
{
	const struct row *row = find_row(options->suite, panel->trigger->name);

	panel->arms = calloc(variants_count * DRAIN_STATE_COUNT, sizeof(*panel->arms));
	if (!panel->arms)
		return -ENOMEM;
	for (size_t v = 0; v < variants_count; v++) {
		if (!want_variant(options, row, &variants[v]))
			continue;
		for (int d = 0; d < DRAIN_STATE_COUNT; d++)
			if (want_drain(options, row, &variants[v], (enum drain_state)d))
				panel->arms[panel->n_arms++] =
					(struct plan_arm){&variants[v], (enum drain_state)d};
	}
	return 0;
}

static int choose_size(const struct plan_options *options, struct plan *plan, char *why,
		       size_t why_len)
{
	struct nearest near = {.wrong = options->suite};

	for (size_t i = 0; i < SUITES; i++) {
		nearest_offer(&near, sizes[i].suite);
		if (strcmp(sizes[i].suite, options->suite) != 0)
			continue;
		plan->suite = sizes[i].suite;
		plan->seconds = options->seconds ? options->seconds : sizes[i].seconds;
		plan->rounds = options->rounds ? options->rounds : sizes[i].rounds;
		/* a number of rounds that was asked for stands; else the time that was asked for */
		if (options->seconds && !options->rounds)
			plan->rounds = 0;
		plan->calls = options->calls ? options->calls : sizes[i].calls;
		plan->cold_calls = options->calls ? options->calls : COLD_CALLS;
		plan->gated_calls = options->calls ? options->calls : sizes[i].gated_calls;
		plan->unit = options->unit;
		return 0;
	}
	for (size_t i = 0; suite_name(i); i++)
		nearest_offer(&near, suite_name(i));
	nearest_say(&near, "suite", why, why_len);
	return -EINVAL;
}

int plan_make(const struct plan_options *options, struct plan *out, char *why, size_t why_len)
{
	int err;

	memset(out, 0, sizeof(*out));
	err = choose_size(options, out, why, why_len);
	if (!err)
		err = check_names(options, why, why_len);
	if (err)
		return err;
	out->panels = calloc(CACHE_COUNT * triggers_count, sizeof(*out->panels));
	if (!out->panels)
		return -ENOMEM;
	for (size_t t = 0; t < CACHE_COUNT * triggers_count && !err; t++) {
		struct plan_panel *panel = &out->panels[out->n_panels];
		const struct trigger *trigger = &triggers[t / CACHE_COUNT];
		enum cache_state cache = (enum cache_state)(t % CACHE_COUNT);

		if (!want_trigger(options, trigger) || !want_cache(options, cache))
			continue;
		panel->trigger = trigger;
		panel->cache = cache;
		err = fill_panel(options, panel);
		out->n_panels++;
		out->n_arms += panel->n_arms;
	}
	if (!err && !out->n_arms) {
		snprintf(why, why_len,
			 "nothing to measure: no variant fits the drain states asked for");
		err = -EINVAL;
	}
	return err;
}

void plan_free(struct plan *plan)
{
	for (size_t i = 0; i < plan->n_panels; i++)
		free(plan->panels[i].arms);
	free(plan->panels);
	memset(plan, 0, sizeof(*plan));
}
