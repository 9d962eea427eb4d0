/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cpuset/facts.h"
#include "cpuset/pick.h"

struct scene {
	const char *topology;
	const char *allowed, *isolated, *nohz_full; /* NULL: unknown */
	const char *fast, *slow;
	const double *noise;
	size_t n_noise;
	int want_cpu, want_reader_cpu;
};

static hwloc_bitmap_t list(const char *text)
{
	hwloc_bitmap_t set;

	if (!text)
		return NULL;
	set = hwloc_bitmap_alloc();
	assert_non_null(set);
	assert_int_equal(facts_parse_list(text, set), 0);
	return set;
}

static int pick(const struct scene *scene, struct placement *out, struct error *why)
{
	hwloc_bitmap_t allowed = list(scene->allowed);
	hwloc_bitmap_t isolated = list(scene->isolated);
	hwloc_bitmap_t nohz_full = list(scene->nohz_full);
	hwloc_bitmap_t fast = list(scene->fast);
	hwloc_bitmap_t slow = list(scene->slow);
	struct pick_facts facts = {
		.allowed = allowed,
		.isolated = isolated,
		.nohz_full = nohz_full,
		.fast = fast,
		.slow = slow,
		.noise = scene->noise,
		.n_noise = scene->n_noise,
		.want_cpu = scene->want_cpu,
		.want_reader_cpu = scene->want_reader_cpu,
	};
	hwloc_topology_t topology;
	int err;

	assert_int_equal(hwloc_topology_init(&topology), 0);
	assert_int_equal(hwloc_topology_set_synthetic(topology, scene->topology), 0);
	assert_int_equal(hwloc_topology_load(topology), 0);
	err = pick_cpus(topology, &facts, out, why);
	hwloc_topology_destroy(topology);
	hwloc_bitmap_free(slow);
	hwloc_bitmap_free(fast);
	hwloc_bitmap_free(nohz_full);
	hwloc_bitmap_free(isolated);
	hwloc_bitmap_free(allowed);
	return err;
}

static struct placement pick_ok(const struct scene *scene)
{
	struct placement place;
	struct error why = {0};
	int err = pick(scene, &place, &why);

	if (err)
		print_error("%s\n", why.text);
	assert_int_equal(err, 0);
	print_message("  %s\n", place.reason);
	return place;
}

/*
 * Two packages with one node and one L3 each, four cores of two threads: CPUs 2c and 2c+1 are core
 * c.
 */
#define TWO_SOCKETS "pack:2 numa:1 l3:1 core:4 pu:2"

static void isolated_beats_nohz_full_and_noise(void **state)
{
	const double noise[16] = {0};
	struct placement place = pick_ok(&(struct scene){.topology = TWO_SOCKETS,
							 .isolated = "4,6-7",
							 .nohz_full = "10-11",
							 .noise = noise,
							 .n_noise = 16,
							 .want_cpu = -1,
							 .want_reader_cpu = -1});

	(void)state;
	/* 4 is isolated as well, but its sibling 5 is not. */
	assert_int_equal(place.cpu, 7);
	assert_int_equal(place.core, 3);
	assert_int_equal(place.sibling, 6);
	assert_int_equal(place.node, 0);
	assert_int_equal(place.reader_cpu, 4);
	assert_string_equal(place.reason, "CPU 7: isolated, core 3, its sibling 6 is isolated too; "
					  "reader on CPU 4: same L3 cache, another core");
}

static void nohz_full_beats_noise(void **state)
{
	const double noise[8] = {0.5, 0.001, 0.3, 0.3, 0.3, 0.3, 0.2, 0.4};
	struct placement place = pick_ok(&(struct scene){.topology = "core:4 pu:2",
							 .isolated = "",
							 .nohz_full = "6-7",
							 .noise = noise,
							 .n_noise = 8,
							 .want_cpu = -1,
							 .want_reader_cpu = -1});

	(void)state;
	assert_int_equal(place.cpu, 6);
	assert_int_equal(place.reader_cpu, 1);
	assert_non_null(strstr(place.reason, "CPU 6: nohz_full, core 3, its sibling 7 is left "
					     "unused"));
	assert_non_null(strstr(place.reason, "reader on CPU 1: same node, another core"));
}

