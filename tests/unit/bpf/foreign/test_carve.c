/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Objects found in bytes, sections read, and what libbpf crashes on refused. */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "bpf/foreign/carve.h"
#include "bpf/foreign/inventory.h"
#include "bpf/programs/shared.h"
#include "bpf/programs/rates_munmap.skel.h"

#define BEFORE 1003 /* odd: an object may lie anywhere */

static char *in_file(size_t *bytes, size_t *object)
{
	const void *elf = rates_munmap__elf_bytes(object);
	char *file = calloc(1, *bytes = BEFORE + *object + 100);

	assert_non_null(file);
	memcpy(file + BEFORE, elf, *object);
	/* what only looks like one */
	memcpy(file + 10, ELFMAG, SELFMAG);
	return file;
}

static void an_object_is_found_where_it_lies(void **state)
{
	struct carve_found found;
	struct error why;
	size_t bytes, object;
	char *file = in_file(&bytes, &object);

	(void)state;
	assert_int_equal(carve_find(file, bytes, &found, &why), 0);
	assert_int_equal(found.n, 1);
	assert_int_equal(found.objects[0].offset, BEFORE);
	assert_true(found.objects[0].bytes <= object);
	assert_true(object - found.objects[0].bytes < 16);
	free(file);
}

/* Cut at every length: never found, and no byte behind the end is read (the sanitizers look). */
static void a_cut_object_is_damaged(void **state)
{
	size_t object;
	const void *elf = rates_munmap__elf_bytes(&object);

	(void)state;
	for (size_t n = 0; n < object - 16; n += 7) {
		struct carve_found found;
		struct error why;
		char *cut = malloc(n + 1);

		assert_non_null(cut);
		memcpy(cut, elf, n);
		assert_int_equal(carve_find(cut, n, &found, &why), -ENOENT);
		assert_int_equal(found.n, 0);
		assert_int_equal(found.damaged, n >= sizeof(Elf64_Ehdr));
		free(cut);
	}
}

static void the_other_byte_order_is_counted(void **state)
{
	struct carve_found found;
	struct error why;
	size_t bytes, object;
	char *file = in_file(&bytes, &object);
	uint16_t machine = __builtin_bswap16(EM_BPF);

	(void)state;
	file[BEFORE + EI_DATA] = file[BEFORE + EI_DATA] == ELFDATA2LSB ? ELFDATA2MSB : ELFDATA2LSB;
	memcpy(file + BEFORE + offsetof(Elf64_Ehdr, e_machine), &machine, sizeof(machine));
	assert_int_equal(carve_find(file, bytes, &found, &why), -ENOENT);
	assert_int_equal(found.other_endian, 1);
	assert_non_null(strstr(why.text, "byte order"));
	free(file);
}

/* Whatever a few wrong bytes make of an object, inventory_prove returns. */
static void no_object_takes_this_process_down(void **state)
{
	size_t object;
	const void *elf = rates_munmap__elf_bytes(&object);
	char *copy = malloc(object);
	uint32_t random = 1;

	(void)state;
	assert_non_null(copy);
	for (int i = 0; i < 300; i++) {
		struct carve_found found;
		struct error why;

		memcpy(copy, elf, object);
		for (int k = 0; k < 2; k++) {
			random = random * 1664525 + 1013904223;
			copy[sizeof(Elf64_Ehdr) + (random >> 8) % (object - sizeof(Elf64_Ehdr))] =
				(char)(random >> 3);
		}
		if (carve_find(copy, object, &found, &why))
			continue;
		assert_in_range(inventory_prove(copy, object, &why) + 1000, 1000 - EBADMSG, 1000);
	}
	free(copy);
}

static void sections_are_read_as_libbpf_reads_them(void **state)
{
	static const struct {
		const char *section;
		enum section_kind kind;
		const char *target, *syscall;
	} known[] = {
		{"tp/syscalls/sys_enter_openat", SECTION_TRACEPOINT, "syscalls/sys_enter_openat",
		 "openat"},
		{"?kprobe/__x64_sys_munmap+8", SECTION_KPROBE, "__x64_sys_munmap+8", "munmap"},
		{"ksyscall/read", SECTION_KSYSCALL, "read", "read"},
		{"raw_tracepoint.w/sched_switch", SECTION_RAW_TP, "sched_switch", NULL},
		{"fentry.s/vfs_read", SECTION_FENTRY, "vfs_read", NULL},
		{"kprobe.multi/tcp_*", SECTION_KPROBE_MULTI, "tcp_*", NULL},
		{"uprobe//bin/bash:readline", SECTION_UPROBE, "/bin/bash:readline", NULL},
		{"usdt/libc.so.6:libc:setjmp", SECTION_USDT, "libc.so.6:libc:setjmp", NULL},
		{"kprobe", SECTION_KPROBE, "", NULL},
		{"xdp", SECTION_OTHER, "", NULL},
		{"struct_ops/init", SECTION_OTHER, "", NULL},
		{"kprobes/x", SECTION_OTHER, "", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		struct section section;
		char syscall[32];

		section_parse(known[i].section, &section);
		assert_int_equal(section.kind, known[i].kind);
		assert_string_equal(section.target, known[i].target);
		assert_int_equal(section.why_not != NULL, known[i].kind == SECTION_OTHER);
		assert_int_equal(section_syscall(&section, syscall, sizeof(syscall)),
				 known[i].syscall != NULL);
		if (known[i].syscall)
			assert_string_equal(syscall, known[i].syscall);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_object_is_found_where_it_lies),
		cmocka_unit_test(a_cut_object_is_damaged),
		cmocka_unit_test(the_other_byte_order_is_counted),
		cmocka_unit_test(no_object_takes_this_process_down),
		cmocka_unit_test(sections_are_read_as_libbpf_reads_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
