/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arch_x86_64: the timed region, the clock and the counter read on x86-64. Only this file and
 * emit_x86_64.h are specific to it.
 *
 * The fences follow Intel SDM vol. 2, RDTSC ("if software requires RDTSC to be executed only after
 * all previous instructions have executed … LFENCE; … prior to execution of any subsequent
 * instruction … LFENCE after") and RDTSCP (which waits for earlier instructions itself; LFENCE
 * keeps later ones out). On AMD, LFENCE is serialising because Linux sets DE_CFG[1].
 */
#ifndef BPFTOLL_CALIB_ARCH_ARCH_X86_64_H
#define BPFTOLL_CALIB_ARCH_ARCH_X86_64_H

#include <cpuid.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARCH_NAME	       "x86_64"
#define ARCH_CLOCK_NAME	       "TSC"
#define ARCH_TIMED_REGION_MEND "boot with tsc=reliable if the hypervisor hides what the CPU has"

/* Ticks, ordered after everything before it and before everything after it. */
static inline uint64_t arch_clock(void)
{
	uint32_t lo, hi;

	__asm__ volatile("lfence\n\trdtsc\n\tlfence" : "=a"(lo), "=d"(hi)::"memory");
	return (uint64_t)hi << 32 | lo;
}

/* IA32_TSC_AUX of the CPU that runs this; Linux keeps node << 12 | cpu in it. */
static inline uint32_t arch_cpu_tag(void)
{
	uint32_t lo, hi, aux;

	__asm__ volatile("rdtscp" : "=a"(lo), "=d"(hi), "=c"(aux)::"memory");
	return aux;
}

/*
 * The timed region: BODY runs between the two clock reads. RDTSC overwrites eax and edx, which a
 * syscall needs for its number and third argument, so two saves and two loads are inside, in every
 * timed region, the empty one included. tag is that of the CPU at the end.
 */
#define ARCH_TIMED_REGION(BODY, ticks, tag, nr, a1, a2, a3)                                        \
	do {                                                                                       \
		uint64_t begin_lo_, begin_hi_, end_lo_, end_hi_, tag_;                             \
		__asm__ volatile("lfence\n\t"                                                      \
				 "rdtsc\n\t"                                                       \
				 "movq %%rax, %[blo]\n\t"                                          \
				 "movq %%rdx, %[bhi]\n\t"                                          \
				 "movq %[number], %%rax\n\t"                                       \
				 "movq %[third], %%rdx\n\t"                                        \
				 "lfence\n\t" BODY "rdtscp\n\t"                                    \
				 "lfence"                                                          \
				 : [blo] "=&r"(begin_lo_), [bhi] "=&r"(begin_hi_), "=&a"(end_lo_), \
				   "=&d"(end_hi_), "=&c"(tag_)                                     \
				 : [number] "r"((long)(nr)), [third] "r"((long)(a3)),              \
				   "D"((long)(a1)), "S"((long)(a2))                                \
				 : "r11", "memory", "cc");                                         \
		(ticks) = (end_hi_ << 32 | end_lo_) - (begin_hi_ << 32 | begin_lo_);               \
		(tag) = (uint32_t)tag_;                                                            \
	} while (0)

#define ARCH_BODY_EMPTY	  ""
#define ARCH_BODY_SYSCALL "syscall\n\t"

/*
 * Operations of more than one instruction. rdi is given back as it was; rdx is free once the first
 * syscall has taken it.
 */
/* Closes the descriptor that the syscall returned. */
#define ARCH_BODY_THEN_CLOSE    \
	"syscall\n\t"           \
	"movq %%rdi, %%rdx\n\t" \
	"movl %%eax, %%edi\n\t" \
	"movl $3, %%eax\n\t"    \
	"syscall\n\t"           \
	"movq %%rdx, %%rdi\n\t"
/* The new process or thread, where the syscall returns 0, exits at once and touches no memory. */
#define ARCH_BODY_CHILD_EXITS    \
	"syscall\n\t"            \
	"testq %%rax, %%rax\n\t" \
	"jnz 1f\n\t"             \
	"movl $60, %%eax\n\t"    \
	"xorl %%edi, %%edi\n\t"  \
	"syscall\n\t"            \
	"1:\n\t"
/* write(fd, …), then read(fd + 1, …) of the same memory and length. */
#define ARCH_BODY_WRITE_READ    \
	"syscall\n\t"           \
	"xorl %%eax, %%eax\n\t" \
	"incl %%edi\n\t"        \
	"syscall\n\t"           \
	"decl %%edi\n\t"
/* Writes a byte to the first argument. */
#define ARCH_BODY_TOUCH "movb $1, (%%rdi)\n\t"

/* A dependent chain of `turns` (the region's first argument) subtractions, for planted delays. */
#define ARCH_BODY_CHAIN         \
	"movq %%rdi, %%rcx\n\t" \
	"1:\n\t"                \
	"decq %%rcx\n\t"        \
	"jnz 1b\n\t"

/*
 * A planted delay: `turns` (the region's first argument) times four multiplications, each of which
 * needs the one before. The loop counter runs ahead of them, so neither its last, mispredicted
 * branch nor a sibling thread's use of the front end shows; these move the chain of decrements by
 * up to 4 %.
 */
#define ARCH_DELAY_TURN(chain)           \
	"imulq " chain ", " chain "\n\t" \
	"imulq " chain ", " chain "\n\t" \
	"imulq " chain ", " chain "\n\t" \
	"imulq " chain ", " chain "\n\t"
