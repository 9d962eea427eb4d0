/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzzes the reader of record.json: whatever it accepts must be written, read and rendered too.
 *
 *	BPFTOLL_CORPUS=corpus build/tests/reports/test_record      (writes the seeds)
 *	clang -g -O1 -I. -fsanitize=fuzzer,address,undefined tests/fuzz/fuzz_record.c \
 *		$(find reports -name "*.c") -lgsl -lgslcblas -lm -ljansson -lyajl -lz -o fuzz_record
 *	./fuzz_record -max_total_time=60 corpus
 */
#define _GNU_SOURCE
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record/record.h"
#include "reports/show/render.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was accepted, written and read again, must be accepted again. */
static void check_round_trip(const struct record *rec)
{
	struct record *again = NULL;
	json_t *json = record_to_json(rec);
	char *text = json ? json_dumps(json, JSON_REAL_PRECISION(15)) : NULL;
	struct error why = {0};

	if (!text || record_parse(text, strlen(text), "again", &again, &why)) {
		fprintf(stderr, "accepted, but not its own writing: %s\n", why.text);
		abort();
	}
	record_free(again);
	free(text);
	json_decref(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static FILE *nowhere;
	struct record *rec;
	struct error why;

	if (!nowhere)
		nowhere = fopen("/dev/null", "we");
	if (record_parse((const char *)data, size, "fuzz", &rec, &why))
		return 0;
	check_round_trip(rec);
	for (int format = RENDER_TEXT; nowhere && format <= RENDER_CSV; format++) {
		if (render_record(rec, (enum render_format)format, nowhere))
			abort();
	}
	record_free(rec);
	return 0;
}
