/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Call trees, from made-up steps, whose every count is known. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kit/lab/xray/calltree.h"

/* Functions 0x100 apart in the kernel's half of the address space. */
#define K 0xffffffff81000000ull
#define U 0x401000ull
#define S 0xffffc90000010000ull /* the top of a kernel stack */

static const char kallsyms[] = "ffffffff81000000 T entry\n"
			       "ffffffff81000100 T work\n"
			       "ffffffff810000f0 t __pfx_work\n"
			       "ffffffff81000200 T hook\n"
			       "ffffffff81000300 t work.cold\n"
			       "ffffffff81000400 t bpf_prog_1234_x\t[bpf]\n"
			       "ffffffff81000400 t other_name\n"
			       "ffffffff81000500 D a_datum\n"
			       "0000000000001000 A per_cpu\n"
			       "not a line\n";

static struct symbols symbols;

static int load_symbols(void **state)
{
	(void)state;
	return symbols_parse(kallsyms, &symbols);
}

static int free_symbols(void **state)
{
	(void)state;
	symbols_free(&symbols);
	return 0;
}

static void addresses_have_names(void **state)
{
	struct symbols none;

	(void)state;
	assert_int_equal(symbols.n, 6);
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, K + 0x1ff)), "work");
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, K + 0x300)), "work.cold");
	assert_string_equal(symbols_name(&symbols, symbols_find(&symbols, U)), "[bpftoll]");
	assert_int_equal(symbols_find(&symbols, K - 1), SYMBOL_UNKNOWN);
	assert_int_equal(symbols_find(&symbols, K + 0x4000000), SYMBOL_UNKNOWN);
	assert_int_equal(symbols_parse("", &none), -EINVAL);
	assert_int_equal(symbols_parse("0000000000000000 T hidden\n", &none), -EINVAL);
}

/*
 * User code, then a syscall: entry changes stacks and calls work, which goes to its cold part and
 * back, and returns.
 */
static const struct step bare_steps[] = {
	{U, 0x7fff0000, 0},	{U + 2, 0x7fff0000, 0}, {K, 0x7fff0000, 0},
	{K + 4, S, 0},		{K + 8, S - 40, 0},	{K + 0x100, S - 48, 0},
	{K + 0x104, S - 56, 0}, {K + 0x300, S - 56, 0}, {K + 0x108, S - 56, 0},
	{K + 0x10c, S - 48, 0}, {K + 12, S - 40, 0},	{K + 16, S, 0},
	{U + 4, 0x7fff0000, 0},
};

/* The same with a hook called from work's entry, which calls a program. */
static const struct step hit_steps[] = {
	{U, 0x7fff0000, 0},	{U + 2, 0x7fff0000, 0}, {K, 0x7fff0000, 0},
	{K + 4, S, 0},		{K + 8, S - 40, 0},	{K + 0x100, S - 48, 0},
	{K + 0x200, S - 56, 0}, {K + 0x204, S - 64, 0}, {K + 0x400, S - 72, 0},
	{K + 0x404, S - 72, 0}, {K + 0x208, S - 64, 0}, {K + 0x20c, S - 56, 0},
	{K + 0x104, S - 56, 0}, {K + 0x300, S - 56, 0}, {K + 0x108, S - 56, 0},
	{K + 0x10c, S - 48, 0}, {K + 12, S - 40, 0},	{K + 16, S, 0},
	{U + 4, 0x7fff0000, 0},
};
#define N(steps) (sizeof(steps) / sizeof((steps)[0]))

static char *text_of(const struct calltree *tree, int what)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	assert_non_null(out);
	if (what == 2)
		assert_int_equal(calltree_table(tree, &symbols, out), 0);
	else if (what == 3)
		assert_int_equal(calltree_flame(tree, &symbols, "<title> & more", out), 0);
	else
		assert_int_equal(calltree_fold(tree, &symbols, what == 1, out), 0);
	fclose(out);
	return text;
}

