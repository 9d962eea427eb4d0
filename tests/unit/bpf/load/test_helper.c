/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The table of helpers: all repetitions have the same instructions; each program loads on this
 * machine, runs, and sends what it should.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/error.h"
#include "bpf/load/host_program.h"
#include "bpf/read/channel.h"
#include "kit/system/mounts.h"

#define CALLS 20
#define MOST  16 /* repetitions */

static struct error why;

static void fire(unsigned int n)
{
	while (n--)
		syscall(SYS_munmap, 1, 4096);
}

static unsigned int size_of(const struct helper *helper, size_t i)
{
	return helper->sizes[i];
}

#define FOR_SIZES(helper, i) \
	for (size_t i = 0; i < HELPER_SIZES_MOST && (!i || (helper)->sizes[i]); i++)

/* Jumps are relative and stay inside a repetition, so the bytes themselves must be equal. */
static void each_repetition_is_the_same_instructions(void **state)
{
	static struct code none, one, most;

	(void)state;
	for (size_t h = 0; h < helpers_count; h++)
		for (int wake = WAKE_DEFAULT; wake <= WAKE_SAMPLED; wake++)
			FOR_SIZES(&helpers[h], i)
			{
				struct repeat r = {.size = size_of(&helpers[h], i),
						   .host_program = HOOK_TP_BTF,
						   .wake = (enum ring_wake)wake};
				size_t head, length;

				helper_code(&helpers[h], &r, &none);
				r.times = 1;
				helper_code(&helpers[h], &r, &one);
				r.times = MOST;
				helper_code(&helpers[h], &r, &most);
				length = one.n - none.n;
				head = none.n - 2; /* return 0 */
				assert_true(length > 0);
				assert_int_equal(most.n, none.n + MOST * length);
				assert_true(most.n < CODE_MOST);
				for (size_t k = 0; k < MOST; k++)
					assert_memory_equal(most.insns + head + k * length,
							    one.insns + head,
							    length * sizeof(struct bpf_insn));
				assert_memory_equal(most.insns + most.n - 2, none.insns + head,
						    2 * sizeof(struct bpf_insn));
			}
}

static void what_no_kernel_can_run_is_refused_in_words(void **state)
{
	size_t refused = 0;

	(void)state;
	for (size_t h = 0; h < helpers_count; h++) {
		bool by_all = true;

		for (int c = 0; c < HOST_PROGRAM_COUNT; c++) {
			const char *words = helper_refused(&helpers[h], c);

			by_all = by_all && words;
			refused += words && *words;
		}
		assert_false(by_all);
	}
	/*
	 * the direct read works on seven hooks and test_run, the probe read on three host programs
	 */
	assert_int_equal(refused, 8 + 3);
}

/* Selects a program, runs it CALLS times, and receives what it sent to the last event. */
static void run_one(struct host_program *host_program, int kind, const struct helper *helper,
		    unsigned int size, unsigned int times)
{
	static struct code code;
	struct repeat r = {.size = size, .times = times, .host_program = kind, .wake = WAKE_NEVER};
	struct channel *channel = NULL;
	int map = -1, fd;

	if (helper->output != OUTPUT_NONE) {
		assert_int_equal(channel_open(helper->output, WAKEUP_IDLE, 0, -1, &channel, &why),
				 0);
		r.map_fd = channel->map_fd;
		r.counts_fd = channel->counts_fd;
	}
	if (helper->map_type) {
		map = r.map_fd = host_program_map(helper->map_type, size, &why);
		assert_true(map >= 0);
	}
	helper_code(helper, &r, &code);
	fd = host_program_load(host_program, &code, &why);
	if (fd < 0) {
		/* the reason is the kernel's, and never about the instructions that we generated */
		assert_non_null(strstr(why.text, "cannot use helper"));
		if (times == 1)
			printf("# skip: %s: %s\n", helper->name, why.text);
		goto out;
	}
	assert_int_equal(host_program_select(host_program, fd), 0);
	fire(CALLS);
	close(fd);
	if (channel) {
		channel->sent += helper->discards ? 0 : CALLS * times;
		probe_reader_settle(channel->reader);
		if (channel_check(channel, &why))
			fail_msg("%s, %u bytes, %u times: %s", helper->name, size, times, why.text);
	}
out:
	channel_close(channel);
	if (map >= 0)
		close(map);
}

static void every_program_runs_here_or_says_why_not(void **state)
{
	struct host_program *host_program = NULL;
	int kind = HOOK_TP_BTF;
	cpu_set_t set;

	(void)state;
	/* the CPU that has the perf buffer */
	CPU_ZERO(&set);
	CPU_SET(0, &set);
	sched_setaffinity(0, sizeof(set), &set);
	if (host_program_open(kind, &host_program, &why) ||
	    host_program_attach(host_program, &why)) {
		printf("# skip: tp_btf: %s\n", why.text);
		host_program_close(host_program);
		skip();
	}
	for (size_t h = 0; h < helpers_count; h++)
		FOR_SIZES(&helpers[h], i)
		{
			for (unsigned int times = 0; times <= MOST; times = times ? times * 4 : 1)
				run_one(host_program, kind, &helpers[h], size_of(&helpers[h], i),
					times);
		}
	host_program_detach(host_program);
	host_program_close(host_program);
}

