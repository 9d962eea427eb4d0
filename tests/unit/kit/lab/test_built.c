/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a configuration lacks of what the lab's guest needs, read beside an image or in a kernel. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

#include "calib/path.h"
#include "kit/lab/kernels/built.h"
#include "kit/system/scratch.h"

static const char enough[] = "CONFIG_BLK_DEV_INITRD=y\n"
			     "CONFIG_BINFMT_ELF=y\n"
			     "CONFIG_BINFMT_SCRIPT=y\n"
			     "CONFIG_PROC_FS=y\n"
			     "CONFIG_DEVTMPFS=y\n"
			     "CONFIG_TTY=y\n"
			     "CONFIG_SERIAL_8250=y\n"
			     "CONFIG_SERIAL_8250_CONSOLE=y\n"
			     "CONFIG_BPF_SYSCALL=y\n";
static char dir[64];

static int begin(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/test_built.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	scratch_remove(dir);
	return 0;
}

/* The text without one option, or with it as a module. */
static void without(const char *option, const char *instead, char out[sizeof(enough) + 64])
{
	const char *at = strstr(enough, option);
	size_t before;

	assert_non_null(at);
	before = (size_t)(at - enough);
	snprintf(out, sizeof(enough) + 64, "%.*s%s\n%s", (int)before, enough, instead,
		 strchr(at, '\n') + 1);
}

static void each_option_is_named(void **state)
{
	static const char *const options[] = {"CONFIG_BLK_DEV_INITRD", "CONFIG_BINFMT_ELF",
					      "CONFIG_BINFMT_SCRIPT",  "CONFIG_DEVTMPFS",
					      "CONFIG_SERIAL_8250=",   "CONFIG_BPF_SYSCALL"};
	const struct machine *x86 = machine_find("x86_64");
	char text[sizeof(enough) + 64], expected[128];
	struct error why;

	(void)state;
	assert_int_equal(built_suffices(enough, x86, "FILE", &why), 0);
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
		without(options[i], "# not set", text);
		assert_int_equal(built_suffices(text, x86, "FILE", &why), -ENOTSUP);
		snprintf(expected, sizeof(expected),
			 "kernel built without %.*s (FILE): ", (int)strcspn(options[i], "="),
			 options[i]);
		assert_memory_equal(why.text, expected, strlen(expected));
	}
	without("CONFIG_DEVTMPFS", "CONFIG_DEVTMPFS=m", text);
	assert_int_equal(built_suffices(text, x86, "FILE", &why), -ENOTSUP);
}

/* The lab's ports are others on arm64. */
static void each_machine_has_its_own(void **state)
{
	struct error why;

	(void)state;
	assert_int_equal(built_suffices(enough, machine_find("aarch64"), "FILE", &why), -ENOTSUP);
	assert_non_null(strstr(why.text, "CONFIG_SERIAL_8250_PCI"));
}

/* A kernel's bytes around what CONFIG_IKCONFIG puts into it. */
static struct file_bytes holding(const char *text)
{
	struct file_bytes out = {calloc(1, 65536), 0};
	z_stream z = {.next_in = (unsigned char *)text,
		      .avail_in = (unsigned int)strlen(text),
		      .avail_out = 65536 - 1024};
	size_t at = 512;

	assert_non_null(out.at);
	memcpy(out.at + at, "IKCFG_ST", 8);
	at += 8;
	z.next_out = out.at + at;
	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	at += z.total_out;
	deflateEnd(&z);
	memcpy(out.at + at, "IKCFG_ED", 8);
	out.len = at + 8 + 512;
	return out;
}

static void what_a_kernel_holds_is_read(void **state)
{
	struct file_bytes kernel = holding(enough), cut;
	char *text = built_held(&kernel);

	(void)state;
	assert_non_null(text);
	assert_string_equal(text, enough);
	free(text);
	cut = (struct file_bytes){kernel.at, kernel.len - 512 - 8};
	assert_null(built_held(&cut)); /* no second mark */
	kernel.at[512 + 8 + 20] ^= 0x55;
	assert_null(built_held(&kernel)); /* damaged */
	cut = (struct file_bytes){kernel.at, 100};
	assert_null(built_held(&cut)); /* no first mark */
	free(kernel.at);
}

/* The file beside the image counts; else the kernel's own, which the guest is given as a file. */
static void what_is_beside_the_image_counts(void **state)
{
	struct kernel kernel = {.machine = machine_find("x86_64"), .image = "/nowhere/bzImage"};
	char unpacked[96], to[96], text[sizeof(enough) + 64], config[PATH_MAX];
	struct file_bytes held;
	struct error why;

	(void)state;
	snprintf(unpacked, sizeof(unpacked), "%s/vmlinux", dir);
	snprintf(to, sizeof(to), "%s/config", dir);
	assert_int_equal(built_check(&kernel, "", to, config, &why), 0);
	assert_string_equal(config, "");
	without("CONFIG_BPF_SYSCALL", "# not set", text);
	held = holding(text);
	assert_int_equal(file_create(unpacked, held.at, held.len), 0);
	free(held.at);
	assert_int_equal(built_check(&kernel, unpacked, to, config, &why), -ENOTSUP);
	assert_string_equal(why.text,
			    "kernel built without CONFIG_BPF_SYSCALL (its own "
			    "configuration, in /nowhere/bzImage): no probe can be attached");
	assert_string_equal(config, to);
	path_put(kernel.config, sizeof(kernel.config), "%s/config-6.1", dir);
	assert_int_equal(file_create(kernel.config, enough, strlen(enough)), 0);
	assert_int_equal(built_check(&kernel, unpacked, to, config, &why), 0);
	assert_string_equal(config, kernel.config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_is_named),
		cmocka_unit_test(each_machine_has_its_own),
		cmocka_unit_test(what_a_kernel_holds_is_read),
		cmocka_unit_test_setup_teardown(what_is_beside_the_image_counts, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
