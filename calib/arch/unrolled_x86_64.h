/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * unrolled_x86_64: loops of one instruction, or a few, many times over, for what one of them costs
 * in user space; calls and returns as the kernel's mitigations make them too. The thunks are the
 * instructions of the kernel's arch/x86/lib/retpoline.S, without their alignment.
 */
#ifndef BPFTOLL_CALIB_ARCH_UNROLLED_X86_64_H
#define BPFTOLL_CALIB_ARCH_UNROLLED_X86_64_H

#include <stdint.h>

#define UNROLLED_RETPOLINE(LABEL, RETURN) \
	LABEL ": call 31f\n\t"            \
	      "30: pause\n\t"             \
	      "lfence\n\t"                \
	      "jmp 30b\n\t"               \
	      "31: movq %%rax, (%%rsp)\n\t" RETURN "\n\t"

/*
 * What BODY may call. 20 to 22 return at once: plainly, through a thunk that is a return, by Safe
 * RET. 25 to 29 go to rax: by a jump, by lfence and a jump, by retpolines that end in each of the
 * three returns.
 */
#define UNROLLED_TARGETS                                                                     \
	"20: ret\n\t"                                                                        \
	"int3\n\t"                                                                           \
	"21: jmp 20b\n\t"                                                                    \
	"22: jmp 23f\n\t"                                                                    \
	"23: call 24f\n\t"                                                                   \
	"ud2\n\t"                                                                            \
	"24: leaq 8(%%rsp), %%rsp\n\t"                                                       \
	"ret\n\t"                                                                            \
	"int3\n\t"                                                                           \
	"25: jmp *%%rax\n\t"                                                                 \
	"26: lfence\n\t"                                                                     \
	"jmp *%%rax\n\t" UNROLLED_RETPOLINE("27", "ret") UNROLLED_RETPOLINE("28", "jmp 20b") \
		UNROLLED_RETPOLINE("29", "jmp 23b")

/*
 * void name(void *area, uint64_t turns): SETUP once, then turns times (BODY times over). rsi is
 * area (a page); rax, rcx, rdx, rdi and r8 to r11 are BODY's; the carry flag is clear (dec leaves
 * it so). BODY leaves rsp as it was; the stack above it, the compiler's red zone too, is out of
 * its way. times 0: the loop alone.
 */
#define ARCH_UNROLLED(name, times, SETUP, BODY)                                                \
	static void name(void *area, uint64_t turns)                                           \
	{                                                                                      \
		__asm__ volatile("leaq -256(%%rsp), %%rsp\n\t"                                 \
				 "jmp 40f\n\t" UNROLLED_TARGETS "40: " SETUP "\n\t"            \
				 "clc\n\t"                                                     \
				 ".p2align 6\n\t"                                              \
				 "50:\n\t"                                                     \
				 ".rept " #times "\n\t" BODY "\n\t"                            \
				 ".endr\n\t"                                                   \
				 "decq %[turns]\n\t"                                           \
				 "jnz 50b\n\t"                                                 \
				 "leaq 256(%%rsp), %%rsp"                                      \
				 : [turns] "+r"(turns), "+S"(area)                             \
				 :                                                             \
				 : "rax", "rcx", "rdx", "rdi", "r8", "r9", "r10", "r11", "cc", \
				   "memory");                                                  \
	}

#define UNROLLED_COPY_SETUP "leaq 512(%%rsi), %%r8\n\tmovq %%rsi, %%r9"
#define UNROLLED_COPY(BYTES)          \
	"movl $" #BYTES ", %%ecx\n\t" \
	"movq %%r8, %%rdi\n\t"        \
	"movq %%r9, %%rsi\n\t"        \
	"rep movsb"

/*
 * X(name, n, summary, SETUP, BODY): what is priced on every machine; BODY is n of it, where one
 * alone could not be told from its neighbours.
 */