#define ARCH_BODY_DELAY                                    \
	"movq %%rdi, %%rcx\n\t"                            \
	"1:\n\t" ARCH_DELAY_TURN("%%rax") "decq %%rcx\n\t" \
					  "jnz 1b\n\t"

/*
 * Ticks of the same chain in one piece, including its two clock reads, outside of any timed region.
 */
static inline uint64_t arch_delay_ticks(uint64_t turns)
{
	uint64_t lo, hi, lo2, hi2, n = turns, chain = 3;

	__asm__ volatile("lfence\n\t"
			 "rdtsc\n\t"
			 "movq %%rax, %[lo]\n\t"
			 "movq %%rdx, %[hi]\n\t"
			 "lfence\n\t"
			 "1:\n\t" ARCH_DELAY_TURN("%[chain]") "decq %[n]\n\t"
							      "jnz 1b\n\t"
							      "rdtscp\n\t"
							      "lfence"
			 : [lo] "=&r"(lo), [hi] "=&r"(hi), "=&a"(lo2),
			   "=&d"(hi2), [n] "+r"(n), [chain] "+r"(chain)
			 :
			 : "rcx", "cc", "memory");
	return (hi2 << 32 | lo2) - (hi << 32 | lo);
}

/*
 * The timed region's body without the clock reads: for comparing speeds, and for the exact lab's
 * proof.
 */
static inline long arch_syscall3(long nr, long a1, long a2, long a3)
{
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a1), "S"(a2), "d"(a3)
			 : "rcx", "r11", "memory");
	return ret;
}

/* Ticks between two bare clock reads, fenced as in the timed region, with nothing between them. */
static inline uint64_t arch_bare_pair(void)
{
	uint64_t lo, hi, lo2, hi2;

	__asm__ volatile("lfence\n\t"
			 "rdtsc\n\t"
			 "lfence\n\t"
			 "movq %%rax, %[lo]\n\t"
			 "movq %%rdx, %[hi]\n\t"
			 "rdtscp\n\t"
			 "lfence"
			 : [lo] "=&r"(lo), [hi] "=&r"(hi), "=&a"(lo2), "=&d"(hi2)
			 :
			 : "rcx", "memory");
	return (hi2 << 32 | lo2) - (hi << 32 | lo);
}

/* For the loops in arch.h: the end of a turn, and the registers that are added. */
#define ARCH_COUNT_DOWN \
	"decq %[n]\n\t" \
	"jnz 1b"
#define ARCH_ADD_ONE(to) "addq %[one], %[" to "]\n\t"

/* Ticks of the loop of 2 * turns instructions, between two clock reads without fences. */
static inline uint64_t arch_loop_ticks(uint64_t turns)
{
	uint64_t lo, hi, lo2, hi2, n = turns;

	__asm__ volatile("rdtsc\n\t"
			 "movq %%rax, %[lo]\n\t"
			 "movq %%rdx, %[hi]\n\t"
			 "1: decq %[n]\n\t"
			 "jnz 1b\n\t"
			 "rdtsc"
			 : [lo] "=&r"(lo), [hi] "=&r"(hi), "=&a"(lo2), "=&d"(hi2), [n] "+r"(n)
			 :
			 : "cc", "memory");
	return (hi2 << 32 | lo2) - (hi << 32 | lo);
}

static inline void arch_pause(void)
{
	__builtin_ia32_pause();
}

/* What the timed region needs and this CPU lacks, or NULL. CPUID 80000001h EDX bit 27: RDTSCP. */
static inline const char *arch_timed_region_lacks(void)
{
	unsigned int eax, ebx, ecx, edx;

	if (__get_cpuid(0x80000001, &eax, &ebx, &ecx, &edx) && (edx & (1u << 27)))
		return NULL;
	return "this CPU has no RDTSCP (CPUID 80000001h EDX bit 27)";
}

/*
 * Why the clock's ticks do not measure time, or NULL. CPUID 80000007h EDX bit 8: the TSC runs at
 * one rate in all P-, C- and T-states (SDM vol. 3, 17.17.1).
 */
static inline const char *arch_clock_varies(void)
{
	unsigned int eax, ebx, ecx, edx;

	if (__get_cpuid(0x80000007, &eax, &ebx, &ecx, &edx) && (edx & (1u << 8)))
		return NULL;
	return "the TSC is not invariant (CPUID 80000007h EDX bit 8): its ticks are no time";
}

/*
 * CPUID 1 ECX bit 31 and leaf 40000000h: the hypervisor's name ("KVMKVMKVM"); false: no sign of
 * one.
 */
static inline bool arch_hypervisor(char vendor[16])
{
	unsigned int eax, words[4] = {0};

	if (!__get_cpuid(1, &eax, &words[0], &words[1], &words[2]) || !(words[1] >> 31))
		return false;
	__cpuid(0x40000000, eax, words[0], words[1], words[2]);
	words[3] = 0;
	__builtin_memcpy(vendor, words, 16);
	return true;
}

/* RDPMC; faults unless the kernel allows it (perf's mmap page says so: cap_user_rdpmc). */
static inline uint64_t arch_read_pmc(uint32_t index)
{
	uint32_t lo, hi;

	__asm__ volatile("rdpmc" : "=a"(lo), "=d"(hi) : "c"(index));
	return (uint64_t)hi << 32 | lo;
}

/* What identifies the CPU in /proc/cpuinfo. */
#define ARCH_CPUINFO_KEYS    \
	{                    \
		"model name" \
	}

/* The kernel's x86 PMUs let user space read every event, so nothing has to be asked for. */
#define ARCH_PERF_CONFIG1_LONG 0u
#define ARCH_PERF_CONFIG1_USER 0u

#endif
