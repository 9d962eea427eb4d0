/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzzes the reader of record.json: whatever it accepts can be written and read again, and rendered
 * in each format. Which of these is tried follows from its length.
 */
#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/record/record.h"
#include "reports/show/render.h"
#include "tests/fuzz/fuzz_json.h"

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
	enum render_format format;
	struct record *rec;
	struct error why;

	if (!nowhere)
		nowhere = fopen("/dev/null", "we");
	if (record_parse((const char *)data, size, "fuzz", &rec, &why))
		return 0;
	format = (enum render_format)(size % (RENDER_CSV + 2));
	if (format > RENDER_CSV)
		check_round_trip(rec);
	else if (nowhere && render_record(rec, format, nowhere))
		abort();
	record_free(rec);
	return 0;
}
