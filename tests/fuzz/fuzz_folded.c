/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the reader of folded call stacks: what it passes on is what was there, line by line. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/export/export.h"
#include "tests/fuzz/fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	struct error why;
	int err;

	if (!out)
		return 0;
	fuzz_file("hit.folded", data, size);
	err = export_folded(fuzz_folder(), out, &why);
	fclose(out);
	if (!err && (len != size || memcmp(text, data, len) != 0))
		abort();
	free(text);
	return 0;
}