static void a_bare_call_folds(void **state)
{
	struct calltree tree;
	char *text;

	(void)state;
	assert_int_equal(calltree_build(bare_steps, N(bare_steps), &symbols, false, &tree), 0);
	assert_int_equal(tree.calls[0].total, N(bare_steps));
	text = text_of(&tree, 0);
	assert_string_equal(text, "[bpftoll] 3\n[bpftoll];entry 5\n[bpftoll];entry;work 4\n"
				  "[bpftoll];entry;work;work.cold 1\n");
	free(text);
	calltree_free(&tree);
}

static void it_knows_what_the_hit_passed_through(void **state)
{
	struct calltree hit, bare;

	(void)state;
	assert_int_equal(calltree_build(hit_steps, N(hit_steps), &symbols, false, &hit), 0);
	assert_int_equal(calltree_build(bare_steps, N(bare_steps), &symbols, false, &bare), 0);
	assert_true(calltree_passes(&hit, &symbols, "hook"));
	assert_false(calltree_passes(&hit, &symbols, "hoo"));
	/* a path that only the bare call has is not one of the hit's */
	assert_int_equal(calltree_subtract(&bare, &hit), 0);
	assert_false(calltree_passes(&bare, &symbols, "hook"));
	assert_true(calltree_passes(&bare, &symbols, "work"));
	calltree_free(&hit);
	calltree_free(&bare);
}

static void the_difference_has_every_instruction(void **state)
{
	struct calltree hit, bare;
	char *text;

	(void)state;
	assert_int_equal(calltree_build(hit_steps, N(hit_steps), &symbols, false, &hit), 0);
	assert_int_equal(calltree_build(bare_steps, N(bare_steps), &symbols, false, &bare), 0);
	assert_int_equal(calltree_subtract(&hit, &bare), 0);
	assert_int_equal(hit.calls[0].total, N(hit_steps));
	assert_int_equal(hit.calls[0].bare_total, N(bare_steps));
	text = text_of(&hit, 1);
	assert_non_null(strstr(text, "[bpftoll];entry;work 4 4\n"));
	assert_non_null(strstr(text, "[bpftoll];entry;work;hook 0 4\n"));
	assert_non_null(strstr(text, ";hook;bpf_prog_1234_x 0 2\n"));
	free(text);
	text = text_of(&hit, 2);
	assert_non_null(strstr(text, "       4        6  hook\n"));
	assert_non_null(strstr(text, "       2        2  bpf_prog_1234_x\n"));
	assert_non_null(strstr(text, "       6           sum\n"));
	assert_null(strstr(text, "work"));
	free(text);
	text = text_of(&hit, 3);
	assert_non_null(strstr(text, "&lt;title&gt; &amp; more"));
	assert_non_null(strstr(text, "hook: 6 instructions, 4 its own; in the bare call 0"));
	assert_non_null(strstr(text, "</svg>"));
	free(text);
	calltree_free(&hit);
	calltree_free(&bare);
}

/*
 * What only the bare call does (where the probe makes it take another path) is a negative row, and
 * the sum still holds.
 */
static void a_path_that_went_away_is_negative(void **state)
{
	struct calltree hit, bare;
	char *text;

	(void)state;
	assert_int_equal(calltree_build(bare_steps, N(bare_steps), &symbols, false, &hit), 0);
	assert_int_equal(calltree_build(hit_steps, N(hit_steps), &symbols, false, &bare), 0);
	assert_int_equal(calltree_subtract(&hit, &bare), 0);
	text = text_of(&hit, 2);
	assert_non_null(strstr(text, "      -4       -6  hook\n"));
	assert_non_null(strstr(text, "      -6           sum\n"));
	free(text);
	calltree_free(&hit);
	calltree_free(&bare);
}

