/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arch_aarch64: the timed region, the clock and the counter read on 64-bit Arm. Only this file and
 * emit_aarch64.h are specific to it.
 *
 * The clock is the system counter, CNTVCT_EL0: one for all CPUs, at the constant rate in CNTFRQ_EL0
 * (Arm ARM, "The Generic Timer in AArch64 state"). A CPU may read it before older instructions are
 * done: an ISB before the read keeps it behind them, and an ISB after it keeps younger instructions
 * out, as LFENCE does on x86-64.
 */
#ifndef BPFTOLL_CALIB_ARCH_ARCH_AARCH64_H
#define BPFTOLL_CALIB_ARCH_ARCH_AARCH64_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/rseq.h>

#define ARCH_NAME "aarch64"

#define ARCH_CLOCK_NAME	       "CNTVCT_EL0"
#define ARCH_TIMED_REGION_MEND "a kernel with CONFIG_RSEQ, and rseq not switched off"
#define ARCH_READ_CLOCK(into)  "mrs " into ", cntvct_el0\n\t"

/* Ticks, ordered after everything before it and before everything after it. */
static inline uint64_t arch_clock(void)
{
	uint64_t now;

	__asm__ volatile("isb\n\t" ARCH_READ_CLOCK("%0") "isb" : "=r"(now)::"memory");
	return now;
}

/*
 * The field of glibc's struct rseq in which the kernel keeps the number of the CPU that runs this
 * thread.
 */
static inline uint32_t arch_cpu_tag(void)
{
	const struct rseq *area =
		(const struct rseq *)((const char *)__builtin_thread_pointer() + __rseq_offset);

	return *(const volatile uint32_t *)&area->cpu_id;
}

/*
 * The timed region: BODY and nothing else runs between the two clock reads; a syscall's registers
 * are loaded before. No instruction reads the clock and the CPU's number together, and getcpu is a
 * syscall here, which a probe on all syscalls would see; so tag is one load after the timed region.
 * The kernel writes the number whenever it has moved the thread, before user code runs again
 * (kernel/rseq.c), and the counter is the same on all CPUs: so a move within the timed region shows
 * in tag at its end.
 */
#define ARCH_TIMED_REGION(BODY, ticks, tag, nr, a1, a2, a3)                                       \
	do {                                                                                      \
		uint64_t begin_, end_;                                                            \
		register long x0_ __asm__("x0") = (long)(a1);                                     \
		register long x1_ __asm__("x1") = (long)(a2);                                     \
		register long x2_ __asm__("x2") = (long)(a3);                                     \
		register long x8_ __asm__("x8") = (long)(nr);                                     \
		__asm__ volatile("isb\n\t" ARCH_READ_CLOCK("%[begin]") "isb\n\t" BODY             \
								       "isb\n\t" ARCH_READ_CLOCK( \
									       "%[end]") "isb"    \
				 : [begin] "=&r"(begin_), [end] "=&r"(end_), "+r"(x0_)            \
				 : "r"(x1_), "r"(x2_), "r"(x8_)                                   \
				 : "x9", "x10", "memory", "cc");                                  \
		(ticks) = end_ - begin_;                                                          \
		(tag) = arch_cpu_tag();                                                           \
	} while (0)

#define ARCH_BODY_EMPTY	  ""
#define ARCH_BODY_SYSCALL "svc #0\n\t"

/* Operations of more than one instruction; x8 is given back as it was. As on x86-64. */
#define ARCH_BODY_THEN_CLOSE \
	"svc #0\n\t"         \
	"mov x9, x8\n\t"     \
	"mov x8, #57\n\t"    \
	"svc #0\n\t"         \
	"mov x8, x9\n\t"
#define ARCH_BODY_CHILD_EXITS \
	"svc #0\n\t"          \
	"cbnz x0, 1f\n\t"     \
	"mov x8, #93\n\t"     \
	"svc #0\n\t"          \
	"1:\n\t"
#define ARCH_BODY_WRITE_READ \
	"mov x9, x0\n\t"     \
	"mov x10, x8\n\t"    \
	"svc #0\n\t"         \
	"add x0, x9, #1\n\t" \
	"mov x8, #63\n\t"    \
	"svc #0\n\t"         \
	"mov x8, x10\n\t"
