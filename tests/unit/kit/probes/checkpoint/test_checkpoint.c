/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "bpf/foreign/foreign_bundle.h"
#include "kit/probes/checkpoint/checkpoint.h"
#include "kit/probes/checkpoint/round_log.h"
#include "kit/probes/plan.h"
#include "reports/record/record_rows.h"

static char dir[64];
static struct error why;

static int make(void **state)
{
	(void)state;
	snprintf(dir, sizeof(dir), "/tmp/bpftoll-checkpoint-XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int drop(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

/* ---- the record that is written while the run goes on ---- */

static int a_slope(void *ctx, struct record *record)
{
	struct slope *slope = record_add_slope(record);

	(void)ctx;
	slope->id = strdup("id");
	slope->host_program = strdup("raw_tp");
	slope->helper = strdup("ktime_get_ns");
	slope->size = strdup("");
	slope->workload = strdup("munmap_einval");
	slope->wakeup = strdup("-");
	slope->cache = strdup("hot");
	return 0;
}

static int no_memory(void *ctx, struct record *record)
{
	a_slope(ctx, record);
	return -ENOMEM;
}

static void provisional_rows_are_in_the_file_alone(void **state)
{
	struct record *rec = record_new(), *back;
	struct checkpoint checkpoint = {.rows = NULL};

	(void)state;
	rec->suite = strdup("helpers");
	assert_false(checkpoint_due(NULL));
	assert_true(checkpoint_due(&checkpoint));
	checkpoint_rounds(&checkpoint, rec, dir, a_slope, NULL);
	assert_int_equal(rec->n_slopes, 0);
	assert_false(rec->partial);
	assert_int_equal(record_read(dir, &back, &why), 0);
	assert_int_equal(back->n_slopes, 1);
	assert_true(back->partial);
	record_free(back);
	/* the next one is due after CHECKPOINT_S */
	assert_false(checkpoint_due(&checkpoint));
	checkpoint_rounds(&checkpoint, rec, dir, NULL, NULL);
	assert_int_equal(record_read(dir, &back, &why), 0);
	assert_int_equal(back->n_slopes, 1);
	record_free(back);
	record_free(rec);
}

static void what_fails_leaves_the_older_file(void **state)
{
	struct record *rec = record_new(), *back;
	struct checkpoint checkpoint = {.rows = NULL};
	struct rlimit was, small;

	(void)state;
	rec->suite = strdup("helpers");
	checkpoint_put(&checkpoint, rec, dir);
	assert_false(checkpoint.failed);
	record_add_warning(rec, "later");
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small = (struct rlimit){100, was.rlim_max};
	setrlimit(RLIMIT_FSIZE, &small);
	checkpoint_put(&checkpoint, rec, dir);
	setrlimit(RLIMIT_FSIZE, &was);
	assert_true(checkpoint.failed);
	assert_int_equal(record_read(dir, &back, &why), 0);
	assert_int_equal(back->n_warnings, 0);
	record_free(back);
	checkpoint.rows = no_memory;
	checkpoint_put(&checkpoint, rec, dir);
	assert_int_equal(rec->n_slopes, 0);
	record_free(rec);
}

/* ---- the log of rounds ---- */

static struct plan plan;

/* The probes of the plan, as programs of a file. */
static void make_foreign(struct worker_page *page)
{
	static const struct carve_found none;

	assert_int_equal(bundle_make("", &none, &why), 0);
	bundle_add(0, "mine enter", "tp/syscalls/sys_enter_openat");
	bundle_add(0, "mine/enter", "kprobe/vfs_read+8");
	bundle_add(0, "all_programs", "")->together = true;
	bundle_publish();
	page->objects_fd = bundle_fd();
	for (size_t i = 0; i < page->n_configs; i++) {
		struct worker_config *c = worker_page_config(page, 0, i);

		if (c->kind == CONFIG_PROBE)
			c->variant = (int)(variants_count + i % 3);
		c->told.foreign = (struct result_foreign){.program = "elsewhere", .runs = 2};
	}
}

static struct worker_page *page_of_rounds(size_t rounds, bool foreign)
{
	struct plan_options options = {
		.suite = "quick",
		.variants = {{"raw_tp_empty", "raw_tp_ringbuf"}, 2},
		.workloads = {{"munmap_einval", "getppid"}, 2},
		.wakeups = {{"idle"}, 1},
		.unit = UNIT_NS,
	};
	const struct round_log_before before = {3, 4};
	struct worker_page *page;
	int fd;

	assert_int_equal(plan_make(&options, &plan, &why), 0);
	assert_int_equal(worker_page_make(&plan, 0, NULL, &page), 0);
	page->tsc = (struct tsc_rate){.hz = 1e9, .quantum = 1};
	page->objects_fd = -1;
	if (foreign)
		make_foreign(page);
	snprintf(page->dir, sizeof(page->dir), "%s", dir);
	fd = round_log_begin(page, NULL, &before, &why);
	assert_true(fd >= 0);
	for (size_t r = 0; r < rounds; r++)
		for (size_t p = 0; p < page->n_experiments; p++) {
			struct worker_experiment *told = worker_page_experiment(page, p);

			page->number = (unsigned int)(r / 3); /* three rounds a worker */
			told->rounds = r % 3;
			worker_page_row(page, p, r % 3)->interrupts = 10 * r + p;
			worker_page_config(page, p, 2)->told.events.produced =
				64 * (r % 3 + 1); /* so far, of this worker */
			assert_int_equal(round_log_add(page, p), 0);
		}
	round_log_end(fd, dir, false);
	bundle_close();
	return page;
}

static size_t read_all(uint64_t *interrupts, uint64_t *produced, unsigned int *workers)
{
	struct round_log *log;
	size_t n = 0;

	if (round_log_open(dir, &log, &why))
		return 0;
	while (round_log_next(log) > 0) {
		const struct worker_page *page = round_log_page(log);

		for (size_t p = 0; p < page->n_experiments; p++) {
			*interrupts += worker_page_experiment(page, p)->rounds
					       ? worker_page_row(page, p, 0)->interrupts
					       : 0;
			*produced += worker_page_config(page, p, 2)->told.events.produced;
		}
		*workers = page->number + 1;
		n++;
	}
	round_log_close(log);
	return n;
}

static void rounds_come_back(void **state)
{
	struct worker_page *page = page_of_rounds(7, false);
	uint64_t interrupts = 0, produced = 0;
	unsigned int workers = 0;

	(void)state;
	assert_int_equal(read_all(&interrupts, &produced, &workers), 14);
	assert_int_equal(workers, 3);
	assert_int_equal(interrupts, 2 * 10 * (0 + 1 + 2 + 3 + 4 + 5 + 6) + 7);
	/* each round's own: the sums of workers are taken apart again */
	assert_int_equal(produced, 14 * 64);
	worker_page_free(page);
	plan_free(&plan);
}

/* recover has neither the file nor the kernel's programs. */
static void programs_of_others_come_back(void **state)
{
	struct worker_page *page = page_of_rounds(2, true);
	struct round_log *log;

	(void)state;
	assert_null(bundle());
	assert_int_equal(round_log_open(dir, &log, &why), 0);
	assert_int_equal(bundle()->n_entries, 3);
	assert_string_equal(variant_at(variants_count)->name, "mine_enter");
	assert_string_equal(variant_at(variants_count + 1)->name, "mine_enter.2");
	assert_string_equal(variant_hook(variant_at(variants_count + 1)), "kprobe");
	assert_string_equal(bundle()->entries[1].section, "kprobe/vfs_read+8");
	assert_string_equal(variant_hook(variant_at(variants_count + 2)), "together");
	assert_int_equal(round_log_next(log), 1);
	for (size_t i = 0; i < worker_page_experiment(page, 0)->n_configs; i++) {
		const struct worker_config *c = worker_page_config(round_log_page(log), 0, i);

		assert_int_equal(c->variant, worker_page_config(page, 0, i)->variant);
		assert_null(c->told.foreign.program);
		assert_float_equal(c->told.foreign.runs, 2, 0);
	}
	round_log_close(log);
	assert_null(bundle());
	worker_page_free(page);
	plan_free(&plan);
}

static unsigned char *file_bytes(size_t *len)
{
	char path[128];
	unsigned char *bytes;
	struct stat st;
	FILE *file;

	snprintf(path, sizeof(path), "%s/" ROUND_LOG_NAME, dir);
	file = fopen(path, "rb");
	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &st), 0);
	*len = (size_t)st.st_size;
	bytes = malloc(*len);
	assert_int_equal(fread(bytes, 1, *len, file), *len);
	fclose(file);
	return bytes;
}