static void each_hook_carries_or_says_why_not(void **state)
{
	const struct repeat nothing = {0};
	static struct code code;
	int counting = probe_count_hits();

	(void)state;
	if (counting < 0)
		skip();
	for (int kind = 0; kind < HOOK_COUNT; kind++) {
		struct host_program *host_program = NULL;
		uint64_t before, after, missed, best = UINT64_MAX;
		int fd;

		*why.text = '\0';
		if (host_program_open(kind, &host_program, &why) ||
		    host_program_attach(host_program, &why)) {
			assert_int_not_equal(strlen(why.text), 0);
			assert_null(strstr(why.text, "no program"));
			printf("# skip: %s: %s\n", host_program_name(kind), why.text);
			host_program_close(host_program);
			continue;
		}
		/* no program selected: each hit is counted as that */
		fire(CALLS);
		assert_int_equal(host_program_fell_through(host_program), CALLS);
		helper_code(&helpers[0], &nothing, &code);
		fd = host_program_load(host_program, &code, &why);
		assert_true(fd >= 0);
		assert_int_equal(host_program_select(host_program, fd), 0);
		for (int i = 0; i < 20 && best > CALLS; i++) {
			assert_int_equal(host_program_hits(host_program, &before, &missed), 0);
			fire(CALLS);
			assert_int_equal(host_program_hits(host_program, &after, &missed), 0);
			best = after - before < best ? after - before : best;
		}
		assert_true(best >= CALLS);
		assert_int_equal(host_program_fell_through(host_program), CALLS);
		/* what falls through while it is cleared is counted, and is none of those */
		assert_int_equal(host_program_clear(host_program), 0);
		assert_int_equal(host_program_hits(host_program, &before, &missed), 0);
		fire(CALLS);
		assert_int_equal(host_program_hits(host_program, &after, &missed), 0);
		assert_int_equal(after - before, CALLS);
		assert_int_equal(host_program_select(host_program, fd), 0);
		fire(CALLS);
		assert_int_equal(host_program_fell_through(host_program), CALLS);
		close(fd);
		host_program_detach(host_program);
		host_program_close(host_program);
	}
	close(counting);
}

static void test_run_runs_what_is_selected(void **state)
{
	const struct repeat nothing = {.host_program = HOST_PROGRAM_TEST_RUN};
	static struct code code;
	struct host_program *host_program = NULL;
	union bpf_attr *attr;
	uint64_t before, after, missed;
	int counting = probe_count_hits(), fd;

	(void)state;
	if (counting < 0)
		skip();
	assert_int_equal(host_program_open(HOST_PROGRAM_TEST_RUN, &host_program, &why), 0);
	attr = host_program_test_run(host_program);
	/* no program selected: refused at once */
	assert_int_equal(syscall(SYS_bpf, BPF_PROG_TEST_RUN, attr, sizeof(*attr)), -1);
	assert_int_equal(errno, EBADF);
	helper_code(&helpers[0], &nothing, &code);
	fd = host_program_load(host_program, &code, &why);
	assert_true(fd >= 0);
	assert_int_equal(host_program_select(host_program, fd), 0);
	assert_int_equal(host_program_hits(host_program, &before, &missed), 0);
	for (int i = 0; i < CALLS; i++)
		assert_int_equal(syscall(SYS_bpf, BPF_PROG_TEST_RUN, attr, sizeof(*attr)), 0);
	assert_int_equal(host_program_hits(host_program, &after, &missed), 0);
	assert_int_equal(after - before, CALLS);
	close(fd);
	host_program_close(host_program);
	close(counting);
}

static void names(void **state)
{
	char text[32];
	int kind;

	(void)state;
	assert_true(host_program_find("test_run", &kind));
	assert_int_equal(kind, HOST_PROGRAM_TEST_RUN);
	assert_true(host_program_find("raw_tp", &kind));
	assert_int_equal(kind, HOOK_RAW_TP);
	assert_false(host_program_find("raw", &kind));
	helper_size_text(&helpers[0], 0, text, sizeof(text));
	assert_string_equal(text, "-");
	for (size_t h = 0; h < helpers_count; h++)
		if (!strcmp(helpers[h].name, "lookup_hit"))
			helper_size_text(&helpers[h], 1024, text, sizeof(text));
	assert_string_equal(text, "1024 entries");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_repetition_is_the_same_instructions),
		cmocka_unit_test(what_no_kernel_can_run_is_refused_in_words),
		cmocka_unit_test(every_program_runs_here_or_says_why_not),
		cmocka_unit_test(each_hook_carries_or_says_why_not),
		cmocka_unit_test(test_run_runs_what_is_selected),
		cmocka_unit_test(names),
	};

	mounts_complete();
	return cmocka_run_group_tests_name("helper", tests, NULL, NULL);
}
