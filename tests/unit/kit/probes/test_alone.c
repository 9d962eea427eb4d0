/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * From made-up readings of worker processes: which rounds are used, and what the result and the
 * warnings say.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/probes/alone.h"
#include "reports/record/record_rows.h"

#define WORKERS 8
#define ROUNDS	10 /* of each */
#define ALL	(WORKERS * ROUNDS)
#define CHAIN	780.0 /* ticks: 3.413 GHz */

static const struct tsc_rate tsc = {.hz = 2.6e9, .quantum = 1, .invariant = true};

struct run {
	struct plan plan;
	struct worker_page *page;
	int fd;
	struct totals results;
	struct record *record;
	size_t probe, own; /* configurations of experiment 0 */
};

/*
 * Cycles per step that a configuration reads in a round of the run; 0: no reading; negative: only
 * after the block.
 */
typedef double planted(const struct run *run, size_t experiment, size_t config, size_t round);

static void one_worker(struct run *run, unsigned int number, planted *cycles)
{
	run->page->number = number;
	for (size_t p = 0; p < run->page->n_experiments; p++) {
		struct worker_experiment *told = worker_page_experiment(run->page, p);

		told->rounds = ROUNDS;
		for (size_t r = 0; r < ROUNDS; r++) {
			*worker_page_row(run->page, p, r) = (struct worker_row){.seconds = 0.1};
			for (size_t i = 0; i < told->n_configs; i++)
				for (int k = 0; k < CONFIG_READINGS; k++) {
					double c = cycles(run, p, i, number * ROUNDS + r);

					if (c < 0)
						c = k ? -c : 1.02;
					worker_page_neighbour(run->page, p, i,
							      r)[k] = (struct neighbour_reading){
						CHAIN / NEIGHBOUR_CHAIN_ADDS * NEIGHBOUR_STEPS * c,
						c > 0 ? CHAIN : 0};
				}
		}
	}
	assert_int_equal(totals_take(&run->results, run->record), 0);
}

static void make_of(struct run *run, unsigned int workers, planted *cycles)
{
	struct plan_options options = {
		.suite = "quick",
		.variants = {{"raw_tp_empty"}, 1},
		.workloads = {{"munmap_einval"}, 1},
		.caches = {{"stirred", "hot"}, 2},
		.unit = UNIT_NS,
	};
	struct error why = {0};

	*run = (struct run){.record = record_new()};
	assert_int_equal(plan_make(&options, &run->plan, &why), 0);
	assert_int_equal(worker_page_make(&run->plan, 0, &run->fd, &run->page), 0);
	assert_int_equal(totals_open(run->page, &run->results), 0);
	for (size_t i = 0; i < worker_page_experiment(run->page, 0)->n_configs; i++)
		if (worker_page_config(run->page, 0, i)->kind == CONFIG_PROBE &&
		    !worker_page_config(run->page, 0, i)->again)
			run->probe = i;
	run->own = worker_page_config(run->page, 0, run->probe)->own;
	for (unsigned int w = 0; w < workers; w++)
		one_worker(run, w, cycles);
}

static void make(struct run *run, planted *cycles)
{
	make_of(run, WORKERS, cycles);
}

static void release(struct run *run)
{
	totals_close(&run->results);
	worker_page_free(run->page);
	close(run->fd);
	plan_free(&run->plan);
	record_free(run->record);
}

/* The result of the probe, which costs 92 ns alone and 122 beside a neighbour. */
static struct record_result *stored(const struct run *run, const struct alone *alone)
{
	struct record_result *result =
		record_add_result(run->record, "raw_tp_empty", "raw_tp", "empty", "t", "-", "hot");
	double effect[ALL];

	for (size_t r = 0; r < ALL; r++)
		effect[r] = alone->flag[run->probe * ALL + r] == NEIGHBOUR_SEEN ? 122 : 92;
	result->overhead.typical = (struct effect){91, 88, 94};
	assert_int_equal(alone_store(alone, run->probe, effect, 0, result), 0);
	return result;
}

/* Three rounds of ten are beside a neighbour, with all of their configurations. */
static double three_of_ten(const struct run *run, size_t experiment, size_t config, size_t round)
{
	(void)run;
	(void)experiment;
	(void)config;
	return round % ROUNDS < 3 ? 1.4 : 1.02;
}

