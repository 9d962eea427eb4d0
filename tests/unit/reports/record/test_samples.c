/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "reports/record/samples.h"

#define ROUND 500

static char dir[64], folder[96], path[128];

static int make_dir(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/bpftoll-samples-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(folder, sizeof(folder), "%s/samples", dir);
	snprintf(path, sizeof(path), "%s/a.gz", folder);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	unlink(path);
	rmdir(folder);
	return rmdir(dir);
}

static void fill(uint32_t *ticks, uint32_t round)
{
	for (uint32_t i = 0; i < ROUND; i++)
		ticks[i] = round * 1000003U + i * 26U;
	ticks[3] = SAMPLE_MIGRATED;
	ticks[4] = SAMPLE_MAX;
}

static void append(uint32_t rounds)
{
	uint32_t ticks[ROUND];
	struct error why = {0};

	for (uint32_t r = 0; r < rounds; r++) {
		fill(ticks, r);
		assert_int_equal(samples_append(dir, "a.gz", ticks, ROUND, &why), 0);
	}
}

static void expect(uint32_t rounds)
{
	uint32_t *back, ticks[ROUND];
	struct error why = {0};
	size_t n;

	assert_int_equal(samples_read(dir, "a.gz", &back, &n, &why), 0);
	assert_int_equal(n, rounds * ROUND);
	for (uint32_t r = 0; r < rounds; r++) {
		fill(ticks, r);
		assert_memory_equal(back + (size_t)r * ROUND, ticks, sizeof(ticks));
	}
	free(back);
}

static void test_round_trip(void **state)
{
	struct stat st;

	(void)state;
	append(1);
	expect(1);
	append(1);
	assert_int_equal(stat(path, &st), 0);
	unlink(path);
	append(40);
	expect(40);
}

/* Compressed a thousandfold: more output than input, in many gzip members. */
static void test_all_the_same(void **state)
{
	uint32_t *ticks = calloc(200000, sizeof(*ticks)), *back;
	struct error why = {0};
	size_t n;

	(void)state;
	assert_non_null(ticks);
	for (int r = 0; r < 3; r++)
		assert_int_equal(samples_append(dir, "a.gz", ticks, 200000, &why), 0);
	assert_int_equal(samples_append(dir, "a.gz", ticks, 0, &why), 0);
	assert_int_equal(samples_read(dir, "a.gz", &back, &n, &why), 0);
	assert_int_equal(n, 600000);
	free(back);
	free(ticks);
}

static void refused(const char *words)
{
	struct error why = {0};
	uint32_t *back;
	size_t n;

	assert_int_equal(samples_read(dir, "a.gz", &back, &n, &why), -EINVAL);
	assert_null(back);
	if (!strstr(why.text, words))
		fail_msg("\"%s\" does not say \"%s\"", why.text, words);
}

static void test_truncated(void **state)
{
	struct stat st;
	off_t whole;

	(void)state;
	append(2);
	assert_int_equal(stat(path, &st), 0);
	whole = st.st_size;
	assert_int_equal(truncate(path, whole - 1), 0);
	refused("truncated after 1000 readings");
	for (off_t size = whole - 2; size > whole / 2 + 40; size -= 13) {
		assert_int_equal(truncate(path, size), 0);
		refused("truncated after");
	}
}

static void test_damaged(void **state)
{
	FILE *f;

	(void)state;
	append(2);
	f = fopen(path, "r+e");
	assert_non_null(f);
	fseek(f, 40, SEEK_SET);
	fputs("damage", f);
	fclose(f);
	refused("a.gz: ");
	f = fopen(path, "we");
	assert_non_null(f);
	fputs("no gzip at all", f);
	fclose(f);
	refused("damaged after 0 readings");
}

static void test_missing(void **state)
{
	struct error why = {0};
	uint32_t *back;
	size_t n;

	(void)state;
	assert_int_equal(samples_read(dir, "a.gz", &back, &n, &why), -ENOENT);
	assert_non_null(strstr(why.text, "a.gz"));
	assert_int_equal(samples_append("/nonexistent", "a.gz", NULL, 0, &why), -ENOENT);
}

/* A limit on the file's size acts as a full disk. */
static void test_full_disk(void **state)
{
	uint32_t ticks[ROUND];
	struct rlimit was, small;
	struct error why = {0};
	struct stat st;
	int err;

	(void)state;
	append(2);
	fill(ticks, 2);
	assert_int_equal(stat(path, &st), 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small = (struct rlimit){(rlim_t)st.st_size + 100, was.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	err = samples_append(dir, "a.gz", ticks, ROUND, &why);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_int_equal(err, -EFBIG);
	expect(2);
	assert_int_equal(samples_append(dir, "a.gz", ticks, ROUND, &why), 0);
	expect(3);
}

static void test_no_link_followed(void **state)
{
	struct error why = {0};
	uint32_t tick = 1;

	(void)state;
	assert_int_equal(mkdir(folder, 0755), 0);
	assert_int_equal(symlink("/tmp/bpftoll-not-there", path), 0);
	assert_int_equal(samples_append(dir, "a.gz", &tick, 1, &why), -ELOOP);
}

/* The folder's owner may have laid these: what they lead to is not written to. */
static void test_no_other_file(void **state)
{
	struct error why = {0};
	char other[256], link[256];
	uint32_t tick = 1;
	struct stat st;

	(void)state;
	snprintf(other, sizeof(other), "%s/other", dir);
	snprintf(link, sizeof(link), "%s/link", dir);
	assert_int_equal(mkdir(other, 0755), 0);
	assert_int_equal(symlink(other, folder), 0);
	assert_int_equal(samples_append(dir, "a.gz", &tick, 1, &why), -ENOTDIR);
	assert_int_equal(rmdir(other), 0);
	assert_int_equal(unlink(folder), 0);
	assert_int_equal(samples_append(dir, "a.gz", &tick, 1, &why), 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(rename(path, link), 0);
	assert_int_equal(linkat(AT_FDCWD, link, AT_FDCWD, path, 0), 0);
	assert_int_equal(samples_append(dir, "a.gz", &tick, 1, &why), -EMLINK);
	assert_non_null(strstr(why.text, "not a file of its own"));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0644), 0);
	assert_int_equal(samples_append(dir, "a.gz", &tick, 1, &why), -ENXIO);
	unlink(link);
}

static void test_names(void **state)
{
	char name[256], other[256], tiny[40], longest[2000];

	(void)state;
	samples_name("kprobe_empty/munmap_einval/-/hot", name, sizeof(name));
	assert_string_equal(name, "kprobe_empty.munmap_einval.-.hot.gz");
	samples_name("/../a b\n", name, sizeof(name));
	assert_string_equal(name, "%2F%2E%2E.a%20b%0A.gz");
	samples_name("a.b", name, sizeof(name));
	samples_name("a/b", other, sizeof(other));
	assert_string_not_equal(name, other);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	samples_name(longest, name, sizeof(name));
	longest[1500] = 'y';
	samples_name(longest, other, sizeof(other));
	assert_true(strlen(name) < 255 && strcmp(name + strlen(name) - 3, ".gz") == 0);
	assert_string_not_equal(name, other);
	samples_name("kprobe_empty/munmap_einval/-/hot", tiny, sizeof(tiny));
	assert_true(strlen(tiny) < sizeof(tiny));
	assert_string_equal(tiny + strlen(tiny) - 3, ".gz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_round_trip, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_all_the_same, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_truncated, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_damaged, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_missing, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_full_disk, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_no_link_followed, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(test_no_other_file, make_dir, remove_dir),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
