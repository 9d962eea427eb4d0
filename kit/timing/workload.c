/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <linux/bpf.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "calib/error.h"
#include "calib/arch/arch.h"
#include "calib/timer_overhead.h"
#include "kit/timing/pace.h"
#include "kit/timing/stir.h"
#include "kit/timing/workload.h"

#define KIB  1024ul
#define PAGE 4096ul

static bool gate_open(struct gate *gate)
{
	char stat[256];

	if (gate->wakeup)
		return probe_reader_asleep(gate->wakeup, gate->sent);
	return pread(gate->idle_fd, stat, sizeof(stat), 0) != 0;
}

/*
 * false: the reader did not fall asleep within patience_ticks, so the wakeup policy does not hold.
 */
static bool gate_wait(struct gate *gate)
{
	bool opened = true;
	uint64_t start;

	if (gate->pace) {
		pace_wait(gate->pace);
		return true;
	}
	start = arch_clock();
	while (arch_clock() - start < gate->gap_ticks)
		arch_pause();
	while (!gate_open(gate))
		if (arch_clock() - start > gate->patience_ticks) {
			gate->missed++;
			opened = false;
			break;
		}
	gate->sent += gate->events;
	return opened;
}

/* A newly mapped and touched page for one call to give back, or the kernel's -errno. */
static inline char *fresh_page(void)
{
	char *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page != MAP_FAILED)
		*(volatile char *)page = 1;
	return page;
}

static inline void touch(char *area, size_t bytes)
{
	for (size_t at = 0; at < bytes; at += PAGE)
		((volatile char *)area)[at] = 1;
}

/*
 * Each call of a block: PREPARE, the gate, DISTURB (what evicts or stirs), then the timed region.
 */
#define LOOP(PREPARE, DISTURB, TIMED)                                               \
	{                                                                           \
		uint32_t last = arch_cpu_tag();                                     \
		bool asleep = true;                                                 \
                                                                                    \
		(void)area;                                                         \
		for (size_t i = 0; i < n; i++) {                                    \
			uint64_t ticks;                                             \
			uint32_t tag;                                               \
                                                                                    \
			PREPARE;                                                    \
			if (gate)                                                   \
				asleep = gate_wait(gate);                           \
			DISTURB;                                                    \
			TIMED;                                                      \
			out[i] = asleep ? timer_overhead_reading(ticks, tag, &last) \
					: TIMER_OVERHEAD_CENSORED;                  \
		}                                                                   \
	}

/* One block function a workload. After PREPARE come the syscall's number and arguments. */
#define BLOCK(name, PREPARE, nr, a1, a2, a3)                                     \
	static void name(char *area, uint32_t *out, size_t n, struct gate *gate, \
			 struct evict *evict)                                    \
		LOOP(PREPARE, if (evict) evict_all(evict),                       \
		     ARCH_TIMED_REGION(ARCH_BODY_SYSCALL, ticks, tag, nr, a1, a2, a3))

/*
 * The same with other code between the calls (stir.h). The timed region stands at four places in
 * the text; which one runs is drawn before it begins, so that the predictor is not as the last call
 * left it. The asm comments keep the compiler from merging the four.
 */
#define SITES 4
#define TIMED_AT_ONE_OF_FOUR(BODY, nr, a1, a2, a3)                             \
	switch (stir->state % SITES) {                                         \
	case 0:                                                                \
		ARCH_TIMED_REGION("/* 0 */" BODY, ticks, tag, nr, a1, a2, a3); \
		break;                                                         \
	case 1:                                                                \
		ARCH_TIMED_REGION("/* 1 */" BODY, ticks, tag, nr, a1, a2, a3); \
		break;                                                         \
	case 2:                                                                \
		ARCH_TIMED_REGION("/* 2 */" BODY, ticks, tag, nr, a1, a2, a3); \
		break;                                                         \
	default:                                                               \
		ARCH_TIMED_REGION("/* 3 */" BODY, ticks, tag, nr, a1, a2, a3); \
		break;                                                         \
	}
#define STIRRED(name, PREPARE, BODY, nr, a1, a2, a3)                             \
	static void name(char *area, uint32_t *out, size_t n, struct gate *gate, \
			 struct stir *stir)                                      \
		LOOP(PREPARE, stir_call(stir), TIMED_AT_ONE_OF_FOUR(BODY, nr, a1, a2, a3))

/* The operation once, for its return value, which the blocks do not look at. */
#define ONCE(name, PREPARE, nr, a1, a2, a3)                                   \
	static long name(char *area)                                          \
	{                                                                     \
		(void)area;                                                   \
		PREPARE;                                                      \
		return arch_syscall3(nr, (long)(a1), (long)(a2), (long)(a3)); \
	}

