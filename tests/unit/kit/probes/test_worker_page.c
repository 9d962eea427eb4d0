/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/error.h"
#include "kit/probes/totals.h"
#include "kit/probes/worker_page.h"

static struct error why;

static void make(const char *variants_wanted, const char *wakeup, enum unit unit, struct plan *plan)
{
	struct plan_options options = {
		.suite = "quick",
		.variants = {{variants_wanted}, 1},
		.workloads = {{"munmap_einval"}, 1},
		.wakeups = {{wakeup}, 1},
		.unit = unit,
	};

	assert_int_equal(plan_make(&options, plan, &why), 0);
}

static size_t count(const struct worker_page *page, enum config_kind kind, bool again)
{
	size_t n = 0;

	for (size_t i = 0; i < worker_page_experiment(page, 0)->n_configs; i++)
		n += worker_page_config(page, 0, i)->kind == kind &&
		     worker_page_config(page, 0, i)->again == again;
	return n;
}

/*
 * Each probe is compared with a baseline of its own hook, whose calls wait for the reader as the
 * probe's do.
 */
static void check_owners(const struct worker_page *page, bool exact)
{
	for (size_t i = 0; i < worker_page_experiment(page, 0)->n_configs; i++) {
		const struct worker_config *config = worker_page_config(page, 0, i), *own;

		if (config->kind != CONFIG_PROBE || config->again)
			continue;
		own = worker_page_config(page, 0, config->own);
		assert_int_equal(own->kind, CONFIG_BARE);
		assert_false(own->again);
		assert_int_equal(own->wakeup == WAKEUP_CAUGHT_UP,
				 config->wakeup == WAKEUP_CAUGHT_UP);
		if (exact)
			assert_int_equal(own->variant, -1);
		else
			assert_int_equal(variants[own->variant].hook,
					 variants[config->variant].hook);
		assert_int_equal(own->calls, config->calls);
	}
}

static void baselines_go_through_a_sham_of_their_hook(void **state)
{
	struct worker_page *page;
	struct plan plan;
	int fd;

	(void)state;
	make("raw_tp_*", "caught_up", UNIT_NS, &plan);
	assert_int_equal(worker_page_make(&plan, 0, &fd, &page), 0);
	check_owners(page, false);
	assert_int_equal(count(page, CONFIG_TIMER, false), 1);
	assert_int_equal(count(page, CONFIG_BARE, true), 1);  /* the null test */
	assert_int_equal(count(page, CONFIG_PROBE, true), 1); /* the null test of a probe */
	assert_int_equal(count(page, CONFIG_PROBE, false), plan.experiments[0].n_configs);
	/*
	 * six programs that send nothing share two baselines; those with a reader have one of their
	 * own kind
	 */
	assert_int_equal(count(page, CONFIG_BARE, false),
			 2 + (plan.experiments[0].n_configs - 6 + 2) / 3);
	worker_page_free(page);
	close(fd);
	plan_free(&plan);
}

static void counts_of_instructions_need_no_sham(void **state)
{
	struct worker_page *page;
	struct plan plan;

	(void)state;
	make("*_lookup_hit", "idle", UNIT_INSTRUCTIONS, &plan);
	assert_int_equal(worker_page_make(&plan, 2, NULL, &page), 0);
	check_owners(page, true);
	assert_int_equal(count(page, CONFIG_BARE, false), 1);
	assert_int_equal(count(page, CONFIG_PROBE, true), 0);
	assert_non_null(worker_page_counts(page, 0, 1, WORKER_ROWS_MOST - 1));
	worker_page_free(page);
	plan_free(&plan);
}

static void both_sides_see_the_same_page(void **state)
{
	struct worker_page *page, *child;
	char mine[168], other[168];
	struct plan plan;
	int fd;

	(void)state;
	make("raw_tp_empty", "idle", UNIT_NS, &plan);
	assert_int_equal(worker_page_make(&plan, 1, &fd, &page), 0);
	assert_int_equal(worker_page_map(fd, &child), 0);
	worker_page_counts(child, 0, 1, 5)[0] = 42;
	worker_page_row(child, 0, 7)->interrupts = 9;
	worker_page_neighbour(child, 0, 2, 3)[1].chain_ticks = 1.5;
	assert_true(worker_page_counts(page, 0, 1, 5)[0] == 42);
	assert_int_equal(worker_page_row(page, 0, 7)->interrupts, 9);
	assert_true(worker_page_neighbour(page, 0, 2, 3)[1].chain_ticks == 1.5);
	worker_page_samples(page, 0, 1, mine, sizeof(mine));
	worker_page_samples(child, 0, 2, other, sizeof(other));
	assert_string_not_equal(mine, other);
	worker_page_free(child);
	worker_page_free(page);
	close(fd);
	plan_free(&plan);
}

static void what_workers_tell_adds_up(void **state)
{
	struct record *record = record_new();
	struct worker_page *page;
	struct totals results;
	struct plan plan;

	(void)state;
	make("raw_tp_ringbuf", "idle", UNIT_NS, &plan);
	assert_int_equal(worker_page_make(&plan, 1, NULL, &page), 0);
	assert_int_equal(totals_open(page, &results), 0);
	for (unsigned int w = 0; w < 3; w++) {
		page->number = w;
		worker_page_experiment(page, 0)->rounds = w + 1;
		worker_page_config(page, 0, 2)->told.events.produced = 100 * (w + 1);
		for (size_t r = 0; r <= w; r++) {
			*worker_page_row(page, 0, r) =
				(struct worker_row){.seconds = 1, .steal = 2, .switches = 1};
			worker_page_counts(page, 0, 2, r)[0] = 10 * w + (double)r;
		}
		assert_int_equal(totals_take(&results, record), 0);
	}
	assert_int_equal(totals_rounds(&results), 6);
	assert_int_equal(results.workers, 3);
	assert_int_equal(results.experiments[0].configs[2].events.produced, 600);
	assert_int_equal(results.experiments[0].switches, 6);
	assert_int_equal(record->n_conditions, 6);
	for (size_t r = 0; r < 6; r++)
		assert_int_equal(results.experiments[0].worker[r], r < 1 ? 0 : r < 3 ? 1 : 2);
	assert_true(results.experiments[0].configs[2].counts[4] == 21);
	totals_close(&results);
	worker_page_free(page);
	plan_free(&plan);
	record_free(record);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(baselines_go_through_a_sham_of_their_hook),
		cmocka_unit_test(counts_of_instructions_need_no_sham),
		cmocka_unit_test(both_sides_see_the_same_page),
		cmocka_unit_test(what_workers_tell_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
