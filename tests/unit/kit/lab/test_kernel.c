/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Which kernel the user's words mean: versions, package lists, mirrors, and image headers, valid
 * and damaged.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "kit/lab/kernels/apt.h"
#include "kit/lab/kernels/bzimage.h"
#include "kit/lab/kernels/debversion.h"
#include "kit/lab/kernels/kernel.h"
#include "kit/lab/kernels/kimage.h"
#include "kit/lab/guest/libraries.h"

static void versions_are_ordered(void **state)
{
	static const char *const rising[] = {
		"5.10.223-1", "5.10.262-1", "6.1.9-1",	  "6.1.158-1~deb11u1",
		"6.1.158-1",  "6.1.192-1",  "6.1.192-2",  "6.12.107-1~deb12u1",
		"6.12.107-1", "6.12.115-1", "6.12.115-2", "7.3.4-1~bpo13+1",
		"7.3.4-1",    "1:0.1-1"};

	(void)state;
	for (size_t i = 0; i < sizeof(rising) / sizeof(rising[0]); i++)
		for (size_t k = 0; k < sizeof(rising) / sizeof(rising[0]); k++) {
			int order = debversion_compare(rising[i], rising[k]);

			assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
		}
	assert_int_equal(debversion_compare("1.0", "1.00"), 0);
	assert_true(debversion_compare("1.0~rc1", "1.0") < 0);
	assert_true(debversion_compare("1.0a", "1.0+") < 0);
}

static void a_prefix_ends_at_a_component(void **state)
{
	(void)state;
	assert_true(debversion_begins("6.1.192-2", "6.1"));
	assert_true(debversion_begins("6.1.192-2", "6.1.192-2"));
	assert_true(debversion_begins("6.1.0-55-cloud-amd64", "6.1.0-55"));
	assert_false(debversion_begins("6.12.107-1", "6.1"));
	assert_false(debversion_begins("6.1.192-2", "6.1.19"));
	assert_false(debversion_begins("6.1", "6.1.192"));
	assert_false(debversion_begins("6.1.192-2", ""));
}

static const char madison[] =
	" linux-image-6.1.0-55-cloud-amd64 | 6.1.192-1 | http://mirror bookworm-security/main "
	"amd64 Packages\n"
	" linux-image-6.1.0-56-cloud-amd64 | 6.1.192-2 | http://mirror bookworm-security/main "
	"amd64 Packages\n"
	"linux-image-6.1.0-56-cloud-amd64-unsigned | 6.1.192-2 | http://mirror b amd64 Packages\n"
	"linux-image-6.1.0-0.deb11.52-cloud-amd64 | 6.1.193-1~deb11u1 | http://mirror x amd64 "
	"Packages\n"
	"linux-image-6.12-cloud-amd64 | 6.12.117-1~deb12u1 | http://mirror x amd64 Packages\n"
	"linux-image-cloud-amd64 | 6.12.117-1 | http://mirror x amd64 Packages\n"
	"linux-image-6.12.107+deb13-cloud-amd64 | 6.12.107-1 | http://mirror x amd64 Packages\n"
	"linux-image-6.12.117+deb13-cloud-amd64-unsigned | 6.12.117-1 | http://mirror x amd64 "
	"Packages\n"
	"linux-image-6.1.0-56-amd64 | 6.1.192-2 | http://mirror x amd64 Packages\n"
	"linux-image-7.3.4+deb13-cloud-amd64 | 7.3.4-1~bpo13+1 | http://mirror x amd64 Packages\n"
	"linux-binary-7.3.4+deb13-cloud-amd64 | 7.3.4-1~bpo13+1 | http://mirror x amd64 Packages\n"
	"linux-binary-unsigned-7.3.4+deb13-cloud-amd64 | 7.3.4-1~bpo13+1 | http://m x amd64 "
	"Packages\n"
	"N: nothing | like it\n\n|||\n";

static const char *picked(const char *spec)
{
	static char name[128];
	struct candidate *all;
	const struct candidate *c;
	size_t n;

	assert_int_equal(candidates_parse(madison, &all, &n), 0);
	c = candidate_pick(all, n, spec);
	snprintf(name, sizeof(name), "%s", c ? c->package : "");
	free(all);
	return name;
}

static void the_newest_that_fits_is_picked(void **state)
{
	(void)state;
	assert_string_equal(picked("6.1"), "linux-image-6.1.0-56-cloud-amd64");
	assert_string_equal(picked("6.1.192-1"), "linux-image-6.1.0-55-cloud-amd64");
	assert_string_equal(picked("6.1.0-55"), "linux-image-6.1.0-55-cloud-amd64");
	assert_string_equal(picked("6.1.193"), "linux-image-6.1.0-0.deb11.52-cloud-amd64");
	assert_string_equal(picked("6.12"), "linux-image-6.12.117+deb13-cloud-amd64-unsigned");
	assert_string_equal(picked("6.12.107"), "linux-image-6.12.107+deb13-cloud-amd64");
	assert_string_equal(picked("7"), "linux-binary-7.3.4+deb13-cloud-amd64");
	assert_string_equal(picked("6"), "linux-image-6.12.117+deb13-cloud-amd64-unsigned");
	assert_string_equal(picked("9.9"), "");
	assert_string_equal(picked(""), "");
}

