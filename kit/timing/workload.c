/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <fnmatch.h>
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

/* false: out of patience, the wakeup policy is not the one named. */
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

/* The page a call gives back, mapped anew and touched; the kernel returns an address or -errno. */
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

/* One block function a workload: PREPARE runs before each window, the syscall's arguments are what
 * follows. */
#define BLOCK(name, PREPARE, nr, a1, a2, a3)                                              \
	static void name(char *area, uint32_t *out, size_t n, struct gate *gate,          \
			 struct evict *evict)                                             \
	{                                                                                 \
		uint32_t last = arch_cpu_tag();                                           \
		bool asleep = true;                                                       \
                                                                                          \
		(void)area;                                                               \
		for (size_t i = 0; i < n; i++) {                                          \
			uint64_t ticks;                                                   \
			uint32_t tag;                                                     \
                                                                                          \
			PREPARE;                                                          \
			if (gate)                                                         \
				asleep = gate_wait(gate);                                 \
			if (evict)                                                        \
				evict_all(evict);                                         \
			ARCH_TIMED_REGION(ARCH_BODY_SYSCALL, ticks, tag, nr, a1, a2, a3); \
			out[i] = asleep ? timer_overhead_reading(ticks, tag, &last)       \
					: TIMER_OVERHEAD_CENSORED;                        \
		}                                                                         \
	}

/*
 * The same with other code between the calls (stir.h), and the window at four places of the text:
 * which of them runs is drawn for each call, before the window begins, so that no call finds the
 * predictor as the last one left it. The comments keep the compiler from merging the four.
 */
#define SITES 4
#define STIRRED(name, PREPARE, BODY, nr, a1, a2, a3)                                           \
	static void name(char *area, uint32_t *out, size_t n, struct gate *gate,               \
			 struct stir *stir)                                                    \
	{                                                                                      \
		uint32_t last = arch_cpu_tag();                                                \
		bool asleep = true;                                                            \
                                                                                               \
		(void)area;                                                                    \
		for (size_t i = 0; i < n; i++) {                                               \
			uint64_t ticks;                                                        \
			uint32_t tag;                                                          \
                                                                                               \
			PREPARE;                                                               \
			if (gate)                                                              \
				asleep = gate_wait(gate);                                      \
			stir_call(stir);                                                       \
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
			}                                                                      \
			out[i] = asleep ? timer_overhead_reading(ticks, tag, &last)            \
					: TIMER_OVERHEAD_CENSORED;                             \
		}                                                                              \
	}