static void contended_rounds_are_left_out_and_estimated_apart(void **state)
{
	const struct record_result *result;
	struct alone alone;
	struct run run;

	(void)state;
	make(&run, three_of_ten);
	assert_int_equal(alone_open(&run.results, 0, &tsc, &alone), 0);
	assert_true(alone_masks(&alone, run.probe));
	for (size_t r = 0; r < ALL; r++)
		assert_int_equal(alone_excludes(&alone, run.probe, r), r % ROUNDS < 3);
	result = stored(&run, &alone);
	assert_string_equal(result->stratum, "uncontended");
	assert_true(fabs(result->contended_share - 0.3) < 1e-9);
	assert_true(fabs(result->uncontended.value - 91) < 1e-9); /* the headline itself */
	assert_true(fabs(result->contended.value - 122) < 1e-9);
	assert_true(fabs(result->cycles.value - 92 * 3.4133) < 0.5);
	assert_null(result->strata_note);
	alone_close(&alone);
	release(&run);
}

/* Seven rounds are too few for an estimate: all ten are used, and the share is reported. */
static void too_few_rounds_are_not_thinned(void **state)
{
	struct alone alone;
	struct run run;

	(void)state;
	make_of(&run, 1, three_of_ten);
	assert_int_equal(alone_open(&run.results, 0, &tsc, &alone), 0);
	assert_false(alone_masks(&alone, run.probe));
	alone_close(&alone);
	release(&run);
	make_of(&run, 2, three_of_ten);
	assert_int_equal(alone_open(&run.results, 0, &tsc, &alone), 0);
	assert_true(alone_masks(&alone, run.probe));
	alone_close(&alone);
	release(&run);
}

static double never(const struct run *run, size_t experiment, size_t config, size_t round)
{
	(void)run;
	(void)experiment;
	(void)config;
	(void)round;
	return 1.03;
}

static void without_a_neighbour_nothing_is_left_out(void **state)
{
	const struct record_result *result;
	struct alone alone;
	struct run run;

	(void)state;
	make(&run, never);
	assert_int_equal(alone_open(&run.results, 0, &tsc, &alone), 0);
	assert_false(alone_masks(&alone, run.probe));
	result = stored(&run, &alone);
	assert_true(result->contended_share <= 0);
	assert_true(fabs(result->uncontended.value - 91) < 1e-9); /* the headline itself */
	assert_null(result->strata_note);
	alone_close(&alone);
	release(&run);
}

/*
 * A neighbour all the time, sometimes a heavier one: no round may be said to have the core alone.
 */
static double always(const struct run *run, size_t experiment, size_t config, size_t round)
{
	(void)run;
	(void)experiment;
	(void)config;
	return round % ROUNDS < 3 ? 1.8 : 1.3;
}

static void a_neighbour_all_the_time_leaves_no_uncontended_figure(void **state)
{
	const struct record_result *result;
	struct alone alone;
	struct run run;

	(void)state;
	make(&run, always);
	assert_int_equal(alone_open(&run.results, 0, &tsc, &alone), 0);
	assert_false(alone_masks(&alone, run.probe));
	result = stored(&run, &alone);
	assert_null(result->stratum);
	assert_true(isnan(result->contended_share) && isnan(result->uncontended.value));
	assert_non_null(strstr(result->strata_note, "four additions took 1.30 cycles at best"));
	alone_close(&alone);
	release(&run);
}

/*
 * A neighbour beside the baseline alone spoils a comparison; beside another baseline it does not.
 */
static double own_baseline_in_one_of_five(const struct run *run, size_t experiment, size_t config,
					  size_t round)
{
	(void)experiment;
	return config == run->own && round % 5 == 0 ? 1.5 : 1.02;
}

static void the_own_baseline_counts(void **state)
{
	struct alone alone;
	struct run run;

	(void)state;
	make(&run, own_baseline_in_one_of_five);
	assert_int_equal(alone_open(&run.results, 0, &tsc, &alone), 0);
	assert_true(alone_masks(&alone, run.probe));
	for (size_t r = 0; r < ALL; r++) {
		assert_int_equal(alone_excludes(&alone, run.probe, r), r % 5 == 0);
		assert_int_equal(alone_excludes(&alone, run.own, r), r % 5 == 0);
	}
	alone_close(&alone);
	release(&run);
}

/*
 * A neighbour that comes and goes: in three rounds of ten one reading of both blocks shows it, in a
 * fourth only one of the baseline's.
 */
static double comes_and_goes(const struct run *run, size_t experiment, size_t config, size_t round)
{
	(void)experiment;
	if (round % ROUNDS < 3)
		return -1.5;
	return config == run->own && round % ROUNDS == 3 ? -1.5 : 1.02;
}

