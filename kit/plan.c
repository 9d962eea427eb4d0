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

const char *plan_suites(void)
{
	return "quick, full, matrix";
}

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

static bool want_trigger(const struct plan_options *options, const struct trigger *trigger)
{
	for (size_t i = 0; i < options->triggers.n; i++)
		if (trigger_match(trigger, options->triggers.names[i]))
			return true;
	return !options->triggers.n && row_exists(options->suite, trigger->name);
}

static bool want_variant(const struct plan_options *options, const struct row *row,
			 const struct variant *variant)
{
	for (size_t i = 0; i < options->variants.n; i++)
		if (variant_match(variant, options->variants.names[i]))
			return true;
	return !options->variants.n && (row->bodies & BIT(variant->body));
}

static bool want_drain(const struct plan_options *options, const struct row *row,
		       const struct variant *variant, enum drain_state state)
{
	enum drain_state named;

	if (body_output(variant->body) == OUTPUT_NONE)
		return state == DRAIN_OFF;
	if (state == DRAIN_OFF)
		return false;
	for (size_t i = 0; i < options->drains.n; i++)
		if (drain_state_find(options->drains.names[i], &named) && named == state)
			return true;
	if (options->drains.n)
		return false;
	/* a control trigger named with an output body: no event will come, one state says it all */
	return row->drains ? row->drains & BIT(state) : state == DRAIN_IDLE;
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

static int check_variants(const struct plan_options *options, char *why, size_t why_len)
{
	for (size_t i = 0; i < options->variants.n; i++) {
		struct nearest near = {.wrong = options->variants.names[i]};
		bool any = false;

		for (size_t v = 0; v < variants_count; v++) {
			any = any || variant_match(&variants[v], near.wrong);
			nearest_offer(&near, variants[v].name);
		}
		if (!any) {
			nearest_say(&near, "variant", why, why_len);
			return -EINVAL;
		}
	}
	return 0;
}

static int check_triggers(const struct plan_options *options, char *why, size_t why_len)
{
	for (size_t i = 0; i < options->triggers.n; i++) {
		struct nearest near = {.wrong = options->triggers.names[i]};
		bool any = false;

		for (size_t t = 0; t < triggers_count; t++) {
			any = any || trigger_match(&triggers[t], near.wrong);
			nearest_offer(&near, triggers[t].name);
		}
		if (!any) {
			nearest_say(&near, "trigger", why, why_len);
			return -EINVAL;
		}
	}
	return 0;
}

static int check_drains(const struct plan_options *options, char *why, size_t why_len)
{
	for (size_t i = 0; i < options->drains.n; i++) {
		struct nearest near = {.wrong = options->drains.names[i]};
		enum drain_state state;

		if (drain_state_find(near.wrong, &state) && state != DRAIN_OFF)
			continue;
		for (int d = DRAIN_OFF + 1; d < DRAIN_STATE_COUNT; d++)
			nearest_offer(&near, drain_state_name((enum drain_state)d));
		nearest_say(&near, "drain state", why, why_len);
		return -EINVAL;
	}
	return 0;
}

static const char *const cache_names[] = {
	[CACHE_HOT] = "hot", [CACHE_STIRRED] = "stirred", [CACHE_COLD] = "cold"};
_Static_assert(sizeof(cache_names) / sizeof(cache_names[0]) == CACHE_COUNT, "a name for each");

const char *cache_state_name(enum cache_state state)
{
	return cache_names[state];
}

/* Instructions know no caches, and need nothing stirred. */
static int check_caches(const struct plan_options *options, char *why, size_t why_len)
{
	for (size_t i = 0; i < options->caches.n; i++) {
		struct nearest near = {.wrong = options->caches.names[i]};
		bool known = false;

		for (int c = 0; c < CACHE_COUNT; c++) {
			known = known || !strcmp(near.wrong, cache_names[c]);
			nearest_offer(&near, cache_names[c]);
		}
		if (!known) {
			nearest_say(&near, "cache state", why, why_len);
			return -EINVAL;
		}
		if (options->unit == UNIT_INSTRUCTIONS && strcmp(near.wrong, "hot") != 0) {
			snprintf(why, why_len,
				 "--cache %s: instructions are counted here, and they know no "
				 "caches",
				 near.wrong);
			return -EINVAL;
		}
	}
	return 0;
}

/* Suites whose cells are compared with what is repeated in one call (helpers) have hot calls only. */
static enum cache_state default_cache(const struct plan_options *options)
{
	return options->unit == UNIT_INSTRUCTIONS || !strcmp(options->suite, "helpers")
		       ? CACHE_HOT
		       : CACHE_STIRRED;
}

static bool want_cache(const struct plan_options *options, enum cache_state cache)
{
	for (size_t i = 0; i < options->caches.n; i++)
		if (!strcmp(options->caches.names[i], cache_names[cache]))
			return true;
	return !options->caches.n && cache == default_cache(options);
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
		err = check_variants(options, why, why_len);
	if (!err)
		err = check_triggers(options, why, why_len);
	if (!err)
		err = check_drains(options, why, why_len);
	if (!err)
		err = check_caches(options, why, why_len);
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
