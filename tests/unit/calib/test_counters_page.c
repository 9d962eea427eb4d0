/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * counters_read_page against made-up mmap pages, which checks the arithmetic without a PMU. Then a
 * whole block: the page of a real event is replaced, and a signal handler acts as the PMU.
 */
#define _GNU_SOURCE
#include "calib/counters.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>
#include <cmocka.h>

static struct perf_event_mmap_page page;

/* The made-up counter's value, which counter was read, and what happens during the read. */
static struct {
	uint64_t value;
	uint32_t index;
	unsigned int reads;
	void (*during_run)(void);
} pmc;

static uint64_t fake_pmc(uint32_t index)
{
	uint64_t value = pmc.value;

	pmc.index = index;
	pmc.reads++;
	if (pmc.during_run)
		pmc.during_run();
	return value;
}

static int set_up(void **state)
{
	(void)state;
	memset(&page, 0, sizeof(page));
	memset(&pmc, 0, sizeof(pmc));
	page.cap_user_rdpmc = 1;
	page.index = 1;
	page.pmc_width = 48;
	page.time_enabled = 7000;
	page.time_running = 6000;
	return 0;
}

static uint64_t count_now(void)
{
	uint64_t count = 0, enabled = 0, running = 0;

	assert_true(counters_read_page(&page, fake_pmc, &count, &enabled, &running));
	return count;
}

static void assert_refused(void)
{
	uint64_t count = 11, enabled = 12, running = 13;

	assert_false(counters_read_page(&page, fake_pmc, &count, &enabled, &running));
	assert_int_equal(count, 11);
	assert_int_equal(enabled, 12);
	assert_int_equal(running, 13);
}

static void adds_offset_and_counter(void **state)
{
	uint64_t count, enabled, running;

	(void)state;
	page.index = 4;
	page.offset = 1000;
	pmc.value = 234;
	assert_true(counters_read_page(&page, fake_pmc, &count, &enabled, &running));
	assert_int_equal(count, 1234);
	assert_int_equal(enabled, 7000);
	assert_int_equal(running, 6000);
	assert_int_equal(pmc.index, 3);
	assert_int_equal(pmc.reads, 1);
}

/*
 * x86_perf_event_set_period() writes -left into the counter, cut to its width, and sets offset to
 * count + left: 1,000 counted so far, 2^31 - 1 left, 5 events later.
 */
static void extends_the_sign(void **state)
{
	const uint64_t left = 0x7fffffff;

	(void)state;
	page.offset = (int64_t)(1000 + left);
	pmc.value = (0 - left + 5) & ((1ULL << 48) - 1);
	assert_int_equal(count_now(), 1005);
	/* Bits above the width are not part of the counter. */
	pmc.value |= 0xabcdULL << 48;
	assert_int_equal(count_now(), 1005);
}

static void extends_every_width(void **state)
{
	static const uint16_t widths[] = {1, 32, 40, 48, 63, 64};

	(void)state;
	for (size_t i = 0; i < sizeof(widths) / sizeof(*widths); i++) {
		page.pmc_width = widths[i];
		page.offset = 50;
		pmc.value = UINT64_MAX >> (64 - widths[i]); /* -1 */
		assert_int_equal(count_now(), 49);
		pmc.value = 0;
		assert_int_equal(count_now(), 50);
	}
}

static void takes_a_negative_offset(void **state)
{
	(void)state;
	page.offset = -300;
	pmc.value = 1000;
	assert_int_equal(count_now(), 700);
	/* Both negative: the total wraps as the kernel's own u64 does. */
	pmc.value = (0 - 1ULL) & ((1ULL << 48) - 1);
	assert_int_equal(count_now(), (uint64_t)-301);
}

/* A positive counter that passes 2^47 reads as negative; the kernel has changed offset by then. */
static void counts_across_the_overflow(void **state)
{
	uint64_t before, after;

	(void)state;
	page.offset = 1LL << 47;
	pmc.value = (0 - 3ULL) & ((1ULL << 48) - 1);
	before = count_now();
	pmc.value = 4;
	after = count_now();
	assert_int_equal(after - before, 7);
}

