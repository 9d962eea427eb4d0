/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every variant on the running kernel: it works and its hits are exact, or it is refused with a
 * reason.
 */
#define _GNU_SOURCE
#include <sched.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

#include "calib/error.h"
#include "bpf/read/probe_reader.h"
#include "bpf/load/probe.h"
#include "kit/system/mounts.h"

#define CALLS 20
#define TRIES                                                                              \
	5000 /* many, since on a busy machine few tries are without another task's syscall \
	      */
#define LEN	8192
#define FILLING 20000 /* more than fit into a 256 KiB buffer at the smallest record size */

static struct error why;

static void fire(enum probe_target target, unsigned int n)
{
	while (n--)
		syscall(probe_target_nr(target), 1, LEN, MADV_DONTNEED);
}

/* The least of several tries, since other tasks' syscalls add runs. */
static uint64_t least_runs(struct probe *probe, enum probe_target target, uint64_t expected)
{
	uint64_t best = UINT64_MAX, before, after, missed;

	for (int i = 0; i < TRIES && best > expected; i++) {
		assert_int_equal(probe_hits(probe, &before, &missed), 0);
		fire(target, CALLS);
		assert_int_equal(probe_hits(probe, &after, &missed), 0);
		if (after - before < best)
			best = after - before;
	}
	return best;
}

static bool try_open(const struct variant *v, enum probe_target target, struct probe **probe)
{
	*why.text = '\0';
	if (!probe_open(v, target, WAKE_DEFAULT, probe, &why)) {
		if (!probe_attach(*probe, &why))
			return true;
		probe_close(*probe);
	}
	/* a refusal has a reason, which is never a missing program */
	assert_int_not_equal(strlen(why.text), 0);
	assert_null(strstr(why.text, "no program"));
	return false;
}

static void every_variant_counts_its_hits_or_says_why_not(void **state)
{
	unsigned int worked = 0;
	int counting = probe_count_hits();

	(void)state;
	if (counting < 0) {
		printf("# skip: counting hits needs root and BPF_ENABLE_STATS: %s\n",
		       strerror(-counting));
		skip();
	}
	for (size_t i = 0; i < variants_count; i++)
		for (int t = 0; t < TARGET_COUNT; t++) {
			const struct variant *v = &variants[i];
			struct probe *probe;

			if (!try_open(v, (enum probe_target)t, &probe)) {
				if (v->body == BODY_EMPTY && t == 0)
					printf("# skip: %s: %s\n", v->name, why.text);
				continue;
			}
			/* a hook on all syscalls also runs for the second read of the count */
			assert_int_equal(least_runs(probe, (enum probe_target)t,
						    CALLS + hook_sees_all_syscalls(v->hook)),
					 CALLS + hook_sees_all_syscalls(v->hook));
			assert_true(*probe_mechanism(probe));
			probe_close(probe);
			worked++;
		}
	close(counting);
	if (!worked) {
		printf("# skip: no variant works here\n");
		skip();
	}
}

/* Events come only from a monitored process, and each has the right process, length and type. */
static void check_events(const struct variant *v, enum probe_target target, struct probe *probe)
{
	struct probe_reader_expect expect = {.tgid = getpid(),
					     .bytes_freed = LEN,
					     .target = target,
					     .as_written = body_as_written(v->body)};
	struct probe_reader *wakeup;

	assert_int_equal(probe_reader_open(body_output(v->body), WAKEUP_IDLE,
					   probe_events_fd(probe), sched_getcpu(), -1, &expect,
					   &wakeup, &why),
			 0);
	fire(target, CALLS);
	assert_int_equal(probe_reader_settle(wakeup), 0);
	assert_int_equal(wakeup->counted.received + wakeup->counted.foreign, 0);
	assert_int_equal(probe_monitor(probe, getpid()), 0);
	fire(target, CALLS);
	assert_int_equal(probe_monitor(probe, 0), 0);
	fire(target, CALLS);
	assert_int_equal(probe_reader_settle(wakeup), 0);
	assert_int_equal(wakeup->counted.received, CALLS);
	assert_int_equal(wakeup->counted.foreign, 0);
	assert_int_equal(probe_dropped(probe), 0);
	probe_reader_close(wakeup);
}