/* A workload's two blocks. */
#define BLOCKS(name, PREPARE, nr, a1, a2, a3) \
	BLOCK(name, PREPARE, nr, a1, a2, a3)  \
	STIRRED(name##_stirred, PREPARE, ARCH_BODY_SYSCALL, nr, a1, a2, a3)

BLOCKS(munmap_einval, , SYS_munmap, 1, PAGE, 0)
BLOCKS(munmap_4k, char *page = fresh_page(), SYS_munmap, page, PAGE, 0)
BLOCKS(getppid_control, , SYS_getppid, 0, 0, 0)
BLOCK(test_run, , SYS_bpf, BPF_PROG_TEST_RUN, area, sizeof(union bpf_attr))
STIRRED(nothing_stirred, , ARCH_BODY_EMPTY, 0, 0, 0, 0)

void workload_floor_stirred(uint32_t *out, size_t n, struct stir *stir)
{
	nothing_stirred(NULL, out, n, NULL, stir);
}

#define MADVISE_BLOCKS(name, advice)                                                   \
	BLOCKS(name##_4k, touch(area, 4 * KIB), SYS_madvise, area, 4 * KIB, advice)    \
	BLOCKS(name##_64k, touch(area, 64 * KIB), SYS_madvise, area, 64 * KIB, advice) \
	BLOCKS(name##_1m, touch(area, 1024 * KIB), SYS_madvise, area, 1024 * KIB, advice)

MADVISE_BLOCKS(madvise_dontneed, MADV_DONTNEED)
MADVISE_BLOCKS(madvise_free, MADV_FREE)

const struct workload workloads[] = {
	{"munmap_einval", "munmap(1, 4096): refused at once, fires every hook", TARGET_MUNMAP, true,
	 false, PAGE, munmap_einval, munmap_einval_stirred},
	{"munmap_4k", "munmap of one touched page", TARGET_MUNMAP, true, true, PAGE, munmap_4k,
	 munmap_4k_stirred},
	{"madvise_dontneed_4k", "madvise(MADV_DONTNEED) of 4 KiB, touched", TARGET_MADVISE, true,
	 false, 4 * KIB, madvise_dontneed_4k, madvise_dontneed_4k_stirred},
	{"madvise_dontneed_64k", "the same of 64 KiB", TARGET_MADVISE, true, false, 64 * KIB,
	 madvise_dontneed_64k, madvise_dontneed_64k_stirred},
	{"madvise_dontneed_1m", "the same of 1 MiB", TARGET_MADVISE, true, false, 1024 * KIB,
	 madvise_dontneed_1m, madvise_dontneed_1m_stirred},
	{"madvise_free_4k", "madvise(MADV_FREE) of 4 KiB, touched", TARGET_MADVISE, true, false,
	 4 * KIB, madvise_free_4k, madvise_free_4k_stirred},
	{"madvise_free_64k", "the same of 64 KiB", TARGET_MADVISE, true, false, 64 * KIB,
	 madvise_free_64k, madvise_free_64k_stirred},
	{"madvise_free_1m", "the same of 1 MiB", TARGET_MADVISE, true, false, 1024 * KIB,
	 madvise_free_1m, madvise_free_1m_stirred},
	{"getppid", "the control: no probe names it, probes on munmap are attached", TARGET_MUNMAP,
	 false, false, 0, getppid_control, getppid_control_stirred},
};
const size_t workloads_count = sizeof(workloads) / sizeof(workloads[0]);

const struct workload workload_test_run = {
	"test_run", "BPF_PROG_TEST_RUN", TARGET_MUNMAP, true, false, 0, test_run, NULL};

const struct workload *workload_find(const char *name)
{
	for (size_t i = 0; i < workloads_count; i++)
		if (!strcmp(workloads[i].name, name))
			return &workloads[i];
	return NULL;
}

bool workload_match(const struct workload *workload, const char *glob)
{
	return fnmatch(glob, workload->name, 0) == 0;
}

/* The operation once, its answer looked at: the blocks themselves never see it. */
static int check(const struct workload *workload, char *area)
{
	long ret;

	if (workload->block == munmap_einval)
		return syscall(SYS_munmap, 1, PAGE) == -1 && errno == EINVAL ? 0 : -EPROTO;
	if (workload->block == getppid_control)
		return syscall(SYS_getppid) == (long)getppid() ? 0 : -EPROTO;
	if (workload->block == munmap_4k)
		area = fresh_page();
	ret = workload->target == TARGET_MUNMAP
		      ? syscall(SYS_munmap, area, workload->bytes)
		      : syscall(SYS_madvise, area, workload->bytes,
				strstr(workload->name, "free") ? MADV_FREE : MADV_DONTNEED);
	return ret ? -errno : 0;
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
		/* a kernel without THP says EINVAL, and has none to switch off */
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

double workload_bare_loop(const struct workload *workload, size_t n)
{
	bool control = workload->block == getppid_control;
	uint64_t start;

	if (!control && workload->block != munmap_einval)
		return NAN;
	start = arch_clock();
	for (size_t i = 0; i < n; i++)
		arch_syscall3(control ? SYS_getppid : SYS_munmap, 1, PAGE, 0);
	return (double)(arch_clock() - start) / (double)n;
}
