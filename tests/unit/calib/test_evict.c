/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The plan of an eviction for given cache sizes; the generated code runs; which figures prove the
 * eviction and which do not.
 */
#include "calib/evict.h"
#include "calib/evict_private.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define KIB ((size_t)1024)
#define MIB (KIB * 1024)

static char dir[64];

static void put(const char *index, const char *file, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/cpu3/cache/%s", dir, index);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/cpu3/cache/%s/%s", dir, index, file);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void put_cache(const char *index, const char *level, const char *type, const char *size)
{
	put(index, "level", level);
	put(index, "type", type);
	put(index, "size", size);
}

static int make_tree(void **state)
{
	char path[128];

	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_evict.XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/cpu3", dir);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/cpu3/cache", dir);
	return mkdir(path, 0755);
}

static int remove_tree(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -r %s", dir);
	return system(command);
}

static void reads_what_sysfs_says(void **state)
{
	struct cache_sizes sizes;

	(void)state;
	put_cache("index0", "1\n", "Data\n", "48K\n");
	put_cache("index1", "1\n", "Instruction\n", "32K\n");
	put_cache("index2", "2\n", "Unified\n", "2048K\n");
	put_cache("index3", "3\n", "Unified\n", "107520K\n");
	cache_sizes_read(dir, 3, &sizes);
	assert_int_equal(sizes.l1d, 48 * KIB);
	assert_int_equal(sizes.l1i, 32 * KIB);
	assert_int_equal(sizes.l2, 2 * MIB);
	assert_int_equal(sizes.l3, 105 * MIB);
	/* damaged and missing: unknown */
	put("index2", "size", "lots\n");
	put("index3", "level", "three\n");
	cache_sizes_read(dir, 3, &sizes);
	assert_int_equal(sizes.l2, 0);
	assert_int_equal(sizes.l3, 0);
	cache_sizes_read(dir, 4, &sizes);
	assert_int_equal(sizes.l1d, 0);
}

static size_t swept(const struct evict_plan *plan)
{
	return plan->pages * plan->lines_a_page * 64;
}

static void sweeps_twice_what_it_can_afford(void **state)
{
	static const struct {
		struct cache_sizes sizes;
		bool last_level;
		size_t least;
	} known[] = {
		{{48 * KIB, 32 * KIB, 2 * MIB, 105 * MIB}, false, 4 * MIB},
		{{32 * KIB, 32 * KIB, 256 * KIB, 8 * MIB}, true, 16 * MIB + 512 * KIB},
		{{32 * KIB, 32 * KIB, 512 * KIB, 32 * MIB}, false, MIB},
		{{0, 0, 0, 0}, true, 8 * MIB},
		{{64 * KIB, 64 * KIB, MIB, 0}, true, 2 * MIB},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		struct evict_plan plan;

		evict_make_plan(&known[i].sizes, &plan);
		assert_int_equal(plan.last_level, known[i].last_level);
		assert_true(swept(&plan) >= known[i].least);
		assert_true(swept(&plan) <= 2 * known[i].least || plan.lines_a_page == 1);
		assert_true(plan.pages >= 4096 && plan.lines_a_page <= 64);
		assert_true(plan.code_lines >= 16384 &&
			    plan.code_lines * 64 >= 2 * known[i].sizes.l1i);
	}
}

/* Small and often: the generated code returns whatever the directions are. */
static void runs_what_it_generated(void **state)
{
	struct cache_sizes sizes = {32 * KIB, 32 * KIB, MIB, 0};
	struct evict_plan plan = {.pages = 64, .lines_a_page = 64, .code_lines = 256};
	struct evict *e = NULL;
	struct error why = {0};

	(void)state;
	assert_int_equal(evict_open_plan(&sizes, &plan, &e, &why), 0);
	for (int i = 0; i < 1000; i++)
		evict_all(e);
	assert_non_null(strstr(evict_levels(e), "256 lines of branches"));
	evict_close(e);
	evict_close(NULL);
}

static void opens_on_this_machine_and_gives_figures(void **state)
{
	struct evict_proof proofs[EVICT_PROOFS];
	struct evict *e = NULL;
	struct error why = {0};
	double ticks = 0;

	(void)state;
	assert_int_equal(evict_open(0, &e, &why), 0);
	evict_check(e, 0, proofs, &ticks);
	assert_true(ticks > 0);
	for (int i = 0; i < EVICT_PROOFS; i++) {
		assert_true(proofs[i].hot > 0 && proofs[i].evicted > 0);
		assert_true(*proofs[i].note);
		print_message("%s: %.1f ticks hot, %.1f evicted: %s\n", proofs[i].what,
			      proofs[i].hot, proofs[i].evicted, proofs[i].note);
	}
	evict_close(e);
}

static bool judged(bool last_level, double near, double evicted, double twice, double far,
		   const char *note)
{
	struct evict e = {.sizes = {.l3 = 8 * MIB}, .plan = {.last_level = last_level}};
	struct evict_proof p = {.hot = 2, .near = near, .evicted = evicted, .far = far};
	bool holds = evict_judge_data(&e, &p, twice);

	if (!strstr(p.note, note))
		fail_msg("\"%s\" does not say \"%s\"", p.note, note);
	return holds;
}

static void proves_only_what_the_figures_show(void **state)
{
	(void)state;
	assert_true(judged(false, 7, 50, 50, 140, "L3 or memory"));
	assert_true(judged(false, 7, 130, 130, 140, "from memory"));
	assert_true(judged(true, 7, 120, 125, 140, "from memory"));
	/* nothing was evicted; only a part: a second eviction would remove more */
	assert_false(judged(false, 7, 2, 2, 140, "still come from L2"));
	assert_false(judged(false, 7, 8, 9, 140, "still come from L2"));
	assert_false(judged(false, 7, 25, 50, 140, "still come from L2"));
	/* out of L2, but L3 was read as well and kept them */
	assert_false(judged(true, 7, 50, 50, 140, "L3 was swept"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reads_what_sysfs_says, make_tree, remove_tree),
		cmocka_unit_test(sweeps_twice_what_it_can_afford),
		cmocka_unit_test(runs_what_it_generated),
		cmocka_unit_test(opens_on_this_machine_and_gives_figures),
		cmocka_unit_test(proves_only_what_the_figures_show),
	};

	return cmocka_run_group_tests_name("evict", tests, NULL, NULL);
}
