/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The reader as a process: what memory it shares, what happens when it or its owner is killed, what
 * its start disturbs.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <cmocka.h>

#include "calib/error.h"
#include "bpf/read/arena.h"
#include "bpf/read/consumer.h"
#include "bpf/read/reader_host.h"
#include "bpf/load/probe.h"
#include "bpf/programs/shared.h"
#include "kit/system/mounts.h"

#define CALLS	   100
#define SETTLE_S   2.0
#define END_MS	   5000 /* longer than any process takes to end; nothing is timed */
#define PAGES	   1000
#define PAGE_BYTES 4096

static struct error why;
static uint64_t private_count; /* each process has its own */

static void on_event(void *ctx, const void *data, size_t size)
{
	_Atomic uint64_t *shared = ctx;

	(void)data;
	(void)size;
	private_count++;
	atomic_fetch_add(shared, 1);
}

static void on_lost(void *ctx, int cpu, uint64_t lost)
{
	(void)ctx;
	(void)cpu;
	(void)lost;
}

static int make_ring(void)
{
	int fd = bpf_map_create(BPF_MAP_TYPE_RINGBUF, "ring", 0, 0, RINGBUF_BYTES, NULL);

	if (fd < 0) {
		printf("# skip: a ring buffer: %s\n", strerror(errno));
		skip();
	}
	return fd;
}

static int open_on(int map_fd, enum consumer_wait wait, void *ctx, struct consumer **out)
{
	const struct consumer_source source = {.map_fds = &map_fd, .n_maps = 1};
	const struct consumer_options options = {.wait = wait, .timeout_ms = -1, .perf_cpu = -1};
	const struct consumer_calls calls = {on_event, on_lost, ctx};

	return consumer_open(&source, &options, &calls, out, &why);
}

static void events_are_counted_in_shared_memory_only(void **state)
{
	_Atomic uint64_t *shared = arena_alloc(sizeof(*shared));
	struct consumer *consumer;
	struct probe *probe;

	(void)state;
	assert_non_null(shared);
	if (probe_open(variant_find("raw_tp_ringbuf"), TARGET_MUNMAP, WAKE_DEFAULT, &probe, &why)) {
		printf("# skip: %s\n", why.text);
		skip();
	}
	assert_int_equal(probe_monitor(probe, getpid()), 0);
	for (int wait = WAIT_EDGE; wait < WAIT_COUNT; wait++) {
		assert_int_equal(open_on(probe_events_fd(probe), (enum consumer_wait)wait,
					 (void *)shared, &consumer),
				 0);
		assert_int_not_equal(consumer->pid, getpid());
		atomic_store(shared, 0);
		assert_int_equal(probe_attach(probe, &why), 0);
		for (int i = 0; i < CALLS; i++)
			syscall(SYS_munmap, 1, 4096);
		probe_detach(probe);
		assert_int_equal(consumer_settle(consumer, SETTLE_S), 0);
		assert_int_equal(atomic_load(shared), CALLS);
		assert_int_equal(private_count, 0);
		assert_true(consumer_cpu_ns(consumer) > 0);
		consumer_close(consumer);
	}
	probe_close(probe);
	arena_free((void *)shared);
}

static void private_memory_is_refused(void **state)
{
	_Atomic uint64_t *mine = calloc(1, sizeof(*mine));
	struct consumer *consumer = NULL;
	int ring = make_ring();

	(void)state;
	assert_int_equal(open_on(ring, WAIT_EDGE, (void *)mine, &consumer), -EINVAL);
	assert_non_null(strstr(why.text, "shared memory"));
	assert_int_equal(open_on(ring, WAIT_CALLER, (void *)mine, &consumer), 0);
	assert_int_equal(consumer->pid, 0);
	consumer_close(consumer);
	free((void *)mine);
	close(ring);
}