static void quietest_by_survey(void **state)
{
	const double noise[4] = {0.02, 0.03, 0.0004, NAN};
	struct placement place = pick_ok(&(struct scene){.topology = "core:4 pu:1",
							 .noise = noise,
							 .n_noise = 4,
							 .want_cpu = -1,
							 .want_reader_cpu = -1});

	(void)state;
	assert_int_equal(place.cpu, 2);
	assert_int_equal(place.sibling, -1);
	/* CPU 3 was not surveyed; 0 is clearly quieter than 1. */
	assert_int_equal(place.reader_cpu, 0);
	assert_non_null(strstr(place.reason, "CPU 2: the quietest (0.04 % of its time used "
					     "by others)"));
}

static void cpu0_must_be_clearly_quieter(void **state)
{
	const double near[2] = {0.0010, 0.0015};
	const double far[2] = {0.0010, 0.0500};
	struct scene scene = {.topology = "core:2 pu:1",
			      .noise = near,
			      .n_noise = 2,
			      .want_cpu = -1,
			      .want_reader_cpu = -1};
	struct placement place = pick_ok(&scene);

	(void)state;
	assert_int_equal(place.cpu, 1);
	assert_non_null(strstr(place.reason, "about as quiet as CPU 0"));
	scene.noise = far;
	place = pick_ok(&scene);
	assert_int_equal(place.cpu, 0);
	assert_int_equal(place.reader_cpu, 1);
}

static void nothing_known(void **state)
{
	struct placement place = pick_ok(
		&(struct scene){.topology = "core:2 pu:1", .want_cpu = -1, .want_reader_cpu = -1});

	(void)state;
	assert_int_equal(place.cpu, 1);
	assert_int_equal(place.reader_cpu, 0);
	assert_non_null(strstr(place.reason, "nothing tells the CPUs apart, and it is not CPU 0"));
}

static void reader_stays_near(void **state)
{
	/* Two L3 groups per node, two nodes; the quieter CPUs are all far away. */
	const double noise[16] = {[0 ... 7] = 0.0, [8] = 0.3,  [9] = 0.2,  [10] = 0.3, [11] = 0.3,
				  [12] = 0.0,	   [13] = 0.0, [14] = 0.0, [15] = 0.2};
	struct placement place = pick_ok(&(struct scene){.topology = "numa:2 l3:2 core:4 pu:1",
							 .isolated = "11",
							 .noise = noise,
							 .n_noise = 16,
							 .want_cpu = -1,
							 .want_reader_cpu = -1});

	(void)state;
	assert_int_equal(place.cpu, 11);
	assert_int_equal(place.node, 1);
	assert_int_equal(place.reader_cpu, 9);
	place = pick_ok(&(struct scene){.topology = "numa:2 l3:2 core:4 pu:1",
					.allowed = "0-7,11-15",
					.isolated = "11",
					.noise = noise,
					.n_noise = 16,
					.want_cpu = -1,
					.want_reader_cpu = -1});
	assert_int_equal(place.cpu, 11);
	assert_int_equal(place.reader_cpu, 14);
	assert_non_null(strstr(place.reason, "same node, another core"));
	place = pick_ok(&(struct scene){.topology = "numa:2 l3:2 core:4 pu:1",
					.allowed = "0-7,11",
					.isolated = "11",
					.want_cpu = -1,
					.want_reader_cpu = -1});
	assert_int_equal(place.reader_cpu, 7);
	assert_non_null(strstr(place.reason, "another NUMA node, another core"));
}

static void isolated_but_not_allowed_is_not_taken(void **state)
{
	struct placement place = pick_ok(&(struct scene){.topology = "core:4 pu:1",
							 .allowed = "0-2",
							 .isolated = "3",
							 .want_cpu = -1,
							 .want_reader_cpu = -1});

	(void)state;
	assert_int_equal(place.cpu, 2);
	assert_int_equal(place.reader_cpu, 1);
}

