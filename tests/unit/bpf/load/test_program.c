/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verifier's statistics, as different kernels write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "bpf/load/program.h"

static void read_as(const char *log, uint64_t stack, uint64_t us)
{
	struct program_facts facts = {0};

	program_read_log(log, &facts);
	assert_int_equal(facts.stack_bytes, stack);
	assert_int_equal(facts.verify_us, us);
}

static void reads_stack_and_time(void **state)
{
	struct program_facts facts = {0};

	(void)state;
	program_read_log(
		"verification time 61 usec\nstack depth 40\nprocessed 37 insns (limit 1000000) "
		"max_states_per_insn 0\n",
		&facts);
	assert_int_equal(facts.verified, 37);
	read_as("verification time 61 usec\nstack depth 40\nprocessed 37 insns (limit 1000000) "
		"max_states_per_insn 0 total_states 3 peak_states 3 mark_read 2\n",
		40, 61);
	/* a number for each frame; the last one may be a callback's */
	read_as("verification time 7 usec\nstack depth 16+0+8\nprocessed 5 insns\n", 24, 7);
	read_as("stack depth 0\n", 0, 0);
	/* cut off, or without statistics */
	read_as("verification time ", 0, 0);
	read_as("stack depth ", 0, 0);
	read_as("stack depth 8+", 8, 0);
	read_as("R1 type=ctx expected=fp\n", 0, 0);
	read_as("", 0, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(reads_stack_and_time)};

	return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
