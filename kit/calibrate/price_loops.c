/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <sys/mman.h>

#include "calib/arch/unrolled.h"
#include "kit/calibrate/price_loops.h"

const unsigned int price_repeats[SLOPE_POINTS] = {16, 32, 48, 64, 64};

#define LOOPS_OF(name, SETUP, BODY)               \
	ARCH_UNROLLED(name##_48, 48, SETUP, BODY) \
	ARCH_UNROLLED(name##_16, 16, SETUP, BODY) \
	ARCH_UNROLLED(name##_32, 32, SETUP, BODY) \
	ARCH_UNROLLED(name##_64, 64, SETUP, BODY) \
	ARCH_UNROLLED(name##_again, 64, SETUP, BODY)

#define PLAIN(name, n, summary, SETUP, BODY)		LOOPS_OF(name, SETUP, BODY)
#define RETURNS(name, returns, SETUP, BODY)		LOOPS_OF(name, SETUP, BODY)
#define INDIRECTS(name, indirect, returns, SETUP, BODY) LOOPS_OF(name, SETUP, BODY)

ARCH_PRICED(PLAIN)
ARCH_RETURNS(RETURNS)
ARCH_INDIRECTS(INDIRECTS)

/* First writes to `pages` pages of a mapping that was given back before. */
static void touch_pages(void *area, uint64_t turns, size_t pages)
{
	char *at = (char *)area + PRICE_PAGE;

	while (turns--) {
		madvise(at, 64 * PRICE_PAGE, MADV_DONTNEED);
		for (size_t i = 0; i < pages; i++)
			((volatile char *)at)[i * PRICE_PAGE] = 1;
	}
}

static void fault_48(void *area, uint64_t turns)
{
	touch_pages(area, turns, 48);
}

static void fault_16(void *area, uint64_t turns)
{
	touch_pages(area, turns, 16);
}

static void fault_32(void *area, uint64_t turns)
{
	touch_pages(area, turns, 32);
}

static void fault_64(void *area, uint64_t turns)
{
	touch_pages(area, turns, 64);
}

#define ROW_LOOPS(name)                                                  \
	{                                                                \
		name##_16, name##_32, name##_48, name##_64, name##_again \
	}
#define PLAIN_ROW(name, n, summary, SETUP, BODY) {#name, summary, n, ROW_LOOPS(name), -1, -1},
#define RETURNS_ROW(name, way, SETUP, BODY)                           \
	{"call_return",                                               \
	 "direct call of a function that returns as the kernel's do", \
	 1,                                                           \
	 ROW_LOOPS(name),                                             \
	 way,                                                         \
	 -1},
#define INDIRECTS_ROW(name, way, way_back, SETUP, BODY)    \
	{"indirect_call_return",                           \
	 "the same, called indirectly as the kernel does", \
	 1,                                                \
	 ROW_LOOPS(name),                                  \
	 way_back,                                         \
	 way},

const struct priced priced[] = {
	ARCH_RETURNS(RETURNS_ROW) ARCH_INDIRECTS(INDIRECTS_ROW) ARCH_PRICED(PLAIN_ROW){
		"minor_fault",
		"first write to a page: the exception, the kernel's handler, its giving back",
		1,
		{fault_16, fault_32, fault_48, fault_64, fault_64},
		-1,
		-1},
};
const size_t priced_count = sizeof(priced) / sizeof(priced[0]);

int price_applies(const struct priced *row, const struct kernel_branches *branches)
{
	return (row->returns < 0 || row->returns == (int)branches->returns) &&
	       (row->indirect < 0 || row->indirect == (int)branches->indirect);
}