#define ARCH_BODY_TOUCH "strb wzr, [x0]\n\t"

/* A dependent chain of `turns` (the region's first argument) subtractions, for planted delays. */
#define ARCH_BODY_CHAIN       \
	"mov x9, x0\n\t"      \
	"1:\n\t"              \
	"subs x9, x9, #1\n\t" \
	"b.ne 1b\n\t"

/*
 * A planted delay: `turns` (the region's first argument) times four multiplications, each of which
 * needs the one before.
 */
#define ARCH_DELAY_TURN(chain)                    \
	"mul " chain ", " chain ", " chain "\n\t" \
	"mul " chain ", " chain ", " chain "\n\t" \
	"mul " chain ", " chain ", " chain "\n\t" \
	"mul " chain ", " chain ", " chain "\n\t"
#define ARCH_BODY_DELAY                                       \
	"mov x9, x0\n\t"                                      \
	"mov x10, #3\n\t"                                     \
	"1:\n\t" ARCH_DELAY_TURN("x10") "subs x9, x9, #1\n\t" \
					"b.ne 1b\n\t"

/*
 * Ticks of the same chain in one piece, including its two clock reads, outside of any timed region.
 */
static inline uint64_t arch_delay_ticks(uint64_t turns)
{
	uint64_t begin, end, n = turns, chain = 3;

	__asm__ volatile(
		"isb\n\t" ARCH_READ_CLOCK("%[begin]") "isb\n\t"
						      "1:\n\t" ARCH_DELAY_TURN(
							      "%[chain]") "subs %[n], %[n], #1\n\t"
									  "b.ne 1b\n\t"
									  "isb\n\t" ARCH_READ_CLOCK(
										  "%[end]") "isb"
		: [begin] "=&r"(begin), [end] "=&r"(end), [n] "+r"(n), [chain] "+r"(chain)
		:
		: "cc", "memory");
	return end - begin;
}

/*
 * The timed region's body without the clock reads: for comparing speeds, and for the exact lab's
 * proof.
 */
static inline long arch_syscall3(long nr, long a1, long a2, long a3)
{
	register long x0 __asm__("x0") = a1;
	register long x1 __asm__("x1") = a2;
	register long x2 __asm__("x2") = a3;
	register long x8 __asm__("x8") = nr;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x8) : "memory", "cc");
	return x0;
}

/* Ticks between two bare clock reads, fenced as in the timed region, with nothing between them. */
static inline uint64_t arch_bare_pair(void)
{
	uint64_t begin, end;

	__asm__ volatile(
		"isb\n\t" ARCH_READ_CLOCK("%[begin]") "isb\n\t"
						      "isb\n\t" ARCH_READ_CLOCK("%[end]") "isb"
		: [begin] "=&r"(begin), [end] "=&r"(end)
		:
		: "memory");
	return end - begin;
}

/* For the loops in arch.h: the end of a turn, and the registers that are added. */
#define ARCH_COUNT_DOWN           \
	"subs %[n], %[n], #1\n\t" \
	"b.ne 1b"
#define ARCH_ADD_ONE(to) "add %[" to "], %[" to "], %[one]\n\t"

/* Ticks of the loop of 2 * turns instructions, between two clock reads without fences. */
static inline uint64_t arch_loop_ticks(uint64_t turns)
{
	uint64_t begin, end, n = turns;

	__asm__ volatile(ARCH_READ_CLOCK("%[begin]") "1: " ARCH_COUNT_DOWN
						     "\n\t" ARCH_READ_CLOCK("%[end]")
			 : [begin] "=&r"(begin), [end] "=&r"(end), [n] "+r"(n)
			 :
			 : "cc", "memory");
	return end - begin;
}

static inline void arch_pause(void)
{
	__asm__ volatile("yield" ::: "memory");
}

/*
 * What keeps the timed region from working here, or NULL. glibc registers rseq since 2.35, on
 * kernels built with it.
 */
static inline const char *arch_timed_region_lacks(void)
{
	if (!__rseq_size || arch_cpu_tag() == (uint32_t)RSEQ_CPU_ID_UNINITIALIZED ||
	    arch_cpu_tag() == (uint32_t)RSEQ_CPU_ID_REGISTRATION_FAILED)
		return "no thread knows its CPU: rseq is not registered (kernel without "
		       "CONFIG_RSEQ, or GLIBC_TUNABLES=glibc.pthread.rseq=0)";
	return NULL;
}