static void one_reading_makes_a_block_contended(void **state)
{
	const struct record_result *result;
	struct alone alone;
	struct run run;

	(void)state;
	make(&run, comes_and_goes);
	assert_int_equal(alone_open(&run.results, 0, &tsc, &alone), 0);
	for (size_t r = 0; r < ALL; r++)
		assert_int_equal(alone.flag[run.probe * ALL + r], r % ROUNDS < 3 ? NEIGHBOUR_SEEN
								  : r % ROUNDS == 3
									  ? NEIGHBOUR_PARTLY
									  : NEIGHBOUR_NONE);
	result = stored(&run, &alone);
	assert_true(fabs(result->contended_share - 0.4) < 1e-9);
	assert_true(fabs(result->contended.value - 122) < 1e-9);
	alone_close(&alone);
	release(&run);
}

/* The block of empty timed regions is not used as a baseline. */
static double timer_overhead_only(const struct run *run, size_t experiment, size_t config,
				  size_t round)
{
	(void)experiment;
	(void)round;
	return worker_page_config(run->page, 0, config)->kind == CONFIG_TIMER ? 1.5 : 1.02;
}

static void the_timer_overhead_spoils_no_baseline(void **state)
{
	struct alone alone;
	struct run run;

	(void)state;
	make(&run, timer_overhead_only);
	assert_int_equal(alone_open(&run.results, 0, &tsc, &alone), 0);
	assert_false(alone_excludes(&alone, run.own, 3));
	alone_close(&alone);
	release(&run);
}

/*
 * In experiment p one round in p + 2 is contended: each experiment's rows report their own share,
 * by workload and cache state.
 */
static double by_experiment(const struct run *run, size_t experiment, size_t config, size_t round)
{
	(void)run;
	(void)config;
	return round % (experiment + 2) == 0 ? 1.5 : 1.02;
}

static void each_experiment_has_rows_of_its_own(void **state)
{
	struct run run;

	(void)state;
	make(&run, by_experiment);
	assert_int_equal(run.page->n_experiments, 2);
	for (size_t p = 0; p < run.page->n_experiments; p++) {
		struct alone alone;

		assert_int_equal(alone_open(&run.results, p, &tsc, &alone), 0);
		alone_note_conditions(&alone, run.plan.experiments[p].workload->name,
				      cache_state_name(run.plan.experiments[p].cache), run.record);
		alone_close(&alone);
	}
	assert_int_equal(run.record->n_conditions, ALL * run.page->n_experiments);
	for (size_t i = 0; i < run.record->n_conditions; i++) {
		const struct round_conditions *row = &run.record->conditions[i];

		for (size_t p = 0; p < run.page->n_experiments; p++) {
			bool seen = row->round % (p + 2) == 0;

			if (strcmp(row->cache, cache_state_name(run.plan.experiments[p].cache)) !=
			    0)
				continue;
			assert_true(fabs(row->contended - seen) < 1e-9);
			assert_true(fabs(row->chain_ticks - CHAIN) < 1e-6);
			assert_true(fabs(row->throughput_ticks -
					 CHAIN * NEIGHBOUR_STEPS / NEIGHBOUR_CHAIN_ADDS *
						 (seen ? 1.5 : 1.02)) < 1e-6);
			assert_true(fabs(row->frequency_hz - 3.41333e9) < 1e6);
		}
	}
	release(&run);
}

static double none(const struct run *run, size_t experiment, size_t config, size_t round)
{
	(void)run;
	(void)experiment;
	(void)config;
	(void)round;
	return 0;
}

static void without_readings_nothing_is_known(void **state)
{
	const struct record_result *result;
	struct alone alone;
	struct run run;

	(void)state;
	make(&run, none);
	assert_int_equal(alone_open(&run.results, 0, &tsc, &alone), 0);
	assert_false(alone_masks(&alone, run.probe));
	result = stored(&run, &alone);
	assert_true(isnan(result->contended_share) && isnan(result->cycles.value));
	assert_non_null(strstr(result->strata_note, "0 readings"));
	alone_note_conditions(&alone, "munmap_einval",
			      cache_state_name(run.plan.experiments[0].cache), run.record);
	assert_true(isnan(run.record->conditions[0].contended));
	assert_true(isnan(run.record->conditions[0].frequency_hz));
	alone_close(&alone);
	release(&run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(contended_rounds_are_left_out_and_estimated_apart),
		cmocka_unit_test(too_few_rounds_are_not_thinned),
		cmocka_unit_test(without_a_neighbour_nothing_is_left_out),
		cmocka_unit_test(a_neighbour_all_the_time_leaves_no_uncontended_figure),
		cmocka_unit_test(the_own_baseline_counts),
		cmocka_unit_test(one_reading_makes_a_block_contended),
		cmocka_unit_test(the_timer_overhead_spoils_no_baseline),
		cmocka_unit_test(each_experiment_has_rows_of_its_own),
		cmocka_unit_test(without_readings_nothing_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