static void a_killed_reader_is_an_error(void **state)
{
	void *shared = arena_alloc(8);
	struct consumer *consumer;
	int ring = make_ring();

	(void)state;
	assert_int_equal(open_on(ring, WAIT_EDGE, shared, &consumer), 0);
	assert_int_equal(consumer_settle(consumer, SETTLE_S), 0);
	assert_int_equal(kill(consumer->pid, SIGKILL), 0);
	assert_int_equal(consumer_settle(consumer, SETTLE_S), -EPIPE);
	assert_string_equal(consumer_error(-EPIPE), "its process has ended");
	assert_int_equal(consumer_pause(consumer), -EPIPE);
	consumer_close(consumer);
	/* and the next reader works */
	assert_int_equal(open_on(ring, WAIT_EDGE, shared, &consumer), 0);
	assert_int_equal(consumer_settle(consumer, SETTLE_S), 0);
	consumer_close(consumer);
	arena_free(shared);
	close(ring);
}

static void a_reader_ends_with_its_owner(void **state)
{
	int ends[2], ring = make_ring();
	struct pollfd reader = {.events = POLLIN};
	pid_t owner, pid = 0;

	(void)state;
	assert_int_equal(pipe(ends), 0);
	owner = fork();
	if (!owner) {
		struct consumer *consumer;

		if (!open_on(ring, WAIT_EDGE, arena_alloc(8), &consumer))
			pid = consumer->pid;
		if (write(ends[1], &pid, sizeof(pid)) < 0)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ends[0], &pid, sizeof(pid)), sizeof(pid));
	assert_true(pid > 0);
	reader.fd = (int)syscall(SYS_pidfd_open, pid, 0);
	assert_true(reader.fd >= 0);
	assert_int_equal(poll(&reader, 1, 0), 0);
	kill(owner, SIGKILL);
	assert_int_equal(waitpid(owner, NULL, 0), owner);
	assert_int_equal(poll(&reader, 1, END_MS), 1);
	close(reader.fd);
	close(ends[0]);
	close(ends[1]);
	close(ring);
}

static long faults_of_writing(char *memory)
{
	struct rusage before, after;

	getrusage(RUSAGE_THREAD, &before);
	for (size_t i = 0; i < PAGES; i++)
		((volatile char *)memory)[i * PAGE_BYTES]++;
	getrusage(RUSAGE_THREAD, &after);
	return after.ru_minflt - before.ru_minflt;
}

/* A fork by the measuring process would make its next write to every page fault. */
static void its_start_write_protects_nothing(void **state)
{
	void *shared = arena_alloc(8);
	int ring = make_ring();
	char *memory;

	(void)state;
	assert_int_equal(reader_host_start(&why), 0);
	memory = mmap(NULL, PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	assert_ptr_not_equal(memory, MAP_FAILED);
	madvise(memory, PAGES * PAGE_BYTES, MADV_NOHUGEPAGE);
	assert_true(faults_of_writing(memory) > PAGES / 2);
	for (int i = 0; i < 3; i++) {
		struct consumer *consumer;

		assert_int_equal(open_on(ring, WAIT_EDGE, shared, &consumer), 0);
		assert_true(faults_of_writing(memory) < PAGES / 10);
		consumer_close(consumer);
	}
	munmap(memory, PAGES * PAGE_BYTES);
	arena_free(shared);
	close(ring);
}

/* Freed memory is available again: ten times as much as the arena holds, and zeroed. */
static void shared_memory_is_used_again(void **state)
{
	(void)state;
	for (int i = 0; i < 160; i++) {
		char *a = arena_alloc((size_t)1 << 20), *b = arena_alloc(10000);

		assert_non_null(a);
		assert_non_null(b);
		assert_int_equal(a[0] | a[(1 << 20) - 1] | b[9999], 0);
		memset(a, 1, (size_t)1 << 20);
		memset(b, 1, 10000);
		arena_free(a);
		arena_free(b);
	}
	assert_null(arena_alloc((size_t)1 << 30));
	assert_int_equal(errno, ENOMEM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_counted_in_shared_memory_only),
		cmocka_unit_test(private_memory_is_refused),
		cmocka_unit_test(a_killed_reader_is_an_error),
		cmocka_unit_test(a_reader_ends_with_its_owner),
		cmocka_unit_test(its_start_write_protects_nothing),
		cmocka_unit_test(shared_memory_is_used_again),
	};

	mounts_complete();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
