/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Fuzzes the reader of folded call stacks: what it passes on is what was there, line by line, and
 * no frame of the tree that is made of it has less than those that it calls.
 */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reports/document/read/stacks.h"
#include "reports/export/export.h"
#include "tests/fuzz/fuzz_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_tree(void)
{
	struct stacks stacks;
	struct error why;

	if (!stacks_load(fuzz_folder(), &stacks, &why))
		for (size_t i = 0; i < stacks.n; i++) {
			const struct frame *frame = &stacks.frames[i];
			const struct frame *parent = &stacks.frames[frame->parent];

			if (!isfinite(frame->total) || frame->total > parent->total ||
			    (i && (frame->parent >= i || frame->depth != parent->depth + 1)))
				abort();
		}
	stacks_free(&stacks);
}

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
	if (!err)
		check_tree();
	return 0;
}
