/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE 1
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cpuset/affinity.h"
#include "cpuset/facts.h"
#include "cpuset/survey.h"

static int parse(int (*parser)(FILE *, int, uint64_t *), const char *text, int cpu, uint64_t *value)
{
	FILE *file = fmemopen((void *)text, strlen(text), "r");
	int err;

	assert_non_null(file);
	err = parser(file, cpu, value);
	fclose(file);
	return err;
}

static void steal(void **state)
{
	static const char text[] = "cpu  100 0 1 2 3 4 5 99 0 0\n"
				   "cpu1 2191 0 813 101893 127 0 55 3836 0 0\n"
				   "cpu10 1 2 3 4 5 6 7 18446744073709551615\n"
				   "intr 1 2 3\n";
	uint64_t ticks = 0;

	(void)state;
	assert_int_equal(parse(survey_parse_steal, text, 1, &ticks), 0);
	assert_int_equal(ticks, 3836);
	assert_int_equal(parse(survey_parse_steal, text, 10, &ticks), 0);
	assert_true(ticks == UINT64_MAX);
	assert_int_equal(parse(survey_parse_steal, text, 0, &ticks), -ENOENT);
	assert_int_equal(parse(survey_parse_steal, text, -1, &ticks), -ENOENT);
}

static void steal_damaged(void **state)
{
	static const char *const texts[] = {
		"cpu0 1 2 3 4 5 6 7\n",	     "cpu0 1 2 3 4 5 6 7 8x\n",
		"cpu0 1 2 3 4 5 6 7 -8 9\n", "cpu0 \n",
		"cpu0 1 2 x 4 5 6 7 8 9\n",  "cpu0 1 2 3 4 5 6 7 18446744073709551616 0\n",
		"cpu0 1 2 3 4 5 6 7 8", /* the end is cut off: 8 may have been 80 */
	};
	uint64_t ticks;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(parse(survey_parse_steal, texts[i], 0, &ticks), -EBADMSG);
	assert_int_equal(parse(survey_parse_steal, "\n", 0, &ticks), -ENOENT);
}

/* CPUs 1 and 2 are offline: they have no column. */
static const char interrupts[] =
	"           CPU0       CPU3       CPU12\n"
	"  0:         10          1        100  IO-APIC   2-edge      timer\n"
	" 24:         20          2        200  PCI-MSIX-0000:00:01.0   0-edge   7 virtio0\n"
	"NMI:          0          3        300   Non-maskable interrupts\n"
	"LOC:       1000          4        400   Local timer interrupts\n"
	"ERR:          7\n"
	"MIS:          9\n"
	"PIN:          0          0          0   Posted-interrupt notification event\n";

static void interrupt_columns(void **state)
{
	uint64_t count = 0;

	(void)state;
	assert_int_equal(parse(survey_parse_interrupts, interrupts, 0, &count), 0);
	assert_int_equal(count, 1030);
	assert_int_equal(parse(survey_parse_interrupts, interrupts, 3, &count), 0);
	assert_int_equal(count, 10);
	assert_int_equal(parse(survey_parse_interrupts, interrupts, 12, &count), 0);
	assert_int_equal(count, 1000);
	assert_int_equal(parse(survey_parse_interrupts, interrupts, 1, &count), -ENOENT);
	/* With one CPU, a row for the whole machine looks like one for a CPU. */
	assert_int_equal(
		parse(survey_parse_interrupts, "  CPU0\nLOC: 5 Local timer\nERR: 7\n", 0, &count),
		0);
	assert_int_equal(count, 5);
}

static void interrupts_damaged(void **state)
{
	static const char *const texts[] = {
		"\n",
		"CPUx\n",
		"CPU0 CPU1x\n",
		"CPU0 CPU1\n 24: 1\n",
		"CPU0 CPU1\n 24: 1 2",
		"CPU0 CPU1\n 24: 1 -2 x\n",
		"CPU0 CPU1\n 24: 99999999999999999999 2 x\n",
		"CPU0 CPU1\n no colon\n",
		"CPU0 CPU1\n LOC:\n",
	};
	uint64_t count;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(parse(survey_parse_interrupts, texts[i], 0, &count), -EBADMSG);
}

/*
 * Every prefix of a valid file is refused, read as "not there", or read without an access beyond
 * it.
 */
static void interrupts_truncated(void **state)
{
	char text[sizeof(interrupts)];

	(void)state;
	for (size_t len = 1; len < sizeof(interrupts); len++) {
		uint64_t count = 0;
		int err;

		memcpy(text, interrupts, len);
		text[len] = '\0';
		err = parse(survey_parse_interrupts, text, 12, &count);
		assert_true(err == 0 || err == -EBADMSG || err == -ENOENT);
		assert_true(count <= 1000);
	}
}