static void what_there_is_is_listed_by_series(void **state)
{
	struct candidate *all;
	char text[256], tiny[12];
	size_t n;

	(void)state;
	assert_int_equal(candidates_parse(madison, &all, &n), 0);
	assert_int_equal(n, 9);
	candidates_describe(all, n, text, sizeof(text));
	assert_string_equal(text, "6.1 (6.1.193), 6.12 (6.12.117), 7.3 (7.3.4)");
	candidates_describe(all, n, tiny, sizeof(tiny));
	assert_true(strlen(tiny) < sizeof(tiny));
	free(all);
	assert_int_equal(candidates_parse("", &all, &n), 0);
	assert_int_equal(n, 0);
	candidates_describe(all, n, text, sizeof(text));
	assert_string_equal(text, "");
}

static void mirrors_are_debians(void **state)
{
	char archive[64], security[64];

	(void)state;
	assert_int_equal(mirrors_parse("Other|x|main|http://other/\n"
				       "Debian|bookworm|contrib|http://c/\n"
				       "Debian|bookworm-security|main|http://s/debian-security/\n"
				       "Debian|bookworm|main|http://a/debian/\n"
				       "Debian|trixie|main|http://b/debian/\n",
				       archive, security, sizeof(archive)),
			 0);
	assert_string_equal(archive, "http://a/debian/");
	assert_string_equal(security, "http://s/debian-security/");
	assert_int_not_equal(mirrors_parse("Other|x|main|http://other/\nrubbish\n", archive,
					   security, sizeof(archive)),
			     0);
}

#define HEAD 4096

static void make_head(unsigned char *head, const char *banner)
{
	memset(head, 0, HEAD);
	head[0x1fe] = 0x55;
	head[0x1ff] = 0xaa;
	memcpy(head + 0x202, "HdrS", 4);
	head[0x206] = 0x0f;
	head[0x207] = 0x02;
	head[0x20e] = 0x00;
	head[0x20f] = 0x08; /* version at 0xa00 */
	head[0x211] = 1;
	head[0x1f1] = 1;
	head[0x1f4] = (HEAD - 1024) / 16;
	head[0x236] = 1;
	memcpy(head + 0xa00, banner, strlen(banner) + 1);
}

static void an_image_names_itself(void **state)
{
	static unsigned char head[HEAD];
	struct bzimage image;
	struct error why;

	(void)state;
	make_head(head, "6.1.0-55-cloud-amd64 (builder@host) #1 SMP Debian 6.1.192-1");
	assert_int_equal(bzimage_parse(head, HEAD, &image, &why), 0);
	assert_string_equal(image.release, "6.1.0-55-cloud-amd64");
}

static void damaged_images_are_refused(void **state)
{
	static unsigned char head[HEAD];
	struct bzimage image;
	struct error why;

	(void)state;
	make_head(head, "6.1.0 x");
	for (size_t len = 0; len < 0xa01; len++)
		assert_int_not_equal(bzimage_parse(head, len, &image, &why), 0);
	for (size_t at = 0x1fe; at < 0x206; at++) {
		if (at == 0x200 || at == 0x201)
			continue;
		make_head(head, "6.1.0 x");
		head[at] ^= 0x40;
		assert_int_not_equal(bzimage_parse(head, HEAD, &image, &why), 0);
	}
	make_head(head, "6.1.0 x");
	head[0x20f] = 0xff; /* the header places the name far beyond the end */
	assert_int_not_equal(bzimage_parse(head, HEAD, &image, &why), 0);
	make_head(head, "../../etc x");
	assert_int_not_equal(bzimage_parse(head, HEAD, &image, &why), 0);
	make_head(head, "");
	assert_int_not_equal(bzimage_parse(head, HEAD, &image, &why), 0);
	make_head(head, "6.1.0 x");
	assert_int_not_equal(bzimage_parse(head, HEAD - 1, &image, &why), 0);
	assert_non_null(strstr(why.text, "cut short: 4095 of 4096 bytes"));
	make_head(head, "6.1.0 x");
	head[0x236] = 0;
	assert_int_not_equal(bzimage_parse(head, HEAD, &image, &why), 0);
	assert_non_null(strstr(why.text, "a 32-bit kernel"));
	memset(head, 0xff, HEAD);
	assert_int_not_equal(bzimage_parse(head, HEAD, &image, &why), 0);
}