static void events_come_from_the_monitored_process_alone(void **state)
{
	unsigned int worked = 0;
	cpu_set_t one;

	(void)state;
	CPU_ZERO(&one);
	CPU_SET(sched_getcpu(), &one);
	sched_setaffinity(0, sizeof(one), &one); /* one CPU has a perf buffer */
	for (size_t i = 0; i < variants_count; i++)
		for (int t = 0; t < TARGET_COUNT; t++) {
			struct probe *probe;

			if (body_output(variants[i].body) == OUTPUT_NONE ||
			    !try_open(&variants[i], (enum probe_target)t, &probe))
				continue;
			check_events(&variants[i], (enum probe_target)t, probe);
			probe_close(probe);
			worked++;
		}
	if (!worked) {
		printf("# skip: no output body works here: %s\n", why.text);
		skip();
	}
}

/*
 * Attaches and detaches repeatedly: the last count of hits is as exact as the first, and a detached
 * probe sends nothing.
 */
static void attaching_again_works_and_detaching_ends_it(void **state)
{
	const struct variant *v = variant_find("tracepoint_empty");
	int counting = probe_count_hits();
	struct probe *probe;

	(void)state;
	if (counting < 0 || !try_open(v, TARGET_MUNMAP, &probe)) {
		printf("# skip: %s: %s\n", v->name, counting < 0 ? strerror(-counting) : why.text);
		skip();
	}
	for (int i = 0; i < 5; i++) {
		uint64_t before, after, missed;

		assert_int_equal(least_runs(probe, TARGET_MUNMAP, CALLS), CALLS);
		probe_detach(probe);
		assert_int_equal(probe_hits(probe, &before, &missed), 0);
		fire(TARGET_MUNMAP, CALLS);
		assert_int_equal(probe_hits(probe, &after, &missed), 0);
		assert_int_equal(after, before);
		assert_int_equal(probe_attach(probe, &why), 0);
	}
	probe_close(probe);
	close(counting);
}

/*
 * A copy takes the program's place and counts as exactly as the kernel does, also where nothing
 * calls it, and with the program's own maps; then the program runs there again, the copy no more.
 */
static void a_copy_counts_in_its_place(void **state)
{
	int counting = probe_count_hits();

	(void)state;
	if (counting < 0)
		skip();
	for (size_t i = 0; i < variants_count; i++) {
		const struct variant *v = &variants[i];
		uint64_t own = hook_sees_all_syscalls(v->hook), before, after, missed;
		struct probe *probe;

		if (!try_open(v, TARGET_MUNMAP, &probe))
			continue;
		assert_int_equal(probe_monitor(probe, getpid()), 0);
		assert_int_equal(probe_copy_begin(probe, &why), 0);
		assert_int_equal(least_runs(probe, TARGET_MUNMAP, CALLS + own), CALLS + own);
		if (!own) {
			assert_int_equal(least_runs(probe, TARGET_MADVISE, CALLS), 0);
			assert_int_equal(probe_hits(probe, &before, &missed), 0);
		}
		/* what it cannot send is the program's drop: nobody reads, or has made a perf
		 * buffer */
		fire(TARGET_MUNMAP, body_output(v->body) == OUTPUT_RINGBUF ? FILLING : 0);
		assert_int_equal(probe_dropped(probe) > 0, body_output(v->body) != OUTPUT_NONE);
		assert_int_equal(probe_copy_end(probe, &why), 0);
		assert_int_equal(least_runs(probe, TARGET_MUNMAP, CALLS + own), CALLS + own);
		probe_detach(probe);
		assert_int_equal(probe_hits(probe, &before, &missed), 0);
		fire(TARGET_MUNMAP, CALLS);
		assert_int_equal(probe_hits(probe, &after, &missed), 0);
		assert_int_equal(after, before);
		probe_close(probe);
	}
	close(counting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_variant_counts_its_hits_or_says_why_not),
		cmocka_unit_test(events_come_from_the_monitored_process_alone),
		cmocka_unit_test(attaching_again_works_and_detaching_ends_it),
		cmocka_unit_test(a_copy_counts_in_its_place),
	};

	mounts_complete();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
