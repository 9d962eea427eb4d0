/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <bpf/libbpf.h>
#include <cmocka.h>

#include "bpf/programs/shared.h"
#include "bpf/programs/probes_madvise.skel.h"
#include "bpf/programs/probes_munmap.skel.h"
#include "bpf/load/variant.h"

static void names_are_hook_and_body(void **state)
{
	char name[64];

	(void)state;
	for (size_t i = 0; i < variants_count; i++) {
		snprintf(name, sizeof(name), "%s_%s", hook_name(variants[i].hook),
			 body_name(variants[i].body));
		assert_string_equal(variants[i].name, name);
		assert_ptr_equal(variant_find(name), &variants[i]);
	}
	assert_null(variant_find("kprobe"));
}

static void every_hook_has_every_body(void **state)
{
	bool seen[HOOK_COUNT][BODY_COUNT] = {0};
	size_t wanted = 0;

	(void)state;
	for (size_t i = 0; i < variants_count; i++) {
		assert_false(seen[variants[i].hook][variants[i].body]);
		seen[variants[i].hook][variants[i].body] = true;
	}
	/* only a kprobe has as_written */
	for (int h = 0; h < HOOK_COUNT; h++)
		for (int b = 0; b < BODY_COUNT; b++) {
			bool has = !body_as_written((enum body)b) || h == HOOK_KPROBE;

			assert_int_equal(seen[h][b], has);
			wanted += has;
		}
	assert_int_equal(variants_count, wanted);
}

/*
 * Each row has its program in both objects, none of which is loaded by default, and programs that
 * send to a ring buffer exist for all wakeup policies.
 */
static void check_object(const void *elf, size_t size)
{
	struct bpf_object *object = bpf_object__open_mem(elf, size, NULL);
	struct bpf_program *program;
	size_t programs = 0;
	char name[80];

	assert_non_null(object);
	for (size_t i = 0; i < variants_count; i++) {
		bool ring = body_output(variants[i].body) == OUTPUT_RINGBUF;

		for (int wake = 0; wake < (ring ? 3 : 1); wake++) {
			static const char *const suffix[] = {"", "__nowake", "__sampled"};

			snprintf(name, sizeof(name), "%s%s", variants[i].name, suffix[wake]);
			program = bpf_object__find_program_by_name(object, name);
			assert_non_null(program);
			assert_false(bpf_program__autoload(program));
			programs++;
		}
	}
	bpf_object__for_each_program(program, object) programs--;
	assert_int_equal(programs, 0);
	bpf_object__close(object);
}

static void objects_hold_the_same_list(void **state)
{
	const void *elf;
	size_t size;

	(void)state;
	elf = probes_munmap__elf_bytes(&size);
	check_object(elf, size);
	elf = probes_madvise__elf_bytes(&size);
	check_object(elf, size);
}

static void the_event_is_as_long_as_it_says(void **state)
{
	(void)state;
	assert_int_equal(sizeof(struct entropy_event), 32);
	assert_int_equal(offsetof(struct entropy_event, bytes_freed), 8);
	assert_int_equal(offsetof(struct entropy_event, timestamp_ns), 16);
	assert_int_equal(offsetof(struct entropy_event, event_type), 24);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_hook_and_body),
		cmocka_unit_test(every_hook_has_every_body),
		cmocka_unit_test(objects_hold_the_same_list),
		cmocka_unit_test(the_event_is_as_long_as_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
