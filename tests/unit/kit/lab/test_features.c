/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kit/lab/xray/decode.h"
#include "kit/lab/xray/features.h"

#define TEXT 0xffffffff81000000ull

struct known {
	uint8_t code[TRACE_CODE];
	size_t len;
	enum code_class class;
};

/* Assembled with as, and read back with objdump -d. */
static const struct known known[] = {
	{{0x90}, 1, CODE_PLAIN},
	{{0x0f, 0x1f, 0x44, 0x00, 0x00}, 5, CODE_PLAIN},      /* nopl 0(%rax,%rax,1) */
	{{0x48, 0x8d, 0x47, 0x08}, 4, CODE_PLAIN},	      /* lea 8(%rdi),%rax */
	{{0x48, 0x8b, 0x07}, 3, CODE_LOAD},		      /* mov (%rdi),%rax */
	{{0x65, 0x48, 0x8b, 0x04, 0x25, 0x28}, 9, CODE_LOAD}, /* mov %gs:0x28,%rax */
	{{0x58}, 1, CODE_LOAD},				      /* pop %rax */
	{{0x48, 0x89, 0x07}, 3, CODE_STORE},		      /* mov %rax,(%rdi) */
	{{0x53}, 1, CODE_STORE},			      /* push %rbx */
	{{0x48, 0x01, 0x07}, 3, CODE_STORE},		      /* add %rax,(%rdi) */
	{{0xf0, 0x48, 0x0f, 0xb1, 0x0f}, 5, CODE_ATOMIC},     /* lock cmpxchg %rcx,(%rdi) */
	{{0x48, 0x87, 0x07}, 3, CODE_ATOMIC},		      /* xchg %rax,(%rdi) */
	{{0x48, 0x87, 0xc7}, 3, CODE_PLAIN},		      /* xchg %rax,%rdi */
	{{0x0f, 0x31}, 2, CODE_CLOCK},			      /* rdtsc */
	{{0x0f, 0x01, 0xf9}, 3, CODE_CLOCK},		      /* rdtscp */
	{{0x0f, 0xae, 0xe8}, 3, CODE_SERIALISE},	      /* lfence */
	{{0x48, 0xcf}, 2, CODE_SERIALISE},		      /* iretq */
	{{0x0f, 0x30}, 2, CODE_SERIALISE},		      /* wrmsr */
	{{0x0f, 0x22, 0xd8}, 3, CODE_CR3},		      /* mov %rax,%cr3 */
	{{0x0f, 0x22, 0xe0}, 3, CODE_SERIALISE},	      /* mov %rax,%cr4 */
	{{0xcc}, 1, CODE_TRAP},				      /* int3 */
	{{0xfa}, 1, CODE_FLAGS},			      /* cli */
	{{0x9d}, 1, CODE_FLAGS},			      /* popf */
	{{0x0f, 0x01, 0xcb}, 3, CODE_USER_ACCESS},	      /* stac */
	{{0xf3, 0xa4}, 2, CODE_REPEAT},			      /* rep movsb */
	{{0xf3, 0x48, 0xab}, 3, CODE_REPEAT},		      /* rep stosq */
	{{0x74, 0x05}, 2, CODE_CONDITION},		      /* je */
	{{0x0f, 0x85, 0x00, 0x01}, 6, CODE_CONDITION},	      /* jne */
	{{0xeb, 0x05}, 2, CODE_JUMP},
	{{0xe9, 0x00, 0x01}, 5, CODE_JUMP},
	{{0xe8, 0x00, 0x01}, 5, CODE_CALL},
	{{0xff, 0xd0}, 2, CODE_INDIRECT}, /* call *%rax */
	{{0xff, 0x20}, 2, CODE_INDIRECT}, /* jmp *(%rax) */
	{{0xc3}, 1, CODE_RETURN},
	{{0xf3, 0xc3}, 2, CODE_RETURN}, /* rep ret */
	{{0x06}, 0, CODE_UNKNOWN},	/* push %es: not in 64 bits */
};

static void test_decode(void **state)
{
	(void)state;
	if (!decode_works())
		skip();
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t len = 99;
		enum code_class class = decode(known[i].code, TRACE_CODE, &len);

		if (class != known[i].class || len != known[i].len)
			fail_msg("row %zu: class %d, %zu bytes", i, class, len);
	}
}

/* A call through a retpoline, a taken branch, and a return through a return thunk. */
static void test_thunks(void **state)
{
	static struct step steps[] = {
		{.pc = TEXT},	      /* call __x86_indirect_thunk_rax */
		{.pc = TEXT + 0x100}, /* call 1f, in the thunk */
		{.pc = TEXT + 0x110}, /* 1: mov %rax,(%rsp) */
		{.pc = TEXT + 0x114}, /* ret, to the function */
		{.pc = TEXT + 0x300}, /* je, taken */
		{.pc = TEXT + 0x310}, /* je, not taken */
		{.pc = TEXT + 0x312}, /* jmp __x86_return_thunk */
		{.pc = TEXT + 0x200}, /* ret, in the thunk */
		{.pc = TEXT + 5},     /* nop */
	};
	static uint8_t code[][TRACE_CODE] = {{0xe8}, {0xe8},	   {0x48, 0x89, 0x04, 0x24},
					     {0xc3}, {0x74, 0x0e}, {0x74, 0x0e},
					     {0xe9}, {0xc3},	   {0x90}};
	const struct trace trace = {.steps = steps, .n = 9, .with_code = true, .code = code};
	struct result_features f = {.present = true};
	struct symbols symbols;

	(void)state;
	if (!decode_works())
		skip();
	assert_int_equal(symbols_parse("ffffffff81000000 T caller\n"
				       "ffffffff81000100 T __pi___x86_indirect_thunk_rax\n"
				       "ffffffff81000200 T __x86_return_thunk\n"
				       "ffffffff81000300 T function\n",
				       &symbols),
			 0);
	features_count(&trace, &symbols, 1, &f);
	assert_true(f.instructions == 9);
	assert_true(f.indirect == 1 && f.retpoline == 1);
	assert_true(f.returns == 1 && f.return_thunk == 1);
	assert_true(f.thunk == 4 && f.plain == 1 && f.call == 0 && f.jump == 0);
	assert_true(f.condition == 2 && f.taken == 1);
	features_count(&trace, &symbols, -1, &f);
	assert_true(f.instructions == 0 && f.thunk == 0 && f.indirect == 0);
	symbols_free(&symbols);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_thunks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