static void write_bytes(const void *bytes, size_t len)
{
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "%s/" ROUND_LOG_NAME, dir);
	file = fopen(path, "wb");
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	fclose(file);
}

/* Any cut leaves the rounds before it. */
static void cut_anywhere(void **state)
{
	struct worker_page *page = page_of_rounds(2, false);
	uint64_t ignored = 0;
	unsigned int workers;
	size_t len, before = 4;
	unsigned char *bytes = file_bytes(&len);

	(void)state;
	for (size_t at = len; at > 0; at -= at > 37 ? 37 : at) {
		size_t n;

		write_bytes(bytes, at);
		n = read_all(&ignored, &ignored, &workers);
		assert_true(n <= before);
		before = n;
	}
	assert_int_equal(before, 0);
	free(bytes);
	worker_page_free(page);
	plan_free(&plan);
}

/*
 * An entry's contents with one byte changed and a right checksum: indices and sizes that no run
 * writes must be refused before they are used (the sanitizers look).
 */
static void changed_anywhere(void **state)
{
	struct worker_page *page = page_of_rounds(1, *state != NULL);
	size_t len, at = 0;
	unsigned char *bytes = file_bytes(&len);
	unsigned int random = 1, workers;
	uint64_t ignored = 0;

	for (int entry = 0; entry < 2; entry++) {
		struct round_entry head;
		unsigned char *plain, *changed = malloc(2 * len + (1 << 17));
		uLongf size;

		memcpy(&head, bytes + at, sizeof(head));
		plain = malloc(head.bytes);
		size = head.bytes;
		assert_int_equal(uncompress(plain, &size, bytes + at + sizeof(head), head.packed),
				 Z_OK);
		for (int i = 0; i < 1500; i++) {
			struct round_entry other = head;
			size_t end = at + sizeof(head) + head.packed, place;
			unsigned char was;
			uLongf packed = (1 << 17);

			random = random * 1103515245 + 12345;
			place = (random >> 3) % head.bytes;
			was = plain[place];
			plain[place] = (unsigned char)(random >> 16);
			memcpy(changed, bytes, at);
			assert_int_equal(compress2(changed + at + sizeof(head), &packed, plain,
						   head.bytes, 1),
					 Z_OK);
			other.packed = packed;
			other.crc = (uint32_t)crc32(0, plain, (uInt)head.bytes);
			memcpy(changed + at, &other, sizeof(other));
			memcpy(changed + at + sizeof(head) + packed, bytes + end, len - end);
			write_bytes(changed, at + sizeof(head) + packed + len - end);
			read_all(&ignored, &ignored, &workers);
			plain[place] = was;
		}
		at += sizeof(head) + head.packed;
		free(plain);
		free(changed);
	}
	free(bytes);
	worker_page_free(page);
	plan_free(&plan);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(provisional_rows_are_in_the_file_alone),
		cmocka_unit_test(what_fails_leaves_the_older_file),
		cmocka_unit_test(rounds_come_back),
		cmocka_unit_test(cut_anywhere),
		cmocka_unit_test(changed_anywhere),
		cmocka_unit_test(programs_of_others_come_back),
		cmocka_unit_test_prestate(changed_anywhere, "of others"),
	};

	return cmocka_run_group_tests(tests, make, drop);
}
