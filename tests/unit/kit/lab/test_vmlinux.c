/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bzImage made around a small ELF file that the real lz4 packs, then damaged. */
#include <elf.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/system/process.h"
#include "kit/lab/kernels/vmlinux.h"

#define ELF_BYTES 8192u
#define SETUP	  4u

struct image {
	char dir[64], bz[96], out[96];
	unsigned char *bytes;
	size_t len;
};

static void put(const char *path, const void *bytes, size_t len)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

/* An ELF kernel with one note part; note_type 18 is the PVH entry. */
static void make_elf(unsigned char *elf, uint16_t machine, uint32_t note_type)
{
	Elf64_Ehdr head = {.e_machine = machine,
			   .e_phoff = 64,
			   .e_phnum = 1,
			   .e_phentsize = sizeof(Elf64_Phdr)};
	Elf64_Phdr part = {.p_type = PT_NOTE, .p_offset = 512, .p_filesz = 20};
	Elf64_Nhdr note = {.n_namesz = 4, .n_descsz = 4, .n_type = note_type};

	memcpy(head.e_ident, ELFMAG, SELFMAG);
	head.e_ident[EI_CLASS] = ELFCLASS64;
	memset(elf, 0, ELF_BYTES);
	memcpy(elf, &head, sizeof(head));
	memcpy(elf + 64, &part, sizeof(part));
	memcpy(elf + 512, &note, sizeof(note));
	memcpy(elf + 512 + sizeof(note), "Xen", 4);
}

static void pack(struct image *image, uint16_t machine, uint32_t note_type)
{
	static unsigned char elf[ELF_BYTES];
	char plain[96], packed[96];
	struct error why = {0};
	/* -l: the legacy frame, as the kernel's build uses it */
	char *argv[] = {"lz4", "-l", "-q", "-f", plain, packed, NULL};
	uint32_t offset = 0, length, size = ELF_BYTES;
	size_t at = (SETUP + 1) * 512;
	FILE *file;

	make_elf(elf, machine, note_type);
	snprintf(plain, sizeof(plain), "%s/plain", image->dir);
	snprintf(packed, sizeof(packed), "%s/packed", image->dir);
	put(plain, elf, sizeof(elf));
	if (process_run(argv, NULL, NULL, &why))
		fail_msg("lz4: %s", why.text);
	image->bytes = calloc(1, 1 << 16);
	assert_non_null(image->bytes);
	file = fopen(packed, "rb");
	assert_non_null(file);
	length = (uint32_t)fread(image->bytes + at, 1, 1 << 14, file);
	fclose(file);
	memcpy(image->bytes + at + length, &size, sizeof(size));
	length += 4;
	image->len = at + length > 4096 ? at + length : 4096;
	image->bytes[0x1f1] = SETUP;
	image->bytes[0x206] = 0x0f;
	image->bytes[0x207] = 0x02;
	memcpy(image->bytes + 0x248, &offset, sizeof(offset));
	memcpy(image->bytes + 0x24c, &length, sizeof(length));
	unlink(plain);
	unlink(packed);
}

static int unpack(struct image *image)
{
	struct error why;

	unlink(image->out);
	put(image->bz, image->bytes, image->len);
	return vmlinux_unpack(image->bz, image->out, &why);
}

static void damage_u32(struct image *image, size_t at, uint32_t value, int want)
{
	uint32_t old;

	memcpy(&old, image->bytes + at, sizeof(old));
	memcpy(image->bytes + at, &value, sizeof(value));
	assert_int_equal(unpack(image), want);
	assert_int_not_equal(access(image->out, F_OK), 0);
	memcpy(image->bytes + at, &old, sizeof(old));
}

static int set_up(void **state)
{
	struct image *image = calloc(1, sizeof(*image));

	if (!image)
		return -1;
	snprintf(image->dir, sizeof(image->dir), "/tmp/bpftoll-vmlinux-XXXXXX");
	if (!mkdtemp(image->dir))
		return -1;
	snprintf(image->bz, sizeof(image->bz), "%s/bzImage", image->dir);
	snprintf(image->out, sizeof(image->out), "%s/vmlinux", image->dir);
	*state = image;
	return 0;
}

static int tear_down(void **state)
{
	struct image *image = *state;

	unlink(image->bz);
	unlink(image->out);
	rmdir(image->dir);
	free(image->bytes);
	free(image);
	return 0;
}

static void need_lz4(void)
{
	if (access("/usr/bin/lz4", X_OK)) {
		print_message("# skip: no lz4 here (package lz4)\n");
		skip();
	}
}

static void test_whole(void **state)
{
	struct image *image = *state;
	struct stat st;

	need_lz4();
	pack(image, EM_X86_64, 18);
	assert_int_equal(unpack(image), 0);
	assert_int_equal(stat(image->out, &st), 0);
	assert_int_equal(st.st_size, ELF_BYTES);
}

static void test_unfit(void **state)
{
	struct image *image = *state;

	need_lz4();
	pack(image, EM_X86_64, 1);
	assert_int_equal(unpack(image), -ENOTSUP); /* no PVH entry */
	assert_int_not_equal(access(image->out, F_OK), 0);
	free(image->bytes);
	pack(image, EM_AARCH64, 18);
	assert_int_equal(unpack(image), -ENOTSUP);
}

static void test_damaged(void **state)
{
	struct image *image = *state;

	need_lz4();
	pack(image, EM_X86_64, 18);
	damage_u32(image, 0x248, 0x7fffffff, -EINVAL); /* payload beyond the end */
	damage_u32(image, 0x24c, 0xffffffff, -EINVAL);
	damage_u32(image, 0x24c, 5, -EINVAL);
	damage_u32(image, (SETUP + 1) * 512, 0, -ENOTSUP); /* no known packer */
	image->bytes[0x206] = 7; /* boot protocol 2.07: no payload fields */
	assert_int_equal(unpack(image), -ENOTSUP);
	image->bytes[0x206] = 0x0f;
	image->len = 4000; /* shorter than any kernel */
	assert_int_equal(unpack(image), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_whole, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unfit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_damaged, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