static void one_cpu(void **state)
{
	struct placement place = pick_ok(
		&(struct scene){.topology = "core:1 pu:1", .want_cpu = -1, .want_reader_cpu = -1});

	(void)state;
	assert_int_equal(place.cpu, 0);
	assert_int_equal(place.reader_cpu, -1);
	assert_string_equal(place.reason, "CPU 0: the only CPU allowed, core 0; no reader CPU: no "
					  "second CPU is allowed");
}

static void threads_of_one_core_are_no_pair(void **state)
{
	struct placement place = pick_ok(
		&(struct scene){.topology = "core:1 pu:2", .want_cpu = -1, .want_reader_cpu = -1});

	(void)state;
	assert_int_equal(place.cpu, 1);
	assert_int_equal(place.sibling, 0);
	assert_int_equal(place.reader_cpu, -1);
	assert_non_null(strstr(place.reason, "threads of the same core"));
}

/* Whatever is allowed, isolated and noisy, the two chosen CPUs are never on one core. */
static void never_one_core(void **state)
{
	static const char *const lists[] = {"0-15", "0-1", "0,1,2", "14-15", "0,8", "3,5,7,9"};
	static const char *const isolated[] = {"", "0-1", "2-3", "0-15", "15"};
	struct placement place;
	struct error why;

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		for (size_t j = 0; j < sizeof(isolated) / sizeof(isolated[0]); j++) {
			struct scene scene = {.topology = TWO_SOCKETS,
					      .allowed = lists[i],
					      .isolated = isolated[j],
					      .want_cpu = -1,
					      .want_reader_cpu = -1};

			assert_int_equal(pick(&scene, &place, &why), 0);
			assert_true(place.cpu >= 0);
			assert_true(place.reader_cpu < 0 || place.reader_cpu / 2 != place.cpu / 2);
			/* Asking by name for the CPUs that were chosen chooses the same. */
			scene.want_cpu = place.cpu;
			scene.want_reader_cpu = place.reader_cpu;
			assert_int_equal(pick(&scene, &place, &why), 0);
			assert_int_equal(place.cpu, scene.want_cpu);
		}
	}
}

static void wanted_cpus_are_honoured(void **state)
{
	struct scene scene = {
		.topology = TWO_SOCKETS, .isolated = "6-7", .want_cpu = 0, .want_reader_cpu = -1};
	struct placement place = pick_ok(&scene);

	(void)state;
	assert_int_equal(place.cpu, 0);
	assert_int_equal(place.reader_cpu, 7);
	assert_non_null(strstr(place.reason, "CPU 0: asked for with --cpu, not isolated"));
	scene.want_cpu = -1;
	scene.want_reader_cpu = 6;
	place = pick_ok(&scene);
	assert_int_equal(place.reader_cpu, 6);
	/* 7 is isolated too but shares the reader's core. */
	assert_int_equal(place.cpu, 15);
	assert_non_null(strstr(place.reason, "reader on CPU 6 (--reader-cpu): another NUMA node"));
}

static void forced_siblings_get_a_warning(void **state)
{
	struct scene scene = {.topology = TWO_SOCKETS, .want_cpu = 2, .want_reader_cpu = 3};
	struct placement place = pick_ok(&scene);

	(void)state;
	assert_int_equal(place.cpu, 2);
	assert_int_equal(place.reader_cpu, 3);
	assert_non_null(strstr(place.reason, "WARNING: it is a thread of the same core"));
	assert_null(strstr(place.reason, "unused"));
	scene = (struct scene){.topology = "core:1 pu:2", .want_cpu = -1, .want_reader_cpu = 1};
	place = pick_ok(&scene);
	assert_int_equal(place.cpu, 0);
	assert_non_null(strstr(place.reason, "WARNING"));
}

