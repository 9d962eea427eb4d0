/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzzes the log of a run's rounds, and what recover makes of it. Entries are packed and have a
 * checksum, which no change of a byte would pass: the input is a list of changes to the entries of
 * a log made here, each of seven bytes: entry, place (2), what is put there (4). Changes to an
 * entry that is not there drop or repeat one.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "kit/probes/checkpoint/recover.h"
#include "kit/probes/checkpoint/round_log.h"
#include "kit/probes/plan.h"
#include "reports/record/record.h"
#include "tests/fuzz/fuzz_file.h"

#define ROUNDS	3
#define ENTRIES 16
#define CHANGE	7

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct part {
	uint8_t *bytes;
	size_t len;
};

static struct part made[ENTRIES];
static size_t n_made;
static uint8_t *record_text;
static size_t record_len;

static void *file_bytes(const char *name, size_t *len)
{
	char path[256];
	uint8_t *bytes = malloc(1 << 20);
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", fuzz_folder(), name);
	file = fopen(path, "rbe");
	if (!file || !bytes)
		abort();
	*len = fread(bytes, 1, 1 << 20, file);
	fclose(file);
	return bytes;
}

/* The log of a run of two probes, as kit/probes writes it. */
static void write_log(void)
{
	struct plan_options options = {
		.suite = "quick",
		.variants = {{"raw_tp_empty", "raw_tp_ringbuf"}, 2},
		.workloads = {{"munmap_einval", "getppid"}, 2},
		.wakeups = {{"idle"}, 1},
		.unit = UNIT_NS,
	};
	const struct round_log_before before = {0, 0};
	struct worker_page *page;
	struct error why;
	struct plan plan;
	int fd;

	if (plan_make(&options, &plan, &why) || worker_page_make(&plan, 0, NULL, &page))
		abort();
	page->tsc = (struct tsc_rate){.hz = 1e9, .quantum = 1};
	page->objects_fd = -1;
	snprintf(page->dir, sizeof(page->dir), "%s", fuzz_folder());
	fd = round_log_begin(page, NULL, &before, &why);
	for (size_t r = 0; r < ROUNDS && fd >= 0; r++)
		for (size_t p = 0; p < page->n_experiments; p++) {
			page->number = (unsigned int)(r / 2);
			worker_page_experiment(page, p)->rounds = r % 2;
			if (round_log_add(page, p))
				abort();
		}
	round_log_end(fd, fuzz_folder(), false);
	worker_page_free(page);
	plan_free(&plan);
}

static void make(void)
{
	struct record *rec = record_new();
	struct error why;
	size_t len;
	uint8_t *log;

	rec->suite = strdup("quick");
	rec->partial = true;
	if (record_write(rec, fuzz_folder(), &why))
		abort();
	record_free(rec);
	record_text = file_bytes("record.json", &record_len);
	write_log();
	log = file_bytes(ROUND_LOG_NAME, &len);
	for (size_t at = 0; at < len && n_made < ENTRIES; n_made++) {
		struct part *part = &made[n_made];
		struct round_entry head;
		uLongf room;

		memcpy(&head, log + at, sizeof(head));
		room = head.bytes;
		part->bytes = malloc(head.bytes);
		part->len = head.bytes;
		if (uncompress(part->bytes, &room, log + at + sizeof(head), head.packed) != Z_OK)
			abort();
		at += sizeof(head) + head.packed;
	}
	free(log);
}

static size_t put_entry(uint8_t *to, const struct part *part)
{
	struct round_entry head = {.magic = ROUND_ENTRY_MAGIC,
				   .crc = (uint32_t)crc32(0, part->bytes, (uInt)part->len),
				   .bytes = part->len};
	size_t len;
	uint8_t *packed = fuzz_stored(part->bytes, part->len, 9, &len);

	head.packed = len;
	memcpy(to, &head, sizeof(head));
	memcpy(to + sizeof(head), packed, len);
	free(packed);
	return sizeof(head) + len;
}

/* The entries with the changes, packed; what a changed entry was before is put back. */
static void put_log(const uint8_t *data, size_t size)
{
	static uint8_t log[2 * ENTRIES << 16];
	struct part now[ENTRIES];
	size_t len = 0;

	for (size_t i = 0; i < n_made; i++) {
		now[i].len = made[i].len;
		now[i].bytes = malloc(made[i].len);
		memcpy(now[i].bytes, made[i].bytes, made[i].len);
	}
	for (; size >= CHANGE; data += CHANGE, size -= CHANGE) {
		size_t entry = data[0] % ENTRIES, place = data[1] | (size_t)data[2] << 8;

		if (entry < n_made && place + 4 <= now[entry].len)
			memcpy(now[entry].bytes + place, data + 3, 4);
		else if (entry < n_made)
			now[entry].len = place % (now[entry].len + 1);
	}
	for (size_t i = 0; i < n_made; i++) {
		len += put_entry(log + len, &now[i]);
		free(now[i].bytes);
	}
	fuzz_file(ROUND_LOG_NAME, log, len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct recovered done;
	struct round_log *log;
	struct error why = {0};

	if (!n_made)
		make();
	put_log(data, size);
	if (size % CHANGE) {
		fuzz_file("record.json", record_text, record_len);
		if (recover_record(fuzz_folder(), &done, &why) && !*why.text)
			abort();
		return 0;
	}
	if (round_log_open(fuzz_folder(), &log, &why)) {
		if (!*why.text)
			abort();
		return 0;
	}
	while (round_log_next(log) > 0)
		;
	round_log_close(log);
	return 0;
}