static void an_arm64_image_names_itself(void **state)
{
	static const char banner[] = "Linux version 6.1.0-56-cloud-arm64 (builder@host) #1 SMP";
	static unsigned char image[HEAD];
	struct kimage is;
	struct error why;

	(void)state;
	memcpy(image, "MZ", 2);
	memcpy(image + 56, "ARMd", 4);
	memcpy(image + 2000, banner, sizeof(banner));
	assert_int_equal(kimage_parse_arm64(image, HEAD, &is, &why), 0);
	assert_string_equal(is.release, "6.1.0-56-cloud-arm64");
	for (size_t len = 0; len < 2000 + 35; len++)
		assert_int_equal(kimage_parse_arm64(image, len, &is, &why), -EINVAL);
	/* as a PE file it has a section of 256 bytes that ends with the file */
	image[60] = 64;
	memcpy(image + 64, "PE\0\0", 4);
	image[64 + 6] = 1;
	image[64 + 24 + 17] = 1;
	image[64 + 24 + 20] = (HEAD - 256) & 255;
	image[64 + 24 + 21] = (HEAD - 256) >> 8;
	assert_int_equal(kimage_parse_arm64(image, HEAD, &is, &why), 0);
	assert_int_equal(kimage_parse_arm64(image, HEAD - 1, &is, &why), -EINVAL);
	assert_non_null(strstr(why.text, "cut short: "));
	memcpy(image + 2000 + 14, "../../etc", 9);
	assert_int_equal(kimage_parse_arm64(image, HEAD, &is, &why), -EINVAL);
	image[56] = 0;
	assert_int_equal(kimage_parse_arm64(image, HEAD, &is, &why), -EINVAL);
	memcpy(image + 4, "zimg", 4);
	assert_int_equal(kimage_parse_arm64(image, HEAD, &is, &why), -EINVAL);
	assert_non_null(strstr(why.text, "zboot"));
}

static void a_kernel_of_the_other_kind_is_named_as_such(void **state)
{
	char path[] = "/tmp/bpftoll-test-XXXXXX";
	struct error why;
	static unsigned char image[HEAD];
	int fd = mkstemp(path);
	struct kimage is;

	(void)state;
	assert_true(fd >= 0);
	make_head(image, "6.1.0 x");
	assert_int_equal(write(fd, image, HEAD), HEAD);
	assert_int_equal(kimage_read(path, machine_find("x86_64"), &is, &why), 0);
	assert_int_equal(kimage_read(path, machine_find("aarch64"), &is, &why), -EINVAL);
	assert_non_null(strstr(why.text, "a kernel for x86_64, not for aarch64"));
	assert_null(machine_find("pdp11"));
	close(fd);
	unlink(path);
}

static void words_that_are_no_kernel_are_refused(void **state)
{
	struct kernel kernel;
	struct error why;

	(void)state;
	assert_int_equal(kernel_resolve("6.1; rm", machine_find("x86_64"), false, &kernel, &why),
			 -EINVAL);
	assert_int_equal(kernel_resolve("", machine_find("x86_64"), false, &kernel, &why), -EINVAL);
	assert_int_equal(kernel_resolve("/dev/null", machine_find("x86_64"), false, &kernel, &why),
			 -EINVAL);
	assert_non_null(strstr(why.text, "/dev/null"));
	assert_int_equal(
		kernel_resolve("/no/such/file", machine_find("x86_64"), false, &kernel, &why),
		-ENOENT);
}

static void libraries_come_from_the_loaders_answer(void **state)
{
	struct libraries libs = {0};
	struct error why;

	(void)state;
	assert_int_equal(libraries_parse("\tlinux-vdso.so.1 (0x00007ffd)\n"
					 "\tlibz.so.1 => /lib/x/libz.so.1 (0x00007f)\n"
					 "\t/lib64/ld-linux-x86-64.so.2 (0x00007f51)\n",
					 &libs, &why),
			 0);
	assert_int_equal(libs.n, 2);
	assert_string_equal(libs.paths[0], "/lib/x/libz.so.1");
	assert_string_equal(libs.paths[1], "/lib64/ld-linux-x86-64.so.2");
	libraries_free(&libs);
	assert_int_equal(libraries_parse("\tlibbpf.so.1 => not found\n", &libs, &why), -ENOENT);
	assert_string_equal(why.text, "libbpf.so.1 is not installed");
	libraries_free(&libs);
	assert_int_equal(libraries_find("/proc/self/exe", &libs, &why), 0);
	libraries_free(&libs);
	assert_int_equal(libraries_find("/etc/passwd", &libs, &why), -ENOEXEC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_ordered),
		cmocka_unit_test(a_prefix_ends_at_a_component),
		cmocka_unit_test(the_newest_that_fits_is_picked),
		cmocka_unit_test(what_there_is_is_listed_by_series),
		cmocka_unit_test(mirrors_are_debians),
		cmocka_unit_test(an_image_names_itself),
		cmocka_unit_test(damaged_images_are_refused),
		cmocka_unit_test(an_arm64_image_names_itself),
		cmocka_unit_test(a_kernel_of_the_other_kind_is_named_as_such),
		cmocka_unit_test(words_that_are_no_kernel_are_refused),
		cmocka_unit_test(libraries_come_from_the_loaders_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
