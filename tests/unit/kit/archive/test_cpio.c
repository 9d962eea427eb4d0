/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Archives: cpio can read what is written; what a guest sends stays below its folder or is refused.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/archive/cpio.h"
#include "kit/system/process.h"
#include "kit/system/scratch.h"

static void make(unsigned char **out, size_t *len, bool other_order)
{
	struct cpio *cpio = cpio_new();

	assert_non_null(cpio);
	if (other_order)
		assert_int_equal(cpio_add(cpio, "z", S_IFREG | 0644, "last", 4), 0);
	assert_int_equal(cpio_add(cpio, "a/b/c", S_IFREG | 0755, "odd", 3), 0);
	assert_int_equal(cpio_add(cpio, "empty", S_IFREG | 0644, NULL, 0), 0);
	assert_int_equal(cpio_add(cpio, "z", S_IFREG | 0644, "last", 4), 0);
	assert_int_equal(cpio_add(cpio, "z", S_IFREG | 0644, "twice", 5), 0);
	assert_int_equal(cpio_add(cpio, "/absolute", S_IFREG | 0644, NULL, 0), -EINVAL);
	assert_int_equal(cpio_finish(cpio, out, len), 0);
	cpio_free(cpio);
}

static void the_same_files_give_the_same_bytes(void **state)
{
	unsigned char *a, *b;
	size_t a_len, b_len;

	(void)state;
	make(&a, &a_len, false);
	make(&b, &b_len, true);
	assert_int_equal(a_len, b_len);
	assert_memory_equal(a, b, a_len);
	free(a);
	free(b);
}

static void cpio_itself_reads_it(void **state)
{
	char *argv[] = {"cpio", "-t", "--quiet", "-F", NULL, NULL};
	char dir[4096], path[4200], *list = NULL;
	struct error why;
	unsigned char *bytes;
	size_t len;
	FILE *file;

	(void)state;
	if (process_find("cpio", &why))
		skip();
	assert_int_equal(scratch_make(NULL, dir, sizeof(dir), &why), 0);
	snprintf(path, sizeof(path), "%s/archive", dir);
	make(&bytes, &len, false);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
	argv[4] = path;
	assert_int_equal(process_run(argv, NULL, &list, &why), 0);
	assert_string_equal(list, "a\na/b\na/b/c\nempty\nz\n");
	free(list);
	free(bytes);
	scratch_remove(dir);
	assert_int_not_equal(access(dir, F_OK), 0);
}

static void there_and_back(void **state)
{
	char dir[4096], path[4200], text[8] = "";
	struct error why;
	unsigned char *bytes;
	size_t len;
	FILE *file;

	(void)state;
	assert_int_equal(scratch_make(NULL, dir, sizeof(dir), &why), 0);
	make(&bytes, &len, false);
	assert_int_equal(cpio_unpack(bytes, len, dir, &why), 0);
	snprintf(path, sizeof(path), "%s/a/b/c", dir);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fread(text, 1, sizeof(text), file), 3);
	assert_memory_equal(text, "odd", 3);
	fclose(file);
	free(bytes);
	scratch_remove(dir);
}

/*
 * For every shorter length, and with every byte of the headers changed: refused or unpacked,
 * nothing else.
 */
static void damage_is_noticed(void **state)
{
	char dir[4096];
	struct error why;
	unsigned char *bytes, *copy;
	size_t len;

	(void)state;
	make(&bytes, &len, false);
	for (size_t cut = 0; cut + 4 < len; cut += 7) {
		assert_int_equal(scratch_make(NULL, dir, sizeof(dir), &why), 0);
		copy = malloc(cut ? cut : 1);
		assert_non_null(copy);
		memcpy(copy, bytes, cut);
		assert_int_equal(cpio_unpack(copy, cut, dir, &why), -EBADMSG);
		free(copy);
		scratch_remove(dir);
	}
	for (size_t at = 0; at < len; at += 3) {
		assert_int_equal(scratch_make(NULL, dir, sizeof(dir), &why), 0);
		copy = malloc(len);
		assert_non_null(copy);
		memcpy(copy, bytes, len);
		copy[at] ^= 0x15;
		cpio_unpack(copy, len, dir, &why);
		free(copy);
		scratch_remove(dir);
	}
	free(bytes);
}

static void expect_refused(const char *name, mode_t mode)
{
	struct cpio *cpio = cpio_new();
	char dir[4096];
	struct error why;
	unsigned char *bytes;
	size_t len;

	assert_non_null(cpio);
	assert_int_equal(scratch_make(NULL, dir, sizeof(dir), &why), 0);
	assert_int_equal(cpio_add(cpio, name, mode, "x", 1), 0);
	assert_int_equal(cpio_finish(cpio, &bytes, &len), 0);
	assert_int_equal(cpio_unpack(bytes, len, dir, &why), -EBADMSG);
	free(bytes);
	cpio_free(cpio);
	scratch_remove(dir);
}

static void nothing_leaves_the_folder(void **state)
{
	(void)state;
	expect_refused("../outside", S_IFREG | 0644);
	expect_refused("a/../../outside", S_IFREG | 0644);
	expect_refused("link", S_IFLNK | 0777);
	expect_refused("device", S_IFCHR | 0600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_files_give_the_same_bytes),
		cmocka_unit_test(cpio_itself_reads_it),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(damage_is_noticed),
		cmocka_unit_test(nothing_leaves_the_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