static void reschedule_once(void)
{
	if (pmc.reads != 1)
		return;
	page.lock += 2;
	page.index = 3;
	page.offset = 500;
	page.time_enabled = 9000;
	page.time_running = 8000;
	pmc.value = 20;
}

static void turns_again_when_the_page_changed(void **state)
{
	uint64_t count, enabled, running;

	(void)state;
	pmc.value = 999;
	pmc.during_run = reschedule_once;
	assert_true(counters_read_page(&page, fake_pmc, &count, &enabled, &running));
	assert_int_equal(count, 520);
	assert_int_equal(enabled, 9000);
	assert_int_equal(running, 8000);
	assert_int_equal(pmc.reads, 2);
	assert_int_equal(pmc.index, 2);
}

static void lose_the_counter(void)
{
	page.lock += 2;
	page.index = 0;
}

static void refuses_when_taken_off_during_the_read(void **state)
{
	(void)state;
	pmc.during_run = lose_the_counter;
	assert_refused();
	assert_int_equal(pmc.reads, 1);
}

static void never_settle(void)
{
	page.lock++;
}

static void gives_up_on_a_page_that_never_settles(void **state)
{
	(void)state;
	pmc.during_run = never_settle;
	assert_refused();
	assert_in_range(pmc.reads, 2, 1000);
}

static void refuses_without_touching_the_counter(void **state)
{
	(void)state;
	page.index = 0;
	assert_refused();
	page.index = 1;
	page.cap_user_rdpmc = 0;
	assert_refused();
	page.cap_user_rdpmc = 1;
	page.pmc_width = 0;
	assert_refused();
	page.pmc_width = 65;
	assert_refused();
	assert_int_equal(pmc.reads, 0);
}

/* ---- a block; where user space may not use rdpmc, its SIGSEGV handler acts as the PMU ---- */

#if defined(__x86_64__)
enum { COUNTERS = 8 };

static volatile uint64_t hardware[COUNTERS];
static volatile sig_atomic_t rdpmcs;

static void play_rdpmc(int sig, siginfo_t *info, void *context)
{
	greg_t *reg = ((ucontext_t *)context)->uc_mcontext.gregs;
	const unsigned char *code;
	uint64_t value;

	(void)info;
	memcpy(&code, &reg[REG_RIP], sizeof(code));
	if (code[0] != 0x0f || code[1] != 0x33 || (uint64_t)reg[REG_RCX] >= COUNTERS) {
		signal(sig, SIG_DFL);
		return;
	}
	value = hardware[reg[REG_RCX]];
	reg[REG_RAX] = (greg_t)(value & UINT32_MAX);
	reg[REG_RDX] = (greg_t)(value >> 32);
	reg[REG_RIP] += 2;
	rdpmcs++;
}