static void bad_wishes(void **state)
{
	struct placement place = {.cpu = 42};
	struct error why = {0};
	struct scene scene = {.topology = "core:2 pu:1", .want_cpu = 9, .want_reader_cpu = -1};

	(void)state;
	assert_int_equal(pick(&scene, &place, &why), -ENOENT);
	assert_string_equal(why.text, "CPU 9 does not exist or is not allowed; allowed: 0-1");
	scene.want_cpu = -1;
	scene.want_reader_cpu = 2;
	assert_int_equal(pick(&scene, &place, &why), -ENOENT);
	assert_string_equal(why.text, "CPU 2 does not exist or is not allowed; allowed: 0-1");
	scene.want_cpu = 1;
	scene.want_reader_cpu = 1;
	assert_int_equal(pick(&scene, &place, &why), -EINVAL);
	assert_non_null(strstr(why.text, "--cpu and --reader-cpu both name CPU 1"));
	scene = (struct scene){
		.topology = "core:2 pu:1", .allowed = "1", .want_cpu = -1, .want_reader_cpu = 1};
	assert_int_equal(pick(&scene, &place, &why), -EINVAL);
	assert_non_null(strstr(why.text, "CPU 1 is the only one allowed"));
	scene = (struct scene){
		.topology = "core:2 pu:1", .allowed = "7", .want_cpu = -1, .want_reader_cpu = -1};
	assert_int_equal(pick(&scene, &place, &why), -ENOENT);
	/* Nothing is written on failure. */
	assert_int_equal(place.cpu, 42);
}

/* Four fast cores and four slow ones with one thread each; a slow one is the quietest. */
static void a_fast_core_beats_a_quieter_slow_one(void **state)
{
	static const double noise[] = {0.02, 0.03, 0.01, 0.02, 0.001, 0.002, 0.003, 0.0001};
	struct scene scene = {.topology = "pack:1 numa:1 l3:1 core:8 pu:1",
			      .fast = "0-3",
			      .slow = "4-7",
			      .noise = noise,
			      .n_noise = 8,
			      .want_cpu = -1,
			      .want_reader_cpu = -1};
	struct placement place = pick_ok(&scene);

	(void)state;
	assert_int_equal(place.cpu, 2);
	assert_non_null(strstr(place.reason, "core 2 of the fastest type"));
	assert_true(place.reader_cpu < 4);
	/* the isolated one is taken, and the reason says that it is slow */
	scene.isolated = "6";
	place = pick_ok(&scene);
	assert_int_equal(place.cpu, 6);
	assert_non_null(strstr(place.reason, "core 6 of the slower type"));
	/* one type only: the reason does not mention it */
	scene.isolated = scene.fast = scene.slow = NULL;
	place = pick_ok(&scene);
	assert_int_equal(place.cpu, 7);
	assert_null(strstr(place.reason, "type"));
}

static void reason_fits(void **state)
{
	struct placement place =
		pick_ok(&(struct scene){.topology = "pack:64 numa:1 l3:1 core:64 pu:2",
					.isolated = "8190-8191",
					.nohz_full = "8190-8191",
					.want_cpu = 8191,
					.want_reader_cpu = 8190});

	(void)state;
	assert_true(strlen(place.reason) < sizeof(place.reason) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(isolated_beats_nohz_full_and_noise),
		cmocka_unit_test(nohz_full_beats_noise),
		cmocka_unit_test(quietest_by_survey),
		cmocka_unit_test(cpu0_must_be_clearly_quieter),
		cmocka_unit_test(nothing_known),
		cmocka_unit_test(reader_stays_near),
		cmocka_unit_test(isolated_but_not_allowed_is_not_taken),
		cmocka_unit_test(one_cpu),
		cmocka_unit_test(threads_of_one_core_are_no_pair),
		cmocka_unit_test(never_one_core),
		cmocka_unit_test(wanted_cpus_are_honoured),
		cmocka_unit_test(forced_siblings_get_a_warning),
		cmocka_unit_test(bad_wishes),
		cmocka_unit_test(a_fast_core_beats_a_quieter_slow_one),
		cmocka_unit_test(reason_fits),
	};

	return cmocka_run_group_tests_name("cpuset/pick", tests, NULL, NULL);
}