static void conditions_of_this_machine(void **state)
{
	struct conditions before;
	struct conditions after;
	hwloc_bitmap_t mine = hwloc_bitmap_alloc();
	int cpu;

	(void)state;
	assert_non_null(mine);
	assert_int_equal(affinity_get(mine), 0);
	cpu = hwloc_bitmap_first(mine);
	assert_int_equal(survey_conditions(cpu, &before), 0);
	assert_int_equal(survey_conditions(cpu, &after), 0);
	assert_true(before.interrupts > 0);
	assert_true(after.interrupts >= before.interrupts);
	assert_true(after.steal_ticks >= before.steal_ticks);
	assert_true(after.context_switches_voluntary >= before.context_switches_voluntary);
	assert_true(after.context_switches_involuntary >= before.context_switches_involuntary);
	assert_int_equal(survey_conditions(1 << 19, &after), -ENOENT);
	hwloc_bitmap_free(mine);
}

static void noise_of_this_machine(void **state)
{
	hwloc_bitmap_t before = hwloc_bitmap_alloc();
	hwloc_bitmap_t after = hwloc_bitmap_alloc();
	double noise[4096];
	int cpu;

	(void)state;
	assert_non_null(before);
	assert_non_null(after);
	assert_int_equal(affinity_get(before), 0);
	assert_int_equal(survey_noise(before, 20, noise, 4096), 0);
	assert_int_equal(affinity_get(after), 0);
	assert_true(hwloc_bitmap_isequal(before, after));
	for (cpu = 0; cpu < 4096; cpu++) {
		if (!hwloc_bitmap_isset(before, (unsigned int)cpu)) {
			assert_true(isnan(noise[cpu]));
			continue;
		}
		print_message("  CPU %d: %.4f %%\n", cpu, noise[cpu] * 100);
		assert_true(noise[cpu] >= 0 && noise[cpu] <= 1);
	}
	assert_int_equal(survey_noise(before, 0, noise, 4096), -EINVAL);
	assert_int_equal(survey_noise(before, 20, noise, 0), -ERANGE);
	hwloc_bitmap_only(after, 4095);
	assert_int_equal(survey_noise(after, 20, noise, 4096), -EINVAL);
	assert_int_equal(affinity_get(after), 0);
	assert_true(hwloc_bitmap_isequal(before, after));
	hwloc_bitmap_free(after);
	hwloc_bitmap_free(before);
}

static void pinning(void **state)
{
	hwloc_bitmap_t before = hwloc_bitmap_alloc();
	hwloc_bitmap_t after = hwloc_bitmap_alloc();

	(void)state;
	assert_non_null(before);
	assert_non_null(after);
	assert_int_equal(affinity_get(before), 0);
	assert_int_equal(affinity_pin(hwloc_bitmap_last(before)), 0);
	assert_int_equal(affinity_get(after), 0);
	assert_int_equal(hwloc_bitmap_weight(after), 1);
	assert_int_equal(hwloc_bitmap_first(after), hwloc_bitmap_last(before));
	assert_int_equal(affinity_pin(-1), -EINVAL);
	assert_int_equal(affinity_pin(1 << 19), -EINVAL);
	assert_int_equal(affinity_set(before), 0);
	hwloc_bitmap_zero(after);
	assert_int_equal(affinity_set(after), -EINVAL);
	hwloc_bitmap_free(after);
	hwloc_bitmap_free(before);
}

static void lists(void **state)
{
	static const struct {
		const char *text, *same;
	} good[] = {{"0-3,7\n", "0-3,7"}, {"", ""},
		    {"\n", ""},		  {"(null)\n", ""},
		    {"5", "5"},		  {" 1,2,3 \n", "1-3"},
		    {"0-1023", "0-1023"}, {"1048575", "1048575"}};
	static const char *const bad[] = {"x",	 "1-",	"3-1", "1,,2",	  ",",	     "1,",  "-1",
					  "0x1", "1 2", "1;2", "1048576", "(null)1", "(nul"};
	hwloc_bitmap_t set = hwloc_bitmap_alloc();

	(void)state;
	assert_non_null(set);
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char text[64];

		assert_int_equal(facts_parse_list(good[i].text, set), 0);
		hwloc_bitmap_list_snprintf(text, sizeof(text), set);
		assert_string_equal(text, good[i].same);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(facts_parse_list(bad[i], set), -EBADMSG);
	hwloc_bitmap_free(set);
}

static void put(const char *root, const char *name, const char *text)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/%s", root, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static const char *const folders[] = {"", "/sys", "/sys/devices", "/sys/devices/system",
				      "/sys/devices/system/cpu"};

