/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/arch/arch.h"
#include "calib/clock.h"
#include "cpuset/affinity.h"
#include "kit/timing/producers.h"

/* Calls between two checks of the clock: about 50 us. */
#define CHUNK  128
#define LATE_S 10.0

/* On cache lines of its own, so that producers do not slow each other down. */
struct producer_cpu {
	_Alignas(128) struct producer_run run;
	int cpu, error;
};

/* Shared by all. A futex has 32 bits. */
struct shared {
	atomic_uint round; /* each increment starts a run; never reaches UINT32_MAX */
	atomic_uint ready, done;
	unsigned int n;
	uint64_t ticks;
	struct producer_cpu producer_cpus[];
};

struct producers {
	const struct workload *workload;
	struct shared *shared;
	size_t n, bytes;
	pid_t *pids;
};

static void futex_wait(atomic_uint *word, unsigned int value, const struct timespec *timeout)
{
	syscall(SYS_futex, word, FUTEX_WAIT, value, timeout, NULL, 0);
}

static void futex_wake(atomic_uint *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
}

static uint64_t thread_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static void make_calls(const struct workload *workload, struct shared *shared,
		       struct producer_cpu *producer_cpu)
{
	uint64_t begin, end, calls = 0, cpu_ns;

	/*
	 * all must be running before the first call; with fewer CPUs than producers, one must yield
	 */
	atomic_fetch_add(&shared->ready, 1);
	while (atomic_load(&shared->ready) < shared->n)
		sched_yield();
	cpu_ns = thread_ns();
	begin = end = arch_clock();
	while (end - begin < shared->ticks) {
		workload_bare_loop(workload, CHUNK);
		calls += CHUNK;
		end = arch_clock();
	}
	cpu_ns = thread_ns() - cpu_ns;
	producer_cpu->run = (struct producer_run){calls, (double)(end - begin), (double)cpu_ns};
	if (atomic_fetch_add(&shared->done, 1) + 1 == shared->n)
		futex_wake(&shared->done);
}

static _Noreturn void child(const struct workload *workload, struct shared *shared, size_t i,
			    pid_t parent)
{
	struct producer_cpu *producer_cpu = &shared->producer_cpus[i];
	unsigned int seen = 0;

	/* the parent handles the terminal's signals */
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	producer_cpu->error = affinity_pin(producer_cpu->cpu);
	atomic_fetch_add(&shared->done, 1);
	futex_wake(&shared->done);
	while (getppid() == parent) {
		unsigned int now = atomic_load(&shared->round);

		if (now == seen) {
			futex_wait(&shared->round, seen, NULL);
			continue;
		}
		seen = now;
		if (i < shared->n)
			make_calls(workload, shared, producer_cpu);
	}
	_exit(0);
}

/* Waits until n are done; checks ten times a second whether one has died. */
static int await(struct producers *producers, unsigned int n, double deadline)
{
	const struct timespec tenth = {0, 100000000};
	unsigned int done;

	while ((done = atomic_load(&producers->shared->done)) < n) {
		for (size_t i = 0; i < producers->n; i++)
			if (producers->pids[i] > 0 &&
			    waitpid(producers->pids[i], NULL, WNOHANG) == producers->pids[i]) {
				producers->pids[i] = 0;
				return -ECHILD;
			}
		if (clock_seconds() > deadline)
			return -ETIMEDOUT;
		futex_wait(&producers->shared->done, done, &tenth);
	}
	return 0;
}

static int fork_all(struct producers *producers, struct error *why)
{
	struct shared *shared = producers->shared;
	pid_t parent = getpid();
	int err;

	for (size_t i = 0; i < producers->n; i++) {
		producers->pids[i] = fork();
		if (producers->pids[i] < 0) {
			err = -errno;
			return error_set(why, err, "a producer: fork: %s", strerror(-err));
		}
		if (!producers->pids[i])
			child(producers->workload, shared, i, parent);
	}
	err = await(producers, (unsigned int)producers->n, clock_seconds() + LATE_S);
	if (err)
		error_say(why, "the producers did not start: %s", strerror(-err));
	for (size_t i = 0; i < producers->n && !err; i++)
		if (shared->producer_cpus[i].error) {
			err = shared->producer_cpus[i].error;
			error_say(why, "a producer cannot run on CPU %d: %s",
				  shared->producer_cpus[i].cpu, strerror(-err));
		}
	return err;
}

int producers_open(const struct workload *workload, const int *cpus, size_t n,
		   struct producers **out, struct error *why)
{
	struct producers *producers;
	int err = -ENOMEM;

	if (isnan(workload_bare_loop(workload, 1)))
		return error_set(why, -EINVAL, "%s cannot be called in a loop", workload->name);
	producers = calloc(1, sizeof(*producers));
	if (!producers)
		return -ENOMEM;
	producers->workload = workload;
	producers->n = n;
	producers->bytes = sizeof(struct shared) + n * sizeof(struct producer_cpu);
	producers->pids = calloc(n, sizeof(*producers->pids));
	producers->shared = mmap(NULL, producers->bytes, PROT_READ | PROT_WRITE,
				 MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (producers->shared == MAP_FAILED)
		producers->shared = NULL;
	if (producers->pids && producers->shared) {
		for (size_t i = 0; i < n; i++)
			producers->shared->producer_cpus[i].cpu = cpus[i];
		err = fork_all(producers, why);
	}
	if (err)
		producers_close(producers);
	else
		*out = producers;
	return err;
}

void producers_close(struct producers *producers)
{
	if (!producers)
		return;
	for (size_t i = 0; producers->pids && i < producers->n; i++)
		if (producers->pids[i] > 0) {
			kill(producers->pids[i], SIGKILL);
			waitpid(producers->pids[i], NULL, 0);
		}
	if (producers->shared)
		munmap(producers->shared, producers->bytes);
	free(producers->pids);
	free(producers);
}

pid_t producers_pid(const struct producers *producers, size_t i)
{
	return producers->pids[i];
}

int producers_run(struct producers *producers, size_t n, uint64_t ticks, double ticks_per_s,
		  struct producer_run *runs)
{
	struct shared *shared = producers->shared;
	int err;

	shared->n = (unsigned int)n;
	shared->ticks = ticks;
	atomic_store(&shared->ready, 0);
	atomic_store(&shared->done, 0);
	atomic_fetch_add(&shared->round, 1);
	futex_wake(&shared->round);
	err = await(producers, (unsigned int)n,
		    clock_seconds() + (double)ticks / ticks_per_s + LATE_S);
	for (size_t i = 0; i < n && !err; i++)
		runs[i] = shared->producer_cpus[i].run;
	return err;
}