/* Replaces the only event's page by one that the test can write. */
static struct perf_event_mmap_page *replace_page(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	void *at = NULL;
	char line[512];
	void *fresh;

	assert_non_null(maps);
	while (!at && fgets(line, sizeof(line), maps))
		if (strstr(line, "[perf_event]") && sscanf(line, "%p-", &at) != 1)
			at = NULL;
	fclose(maps);
	assert_non_null(at);
	fresh = mmap(at, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	assert_ptr_equal(fresh, at);
	return fresh;
}

static void settle_page(struct perf_event_mmap_page *p)
{
	p->cap_user_rdpmc = 1;
	p->index = 6;
	p->pmc_width = 48;
	p->offset = 1000;
	p->time_enabled = p->time_running = 5000;
	hardware[5] = 10;
	hardware[1] = 70000;
}

static void stays_put(struct perf_event_mmap_page *p)
{
	(void)p;
	hardware[5] += 1234;
}

static void overflows(struct perf_event_mmap_page *p)
{
	/*
	 * As the overflow interrupt does: the counter starts again at -2^31, and offset makes up
	 * for it.
	 */
	p->lock += 2;
	p->offset += 10 + 1000 + (1LL << 31);
	hardware[5] = (0 - (1ULL << 31) + 234) & ((1ULL << 48) - 1);
}

static void shares_the_counter(struct perf_event_mmap_page *p)
{
	p->time_enabled += 300;
}

static void moves_to_another_counter(struct perf_event_mmap_page *p)
{
	/* the kernel keeps the count so far in offset */
	p->lock += 2;
	p->index = 2;
	p->offset += 10 + 55 - 70000;
	p->time_enabled += 900;
	p->time_running += 900;
}

static void goes_off(struct perf_event_mmap_page *p)
{
	p->lock += 2;
	p->index = 0;
}

static void count_blocks(struct counters *c)
{
	static const struct {
		void (*block)(struct perf_event_mmap_page *p);
		uint64_t count; /* by rdpmc */
		bool valid;
		bool rdpmc;
	} blocks[] = {
		{stays_put, 1234, true, true},	      {overflows, 1234, true, true},
		{shares_the_counter, 0, false, true}, {moves_to_another_counter, 55, true, true},
		{goes_off, 0, true, false},
	};
	struct perf_event_mmap_page *p = replace_page();
	const struct counter *counter = counters_at(c, 0);

	for (size_t i = 0; i < sizeof(blocks) / sizeof(*blocks); i++) {
		settle_page(p);
		assert_int_equal(counters_begin(c, 0), 0);
		blocks[i].block(p);
		assert_int_equal(counters_end(c, 0), 0);
		assert_int_equal(counter->valid, blocks[i].valid);
		assert_int_equal(counter->rdpmc, blocks[i].rdpmc);
		if (blocks[i].rdpmc)
			assert_int_equal(counter->count, blocks[i].count);
	}
	/*
	 * Off at the start of the block: read() is used at both ends, whatever the page says later.
	 */
	settle_page(p);
	p->index = 0;
	assert_int_equal(counters_begin(c, 0), 0);
	p->index = 6;
	assert_int_equal(counters_end(c, 0), 0);
	assert_true(counter->valid);
	assert_false(counter->rdpmc);
	assert_in_range(counter->count, 0, 10);
}

static void reads_a_block_with_rdpmc(void **state)
{
	struct sigaction play = {.sa_sigaction = play_rdpmc, .sa_flags = SA_SIGINFO};
	struct sigaction before;
	struct counters *c;
	struct error why = {0};

	(void)state;
	if (counters_open("page-faults:u", -1, &c, &why)) {
		print_message("skipped: %s\n", why.text);
		skip();
	}
	assert_int_equal(sigaction(SIGSEGV, &play, &before), 0);
	__asm__ volatile("rdpmc" : : "c"(5) : "eax", "edx");
	if (rdpmcs)
		count_blocks(c);
	sigaction(SIGSEGV, &before, NULL);
	counters_close(c);
	if (!rdpmcs) {
		print_message("skipped: rdpmc is open to all here (.../cpu/rdpmc is 2): the PMU "
			      "cannot be played\n");
		skip();
	}
}
#else
static void reads_a_block_with_rdpmc(void **state)
{
	(void)state;
	print_message("skipped: rdpmc is x86's\n");
	skip();
}
#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(adds_offset_and_counter, set_up),
		cmocka_unit_test_setup(extends_the_sign, set_up),
		cmocka_unit_test_setup(extends_every_width, set_up),
		cmocka_unit_test_setup(takes_a_negative_offset, set_up),
		cmocka_unit_test_setup(counts_across_the_overflow, set_up),
		cmocka_unit_test_setup(turns_again_when_the_page_changed, set_up),
		cmocka_unit_test_setup(refuses_when_taken_off_during_the_read, set_up),
		cmocka_unit_test_setup(gives_up_on_a_page_that_never_settles, set_up),
		cmocka_unit_test_setup(refuses_without_touching_the_counter, set_up),
		cmocka_unit_test(reads_a_block_with_rdpmc),
	};

	return cmocka_run_group_tests_name("counters_page", tests, NULL, NULL);
}
