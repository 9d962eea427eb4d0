/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Encodings for forced PMU models against the vendors' event lists: the Intel SDM, volume 3B, and
 * perfmon-events.intel.com; AMD's Processor Programming Reference of families 17h and 19h.
 */
#include "calib/counters.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* What counters_encode returned; in memory shared with the child that asked. */
struct answer {
	int err;
	struct perf_event_attr attr;
	struct error why;
};

#include "tests/unit/calib/asked.h"

static void encode(const char *event)
{
	answer->err = counters_encode(event, &answer->attr, &answer->why);
}

static void ask(const char *model, const char *event)
{
	ask_model(model, encode, event);
}

struct encoding {
	const char *model;
	const char *event;
	uint64_t config;
	bool user;
	bool kernel;
};

static void encodes_as_the_vendors_document(void **state)
{
	static const struct encoding known[] = {
		{"skl", "INST_RETIRED:ANY_P", 0x00c0, true, true},
		{"skl", "UNHALTED_CORE_CYCLES:u", 0x003c, true, false},
		{"skl", "CPU_CLK_UNHALTED:THREAD_P:k", 0x003c, false, true},
		{"skl", "LONGEST_LAT_CACHE:MISS:k", 0x412e, false, true},
		{"skl", "MEM_LOAD_RETIRED:L3_MISS:u", 0x20d1, true, false},
		{"skl", "DTLB_LOAD_MISSES:WALK_COMPLETED", 0x0e08, true, true},
		{"skl", "BR_MISP_RETIRED:ALL_BRANCHES:k", 0x00c5, false, true},
		{"skl", "CYCLE_ACTIVITY:STALLS_TOTAL", 0x040004a3, true, true},
		{"skl", "UNHALTED_CORE_CYCLES:c=1:i:u", 0x0180003c, true, false},
		{"icx", "INST_RETIRED:ANY:k", 0x0100, false, true},
		{"icx", "TOPDOWN:SLOTS", 0x0400, true, true},
		{"icx", "L1D:REPLACEMENT:k", 0x0151, false, true},
		{"spr", "INST_RETIRED:ANY_P:k", 0x00c0, false, true},
		{"spr", "DTLB_LOAD_MISSES:WALK_COMPLETED:u", 0x0e12, true, false},
		{"spr", "ITLB_MISSES:WALK_COMPLETED", 0x0e11, true, true},
		{"amd64_fam17h_zen2", "RETIRED_INSTRUCTIONS:k", 0xc0, false, true},
		{"amd64_fam17h_zen2", "CYCLES_NOT_IN_HALT:u", 0x76, true, false},
		{"amd64_fam19h_zen3", "RETIRED_INSTRUCTIONS", 0xc0, true, true},
		{"amd64_fam19h_zen3", "RETIRED_BRANCH_INSTRUCTIONS_MISPREDICTED:k", 0xc3, false,
		 true},
		/* Bits 8 to 11 of the event select are bits 32 to 35 of AMD's PERF_CTL. */
		{"amd64_fam19h_zen3", "RETIRED_FUSED_INSTRUCTIONS", 0x1000000d0, true, true},
		{"amd64_fam19h_zen3", "CYCLES_NOT_IN_HALT:c=2:i", 0x02800076, true, true},
		{"amd64_fam19h_zen4", "RETIRED_INSTRUCTIONS:u", 0xc0, true, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		ask(known[i].model, known[i].event);
		if (answer->err)
			fail_msg("%s: %s", known[i].model, answer->why.text);
		assert_int_equal(answer->attr.type, PERF_TYPE_RAW);
		assert_int_equal(answer->attr.size, sizeof(answer->attr));
		if (answer->attr.config != known[i].config)
			fail_msg("%s %s: config %#llx, documented %#llx", known[i].model,
				 known[i].event, answer->attr.config,
				 (unsigned long long)known[i].config);
		assert_int_equal(answer->attr.exclude_user, !known[i].user);
		assert_int_equal(answer->attr.exclude_kernel, !known[i].kernel);
		assert_int_equal(answer->attr.pinned, 0);
		assert_int_equal(answer->attr.sample_period, 0);
	}
}

/* The kernel's generic events, which need no table for the model. */
static void encodes_generic_and_software_events(void **state)
{
	static const struct {
		const char *event;
		uint32_t type;
		uint64_t config;
	} known[] = {
		{"cycles:k", PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES},
		{"instructions:k", PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS},
		{"perf::branch-misses:k", PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES},
		{"LLC-LOAD-MISSES:k", PERF_TYPE_HW_CACHE, 0x10002},
		{"page-faults:k", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS},
		{"perf::Context-Switches:k", PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CONTEXT_SWITCHES},
		{"perf_raw::r20d1:k", PERF_TYPE_RAW, 0x20d1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		ask(NULL, known[i].event);
		if (answer->err)
			fail_msg("%s", answer->why.text);
		assert_int_equal(answer->attr.type, known[i].type);
		assert_int_equal(answer->attr.config, known[i].config);
		assert_int_equal(answer->attr.exclude_user, 1);
		assert_int_equal(answer->attr.exclude_kernel, 0);
	}
}

/* A wrong name, the model, what is returned, and what must (and must not) be in the reason. */
static void assert_explained(const char *model, const char *event, int expected, const char *offer,
			     const char *unwanted)
{
	ask(model, event);
	if (answer->err != expected)
		fail_msg("%s: %d, expected %d (%s)", event, answer->err, expected,
			 answer->why.text);
	if (!strstr(answer->why.text, event) || !strstr(answer->why.text, offer))
		fail_msg("%s: no \"%s\" in: %s", event, offer, answer->why.text);
	if (unwanted && strstr(answer->why.text, unwanted))
		fail_msg("%s: \"%s\" in: %s", event, unwanted, answer->why.text);
}

static void offers_the_nearest_names(void **state)
{
	(void)state;
	assert_explained(NULL, "cyles:k", -ENOENT, "nearest: CYCLES", NULL);
	assert_explained(NULL, "contxt-switches", -ENOENT, "CONTEXT-SWITCHES", NULL);
	assert_explained(NULL, "page_fault", -ENOENT, "PAGE-FAULTS", NULL);
	assert_explained(NULL, "perf::instrutions:u", -ENOENT, "INSTRUCTIONS", NULL);
	assert_explained("skl", "INST_RETIERD:ANY_P", -ENOENT, "INST_RETIRED", NULL);
	assert_explained("amd64_fam19h_zen3", "RETIRED_INSTRUCTION", -ENOENT,
			 "nearest: RETIRED_INSTRUCTIONS", NULL);
}

static void offers_the_nearest_attributes(void **state)
{
	(void)state;
	assert_explained("skl", "MEM_LOAD_RETIRED:L3_MIS", -ENOENT, "nearest: L3_MISS", NULL);
	assert_explained("icx", "BR_MISP_RETIRED", -ENOENT, "it has: ", NULL);
	assert_explained("icx", "INST_RETIRED:k", -ENOENT, "it has: ANY", NULL);
	assert_explained("icx", "MEM_LOAD_RETIRED:l3", -ENOENT, "L3_", "e, i");
	assert_explained(NULL, "perf::cycles:precis=1", -ENOENT, "nearest: precise", NULL);
}

static void says_so_when_nothing_is_near(void **state)
{
	(void)state;
	assert_explained(NULL, "zzzzzzzzzzqqqq", -ENOENT, "unknown", "nearest");
	assert_explained(NULL, "nosuchpmu::cycles", -ENOENT, "no PMU called \"nosuchpmu\"",
			 "nearest");
	assert_explained("nosuchmodel", "cycles", -ENOENT, "no PMU table", "nearest");
}

static void survives_odd_names(void **state)
{
	static const char *const odd[] = {"", ":", "::", ":k", "perf::", "..", "=", "cycles:=1"};
	char long_name[ERROR_TEXT_BYTES + 64];

	(void)state;
	memset(long_name, 'c', sizeof(long_name) - 1);
	long_name[sizeof(long_name) - 1] = '\0';
	ask(NULL, long_name);
	assert_int_equal(answer->err, -ENOENT);
	assert_int_equal(strlen(answer->why.text), sizeof(answer->why.text) - 1);
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		ask(NULL, odd[i]);
		assert_true(answer->err < 0);
		assert_true(*answer->why.text);
	}
}

static void refuses_to_sample(void **state)
{
	(void)state;
	assert_explained(NULL, "cycles:k:period=1000", -EINVAL, "not sampled", NULL);
	assert_explained(NULL, "cycles:k:freq=100", -EINVAL, "not sampled", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encodes_as_the_vendors_document),
		cmocka_unit_test(encodes_generic_and_software_events),
		cmocka_unit_test(offers_the_nearest_names),
		cmocka_unit_test(offers_the_nearest_attributes),
		cmocka_unit_test(says_so_when_nothing_is_near),
		cmocka_unit_test(survives_odd_names),
		cmocka_unit_test(refuses_to_sample),
	};

	return cmocka_run_group_tests_name("counters_names", tests, share_answer, drop_answer);
}