enum { FOLDERS = sizeof(folders) / sizeof(folders[0]) };

static void make_folders(char *root)
{
	char path[256];

	assert_non_null(mkdtemp(root));
	for (int i = 1; i < FOLDERS; i++) {
		snprintf(path, sizeof(path), "%s%s", root, folders[i]);
		assert_int_equal(mkdir(path, 0700), 0);
	}
}

static void remove_folders(const char *root)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/nohz_full", root);
	unlink(path);
	snprintf(path, sizeof(path), "%s/sys/devices/system/cpu/isolated", root);
	unlink(path);
	for (int i = FOLDERS; i-- > 0;) {
		snprintf(path, sizeof(path), "%s%s", root, folders[i]);
		assert_int_equal(rmdir(path), 0);
	}
}

static void facts_of_a_made_up_system(void **state)
{
	char root[] = "/tmp/bpftoll-facts-XXXXXX";
	hwloc_bitmap_t before = hwloc_bitmap_alloc();
	struct error why = {0};
	struct facts facts;

	(void)state;
	assert_non_null(before);
	make_folders(root);
	assert_int_equal(affinity_get(before), 0);
	assert_int_equal(facts_gather(root, &facts, &why), 0);
	assert_true(hwloc_bitmap_iszero(facts.isolated) && hwloc_bitmap_iszero(facts.nohz_full));
	assert_true(hwloc_bitmap_isequal(facts.allowed, before));
	facts_release(&facts);
	facts_release(&facts);
	facts_release(NULL);
	/* A CPU that does not exist is not allowed. */
	put(root, "isolated", "4000\n");
	assert_int_equal(facts_gather(root, &facts, &why), 0);
	assert_true(hwloc_bitmap_isset(facts.isolated, 4000));
	assert_true(hwloc_bitmap_isequal(facts.allowed, before));
	facts_release(&facts);
	put(root, "nohz_full", "junk\n");
	assert_int_equal(facts_gather(root, &facts, &why), -EBADMSG);
	assert_non_null(strstr(why.text, "nohz_full: \"junk\" is no list of CPUs"));
	remove_folders(root);
	hwloc_bitmap_free(before);
}

/* With isolcpus the isolated CPU is not in the affinity; it may be used all the same. */
static void isolated_cpus_are_allowed(void **state)
{
	char root[] = "/tmp/bpftoll-facts-XXXXXX";
	hwloc_bitmap_t before = hwloc_bitmap_alloc();
	hwloc_bitmap_t after = hwloc_bitmap_alloc();
	struct error why = {0};
	char text[32];
	struct facts facts;
	int last;

	(void)state;
	assert_non_null(before);
	assert_non_null(after);
	assert_int_equal(affinity_get(before), 0);
	last = hwloc_bitmap_last(before);
	if (hwloc_bitmap_weight(before) < 2) {
		print_message("  skipped: it takes two CPUs\n");
		hwloc_bitmap_free(after);
		hwloc_bitmap_free(before);
		skip();
	}
	make_folders(root);
	snprintf(text, sizeof(text), "%d\n", last);
	put(root, "isolated", text);
	put(root, "nohz_full", "(null)\n");
	assert_int_equal(affinity_pin(hwloc_bitmap_first(before)), 0);
	assert_int_equal(facts_gather(root, &facts, &why), 0);
	assert_int_equal(hwloc_bitmap_weight(facts.allowed), 2);
	assert_true(hwloc_bitmap_isset(facts.allowed, (unsigned int)last));
	facts_release(&facts);
	/* The thread itself has not moved. */
	assert_int_equal(affinity_get(after), 0);
	assert_int_equal(hwloc_bitmap_weight(after), 1);
	assert_int_equal(hwloc_bitmap_first(after), hwloc_bitmap_first(before));
	assert_int_equal(affinity_set(before), 0);
	remove_folders(root);
	hwloc_bitmap_free(after);
	hwloc_bitmap_free(before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steal),
		cmocka_unit_test(steal_damaged),
		cmocka_unit_test(interrupt_columns),
		cmocka_unit_test(interrupts_damaged),
		cmocka_unit_test(interrupts_truncated),
		cmocka_unit_test(conditions_of_this_machine),
		cmocka_unit_test(noise_of_this_machine),
		cmocka_unit_test(pinning),
		cmocka_unit_test(lists),
		cmocka_unit_test(facts_of_a_made_up_system),
		cmocka_unit_test(isolated_cpus_are_allowed),
	};

	return cmocka_run_group_tests_name("cpuset/survey", tests, NULL, NULL);
}