/*
 * Why the clock's ticks do not measure time, or NULL: the architecture fixes the system counter's
 * rate.
 */
static inline const char *arch_clock_varies(void)
{
	return NULL;
}

static inline bool arch_file_says(const char *path, const char *word, char *line, size_t len)
{
	FILE *file = fopen(path, "re");
	size_t got = file ? fread(line, 1, len - 1, file) : 0;

	if (file)
		fclose(file);
	line[got] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return got && strstr(line, word);
}

/*
 * The hypervisor's name. No instruction tells it, but the firmware's tables do: vendor is the
 * machine's own name ("QEMU"); false: no sign of one.
 */
static inline bool arch_hypervisor(char vendor[16])
{
	static const struct {
		const char *path, *word, *name;
	} signs[] = {
		{"/proc/device-tree/hypervisor/compatible", "", "hypervisor"},
		{"/proc/device-tree/compatible", "dummy-virt", "virt"},
		{"/sys/class/dmi/id/sys_vendor", "QEMU", "QEMU"},
		{"/sys/class/dmi/id/sys_vendor", "Google", "Google"},
		{"/sys/class/dmi/id/product_name", "Virtual Machine", "Hyper-V"},
		{"/sys/class/dmi/id/product_name", "KVM", "KVM"},
	};
	char line[256];

	for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
		if (arch_file_says(signs[i].path, signs[i].word, line, sizeof(line))) {
			snprintf(vendor, 16, "%s", signs[i].name);
			return true;
		}
	/* EC2's bare-metal machines have names that end in .metal; its guests do not */
	if (arch_file_says("/sys/class/dmi/id/sys_vendor", "Amazon EC2", line, sizeof(line)) &&
	    !arch_file_says("/sys/class/dmi/id/product_name", "metal", line, sizeof(line))) {
		snprintf(vendor, 16, "Amazon EC2");
		return true;
	}
	return false;
}

/* What identifies the CPU in /proc/cpuinfo: numbers on this architecture. */
#define ARCH_CPUINFO_KEYS                     \
	{                                     \
		"CPU implementer", "CPU part" \
	}

/*
 * Reads a counter by the number in perf's mmap page less one: 31 is the cycle counter, others are
 * event counters (ARMV8_IDX_CYCLE_COUNTER_USER). A system register's number is part of the
 * instruction, hence the switch. Faults unless the kernel allows it (kernel.perf_user_access=1 and
 * an event opened for it; the page says so).
 */
#define ARCH_PMC_CASE(n)                                                      \
	case n:                                                               \
		__asm__ volatile("mrs %0, pmevcntr" #n "_el0" : "=r"(value)); \
		break;
#define ARCH_PMC_CASES(a, b, c, d, e) \
	ARCH_PMC_CASE(a) ARCH_PMC_CASE(b) ARCH_PMC_CASE(c) ARCH_PMC_CASE(d) ARCH_PMC_CASE(e)
static inline uint64_t arch_read_pmc(uint32_t index)
{
	uint64_t value = 0;

	__asm__ volatile("isb" ::: "memory");
	switch (index) {
		ARCH_PMC_CASES(0, 1, 2, 3, 4)
		ARCH_PMC_CASES(5, 6, 7, 8, 9)
		ARCH_PMC_CASES(10, 11, 12, 13, 14)
		ARCH_PMC_CASES(15, 16, 17, 18, 19)
		ARCH_PMC_CASES(20, 21, 22, 23, 24)
		ARCH_PMC_CASES(25, 26, 27, 28, 29)
		ARCH_PMC_CASE(30)
	default:
		__asm__ volatile("mrs %0, pmccntr_el0" : "=r"(value));
	}
	return value;
}

/*
 * drivers/perf/config_pmuv3.c, format attributes of config1: bit 0 asks for a 64-bit counter, bit 1
 * for one that user space may read. Kernels before 5.17 know only bit 0.
 */
#define ARCH_PERF_CONFIG1_LONG 1u
#define ARCH_PERF_CONFIG1_USER 2u

#endif