/* Recursion is a deeper call of the same function; an exception returns to where it happened. */
static void recursion_and_exceptions(void **state)
{
	static const uint64_t other = 0xfffffe0000002000ull;
	const struct step steps[] = {
		{U, 0x7fff0000, 0},    {K, 0x7fff0000, 0},     {K + 4, S, 0},
		{K + 0x100, S - 8, 0}, {K + 0x100, S - 16, 0}, {K + 0x104, S - 16, 0},
		{K + 0x108, S - 8, 0}, {K + 0x200, other, 0},  {K + 0x204, other - 16, 0},
		{K + 0x10c, S - 8, 0}, {K + 8, S, 0},
	};
	struct calltree tree;
	char *text;

	(void)state;
	assert_int_equal(calltree_build(steps, N(steps), &symbols, false, &tree), 0);
	text = text_of(&tree, 0);
	assert_string_equal(text, "[bpftoll] 1\n[bpftoll];entry 3\n[bpftoll];entry;work 3\n"
				  "[bpftoll];entry;work;work 2\n[bpftoll];entry;work;hook 2\n");
	free(text);
	calltree_free(&tree);
}

/*
 * Calls by the link register, a tail call, an exception and the return: no return address is ever
 * pushed.
 */
static void a_link_register_tells_calls(void **state)
{
	static const struct step steps[] = {
		{U, 0x7fff0000, 0x44},
		{K, S, 0x44}, /* the exception looks like a jump */
		{K + 4, S, 0x44},
		{K + 0x100, S, K + 8},		/* bl work */
		{K + 0x104, S - 32, K + 8},	/* its frame */
		{K + 0x200, S - 32, K + 0x108}, /* bl hook */
		{K + 0x400, S - 32, K + 0x108}, /* which jumps to the program */
		{K + 0x404, S - 32, K + 0x108},
		{K + 0x108, S - 32, K + 0x108}, /* which returns for the hook */
		{K, S - 368, K + 0x108},	/* another exception, in work */
		{K + 0x204, S - 368, K + 4},	/* bl into a function's middle is a call as well */
		{K + 4, S - 368, K + 4},
		{K + 0x10c, S - 32, K + 0x108}, /* and back */
		{K + 0x100, S - 32, K + 0x110}, /* work calls itself */
		{K + 0x110, S - 32, K + 0x110},
		{K + 0x114, S, K + 8},
		{K + 8, S, K + 8},
		{U + 4, 0x7fff0000, 0x44},
	};
	struct calltree tree;
	char *text;

	(void)state;
	assert_int_equal(calltree_build(steps, N(steps), &symbols, true, &tree), 0);
	text = text_of(&tree, 0);
	assert_string_equal(text, "[bpftoll] 2\n[bpftoll];entry 3\n[bpftoll];entry;work 6\n"
				  "[bpftoll];entry;work;hook 1\n"
				  "[bpftoll];entry;work;hook;bpf_prog_1234_x 2\n"
				  "[bpftoll];entry;work;entry 2\n"
				  "[bpftoll];entry;work;entry;hook 1\n"
				  "[bpftoll];entry;work;work 1\n");
	free(text);
	calltree_free(&tree);
}

static void any_steps_keep_the_sum(void **state)
{
	struct step steps[2000];
	struct calltree tree;
	uint64_t seed = 1;

	(void)state;
	for (int run = 0; run < 50; run++) {
		for (size_t i = 0; i < N(steps); i++) {
			seed = seed * 6364136223846793005ull + 1442695040888963407ull;
			steps[i].pc = (seed >> 60) ? K + ((seed >> 33) & 0x5ff) : U;
			steps[i].sp = S - ((seed >> 20) & 0xff8);
			steps[i].link = K + ((seed >> 45) & 0x5fc);
		}
		if (calltree_build(steps, N(steps), &symbols, run % 2, &tree))
			continue; /* deeper than any real stack */
		assert_int_equal(tree.calls[0].total, N(steps));
		calltree_free(&tree);
	}
	assert_int_equal(calltree_build(steps, 0, &symbols, false, &tree), 0);
	assert_int_equal(tree.calls[0].total, 0);
	calltree_free(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_have_names),
		cmocka_unit_test(a_bare_call_folds),
		cmocka_unit_test(it_knows_what_the_hit_passed_through),
		cmocka_unit_test(the_difference_has_every_instruction),
		cmocka_unit_test(a_path_that_went_away_is_negative),
		cmocka_unit_test(recursion_and_exceptions),
		cmocka_unit_test(a_link_register_tells_calls),
		cmocka_unit_test(any_steps_keep_the_sum),
	};

	return cmocka_run_group_tests(tests, load_symbols, free_symbols);
}