#define ARCH_PRICED(X)                                                                      \
	X(plain_independent, 4, "lea, none needs another", "",                              \
	  "leaq 1(%%r8), %%rax\n\t"                                                         \
	  "leaq 1(%%r8), %%rcx\n\t"                                                         \
	  "leaq 1(%%r8), %%rdx\n\t"                                                         \
	  "leaq 1(%%r8), %%rdi")                                                            \
	X(plain_dependent, 1, "lea, each needs the one before", "", "leaq 1(%%rax), %%rax") \
	X(load_independent, 1, "load from the L1 cache, none needs another", "",            \
	  "movq (%%rsi), %%rax")                                                            \
	X(load_dependent, 1, "load from the L1 cache, each needs the one before",           \
	  "movq %%rsi, (%%rsi)", "movq (%%rsi), %%rsi")                                     \
	X(store, 1, "store to the L1 cache", "", "movq %%rax, (%%rsi)")                     \
	X(store_load, 1, "store, and a load of it that the next store needs", "",           \
	  "movq %%rax, (%%rsi)\n\t"                                                         \
	  "movq (%%rsi), %%rax")                                                            \
	X(branch_not_taken, 1, "conditional branch, never taken", "", "jc 50b")             \
	X(branch_taken, 1, "conditional branch, always taken", "",                          \
	  "jnc 51f\n\t"                                                                     \
	  ".p2align 4\n\t"                                                                  \
	  "51:")                                                                            \
	X(jump, 1, "direct jump", "",                                                       \
	  "jmp 51f\n\t"                                                                     \
	  ".p2align 4\n\t"                                                                  \
	  "51:")                                                                            \
	X(lock_add, 1, "lock add", "", "lock addq $1, 8(%%rsi)")                            \
	X(lock_cmpxchg, 1, "lock cmpxchg", "", "lock cmpxchgq %%rcx, 8(%%rsi)")             \
	X(xchg, 1, "xchg with memory", "", "xchgq %%rcx, 8(%%rsi)")                         \
	X(rdtsc, 1, "rdtsc", "", "rdtsc")                                                   \
	X(lfence_rdtsc, 1, "lfence and rdtsc, as the kernel reads the clock", "",           \
	  "lfence\n\t"                                                                      \
	  "rdtsc")                                                                          \
	X(pushf_popf, 1, "pushf and popf", "",                                              \
	  "pushfq\n\t"                                                                      \
	  "popfq")                                                                          \
	X(iret, 1, "iretq to the next instruction, with the pushes of its frame", "",       \
	  "movl %%ss, %%ecx\n\t"                                                            \
	  "movq %%rsp, %%rdx\n\t"                                                           \
	  "leaq 51f(%%rip), %%rdi\n\t"                                                      \
	  "pushq %%rcx\n\t"                                                                 \
	  "pushq %%rdx\n\t"                                                                 \
	  "pushfq\n\t"                                                                      \
	  "movl %%cs, %%ecx\n\t"                                                            \
	  "pushq %%rcx\n\t"                                                                 \
	  "pushq %%rdi\n\t"                                                                 \
	  "iretq\n\t"                                                                       \
	  "51:")                                                                            \
	X(rep_movsb_40, 1, "rep movsb of 40 bytes, with its setup", UNROLLED_COPY_SETUP,    \
	  UNROLLED_COPY(40))                                                                \
	X(rep_movsb_256, 1, "rep movsb of 256 bytes, with its setup", UNROLLED_COPY_SETUP,  \
	  UNROLLED_COPY(256))

/* The ways of returning, and of an indirect call, that a kernel can have (kernel_branches.h). */
#define UNROLLED_TO(LABEL)   "leaq " LABEL "b(%%rip), %%rax"
#define UNROLLED_CALL(LABEL) "call " LABEL "b"

/* X(name, way of returning, SETUP, BODY): a direct call and the return. */
#define ARCH_RETURNS(X)                                         \
	X(returns_plain, RETURN_PLAIN, "", UNROLLED_CALL("20")) \
	X(returns_jump, RETURN_JUMP, "", UNROLLED_CALL("21"))   \
	X(returns_safe, RETURN_SAFE, "", UNROLLED_CALL("22"))

/* X(name, way of calling, way of returning, SETUP, BODY): an indirect call and the return. */
#define ARCH_INDIRECTS(X)                                                                          \
	X(jump_plain, INDIRECT_PLAIN, RETURN_PLAIN, UNROLLED_TO("20"), "call *%%rax")              \
	X(jump_jump, INDIRECT_PLAIN, RETURN_JUMP, UNROLLED_TO("21"), "call *%%rax")                \
	X(jump_safe, INDIRECT_PLAIN, RETURN_SAFE, UNROLLED_TO("22"), "call *%%rax")                \
	X(thunk_jump, INDIRECT_THUNK, RETURN_JUMP, UNROLLED_TO("21"), UNROLLED_CALL("25"))         \
	X(lfence_plain, INDIRECT_LFENCE, RETURN_PLAIN, UNROLLED_TO("20"), UNROLLED_CALL("26"))     \
	X(lfence_safe, INDIRECT_LFENCE, RETURN_SAFE, UNROLLED_TO("22"), UNROLLED_CALL("26"))       \
	X(retpoline_plain, INDIRECT_RETPOLINE, RETURN_PLAIN, UNROLLED_TO("20"),                    \
	  UNROLLED_CALL("27"))                                                                     \
	X(retpoline_jump, INDIRECT_RETPOLINE, RETURN_JUMP, UNROLLED_TO("21"), UNROLLED_CALL("28")) \
	X(retpoline_safe, INDIRECT_RETPOLINE, RETURN_SAFE, UNROLLED_TO("22"), UNROLLED_CALL("29"))

#endif