/* All functions of a workload. PREPARE runs before each call, outside the timed region. */
#define WORKLOAD(name, PREPARE, nr, a1, a2, a3)                             \
	BLOCK(name##_block, PREPARE, nr, a1, a2, a3)                        \
	STIRRED(name##_stirred, PREPARE, ARCH_BODY_SYSCALL, nr, a1, a2, a3) \
	ONCE(name##_once, PREPARE, nr, a1, a2, a3)

#define MADVISE(name, bytes, advice) \
	WORKLOAD(name, touch(area, bytes), SYS_madvise, area, bytes, advice)

WORKLOAD(munmap_einval, , SYS_munmap, 1, PAGE, 0)
WORKLOAD(munmap_4k, char *page = fresh_page(), SYS_munmap, page, PAGE, 0)
MADVISE(madvise_dontneed_4k, 4 * KIB, MADV_DONTNEED)
MADVISE(madvise_dontneed_64k, 64 * KIB, MADV_DONTNEED)
MADVISE(madvise_dontneed_1m, 1024 * KIB, MADV_DONTNEED)
MADVISE(madvise_free_4k, 4 * KIB, MADV_FREE)
MADVISE(madvise_free_64k, 64 * KIB, MADV_FREE)
MADVISE(madvise_free_1m, 1024 * KIB, MADV_FREE)
WORKLOAD(getppid, , SYS_getppid, 0, 0, 0)
BLOCK(test_run, , SYS_bpf, BPF_PROG_TEST_RUN, area, sizeof(union bpf_attr))
STIRRED(nothing_stirred, , ARCH_BODY_EMPTY, 0, 0, 0, 0)

void workload_floor_stirred(uint32_t *out, size_t n, struct stir *stir)
{
	nothing_stirred(NULL, out, n, NULL, stir);
}

#define FUNCTIONS(name) .block = name##_block, .stirred = name##_stirred, .once = name##_once
#define MADVISE_ROW(name, summary, bytes)                                              \
	{                                                                              \
#name, summary, TARGET_MADVISE, true, false, bytes, 0, FUNCTIONS(name) \
	}

const struct workload workloads[] = {
	{"munmap_einval", "munmap(1, 4096): refused at once, fires every hook", TARGET_MUNMAP, true,
	 false, PAGE, -EINVAL, FUNCTIONS(munmap_einval)},
	{"munmap_4k", "munmap of one touched page", TARGET_MUNMAP, true, true, PAGE, 0,
	 FUNCTIONS(munmap_4k)},
	MADVISE_ROW(madvise_dontneed_4k, "madvise(MADV_DONTNEED) of 4 KiB, touched", 4 * KIB),
	MADVISE_ROW(madvise_dontneed_64k, "the same of 64 KiB", 64 * KIB),
	MADVISE_ROW(madvise_dontneed_1m, "the same of 1 MiB", 1024 * KIB),
	MADVISE_ROW(madvise_free_4k, "madvise(MADV_FREE) of 4 KiB, touched", 4 * KIB),
	MADVISE_ROW(madvise_free_64k, "the same of 64 KiB", 64 * KIB),
	MADVISE_ROW(madvise_free_1m, "the same of 1 MiB", 1024 * KIB),
	{"getppid", "the control: no probe names it, probes on munmap are attached", TARGET_MUNMAP,
	 false, false, 0, 0, FUNCTIONS(getppid)},
};
const size_t workloads_count = sizeof(workloads) / sizeof(workloads[0]);

const struct workload workload_test_run = {
	"test_run", "BPF_PROG_TEST_RUN", TARGET_MUNMAP, true, false, 0, 0, .block = test_run};

const struct workload *workload_find(const char *name)
{
	for (size_t i = 0; i < workloads_count; i++)
		if (!strcmp(workloads[i].name, name))
			return &workloads[i];
	return NULL;
}

static int check(const struct workload *workload, char *area)
{
	long answer = workload->once(area);

	if (workload->answer < 0 ? answer == workload->answer : answer >= workload->answer)
		return 0;
	return answer < 0 && answer != workload->answer ? (int)answer : -EPROTO;
}

int workload_open(const struct workload *workload, char **area, struct error *why)
{
	int err;

	*area = NULL;
	if (workload->target == TARGET_MADVISE) {
		*area = mmap(NULL, workload->bytes, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (*area == MAP_FAILED) {
			*area = NULL;
			err = -errno;
			goto out;
		}
		/* a kernel without THP returns EINVAL and has nothing to switch off */
		madvise(*area, workload->bytes, MADV_NOHUGEPAGE);
		touch(*area, workload->bytes);
	}
	err = check(workload, *area);
out:
	if (err) {
		error_say(why, "%s does not work here: %s", workload->name, strerror(-err));
		workload_close(workload, *area);
		*area = NULL;
	}
	return err;
}

void workload_close(const struct workload *workload, char *area)
{
	if (area)
		munmap(area, workload->bytes);
}

void workload_paced(const struct workload *workload, char *area, struct pace *pace, size_t calls,
		    uint64_t until, const volatile sig_atomic_t *stop)
{
	struct gate gate = {.pace = pace};
	size_t most = pace_chunk(pace);

	calls = calls < pace->most ? calls : pace->most;
	while (pace->done < calls && !(stop && *stop) && pace_now(pace) < until) {
		size_t n = calls - pace->done;

		workload_block(workload, area, pace->call + pace->done, n < most ? n : most, &gate);
	}
}

double workload_bare_loop(const struct workload *workload, size_t n)
{
	bool control = workload->once == getppid_once;
	uint64_t start;

	if (!control && workload->once != munmap_einval_once)
		return NAN;
	start = arch_clock();
	for (size_t i = 0; i < n; i++)
		arch_syscall3(control ? SYS_getppid : SYS_munmap, 1, PAGE, 0);
	return (double)(arch_clock() - start) / (double)n;
}
