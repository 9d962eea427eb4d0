/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fuzzes the list of a kernel's functions: what is accepted is in order, and each is found. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kit/lab/xray/symbols.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = strndup((const char *)data, size);
	struct symbols symbols;

	if (!text || symbols_parse(text, &symbols)) {
		free(text);
		return 0;
	}
	for (size_t i = 0; i < symbols.n; i++)
		if (symbols_find(&symbols, symbols.list[i].address) != (int)i ||
		    (i && symbols.list[i - 1].address >= symbols.list[i].address))
			abort();
	symbols_free(&symbols);
	free(text);
	return 0;
}
