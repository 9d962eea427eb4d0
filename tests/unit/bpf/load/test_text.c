/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the kernel's code both ways: the bytes are equal, and what cannot be read is an error. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bpf/load/text.h"

#define SYMBOL "__x64_sys_munmap"

static void a_program_reads_what_the_core_file_holds(void **state)
{
	uint8_t core[TEXT_BYTES] = {0}, program[TEXT_BYTES] = {0}, nothing[TEXT_BYTES] = {0};
	uint64_t address = text_symbol(SYMBOL);
	int err;

	(void)state;
	err = address ? text_read_by_program(address, program) : -ENOENT;
	if (err) {
		printf("# skip: the kernel's code by a program needs root, kallsyms and Linux "
		       "5.10: %s\n",
		       strerror(-err));
		skip();
	}
	assert_memory_not_equal(program, nothing, TEXT_BYTES);
	assert_int_equal(text_read(address, core), 0);
	assert_memory_equal(core, program, TEXT_BYTES);
}

static void what_is_not_mapped_cannot_be_read(void **state)
{
	uint8_t text[TEXT_BYTES];

	(void)state;
	assert_true(text_read(8, text) < 0);
	assert_true(text_read_by_program(8, text) < 0);
}

static void a_hidden_symbol_is_0(void **state)
{
	(void)state;
	assert_int_equal(text_symbol("no_such_function"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_reads_what_the_core_file_holds),
		cmocka_unit_test(what_is_not_mapped_cannot_be_read),
		cmocka_unit_test(a_hidden_symbol_is_0),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
